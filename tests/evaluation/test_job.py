"""The rules of a comparison, kept by every registered model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from benchmark import registry
from benchmark.errors import BenchmarkError
from benchmark.evaluation import job as job_module
from benchmark.evaluation.job import Job, SongInput, run_job
from benchmark.evaluation.scores import score
from benchmark.features.mel import Mel
from benchmark.interfaces import Model, Predictor
from benchmark.models.mean import Mean
from benchmark.models.ridge import Ridge
from benchmark.records import Fold, JobRecord, SongFrames, TrainingCard

QUICK = {
    "arousal_cnn": {"epochs": 2, "patience": 1},
    "valence_lstm": {"epochs": 2, "units": 3},
    "xgboost_summary": {"n_estimators": 5, "min_child_weight": 1.0},
}
MODELS = [
    registry.component("models", name)(**QUICK.get(name, {})) for name in registry.names("models")
]
FOLD = Fold(0, train=("1", "2", "3", "4"), validation=("5", "6"), test=("7", "8", "9"))
EXTRACTOR = Mel(n_mels=6)
Songs = dict[str, SongInput]


def make_job(chosen: Model, /, **changes: Any) -> Job:
    job = Job(
        extractor=EXTRACTOR if chosen.view else None,
        model=chosen,
        targets=("arousal",),
        fold=FOLD,
        seed=0,
        threads=1,
        data="digest",
    )
    return replace(job, **changes)


@pytest.fixture(scope="module")
def songs(
    tmp_path_factory: pytest.TempPathFactory, make_frames: Callable[..., SongFrames]
) -> Songs:
    """Nine songs whose labels follow their frames; songs 2 and 7 lack some ratings."""
    folder = tmp_path_factory.mktemp("frames")
    made = {}
    for number in range(1, 10):
        song = make_frames(str(number), seed=number, hop=EXTRACTOR.hop, n_labels=6 + number % 3)
        labels = song.labels.copy()
        if number in (2, 7):
            labels[[1, -1]] = np.nan
        np.save(folder / f"{number}.npy", song.frames)
        made[song.id] = SongInput(song.id, song.times, labels, folder / f"{number}.npy")
    return made


@pytest.fixture(scope="module", params=MODELS, ids=lambda model: model.name)
def model(request: pytest.FixtureRequest) -> Model:
    return request.param


@pytest.fixture(scope="module")
def honest(model: Model, songs: Songs) -> JobRecord:
    return run_job(make_job(model), songs)


def values_of(record: JobRecord, song: str) -> np.ndarray:
    return record.predictions.values[record.predictions.songs == song]


def test_test_labels_cannot_reach_fit(
    honest: JobRecord, model: Model, songs: Songs, tmp_path: Path
) -> None:
    """Test labels a million times too large or gone, one song's frames noise: no change."""
    noise = np.random.default_rng(0).normal(0, 1e3, np.load(songs["9"].frames).shape)
    np.save(tmp_path / "noise.npy", noise.astype(np.float32))
    poisoned = {
        **songs,
        "7": replace(songs["7"], labels=1e6 * songs["7"].labels),
        "8": replace(songs["8"], labels=np.full_like(songs["8"].labels, np.nan)),
        "9": replace(songs["9"], frames=tmp_path / "noise.npy"),
    }
    record = run_job(make_job(model), poisoned)
    for song in ("7", "8"):
        np.testing.assert_array_equal(values_of(record, song), values_of(honest, song))
    assert record.constants == honest.constants
    if model.view:
        assert not np.array_equal(values_of(record, "9"), values_of(honest, "9"))


def test_training_labels_do_reach_fit(honest: JobRecord, model: Model, songs: Songs) -> None:
    """The poison of the test above is one: in training songs it changes what is predicted."""
    poisoned = {
        name: replace(song, labels=1 - song.labels) if name in FOLD.train else song
        for name, song in songs.items()
    }
    record = run_job(make_job(model), poisoned)
    assert not np.array_equal(record.predictions.values, honest.predictions.values)


def test_same_seed_same_numbers(honest: JobRecord, model: Model, songs: Songs) -> None:
    again = run_job(make_job(model), songs)
    np.testing.assert_array_equal(again.predictions.values, honest.predictions.values)
    assert (again.key, again.card) == (honest.key, honest.card)


