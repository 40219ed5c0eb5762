from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from results import Results, many, tables

from benchmark.records import Shared
from benchmark.reporting import tracks
from benchmark.reporting.protocol_report import EXPLAINED, HEADINGS, render

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
        ("seed_split", 0.56, "optimistic", Shared(14, 28, chosen_on=14)),
        ("leaky_frames", 0.1, "leaky", Shared(14, 28, trained_on=14, overlapping=20)),
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
    assert [row[:2] for row in rows] == [
        ["`song_kfold`", ""],
        ["`holdout`", ""],
        ["`seed_split`", "⚠ optimistic"],
        ["`leaky_frames`", "⚠ leaky, too good"],
    ]
    constant = f"{math.sqrt(1.25):.4f}"
    assert {tuple(row[index] for index in (2, 4, 6)) for row in rows} == {
        ("14", constant, constant)
    }
    assert [row[3] for row in rows] == ["0.6650", "0.6850", "0.6250", "0.1650"]
    assert [row[9] for row in rows] == ["reference", "-0.0200", "+0.0400", "+0.5000"]
    # Mean squares 0.44385, 0.47085, 0.39225 and 0.02885 over 1.25.
    assert [row[7] for row in rows] == ["0.645", "0.623", "0.686", "0.977"]
    assert [row[10] for row in rows] == ["", "-0.022", "+0.041", "+0.332"]
    assert [row[11] for row in rows] == [
        "",
        "+0.0200, p &lt;0.001 (14 songs)",
        "-0.0400, p &lt;0.001 (14 songs)",
        "-0.5000, p &lt;0.001 (14 songs)",
    ]
    for row in rows:
        assert re.fullmatch(r"\[0\.\d\d, 0\.\d\d\]", row[8])


def test_it_says_what_each_protocol_does_and_what_the_columns_are(contrasted: Path) -> None:
    text = rendered(contrasted)
    assert EXPLAINED in text
    assert "## DEAM: arousal\n\n- `song_kfold`: song_kfold in words\n- `holdout`: holdout" in text
    assert "### mel / ridge" in text
    assert "python -m benchmark run made.yaml --set 'seeds=[0]'" in text.partition("Reproduce")[2]
    for column in ("optimism", "constant", "paired"):
        assert f"- **{column}**" in text


def test_stopping_on_the_test_songs_is_held_against_holdout(contrasted: Path) -> None:
    assert (
        "(seed_split less holdout, on the same test songs): -0.0600, p <0.001 (14 songs)."
    ) in rendered(contrasted)


def test_equal_rows_make_no_difference(tmp_path: Path) -> None:
    results = Results(tmp_path, labels=SONGS, folds=HALVES)
    for protocol in ("song_kfold", "holdout", "seed_split"):
        results.add(error=0.6, protocol=protocol, track=protocol)
    results.publish()
    text = rendered(tmp_path)
    assert "seed_split less" not in text
    ((_, _, holdout, _),) = tables(text)
    assert holdout[9:] == ["+0.0000", "+0.000", "no difference"]


def test_commands_of_other_tables_are_not_listed(contrasted: Path) -> None:
    other = Results(contrasted, "unrelated", labels=SONGS, folds=HALVES)
    other.add("mean", track="unrelated")
    other.publish()
    assert "unrelated.yaml" not in rendered(contrasted)


def deam(
    place: Path,
    name: str,
    swings: Mapping[str, float],
    *,
    protocol: str,
    label: str = "",
    target: str = "arousal",
    model: str = "ridge",
    n_training_songs: float = 1744,
    known_as: str = "deam",
    error: float = 0.9,
    constant: float = 0.0,
) -> None:
    """Publish a row of songs that swing around 0: the constant's RMSE of each is its swing."""
    labels = {song: (-swing, swing) for song, swing in swings.items()}
    results = Results(place, f"{name} {target}", labels=labels, folds=(tuple(swings),))
    results.add(
        model,
        error=error,
        constant=constant,
        track=f"{name} {target}",
        target=target,
        protocol=protocol,
        label=label,
        n_training_songs=n_training_songs,
    )
    results.publish(known_as=known_as, title="DEAM", synthetic=False, n_songs=1744)


def full(place: Path, target: str, swings: tuple[float, float], **changes: object) -> None:
    songs = dict(zip(("2001", "2002"), swings, strict=True))
    deam(place, "full", songs, protocol="mediaeval2015", target=target, **changes)


