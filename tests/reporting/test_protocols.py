"""The same planted model under several protocols: its RMSE of a song is the planted error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
import scipy.stats
from results import Results, many

from benchmark.records import Shared
from benchmark.reporting import tracks
from benchmark.reporting.protocols import Contrast, contrasts

SONGS = many(12)
STEPS = {song: 0.01 * place for place, song in enumerate(SONGS)}
FLAWS = {"seed_split": "optimistic", "leaky_frames": "leaky"}


def run(
    place: Path,
    protocol: str,
    error: float,
    *,
    changed: Mapping[str, object] | None = None,
    songs: Sequence[str] = tuple(SONGS),
    constant: float = 1.0,
    name: str = "",
    title: str = "DEAM",
    failing: int | None = None,
    fingerprint: str = "",
    model: str = "ridge",
    target: str = "arousal",
    synthetic: bool = False,
) -> None:
    """Publish one row: each song off by `error` and a step of its own."""
    name = name or f"{protocol} {len(changed or {})} {model} {target}"
    half = len(songs) // 2
    results = Results(place, name, labels=SONGS, folds=(songs[:half], songs[half:]))
    flaw = FLAWS.get(protocol, "")
    results.add(
        model,
        error={song: error + step for song, step in STEPS.items()},
        constant=constant,
        track=f"{title} {name}",
        target=target,
        protocol=protocol,
        changed=changed,
        flaw=flaw,
        shared=Shared(test_songs=12, test_labels=24, chosen_on=12)
        if flaw == "optimistic"
        else None,
        failing=failing,
    )
    results.publish(title=title, fingerprint=fingerprint or title[0].lower(), synthetic=synthetic)


def names(contrast: Contrast) -> list[str]:
    return [case.row.protocol for case in contrast.cases]


def found(place: Path) -> tuple[Contrast, ...]:
    return contrasts(tracks(Results(place).store))


def test_a_model_under_one_protocol_is_no_contrast(tmp_path: Path) -> None:
    run(tmp_path, "song_kfold", 0.6)
    run(tmp_path, "holdout", 0.6, model="mean")
    run(tmp_path, "holdout", 0.6, target="valence")
    run(tmp_path, "holdout", 0.6, title="VGMIDI", name="other data")
    run(tmp_path, "leaky_frames", 0.6, failing=0)
    assert found(tmp_path) == ()


@pytest.mark.parametrize(
    ("protocol", "changed"),
    [
        ("song_kfold", {"only": [0]}),
        ("song_kfold", {"folds": 2, "group": "artist"}),
        ("seed_split", {}),
    ],
)
def test_without_whole_cross_validation_by_song_there_is_no_reference(
    tmp_path: Path, protocol: str, changed: dict[str, object]
) -> None:
    run(tmp_path, "holdout", 0.6)
    run(tmp_path, protocol, 0.6, changed=changed)
    assert found(tmp_path) == ()


def test_cross_validation_with_an_alarm_is_no_reference(tmp_path: Path) -> None:
    run(tmp_path, "song_kfold", 0.1)
    run(tmp_path, "holdout", 0.6)
    assert found(tmp_path) == ()


def test_cross_validation_by_artist_is_held_against_that_by_song(tmp_path: Path) -> None:
    run(tmp_path, "song_kfold", 0.6, changed={"group": "artist"})
    run(tmp_path, "song_kfold", 0.6)
    (contrast,) = found(tmp_path)
    assert names(contrast) == ["song_kfold", "song_kfold(group=artist)"]


def test_protocols_come_by_what_is_wrong_with_them(tmp_path: Path) -> None:
    for protocol in ("leaky_frames", "seed_split", "mediaeval2015", "holdout", "song_kfold"):
        run(tmp_path, protocol, 0.6)
    (contrast,) = found(tmp_path)
    assert names(contrast) == [
        "song_kfold", "holdout", "mediaeval2015", "seed_split", "leaky_frames"
    ]  # fmt: skip
    assert [case.row.mark for case in contrast.cases] == ["", "", "", "optimistic", ""]


def test_optimism_is_positive_where_a_protocol_makes_a_model_look_better(tmp_path: Path) -> None:
    """The reference has RMSE 0.655 and skill 1 - 0.430275 / 1.25: mean square of 0.60 to 0.71."""
    run(tmp_path, "song_kfold", 0.6)
    run(tmp_path, "seed_split", 0.52)
    run(tmp_path, "holdout", 0.7)
    (contrast,) = found(tmp_path)
    reference, harder, easier = contrast.cases
    squares = {
        error: np.mean([(error + step) ** 2 for step in STEPS.values()])
        for error in (0.52, 0.6, 0.7)
    }
    assert squares[0.6] == pytest.approx(0.430217, abs=1e-6)
    assert (reference.optimism, reference.skill_optimism, reference.paired) == (0, 0, None)
    assert easier.optimism == pytest.approx(0.08)
    assert easier.skill_optimism == pytest.approx((squares[0.6] - squares[0.52]) / 1.25)
    assert harder.optimism == pytest.approx(-0.1)
    assert harder.skill_optimism == pytest.approx((squares[0.6] - squares[0.7]) / 1.25)
    assert easier.paired is not None and harder.paired is not None
    # The median difference to the reference has the other sign: it is an RMSE.
    assert easier.paired.median_difference == pytest.approx(-0.08)
    assert harder.paired.median_difference == pytest.approx(0.1)
    assert harder.paired.p == pytest.approx(2 / 2**12)
    assert (easier.paired.direction, harder.paired.direction) == (-1, 1)


def test_pairs_are_made_of_the_songs_that_both_tested(tmp_path: Path) -> None:
    run(tmp_path, "song_kfold", 0.6)
    run(tmp_path, "holdout", 0.65, songs=("3", "5", "7", "9", "10", "11"))
    (contrast,) = found(tmp_path)
    (_, case) = contrast.cases
    assert case.row.cell.n_test_songs == 6
    assert case.paired is not None
    assert case.paired.n_songs == 6
    assert case.paired.median_difference == pytest.approx(0.05)
    assert case.paired.p == pytest.approx(scipy.stats.wilcoxon(np.full(6, 0.05)).pvalue)
    assert case.optimism == pytest.approx(-0.05)


def test_optimism_is_of_the_songs_that_both_tested_by_hand(tmp_path: Path) -> None:
    """Holdout tests songs 10 to 12, the hardest: there the reference has 0.69, 0.70 and 0.71.

    Labels swing by 0.5, so a constant of c is off by the root of 0.25 + c²; skills are those of
    three songs of equal weight.
    """
    run(tmp_path, "song_kfold", 0.6, constant=1.0)
    run(tmp_path, "holdout", 0.57, constant=0.5, songs=("10", "11", "12"))
    (contrast,) = found(tmp_path)
    _, case = contrast.cases
    assert case.row.result is not None
    assert case.optimism == pytest.approx(0.03)
    mean_square = (0.69**2 + 0.70**2 + 0.71**2) / 3, (0.66**2 + 0.67**2 + 0.68**2) / 3
    assert case.skill_optimism == pytest.approx(
        (1 - mean_square[1] / 0.5) - (1 - mean_square[0] / 1.25)
    )
    assert case.paired is not None
    assert (case.paired.n_songs, case.paired.n_unequal) == (3, 3)


@pytest.mark.parametrize("songs", [("1", "2"), ("11", "12"), ("1", "12", "5", "7")])
def test_a_model_that_does_the_same_on_every_song_gains_nothing_by_other_songs(
    tmp_path: Path, songs: tuple[str, ...]
) -> None:
    """Though on easier songs its RMSE is lower, and a constant's is too."""
    run(tmp_path, "song_kfold", 0.6)
    run(tmp_path, "holdout", 0.6, songs=songs)
    (contrast,) = found(tmp_path)
    _, case = contrast.cases
    assert case.optimism == pytest.approx(0)
    assert case.skill_optimism == pytest.approx(0)
    assert case.paired is not None
    assert (case.paired.n_songs, case.paired.n_unequal) == (len(songs), 0)


