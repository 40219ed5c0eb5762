"""Tables that were spoilt: the loader agrees with a slow reader, and says clearly what it refuses.

500 tables: 120 that say the same in another way, 180 with one accident, 200 with anything at all.
They are the same 500 each time, so that a test that fails fails again; without `derandomize`,
others are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import numpy as np
import pytest
from deam_mutations import SONGS, TABLES, accident, corruption, harmless, write_folder
from deam_reference import (
    LABELS,
    METADATA,
    STATICS,
    Curve,
    Reading,
    Refused,
    in_order,
    read_dynamic,
    read_static,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.datasets.deam import Deam
from benchmark.errors import DataError
from benchmark.records import Corpus, Song

places = st.sampled_from([*TABLES, *LABELS.values(), *LABELS.values()])
randoms = st.randoms(note_method_calls=False)


def cases(number: int) -> settings:
    return settings(max_examples=number, derandomize=True, deadline=None, database=None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("deam")
    write_folder(root)
    return root


@pytest.fixture(scope="module")
def sound(folder: Path) -> Corpus:
    return Deam(root=folder).load()


def test_the_reference_reads_the_sound_folder_as_the_loader_does(
    folder: Path, sound: Corpus
) -> None:
    reading = read_dynamic(folder)
    assert reading.labels.keys() == set(SONGS)
    assert reading.refused == {}
    assert sound.notes == ()
    assert_agrees(sound, reading)
    assert sum(len(curve) for of in reading.labels.values() for curve in of.values()) == 50
    assert {song: len(of) for song, of in reading.raters.items() if of} == {"7": 1, "1001": 2}
    static = Deam(root=folder, ratings="static").load()
    assert curves(static) == read_static(folder)


@cases(120)
@given(place=places, random=randoms)
def test_a_table_that_says_the_same_in_another_way_loads_the_same(
    folder: Path, sound: Corpus, place: str, random: Random
) -> None:
    with spoilt(folder, place, harmless(random, place)):
        corpus = Deam(root=folder).load()
        static = Deam(root=folder, ratings="static").load()
    assert curves(corpus) == curves(sound)
    assert raters(corpus) == raters(sound)
    assert [song.groups for song in corpus.songs] == [song.groups for song in sound.songs]
    assert corpus.floors == pytest.approx(sound.floors)
    assert all("the last line has no line end" in note for note in corpus.notes)
    assert curves(static) == read_static(folder)


@cases(180)
@given(place=places, random=randoms)
def test_an_accident_is_refused_by_name_or_moves_no_label(
    folder: Path, sound: Corpus, place: str, random: Random
) -> None:
    with spoilt(folder, place, accident(random, place)):
        corpus = loaded_as_the_reference_says(folder, place)
    if corpus:
        before = curves(sound)
        for song, by_target in curves(corpus).items():
            for target, curve in by_target.items():
                assert curve.items() <= before[song][target].items()
        said = raters(sound)
        for song, of in raters(corpus).items():
            for target, rows in of.items():
                for row in rows:
                    assert any(row.items() <= old.items() for old in said[song][target])


@cases(200)
@given(place=places, random=randoms)
def test_a_spoilt_table_is_refused_by_name_or_says_what_the_reference_reads(
    folder: Path, place: str, random: Random
) -> None:
    with spoilt(folder, place, corruption(random, place)):
        loaded_as_the_reference_says(folder, place)


@contextmanager
def spoilt(folder: Path, place: str, content: bytes) -> Iterator[None]:
    before = (folder / place).read_bytes()
    (folder / place).write_bytes(content)
    try:
        yield
    finally:
        (folder / place).write_bytes(before)


def loaded_as_the_reference_says(folder: Path, place: str) -> Corpus | None:
    """Return what was loaded, or None where the one table that was spoilt was refused."""
    if place in STATICS:
        static = Deam(root=folder, ratings="static")
        try:
            expected = read_static(folder)
        except Refused as refused:
            assert_refused(static, place, refused.args)
        else:
            assert curves(static.load()) == expected
    try:
        reading = read_dynamic(folder)
    except Refused as refused:
        assert_refused(Deam(root=folder), place, refused.args)
        return None
    corpus = Deam(root=folder).load()
    assert_agrees(corpus, reading)
    return corpus


def assert_refused(dataset: Deam, place: str, words: tuple[str, ...]) -> None:
    with pytest.raises(DataError) as raised:
        dataset.load()
    assert_clear(str(raised.value), place, words)


def assert_clear(message: str, place: str, words: tuple[str, ...]) -> None:
    """The file is named, and what the reference reader found; one line, not the whole table."""
    # Where two tables contradict each other, either may be named.
    names = next((together for together in (METADATA, STATICS) if place in together), (place,))
    assert any(name in message for name in names)
    assert [word for word in words if word not in message] == []
    assert message.isprintable()
    assert len(message) < 700


def assert_agrees(corpus: Corpus, reading: Reading) -> None:
    assert curves(corpus) == reading.labels
    assert raters(corpus) == {song: reading.raters.get(song, {}) for song in reading.labels}
    for song in corpus.songs:
        assert (song.groups["artist"], song.groups["album"]) == reading.metadata.get(
            song.id, ("", "")
        )
    assert corpus.floors == pytest.approx(reading.floors)
    unread = [note for note in corpus.notes if "cannot be read" in note]
    assert len(unread) == len(reading.refused)
    for (place, words), note in zip(sorted(reading.refused.items()), sorted(unread), strict=True):
        assert_clear(note, place, words)


def curves(corpus: Corpus) -> dict[str, dict[str, Curve]]:
    """Return the labels by song, target and time, after a look at the grids."""
    found: dict[str, dict[str, Curve]] = {}
    for song in corpus.songs:
        found[song.id] = {target: curve(song, song.labels[target]) for target in LABELS}
        rated = sorted(time for of in found[song.id].values() for time in of)
        assert song.times[0] == rated[0]
        assert song.times[-1] == rated[-1]
        assert (np.diff(song.times) == 0.5).all()
    return found


def raters(corpus: Corpus) -> dict[str, dict[str, list[Curve]]]:
    """Return what each rater said, in no order of theirs."""
    return {
        song.id: {
            target: in_order([curve(song, row) for row in rows])
            for target, rows in song.ratings.items()
        }
        for song in corpus.songs
    }


def curve(song: Song, values: np.ndarray) -> Curve:
    pairs = zip(song.times, values, strict=True)
    return {float(time): float(value) for time, value in pairs if not np.isnan(value)}
