from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmark.models.linear import Linear
from benchmark.records import SongFrames

MakeSongs = Callable[..., list[SongFrames]]


def own_frames(songs: list[SongFrames]) -> np.ndarray:
    """Return the frame of each label of songs whose hop is that of the labels, and a one."""
    frames = [song.frames[np.rint(song.times / song.hop).astype(int)] for song in songs]
    inputs = np.concatenate(frames).astype(np.float64)
    return np.concatenate([inputs, np.ones((len(inputs), 1))], axis=1)


def test_it_is_least_squares_on_the_frame_of_each_label(make_songs: MakeSongs) -> None:
    songs = make_songs(1, 8, hop=0.5, n_targets=2)
    train, (test,) = songs[:7], songs[7:]
    labels = np.concatenate([song.labels for song in train])
    solution, *_ = np.linalg.lstsq(own_frames(train), labels)
    predictor = Linear().fit(train, [], seed=0)
    (predicted,) = predictor.predict([replace(test, labels=None)])
    np.testing.assert_allclose(predicted, own_frames([test]) @ solution, atol=1e-6)
    assert predictor.card.examples == 56
    assert predictor.card.parameters == 2 * 7


def test_descriptors_of_any_size_weigh_alike(make_songs: MakeSongs) -> None:
    """openSMILE's lie between 1e-9 and 1e6."""
    songs = make_songs(1, 8, hop=0.5)
    scale = np.float32(10) ** np.array([-9, -6, -3, 0, 3, 6], dtype=np.float32)
    scaled = [replace(song, source=song.frames * scale) for song in songs]
    (plain,), (other,) = (
        Linear().fit(some[:7], [], seed=0).predict(some[7:]) for some in (songs, scaled)
    )
    np.testing.assert_allclose(other, plain, atol=1e-4)


def test_columns_that_never_change_or_say_the_same_do_no_harm(make_songs: MakeSongs) -> None:
    songs = make_songs(1, 8, hop=0.5)
    for song in songs:
        song.frames[:, 1], song.frames[:, 2] = -100, song.frames[:, 0]
    (values,) = Linear().fit(songs[:7], [], seed=0).predict(songs[7:])
    assert np.abs(values).max() < 2