def test_songs_that_only_the_other_tested_do_not_count(tmp_path: Path) -> None:
    run(tmp_path, "song_kfold", 0.6, songs=("1", "2", "3", "4"))
    run(tmp_path, "holdout", 0.55, songs=("3", "4", "11", "12"))
    (contrast,) = found(tmp_path)
    _, case = contrast.cases
    assert case.optimism == pytest.approx(0.05)
    assert case.paired is not None and case.paired.n_songs == 2


def test_a_song_that_was_tested_twice_counts_once(tmp_path: Path) -> None:
    """Holdout tests song 12 in both of its repeats: no more weight than song 1 or 6."""
    run(tmp_path, "song_kfold", 0.6)
    run(tmp_path, "holdout", 0.6, songs=("1", "12", "12", "6"))
    (contrast,) = found(tmp_path)
    _, case = contrast.cases
    assert case.row.result is not None
    assert case.row.result.table.songs.n_labels.tolist() == [2, 4, 2]
    assert case.optimism == pytest.approx(0)
    assert case.skill_optimism == pytest.approx(0)


def test_what_it_is_worth_to_stop_on_test_songs_is_seed_split_less_holdout(
    tmp_path: Path,
) -> None:
    six = ("3", "5", "7", "9", "10", "11")
    run(tmp_path, "song_kfold", 0.6)
    run(tmp_path, "holdout", 0.65, songs=six)
    (contrast,) = found(tmp_path)
    assert contrast.stopping is None
    run(tmp_path, "seed_split", 0.62, songs=six)
    (contrast,) = found(tmp_path)
    assert contrast.stopping is not None
    assert contrast.stopping.n_songs == 6
    assert contrast.stopping.median_difference == pytest.approx(-0.03)
    assert contrast.stopping.direction == -1


