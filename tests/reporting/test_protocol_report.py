from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from results import Results, many, tables

from benchmark.records import Shared
from benchmark.reporting import tracks
from benchmark.reporting.protocol_report import EXPLAINED, HEADINGS, STOPPING, render

SONGS = many(14)
"""Up to 13 songs with ties SciPy goes through every pattern of signs, slowly."""
HALVES = tuple(SONGS)[:7], tuple(SONGS)[7:]
STEPS = {song: 0.01 * place for place, song in enumerate(SONGS)}
GAIN = "## What the starting project's gain over Malik et al. 2017 is made of"


def rendered(place: Path) -> str:
    return render(tracks(Results(place).store)).replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def contrasted(tmp_path: Path) -> Path:
    """A fair reference, a fair split, and two that are not, of one model."""
    results = Results(tmp_path, labels=SONGS, folds=HALVES)
    for protocol, error, flaw, shared in (
        ("song_kfold", 0.6, "", None),
        ("holdout", 0.62, "", None),
        ("seed_split", 0.56, "optimistic", Shared(test_songs=14, chosen_on=14)),
        (
            "leaky_frames",
            0.1,
            "leaky",
            Shared(test_songs=14, trained_on=14),
        ),
    ):
        results.add(
            error={song: error + step for song, step in STEPS.items()},
            constant=1.0,
            protocol=protocol,
            track=protocol,
            flaw=flaw,
            shared=shared,
        )
    results.publish(title="DEAM", synthetic=False)
    return tmp_path


@pytest.mark.parametrize("ran", [False, True])
def test_without_several_protocols_it_says_how_to_get_a_report(tmp_path: Path, ran: bool) -> None:
    if ran:
        results = Results(tmp_path)
        results.add()
        results.publish()
    text = rendered(tmp_path)
    assert text.startswith("# Protocols\n\nNo model has run under several protocols yet")
    assert "`protocol: [{name: song_kfold}, {name: seed_split}]`" in text


def test_a_table_of_every_protocol_by_hand(contrasted: Path) -> None:
    text = rendered(contrasted)
    ((headings, *rows),) = tables(text)
    assert headings == list(HEADINGS)
    assert [row[0] for row in rows] == [
        "`song_kfold`",
        "`holdout`",
        "`seed_split` ⚠ optimistic",
        "`leaky_frames` ⚠ leaky, too good",
    ]
    assert {(row[1], row[3]) for row in rows} == {("14", f"{math.sqrt(1.25):.4f}")}
    assert [row[2] for row in rows] == ["0.6650", "0.6850", "0.6250", "0.1650"]
    assert [row[5] for row in rows] == ["reference", "-0.0200", "+0.0400", "+0.5000"]
    # Mean squares 0.44385, 0.47085, 0.39225 and 0.02885 over 1.25.
    assert [row[4].partition(" ")[0] for row in rows] == ["0.645", "0.623", "0.686", "0.977"]
    assert [row[6] for row in rows] == ["", "-0.022", "+0.041", "+0.332"]
    assert [row[7] for row in rows] == [
        "",
        "+0.0200, p &lt;0.001",
        "-0.0400, p &lt;0.001",
        "-0.5000, p &lt;0.001",
    ]
    for row in rows:
        assert re.fullmatch(r"0\.\d{3} \[0\.\d\d, 0\.\d\d\]", row[4])


def test_it_says_what_each_protocol_does_and_what_the_columns_are(contrasted: Path) -> None:
    text = rendered(contrasted)
    assert EXPLAINED in text
    assert "## DEAM: arousal\n\n- `song_kfold`: song_kfold in words\n- `holdout`: holdout" in text
    assert "### mel / ridge" in text
    assert "python -m benchmark run made.yaml --set 'seeds=[0]'" in text.partition("Reproduce")[2]
    for column in ("optimism", "constant", "paired"):
        assert f"- **{column}**" in text


def test_stopping_on_the_test_songs_is_held_against_holdout(contrasted: Path) -> None:
    assert f"{STOPPING}: -0.0600, p <0.001." in rendered(contrasted)
    assert "seed_split less holdout, RMSE per song on the same test songs" in STOPPING


