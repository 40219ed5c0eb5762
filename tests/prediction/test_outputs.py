from __future__ import annotations

import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest

from benchmark.circumplex import words
from benchmark.errors import ReportError
from benchmark.prediction.files import song_files
from benchmark.prediction.forecast import Forecast
from benchmark.prediction.outputs import _audio, curve_table, song_table, word_table, write

Make = Callable[..., Forecast]
STRANGE = ['"a", b;\n<c>.mp3', "_hidden $x$ #1?.mp3", "\N{HIRAGANA LETTER A} <script>.mp3"]


@pytest.fixture(scope="module")
def written(
    make_forecast: Make, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Path], list[Forecast]]:
    """Return the files about songs with strange names, and what they are of."""
    folder = tmp_path_factory.mktemp("outputs")
    random = np.random.default_rng(0)
    done = [
        make_forecast(
            name,
            folder / "music" / name,
            arousal=random.uniform(-1, 1, 7),
            valence=random.uniform(-1, 1, 7),
        )
        for name in STRANGE
    ]
    done.append(Forecast(done[0].song, error="was no song"))
    return write(folder / "deep" / "out", done, ["about"], copy_audio=False), done[:-1]


def test_everything_is_written(written: tuple[dict[str, Path], list[Forecast]]) -> None:
    paths, _ = written
    assert {path.name for path in paths.values()} == {
        "index.html",
        "curves.csv",
        "curves.parquet",
        "words.csv",
        "songs.csv",
        "characteristic.png",
    }
    assert all(path.stat().st_size for path in paths.values())
    assert {path.name for path in paths["page"].parent.iterdir()} == {
        p.name for p in paths.values()
    }
    assert paths["figure"].read_bytes().startswith(b"\x89PNG")


def test_curves_are_a_row_per_half_second_and_the_same_as_parquet(
    written: tuple[dict[str, Path], list[Forecast]],
) -> None:
    paths, done = written
    table = pd.read_csv(paths["curves"])
    assert list(table.columns) == ["song", "time", "arousal", "valence"]
    pd.testing.assert_frame_equal(
        table, pd.read_parquet(paths["curves as Parquet"]), check_dtype=False
    )
    assert list(table.song) == [name for name in STRANGE for _ in range(7)]
    for forecast in done:
        rows = table[table.song == forecast.song.name]
        for target, curve in forecast.prediction.values.items():
            np.testing.assert_allclose(rows[target], curve, atol=0.5e-4)


def test_songs_are_a_row_each_with_their_word(
    written: tuple[dict[str, Path], list[Forecast]],
) -> None:
    paths, done = written
    table = pd.read_csv(paths["songs"], keep_default_na=False)
    assert list(table.columns) == [
        "song", "file", "seconds", "arousal_mean", "arousal_sd", "valence_mean", "valence_sd",
        "word", "intensity", "note",
    ]  # fmt: skip
    assert list(table.song) == STRANGE
    for (_, row), forecast in zip(table.iterrows(), done, strict=True):
        arousal, valence = (forecast.prediction.values[t] for t in ("arousal", "valence"))
        assert row.arousal_mean == pytest.approx(arousal.mean(), abs=1e-4)
        assert row.valence_sd == pytest.approx(valence.std(ddof=1), abs=1e-4)
        (word,) = words(arousal.mean(keepdims=True), valence.mean(keepdims=True))
        assert row.word == word
        assert row.note == ""


def test_words_are_of_seconds(make_forecast: Make) -> None:
    table = word_table(
        [make_forecast(arousal=[0.5, 0.3, 0.0, 0.0, -0.7], valence=[0.0, 0.0, 0.0, 0.0, 0.5])]
    )
    assert list(table.columns) == [
        "song", "second", "arousal", "valence", "angle", "intensity", "word",
    ]  # fmt: skip
    assert table.second.tolist() == [0, 1, 2]
    assert table.arousal.tolist() == [0.4, 0.0, -0.7]
    assert table.word.tolist() == ["Activated", "", "Relaxed"]
    np.testing.assert_array_equal(table.angle, [90.0, np.nan, 305.5])
    np.testing.assert_allclose(table.intensity, [0.4, 0.0, 0.8602])