def test_seed_split_is_held_against_no_holdout_of_other_songs(tmp_path: Path) -> None:
    run(tmp_path, "song_kfold", 0.6)
    run(tmp_path, "seed_split", 0.62, songs=("1", "2", "3", "4"))
    run(tmp_path, "holdout", 0.65, songs=("1", "2", "3", "5"))
    (contrast,) = found(tmp_path)
    assert contrast.stopping is None
    run(tmp_path, "holdout", 0.63, songs=("1", "2", "3", "4"), changed={"seed": 7})
    (contrast,) = found(tmp_path)
    assert contrast.stopping is not None
    assert contrast.stopping.median_difference == pytest.approx(-0.01)


def test_a_model_that_chooses_nothing_gains_nothing(tmp_path: Path) -> None:
    for protocol in ("song_kfold", "holdout", "seed_split"):
        run(tmp_path, protocol, 0.6)
    (contrast,) = found(tmp_path)
    assert contrast.stopping is not None
    assert (contrast.stopping.p, contrast.stopping.n_unequal) == (1, 0)


def test_models_targets_and_datasets_are_apart_and_real_data_first(tmp_path: Path) -> None:
    for title, synthetic in (("a toy", True), ("DEAM", False)):
        for target in ("valence", "arousal"):
            for model in ("ridge", "mean"):
                for protocol in ("song_kfold", "holdout"):
                    run(
                        tmp_path,
                        protocol,
                        0.6,
                        model=model,
                        target=target,
                        title=title,
                        synthetic=synthetic,
                        name=f"{title} {target} {model} {protocol}",
                    )
    contrasted = [(contrast.title, contrast.target) for contrast in found(tmp_path)]
    assert contrasted == [
        (title, target)
        for title in ("DEAM", "a toy")
        for target in ("arousal", "valence")
        for _ in range(2)
    ]


def test_joint_fits_are_held_against_joint_fits(tmp_path: Path) -> None:
    for protocol in ("song_kfold", "holdout"):
        name = f"{protocol} one+{protocol} other"
        run(tmp_path, protocol, 0.6, target="arousal+valence", name=name)
    run(tmp_path, "holdout", 0.6)
    contrasted = [(contrast.target, contrast.cases[0].row.model) for contrast in found(tmp_path)]
    assert contrasted == [(target, "ridge, both targets") for target in ("arousal", "valence")]
    assert [len(contrast.cases) for contrast in found(tmp_path)] == [2, 2]


def test_other_songs_under_one_title_are_no_contrast(tmp_path: Path) -> None:
    run(tmp_path, "song_kfold", 0.6, fingerprint="a")
    run(tmp_path, "holdout", 0.6, fingerprint="b")
    assert found(tmp_path) == ()
