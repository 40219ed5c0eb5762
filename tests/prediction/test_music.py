from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from benchmark.errors import ReportError
from benchmark.execution import Pool
from benchmark.prediction import music
from benchmark.prediction.forecast import Forecast, Stretch
from benchmark.prediction.models import Models
from benchmark.prediction.music import Done, Wish, predict_music
from benchmark.runner import Listener

Make = Callable[..., Forecast]
NO_MODELS = Models(names={}, recipes={}, folders={}, notes=())


@pytest.fixture
def wish(tmp_path: Path) -> Wish:
    for name in ("a.wav", "b.wav", "c.wav"):
        path = tmp_path / "songs" / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return Wish(places=[tmp_path / "songs"], stretch=Stretch(), out=tmp_path / "out")


def predicted(
    wish: Wish, monkeypatch: pytest.MonkeyPatch, each: Callable[[Any], Iterator[Forecast]]
) -> Done:
    """Return what comes of it if these are the forecasts of the songs."""
    monkeypatch.setattr(music, "about_models", lambda *_: ["about"])
    monkeypatch.setattr(music, "forecasts", lambda songs, *_, pool: each(songs))
    return predict_music(wish, NO_MODELS, pool=Pool(1), listener=Listener())


def songs_in(folder: Path) -> list[str]:
    return pd.read_csv(folder / "songs.csv").song.tolist()


def test_songs_stand_in_their_order_whichever_is_done_first(
    wish: Wish, make_forecast: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    curves = make_forecast().prediction
    done = predicted(wish, monkeypatch, lambda songs: (Forecast(s, curves) for s in songs[::-1]))
    assert songs_in(wish.out) == ["a.wav", "b.wav", "c.wav"]
    assert (done.n_done, done.n_songs, done.errors, done.interrupted) == (3, 3, (), False)


def test_what_was_done_is_written_when_it_is_stopped(
    wish: Wish, make_forecast: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(songs: Any) -> Iterator[Forecast]:
        yield Forecast(songs[0], error="a.wav: broken")
        yield Forecast(songs[1], make_forecast().prediction)
        raise KeyboardInterrupt

    done = predicted(wish, monkeypatch, stopped)
    assert songs_in(wish.out) == ["b.wav"]
    assert done.interrupted
    assert done.errors == ("a.wav: broken",)


def test_what_was_done_is_written_from_time_to_time(
    wish: Wish, make_forecast: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(music, "WRITTEN_EVERY", 0.0)
    seen = []

    def each(songs: Any) -> Iterator[Forecast]:
        for song in songs:
            if wish.out.joinpath("songs.csv").exists():
                seen.append(songs_in(wish.out))
            yield Forecast(song, make_forecast().prediction)

    predicted(wish, monkeypatch, each)
    assert seen[0] == ["a.wav"]
    assert songs_in(wish.out) == ["a.wav", "b.wav", "c.wav"]


def test_a_folder_that_cannot_be_written_is_found_before_any_song_is_decoded(
    wish: Wish, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish.out.write_text("in the way")
    decoded = []
    with pytest.raises(ReportError, match="out: cannot be written"):
        predicted(wish, monkeypatch, lambda songs: iter(decoded.append(songs) or []))
    assert decoded == []


def test_words_of_an_earlier_call_do_not_stay(
    wish: Wish, make_forecast: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish.out.mkdir()
    (wish.out / "words.csv").write_text("old")
    one = make_forecast(arousal=[0.1, 0.2]).prediction
    done = predicted(wish, monkeypatch, lambda songs: (Forecast(s, one) for s in songs))
    assert not (wish.out / "words.csv").exists()
    assert "words" not in done.files