def test_equal_rows_make_no_difference(tmp_path: Path) -> None:
    results = Results(tmp_path, labels=SONGS, folds=HALVES)
    for protocol in ("song_kfold", "holdout", "seed_split"):
        results.add(error=0.6, protocol=protocol, track=protocol)
    results.publish()
    text = rendered(tmp_path)
    assert "seed_split less" not in text
    ((_, _, holdout, _),) = tables(text)
    assert holdout[5:] == ["+0.0000", "+0.000", "no difference"]


def test_commands_of_other_tables_are_not_listed(contrasted: Path) -> None:
    other = Results(contrasted, "unrelated", labels=SONGS, folds=HALVES)
    other.add("mean", track="unrelated")
    other.publish()
    assert "unrelated.yaml" not in rendered(contrasted)


def deam(
    place: Path,
    name: str,
    target: str,
    swings: tuple[float, float],
    *,
    protocol: str,
    first: int = 1,
    known_as: str = "deam",
    n_test_songs: int = 1744,
    changed: Mapping[str, object] | None = None,
    error: float = 0.9,
    fingerprint: str = "f",
    whole: bool = False,
) -> None:
    """Publish a row of songs that swing around 0: the constant's RMSE of each is its swing."""
    labels = {
        str(first + place): (swing,) if whole else (-swing, swing)
        for place, swing in enumerate(swings)
    }
    results = Results(place, f"{name} {target}", labels=labels, folds=(tuple(labels),), whole=whole)
    results.add(
        error=error,
        track=f"{name} {target}",
        target=target,
        protocol=protocol,
        changed=changed,
        n_test_songs=n_test_songs,
    )
    results.publish(known_as=known_as, title="DEAM", synthetic=False, fingerprint=fingerprint)


def full(
    place: Path,
    target: str,
    swings: tuple[float, float],
    train: str,
    changed: Mapping[str, object],
    **more: str,
) -> None:
    """Publish full songs: the whole of DEAM is other data than its excerpts."""
    deam(
        place, train, target, swings,
        protocol="mediaeval2015", changed=changed, first=2001, fingerprint="e", **more,
    )  # fmt: skip


def excerpts(place: Path, target: str, swings: tuple[float, float], **more: str) -> None:
    """Publish them under two protocols, so that there is a report."""
    deam(place, "excerpts", target, swings, protocol="song_kfold", **more)
    deam(place, "holdout", target, swings, protocol="holdout", **more)


def everything(place: Path, *, spelled: bool = False, **more: str) -> None:
    """Publish all the gain is told from; `spelled` names dev431, which is then read after all.

    Constants of arousal: 0.4, 0.3, 0.2, sqrt(0.05); of valence: 0.3, 0.28, 0.25, sqrt(0.065).
    """
    for target, dev, every, short in (
        ("arousal", (0.3, 0.5), (0.2, 0.4), (0.1, 0.3)),
        ("valence", (0.29, 0.31), (0.27, 0.29), (0.2, 0.3)),
    ):
        full(place, target, dev, "dev431", {"train": "dev431"} if spelled else {}, **more)
        full(place, target, every, "all", {"train": "all"}, **more)
        excerpts(place, target, short, **more)


@pytest.mark.parametrize("spelled", [False, True])
def test_what_the_gain_over_malik_is_made_of_by_hand(tmp_path: Path, spelled: bool) -> None:
    everything(tmp_path, spelled=spelled)
    text = rendered(tmp_path).partition(GAIN)[2]
    (_, *rows), *_ = tables(text)
    expected = {
        "Malik et al. 2017": ("0.2020", "0.2670"),
        "track_emo_reco": ("0.1876", "0.2200"),
        "the gain, as it is read": ("0.0144", "0.0470"),
        "a constant of the 431, on the 58 full songs, per song": ("0.4000", "0.3000"),
        "a constant of all excerpts, on the 58 full songs, per song": ("0.3000", "0.2800"),
        "a constant of the excerpts, cross-validated on them, per song": ("0.2000", "0.2500"),
        "the same, pooled": ("0.2236", "0.2550"),
        "what a constant gains from full songs to excerpts, both per song": ("0.1000", "0.0300"),
        "what it gains from full songs per song to excerpts pooled": ("0.0764", "0.0250"),
        # 1 - (0.202 / 0.4)² and (0.267 / 0.3)²; 1 - 0.1876² / 0.05 and 0.22² / 0.065.
        "skill of Malik et al.": ("0.74", "0.21"),
        "skill of track_emo_reco": ("0.30", "0.26"),
    }
    for (words, *numbers), (start, wanted) in zip(rows, expected.items(), strict=True):
        assert words.startswith(start)
        assert tuple(numbers) == wanted
    assert "**Arousal**: the two numbers lie 0.0144 apart." in text
    assert "moves by -0.1000 when it is tested on excerpts instead of full songs, and by" in text
    assert "and by -0.0764 when these are pooled as well" in text
    assert "they are 0.21 and 0.26, the second an upper bound" in text
    assert "which are not those of 2015" in text


