"""What the suite is measured against does the same work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rivals
import soundfile
import whole_runs

from benchmark.audio import decode
from benchmark.datasets.deam import Deam
from benchmark.features.mel import Mel
from benchmark.models._networks import Layout, build
from benchmark.records import SongFrames
from benchmark.views import Windows

Tone = Callable[..., np.ndarray]


@pytest.fixture
def excerpt(tmp_path: Path, tone: Tone) -> Path:
    path = tmp_path / "1.mp3"
    soundfile.write(path, tone(20.0, rate=44_100), 44_100)
    return path


@pytest.mark.filterwarnings("ignore:.* is deprecated and slated for removal:DeprecationWarning")
def test_the_windows_of_the_seed_are_ours_but_for_their_edges(excerpt: Path) -> None:
    """Its first and last frames see zeros where ours see the song; its level is cut at -80 dB."""
    windows, chroma = rivals.seed_features(excerpt)
    assert windows.shape == (8, 96, 71)
    assert chroma.shape == (10, 12)
    samples = decode(excerpt).resampled(rivals.RATE)
    times = 15.5 + 0.5 * np.arange(8)
    song = SongFrames("1", Mel().extract(samples), Mel().hop, times)
    mine = Windows(1.5).rows(song).transpose(0, 2, 1)
    inner = slice(2, -2)
    alike = [
        np.corrcoef(its[:, inner].ravel(), own[:, inner].ravel())[0, 1]
        for its, own in zip(windows, mine, strict=True)
    ]
    assert min(alike) > 0.9


@pytest.fixture(scope="module")
def keras() -> Any:
    from benchmark.models._keras import fresh_keras

    return fresh_keras(0)


def ours(keras: Any, shape: tuple[int, int]) -> Any:
    layout = Layout(n_frames=shape[0], n_bins=shape[1], step=1, n_targets=1, precision="float32")
    network, _ = build(keras, 2, layout)
    return network


def test_the_network_of_the_seed_is_as_large_as_ours(keras: Any) -> None:
    expected = ours(keras, (71, 96)).count_params()
    assert rivals.seed_network(keras, 1e-3).count_params() == expected


def test_our_dense_layer_is_that_of_the_seed(keras: Any) -> None:
    """As the seed wrote network 2, with a dense layer on the flattened maps: the same values."""
    network, seed = ours(keras, (40, 30)), rivals.seed_network(keras, 1e-3, (40, 30))
    fresh = [np.abs(weights).max() for weights in seed.get_weights()]
    weights = network.get_weights()
    np.testing.assert_allclose([np.abs(w).max() for w in weights], fresh, rtol=0.05)
    seed.set_weights([w.reshape(s.shape) for w, s in zip(weights, seed.weights, strict=True)])
    windows = np.random.default_rng(0).normal(size=(5, 40, 30, 1)).astype(np.float32)
    expected = seed.predict_on_batch(windows)
    np.testing.assert_allclose(network.predict_on_batch(windows)[:, 0], expected, atol=1e-5)


def test_songs_again_and_again_are_a_dataset(tmp_path: Path, tone: Tone) -> None:
    root = tmp_path / "few"
    (root / "MEMD_audio").mkdir(parents=True)
    for name in (4, 7):
        soundfile.write(root / "MEMD_audio" / f"{name}.mp3", tone(1.0, seed=name), 12_000)
    header = ",".join(["song_id", *(f"sample_{500 * n}ms" for n in range(60))])
    for target in ("arousal", "valence"):
        lines = [",".join([str(name), *(f"0.{n:02d}" for n in range(60))]) for name in (4, 7)]
        (root / f"{target}.csv").write_text("\n".join([header, *lines]) + "\n")
    whole_runs.lay_out(root, tmp_path / "many", 5)
    songs = Deam(root=tmp_path / "many").load().songs
    assert [song.id for song in songs] == ["1", "2", "3", "4", "5"]
    assert len({song.audio_hash for song in songs}) == 5
    first, _, third, *_ = (decode(song.audio).samples for song in songs)
    np.testing.assert_array_equal(first, third)