def excerpts(place: Path, target: str, swings: tuple[float, float], **changes: object) -> None:
    """Publish them under two protocols, so that there is a report."""
    songs = dict(zip(("1", "2"), swings, strict=True))
    deam(place, "excerpts", songs, protocol="song_kfold", target=target, **changes)
    deam(place, "holdout", songs, protocol="holdout", target=target, **changes)


def everything(place: Path) -> None:
    """Arousal: 0.3 and 0.2 per song, pooled sqrt(0.05); valence: 0.28, 0.25 and sqrt(0.065)."""
    full(place, "arousal", (0.2, 0.4))
    full(place, "valence", (0.27, 0.29))
    excerpts(place, "arousal", (0.1, 0.3))
    excerpts(place, "valence", (0.2, 0.3))


def test_what_the_gain_over_malik_is_made_of_by_hand(tmp_path: Path) -> None:
    everything(tmp_path)
    text = rendered(tmp_path).partition(GAIN)[2]
    (_, *rows), *_ = tables(text)
    numbers = [tuple(row[1:]) for row in rows]
    assert numbers == [
        ("0.2020", "0.2670"),
        ("0.1876", "0.2200"),
        ("0.0144", "0.0470"),
        ("0.3000", "0.2800"),
        ("0.2000", "0.2500"),
        ("0.2236", "0.2550"),
        ("0.1000", "0.0300"),
        # 1 - (0.202 / 0.3)² and (0.267 / 0.28)²; 1 - 0.1876² / 0.05 and 0.22² / 0.065.
        ("0.55", "0.09"),
        ("0.30", "0.26"),
    ]
    for row, words in zip(
        rows,
        (
            "Malik et al. 2017", "track_emo_reco", "the gain", "on the 58 full songs, per song",
            "on the excerpts, per song", "on the excerpts, pooled", "a constant gains",
            "skill of Malik", "skill of track_emo_reco",
        ),
        strict=True,
    ):  # fmt: skip
        assert words in row[0]
    assert (
        "**Arousal**: a constant, which has learned nothing, gains 0.1000 by the change of test "
        "songs alone, more than the 0.0144 between the two systems. As skill they are 0.55 and 0.30"
    ) in text
    assert "gains 0.0300 by the change of test songs alone, less than the 0.0470" in text
    assert "which are not those of 2015" in text


@pytest.mark.parametrize("lacking", ["full arousal", "excerpts valence"])
def test_the_gain_is_not_told_without_both_tracks_of_deam_on_both_targets(
    tmp_path: Path, lacking: str
) -> None:
    everything(tmp_path)
    (tmp_path / "experiments" / f"{lacking}.json").unlink()
    excerpts(tmp_path, "arousal", (0.1, 0.3), model="again")
    text = rendered(tmp_path)
    assert "## DEAM" in text
    assert GAIN not in text


def test_the_gain_is_not_told_of_other_data(tmp_path: Path) -> None:
    for target in ("arousal", "valence"):
        full(tmp_path, target, (0.2, 0.4), known_as="")
        excerpts(tmp_path, target, (0.1, 0.3), known_as="")
    text = rendered(tmp_path)
    assert "## DEAM" in text
    assert GAIN not in text


def test_the_constant_of_the_most_songs_is_told(tmp_path: Path) -> None:
    everything(tmp_path)
    for target in ("arousal", "valence"):
        songs = {"2001": 0.2, "2002": 0.4}
        few = {"n_training_songs": 431, "constant": 0.5, "target": target}
        deam(tmp_path, "dev", songs, protocol="mediaeval2015", **few)
        by_artist = {"label": "song_kfold(group=artist)", "n_training_songs": 1800}
        one, other = {"1": 0.9, "2": 0.9}, {"1": 0.8, "2": 0.8}
        deam(tmp_path, "artist", one, protocol="song_kfold", target=target, **by_artist)
        deam(tmp_path, "few", other, protocol="song_kfold", target=target, n_training_songs=1500)
    (_, *rows), *_ = tables(rendered(tmp_path).partition(GAIN)[2])
    assert [row[1] for row in rows[3:6]] == ["0.3000", "0.2000", "0.2236"]


def test_what_stopping_on_the_test_songs_is_worth_is_told_with_the_gain(tmp_path: Path) -> None:
    everything(tmp_path)
    songs = {"1": 0.1, "2": 0.3}
    deam(tmp_path, "stopped", songs, protocol="seed_split", error=0.8)
    text = rendered(tmp_path).partition(GAIN)[2]
    assert "seed_split less holdout on the same test songs" in text
    assert "- DEAM, arousal, mel / ridge: -0.1000, p 0.500 (2 songs)" in text
    assert "- DEAM, valence" not in text