def test_one_target_has_no_words(make_forecast: Make, tmp_path: Path) -> None:
    one = make_forecast(arousal=[0.1, 0.2])
    paths = write(tmp_path, [one], [], copy_audio=False)
    assert "words" not in paths
    assert not (tmp_path / "words.csv").exists()
    assert list(curve_table([one]).columns) == ["song", "time", "arousal"]
    assert "word" not in song_table([one]).columns


def test_names_cannot_leave_the_script_of_the_page(
    written: tuple[dict[str, Path], list[Forecast]],
) -> None:
    paths, _ = written
    page = paths["page"].read_text(encoding="utf-8")
    assert "\N{HIRAGANA LETTER A} <script>" not in page
    assert "<c>" not in page


def test_a_page_leads_to_the_songs_where_they_are(make_forecast: Make, tmp_path: Path) -> None:
    for name in STRANGE:
        address = _audio(make_forecast(name, tmp_path / "music" / name), tmp_path / "out", False)
        assert address.startswith("../music/")
        assert not re.search(r"[\s\"<>#?$]", address) and address.isascii()
        assert unquote(address) == f"../music/{name}"


def test_a_name_that_is_no_text_is_found_and_written(make_forecast: Make, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.mp3")
    path.write_bytes(b"music")
    one = make_forecast("caf\\xe9.mp3", path)
    paths = write(tmp_path / "out", [one], [], copy_audio=True)
    assert pd.read_csv(paths["songs"]).file.tolist() == [f"{tmp_path}/caf\\xe9.mp3"]
    assert _audio(one, tmp_path / "out", False) == "../caf%E9.mp3"
    assert (tmp_path / "out" / "audio" / "caf\\xe9.mp3").read_bytes() == b"music"


def test_copies_of_songs_lie_beside_the_page_wherever_they_came_from(
    make_forecast: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one/a.mp3", "two/a.mp3", "two/sub/b.mp3", "c.mp3", "here/out"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    monkeypatch.chdir(tmp_path / "here")
    songs, _ = song_files(
        [Path("../one"), Path("../two/sub/.."), Path("../c.mp3")], out=Path("../new")
    )
    assert len(songs) == 4
    for song in songs:
        address = _audio(make_forecast(song.name, song.path), Path("../new"), True)
        place = tmp_path / "new" / unquote(address)
        assert place.resolve().is_relative_to(tmp_path / "new" / "audio")
        assert place.read_text() == song.path.resolve().relative_to(tmp_path).as_posix()
    assert {path.name for path in tmp_path.iterdir()} == {"one", "two", "c.mp3", "here", "new"}


def test_a_copy_that_is_there_already_stays(make_forecast: Make, tmp_path: Path) -> None:
    """Predicting what an earlier run copied."""
    (tmp_path / "audio").mkdir()
    (tmp_path / "audio" / "a.mp3").write_text("music")
    one = make_forecast("a.mp3", tmp_path / "audio" / "a.mp3")
    assert _audio(one, tmp_path, True) == "audio/a.mp3"
    assert (tmp_path / "audio" / "a.mp3").read_text() == "music"


def test_a_folder_that_cannot_be_written_is_named(make_forecast: Make, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("in the way")
    with pytest.raises(ReportError, match=r"taken: cannot be written \(.+\); another --out works"):
        write(tmp_path / "taken", [make_forecast()], [], copy_audio=False)
    missing = make_forecast("gone.mp3", tmp_path / "gone.mp3")
    with pytest.raises(ReportError, match=r"gone\.mp3: cannot be \w+ \(No such file"):
        write(tmp_path / "out", [missing], [], copy_audio=True)


def test_tables_are_read_back_whatever_the_name(make_forecast: Make) -> None:
    text = song_table([make_forecast(name) for name in STRANGE]).to_csv(index=False)
    assert pd.read_csv(io.StringIO(text)).song.tolist() == STRANGE
