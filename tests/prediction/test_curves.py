"""A file predicted block by block is the file predicted at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from benchmark.audio import Audio, blocks, decode
from benchmark.errors import DataError
from benchmark.features.chroma import Chroma
from benchmark.interfaces import Extractor
from benchmark.models.mean import Mean
from benchmark.models.ridge import Ridge
from benchmark.prediction import curves
from benchmark.prediction.curves import _notes, predict
from benchmark.prediction.trained import TrainedModel
from benchmark.records import SongFrames

Make = Callable[..., TrainedModel]
Tone = Callable[..., np.ndarray]


def whole(path: Path, trained: TrainedModel) -> np.ndarray:
    """Return the curve of a song that is decoded, extracted and predicted at once."""
    feature = trained.recipe.feature
    assert isinstance(feature, Extractor)
    audio = decode(path)
    frames = feature.extract(audio.resampled(feature.rate))
    times = 0.5 * np.arange(int(audio.seconds / 0.5 + 1e-9))
    (values,) = trained.predictor.predict([SongFrames("song", frames, feature.hop, times)])
    return values[:, 0]


def assert_as_whole(path: Path, trained: TrainedModel) -> np.ndarray:
    found = predict(path, [trained])
    np.testing.assert_array_equal(found.times, 0.5 * np.arange(len(found.times)))
    expected = whole(path, trained)
    assert expected.std() > 0.01
    np.testing.assert_allclose(found.values["arousal"], expected, atol=1e-3)
    return expected


@pytest.mark.parametrize("rate", [8_000, 12_000])
def test_a_song_of_several_blocks_is_predicted_as_at_once(
    make_trained: Make, tone: Tone, tmp_path: Path, rate: int
) -> None:
    soundfile.write(tmp_path / "song.flac", tone(130.3, rate=rate), rate)
    assert len(assert_as_whole(tmp_path / "song.flac", make_trained())) == 260


def test_six_channels_at_96_khz_are_predicted_as_at_once(
    make_trained: Make, tone: Tone, tmp_path: Path
) -> None:
    samples = np.stack([tone(5.0, rate=96_000) * k / 6 for k in range(6)], axis=1)
    soundfile.write(tmp_path / "song.wav", samples, 96_000)
    assert len(assert_as_whole(tmp_path / "song.wav", make_trained())) == 10


def test_real_music_is_predicted_as_at_once(make_trained: Make, shared_datasets: Path) -> None:
    path = min((shared_datasets / "emotify_sample").glob("*.mp3"))
    assert_as_whole(path, make_trained())
    notes = predict(path, [make_trained()]).notes
    assert not [note for note in notes if "ratings" not in note]


@pytest.mark.parametrize(("seconds", "n_labels"), [(0.5, 1), (0.99, 1), (1.0, 2)])
def test_a_moment_has_the_labels_that_lie_in_it(
    make_trained: Make, tone: Tone, tmp_path: Path, seconds: float, n_labels: int
) -> None:
    soundfile.write(tmp_path / "song.wav", tone(seconds, rate=8_000), 8_000)
    found = predict(tmp_path / "song.wav", [make_trained()])
    assert found.seconds == pytest.approx(seconds)
    np.testing.assert_array_equal(found.times, 0.5 * np.arange(n_labels))
    np.testing.assert_allclose(
        found.values["arousal"], whole(tmp_path / "song.wav", make_trained()), atol=1e-3
    )


@pytest.mark.parametrize(("n_samples", "said"), [(2_400, r"0\.30 s"), (1, r"0\.00 s")])
def test_less_than_half_a_second_is_no_song(
    make_trained: Make, tone: Tone, tmp_path: Path, n_samples: int, said: str
) -> None:
    soundfile.write(tmp_path / "song.wav", tone(1.0, rate=8_000)[:n_samples], 8_000)
    with pytest.raises(DataError, match=rf"^song\.wav: lasts {said}; a prediction is of 0\.5 s$"):
        predict(tmp_path / "song.wav", [make_trained()])


@pytest.mark.parametrize(("level", "silent"), [(0.0, True), (0.5e-5, True), (2e-5, False)])
def test_silence_is_said(make_trained: Make, tmp_path: Path, level: float, silent: bool) -> None:
    soundfile.write(tmp_path / "song.wav", np.full(8_000, level), 8_000, subtype="FLOAT")
    assert ("silent" in predict(tmp_path / "song.wav", [make_trained()]).notes) == silent


@pytest.mark.parametrize(
    ("values", "said"),
    [((0.2, -0.3), ""), ((1.0, -1.0), ""), ((1.2, 0.1, -0.4, -7.0), "50% of arousal lie outside")],
)
def test_what_is_off_the_scale_of_ratings_is_said(
    tmp_path: Path, values: tuple[float, ...], said: str
) -> None:
    path = tmp_path / "song.wav"
    soundfile.write(path, np.full(100, 0.1), 8_000)
    notes = list(_notes(path, 1.0, 0.1, {"arousal": np.array(values)}))
    assert len(notes) == bool(said)
    assert all(note.startswith(said) for note in notes)


def test_a_file_that_is_cut_short_is_said_to_be(
    make_trained: Make, tone: Tone, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "song.mp3", tone(20.0, rate=8_000), 8_000)
    content = (tmp_path / "song.mp3").read_bytes()
    (tmp_path / "song.mp3").write_bytes(content[: len(content) // 2])
    *_, note = predict(tmp_path / "song.mp3", [make_trained()]).notes
    assert note.startswith("cut short: ") and note.endswith("20.0 s that its header promises")


def test_a_song_is_decoded_once_for_all_models(
    make_trained: Make, tone: Tone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soundfile.write(tmp_path / "song.wav", tone(3.0, rate=8_000), 8_000)
    decoded = []

    def counted(path: Path, **options: Any) -> Iterator[Audio]:
        decoded.append(path)
        return blocks(path, **options)

    monkeypatch.setattr(curves, "blocks", counted)
    arousal = make_trained()
    valence = make_trained(Ridge(alphas=(1.0,)), Chroma(sample_rate=8_000), target="valence")
    both = predict(tmp_path / "song.wav", [arousal, valence])
    assert decoded == [tmp_path / "song.wav"]
    assert list(both.values) == ["arousal", "valence"]
    for trained in (arousal, valence):
        alone = predict(tmp_path / "song.wav", [trained])
        (target,) = trained.recipe.targets
        np.testing.assert_array_equal(alone.values[target], both.values[target])


def test_a_joint_model_gives_both_curves_or_those_that_are_wanted(
    make_trained: Make, tone: Tone, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "song.wav", tone(3.0, rate=8_000), 8_000)
    joint, alone = make_trained(target="arousal+valence"), make_trained()
    both = predict(tmp_path / "song.wav", [joint]).values
    assert list(both) == ["arousal", "valence"]
    assert not np.array_equal(both["arousal"], both["valence"])
    for models in ([alone, replace(joint, wanted=("valence",))], [replace(joint, wanted=())]):
        mixed = predict(tmp_path / "song.wav", models).values
        np.testing.assert_array_equal(mixed["valence"], both["valence"])
        assert np.array_equal(mixed["arousal"], both["arousal"]) == (len(models) == 1)


def test_a_model_without_a_feature_needs_the_length_alone(
    make_trained: Make, tone: Tone, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "song.wav", tone(3.0, rate=8_000), 8_000)
    constant = make_trained(Mean(), None)
    found = predict(tmp_path / "song.wav", [constant])
    np.testing.assert_array_equal(found.values["arousal"], np.full(6, constant.predictor.value))