def test_predictions_cover_every_label(honest: JobRecord, songs: Songs) -> None:
    tested = [songs[name] for name in FOLD.test]
    stored = honest.predictions
    np.testing.assert_array_equal(stored.times, np.concatenate([song.times for song in tested]))
    np.testing.assert_array_equal(stored.labels, np.concatenate([song.labels for song in tested]))
    assert stored.values.shape == stored.labels.shape
    assert np.isfinite(stored.values).all()
    assert stored.songs.tolist() == [song.id for song in tested for _ in song.times]


def test_nan_labels_are_no_examples(honest: JobRecord, model: Model, songs: Songs) -> None:
    known = sum(int(np.isfinite(songs[name].labels).sum()) for name in FOLD.train)
    held = sum(int(np.isfinite(songs[name].labels).sum()) for name in FOLD.validation)
    expected = {"arousal_cnn": known, "valence_lstm": len(FOLD.train)}
    assert honest.card.examples == expected.get(model.name, known + held)


def test_the_mean_model_has_no_skill_at_all(songs: Songs) -> None:
    assert score([run_job(make_job(Mean()), songs)], "arousal").skill == 0


def test_the_card_and_the_constant_are_recorded(songs: Songs) -> None:
    record = run_job(make_job(Ridge(alphas=(1.0,))), songs)
    learned = np.concatenate([songs[name].labels for name in (*FOLD.train, *FOLD.validation)])
    assert record.constants == (pytest.approx(np.nanmean(learned)),)
    assert record.card.examples == np.isfinite(learned).sum()
    assert record.fit_seconds > 0


@pytest.mark.parametrize(
    "change",
    [
        {"extractor": Mel(n_mels=7)},
        {"model": Ridge(seconds=5.0)},
        {"targets": ("valence",)},
        {"fold": replace(FOLD, test=("8",))},
        {"fold": replace(FOLD, train=FOLD.validation, validation=FOLD.train)},
        {"seed": 1},
        {"threads": 2},
        {"data": "another digest"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_key_changes_with_what_decides_the_numbers(change: dict[str, Any]) -> None:
    assert make_job(Ridge(), **change).key != make_job(Ridge()).key


def test_the_key_changes_with_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {make_job(Ridge()).key}
    with monkeypatch.context() as changed:
        changed.setattr(Ridge, "version", 99)
        keys.add(make_job(Ridge()).key)
    with monkeypatch.context() as changed:
        changed.setattr(Mel, "version", 99)
        keys.add(make_job(Ridge()).key)
    with monkeypatch.context() as changed:
        changed.setattr(job_module, "versions", lambda *parts: {"scikit-learn": "0.0"})
        keys.add(make_job(Ridge()).key)
    assert len(keys) == 4


@dataclass(frozen=True, kw_only=True)
class Wrong(Mean):
    """A model whose predictions are of the wrong kind."""

    name: ClassVar[str] = "wrong"

    value: float = 0.0
    length: int = 0

    def fit(self, train: Any, validation: Any, *, seed: int) -> Predictor:
        return WrongPredictor(self)


class WrongPredictor(Predictor):
    def __init__(self, wrong: Wrong) -> None:
        self.card = TrainingCard()
        self.wrong = wrong

    def predict(self, songs: Any) -> list[np.ndarray]:
        assert all(song.labels is None for song in songs)
        return [
            np.full((len(song.times) + self.wrong.length, 1), self.wrong.value) for song in songs
        ]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            Wrong(value=np.nan),
            r"wrong\(value=nan\) predicted an array \(7, 1\) for song 7, 7 values not",
        ),
        (Wrong(value=np.inf), r"7 values not finite; expected \(7, 1\), all finite"),
        (Wrong(length=-1), r"predicted an array \(6, 1\) for song 7, .*expected \(7, 1\)"),
    ],
)
def test_predictions_of_the_wrong_kind_are_refused(
    songs: Songs, wrong: Model, message: str
) -> None:
    with pytest.raises(BenchmarkError, match=message):
        run_job(make_job(wrong), songs)
