from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmark import registry
from benchmark.execution import Pool
from benchmark.models.mean import Mean
from benchmark.prediction.curves import SongPrediction, predict
from benchmark.prediction.files import SongFile
from benchmark.prediction.forecast import (
    Forecast,
    Stretch,
    StretchError,
    forecasts,
    moving_mean,
    summary,
)
from benchmark.prediction.trained import TrainedModel, write


def forget() -> None:
    registry._found.cache_clear()
    registry.component.cache_clear()


@pytest.fixture(scope="module")
def deadly() -> Iterator[None]:
    """Put the package in `tests/plugin_deadly` on the path, as an installation would."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parents[1] / "plugin_deadly"))
        forget()
        yield
    forget()


@pytest.fixture(scope="module")
def trained(deadly: None, make_trained: Callable[..., TrainedModel]) -> TrainedModel:
    return make_trained(Mean(), registry.component("features", "deadly")())


@pytest.fixture(scope="module")
def found(
    trained: TrainedModel,
    tone: Callable[..., np.ndarray],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Forecast]:
    """Return what came of songs of which most are bad, by name."""
    folder = tmp_path_factory.mktemp("songs")
    write(folder / "model", trained)
    soundfile.write(folder / "good.wav", tone(8.0, rate=1_000), 1_000)
    soundfile.write(folder / "short.wav", tone(1.5, rate=1_000), 1_000)
    soundfile.write(folder / "deadly.wav", np.ones(2_000), 1_000)
    soundfile.write(folder / "also good.wav", tone(8.0, rate=1_000), 1_000)
    (folder / "text.mp3").write_text("no song")
    names = ["good.wav", "short.wav", "deadly.wav", "text.mp3", "gone.wav", "also good.wav"]
    songs = [SongFile(f"album/{name}", folder / name) for name in names]
    done = forecasts(songs, {folder / "model": ("arousal",)}, Stretch(2.0, 6.0, 1), pool=Pool(1))
    return {forecast.song.path.name: forecast for forecast in done}


def test_a_bad_song_costs_itself_alone(found: dict[str, Forecast], trained: TrainedModel) -> None:
    assert len(found) == 6
    for name in ("good.wav", "also good.wav"):
        forecast = found[name]
        assert (forecast.song.name, forecast.error) == (f"album/{name}", "")
        assert forecast.prediction
        np.testing.assert_array_equal(forecast.prediction.times, np.arange(2, 6, 0.5))
        expected = Stretch(2.0, 6.0, 1).of(predict(forecast.song.path, [trained]))
        np.testing.assert_allclose(
            forecast.prediction.values["arousal"], expected.values["arousal"], atol=1e-12
        )


@pytest.mark.parametrize(
    ("name", "error"),
    [
        (
            "short.wav",
            "album/short.wav: lasts 1.50 s, none of it in what --start and --end ask for",
        ),
        (
            "deadly.wav",
            "album/deadly.wav: its worker process died twice: it was killed by SIGKILL (out of "
            "memory, or a crash of a library)",
        ),
        (
            "text.mp3",
            "album/text.mp3: cannot be decoded (libsndfile: Format not recognised; FFmpeg: "
            "Invalid data found when processing input)",
        ),
        ("gone.wav", "album/gone.wav: cannot be decoded (No such file or directory)"),
    ],
)
def test_what_is_wrong_with_a_song_is_one_line_that_names_it(
    found: dict[str, Forecast], name: str, error: str
) -> None:
    assert found[name].prediction is None
    assert found[name].error == error


def song(seconds: float) -> SongPrediction:
    times = 0.5 * np.arange(int(2 * seconds))
    return SongPrediction(seconds, (), times, {"arousal": times**2, "valence": -times})


@pytest.mark.parametrize(
    ("start", "end", "times"),
    [
        (0.0, None, [0.0, 0.5, 1.0, 1.5, 2.0]),
        (1.0, None, [1.0, 1.5, 2.0]),
        (0.9, None, [1.0, 1.5, 2.0]),
        (0.0, 1.0, [0.0, 0.5]),
        (0.0, 0.99, [0.0]),
        (0.5, 99.0, [0.5, 1.0, 1.5, 2.0]),
        (0.1 + 0.2 + 0.2, 1.0, [0.5]),
        (0.7, 1.2, []),
        (2.5, None, []),
    ],
)
def test_a_stretch_holds_the_labels_that_lie_in_it(
    start: float, end: float | None, times: list[float]
) -> None:
    cut = Stretch(start, end).of(song(2.7))
    assert cut.times.tolist() == times
    assert cut.values["arousal"].tolist() == [time**2 for time in times]
    assert cut.seconds == 2.7


@pytest.mark.parametrize(("start", "end"), [(0.0, 0.4), (5.0, 5.0), (5.0, 3.0)])
def test_a_stretch_without_half_a_second_says_what_works(start: float, end: float) -> None:
    said = (
        rf"--start {start:g} --end {end:g}: holds no half second; --end has to be {start + 0.5:g}"
    )
    with pytest.raises(StretchError, match=said):
        Stretch(start, end)


@pytest.mark.parametrize("reach", [0, 1, 2, 10])
@pytest.mark.parametrize("length", [1, 2, 7])
def test_the_moving_mean_takes_in_as_many_neighbours_as_there_are(reach: int, length: int) -> None:
    curve = np.random.default_rng(length).normal(size=length)
    expected = [curve[max(0, i - reach) : i + reach + 1].mean() for i in range(length)]
    np.testing.assert_allclose(moving_mean(curve, reach), expected, atol=1e-12)


def test_what_is_cut_off_counts_for_the_mean() -> None:
    cut = Stretch(1.0, 1.5, smooth=1).of(song(3.0))
    np.testing.assert_allclose(cut.values["arousal"], [(0.25 + 1.0 + 2.25) / 3])


def test_a_summary_has_the_sd_of_a_sample() -> None:
    found = summary(song(1.5))
    assert found["arousal_mean"] == pytest.approx(1.25 / 3)
    assert found["valence_sd"] == pytest.approx(0.5)
    assert np.isnan(summary(song(0.5))["arousal_sd"])
