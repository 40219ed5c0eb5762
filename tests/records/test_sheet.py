"""What pages show of songs is stored once a dataset, and pages do without where it is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import RecordError
from benchmark.records import Song
from benchmark.records.sheet import sheet_of
from benchmark.records.store import RecordStore

RATINGS = np.array(
    [
        [0.1, 0.2, np.nan, np.nan, -1.0],
        [0.3, np.nan, np.nan, np.nan, 1.0],
        [0.8, 0.4, 0.5, np.nan, 0.0],
    ]
)


@pytest.fixture
def song(make_song: Callable[..., Song]) -> Song:
    return make_song("é7", artist="Nobody", subset="2013", ratings={"arousal": RATINGS})


def test_the_spread_is_the_sd_of_those_who_rated(song: Song) -> None:
    expected = [np.std([0.1, 0.3, 0.8], ddof=1), np.std([0.2, 0.4], ddof=1), np.nan, np.nan, 1.0]
    assert list(sheet_of(song).spread) == ["arousal"]
    np.testing.assert_allclose(sheet_of(song).spread["arousal"], expected)


def test_sheets_come_back(song: Song, make_song: Callable[..., Song], tmp_path: Path) -> None:
    heard = replace(make_song("8"), audio=Path("data") / "8.mp3")
    RecordStore(tmp_path).write_sheets("f00", [song, heard])
    found = RecordStore(tmp_path).read_sheets("f00")
    assert list(found) == ["é7", "8"]
    one, other = found.values()
    assert (one.audio, one.groups["artist"], one.groups["subset"]) == ("", "Nobody", "2013")
    np.testing.assert_array_equal(one.times, song.times)
    np.testing.assert_allclose(one.spread["arousal"], sheet_of(song).spread["arousal"], atol=0.5e-3)
    assert Path(other.audio) == Path.cwd() / "data" / "8.mp3"
    assert other.spread == {}


def test_the_file_is_plain_json(song: Song, tmp_path: Path) -> None:
    RecordStore(tmp_path).write_sheets("f00", [song])
    text = (tmp_path / "songs" / "f00.json").read_text()
    assert "NaN" not in text
    assert json.loads(text)["schema_version"] == 1


def test_sheets_are_written_when_they_have_changed(song: Song, tmp_path: Path) -> None:
    store, path = RecordStore(tmp_path), tmp_path / "songs" / "f00.json"
    store.write_sheets("f00", [song])
    first = path.stat().st_ino
    store.write_sheets("f00", [song])
    assert path.stat().st_ino == first
    store.write_sheets("f00", [replace(song, ratings={})])
    assert store.read_sheets("f00")["é7"].spread == {}


@pytest.mark.parametrize(
    "content", [None, "", "[1]", '{"schema_version": 9, "songs": {}}', '{"schema_version": 1}']
)
def test_pages_do_without_sheets_that_cannot_be_read(tmp_path: Path, content: str | None) -> None:
    (tmp_path / "songs").mkdir()
    if content is not None:
        (tmp_path / "songs" / "f00.json").write_text(content)
    assert RecordStore(tmp_path).read_sheets("f00") == {}


def test_damaged_sheets_are_replaced(song: Song, tmp_path: Path) -> None:
    (tmp_path / "songs").mkdir()
    (tmp_path / "songs" / "f00.json").write_bytes(b"\xff")
    RecordStore(tmp_path).write_sheets("f00", [song])
    assert list(RecordStore(tmp_path).read_sheets("f00")) == ["é7"]


def test_where_nothing_can_be_written_it_is_named(song: Song, tmp_path: Path) -> None:
    (tmp_path / "songs").write_text("in the way")
    with pytest.raises(RecordError, match=r"f00\.json: cannot be written"):
        RecordStore(tmp_path).write_sheets("f00", [song])