@pytest.mark.parametrize("lacking", ["all arousal", "dev431 valence", "excerpts valence"])
def test_the_gain_is_not_told_without_every_track_of_deam_on_both_targets(
    tmp_path: Path, lacking: str
) -> None:
    everything(tmp_path)
    (tmp_path / "experiments" / f"{lacking}.json").unlink()
    text = rendered(tmp_path)
    assert "## DEAM: arousal" in text
    assert GAIN not in text


def test_the_gain_is_not_told_of_other_data(tmp_path: Path) -> None:
    everything(tmp_path, known_as="")
    text = rendered(tmp_path)
    assert "## DEAM" in text
    assert GAIN not in text


@pytest.mark.parametrize(
    "other",
    [
        {"n_test_songs": 431},
        {"changed": {"group": "artist"}},
        {"changed": {"only": [0]}},
        {"protocol": "holdout"},
        {"error": 0.1},  # too good to be true
        {"whole": True, "fingerprint": "a"},  # static ratings
        {"n_test_songs": 1701, "first": 2000, "fingerprint": "a"},  # 2001 is a full song
        {"n_test_songs": 1701, "first": 2001, "fingerprint": "a"},
    ],
    ids=str,
)
def test_the_constant_of_the_excerpts_is_that_of_all_of_them_by_song(
    tmp_path: Path, other: dict[str, Any]
) -> None:
    everything(tmp_path)
    before = rendered(tmp_path).partition(GAIN)[2].partition("Published numbers as")[0]
    for target in ("arousal", "valence"):
        more = {"protocol": "song_kfold", **other}
        deam(tmp_path, "zz other", target, (0.8, 0.85), **more)
    after = rendered(tmp_path).partition(GAIN)[2].partition("Published numbers as")[0]
    assert before == after
    assert "0.2236" in after


def test_what_stopping_on_the_test_songs_is_worth_is_told_with_the_gain(tmp_path: Path) -> None:
    everything(tmp_path)
    deam(tmp_path, "stopped", "arousal", (0.1, 0.3), protocol="seed_split", error=0.8)
    text = rendered(tmp_path).partition(GAIN)[2]
    assert f"{STOPPING}, where a model chooses at all:" in text
    assert "- DEAM, arousal, mel / ridge: -0.1000, p 0.500" in text
    assert "- DEAM, valence" not in text


def test_every_protocol_of_a_heading_is_told_in_its_own_words_and_once(tmp_path: Path) -> None:
    """Also those that share a track, as those of MediaEval 2015 do, and of any of its models."""
    results = Results(tmp_path, labels=SONGS, folds=HALVES)
    error = {song: 0.6 + step for song, step in STEPS.items()}
    for model, protocol, changed in (
        ("mean", "song_kfold", {}),
        ("mean", "holdout", {}),
        ("ridge", "song_kfold", {}),
        ("ridge", "mediaeval2015", {"train": "dev431"}),
        ("ridge", "mediaeval2015", {"train": "all"}),
        ("xgboost_summary", "song_kfold", {}),
        ("xgboost_summary", "holdout", {"seed": 3}),
    ):
        results.add(model, error=error, protocol=protocol, changed=changed, track=protocol)
    results.publish()
    text = rendered(tmp_path)
    told = text.partition("## toy: arousal\n\n")[2].partition("\n\n")[0].splitlines()
    labels = {
        "song_kfold", "holdout", "holdout(seed=3)", "mediaeval2015(train=dev431)",
        "mediaeval2015(train=all)",
    }  # fmt: skip
    assert len(told) == len(labels)
    assert set(told) == {f"- `{label}`: {label} in words" for label in labels}
    assert text.count("### mel / ") == 3
