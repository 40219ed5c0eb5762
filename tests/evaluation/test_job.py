"""The rules of a comparison, kept by every registered model."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
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
from benchmark.features.opensmile_means import OpensmileMeans
from benchmark.interfaces import Model, Predictor, Protocol, View
from benchmark.models.extra_trees import ExtraTrees
from benchmark.models.mean import Mean
from benchmark.models.ridge import Ridge
from benchmark.models.svr import Svr
from benchmark.protocols.holdout import Holdout
from benchmark.protocols.leaky_frames import LeakyFrames
from benchmark.protocols.seed_split import SeedSplit
from benchmark.protocols.song_kfold import SongKfold
from benchmark.records import Fold, JobRecord, Song, SongFrames, TrainingCard

QUICK = {
    "arousal_cnn": {"epochs": 2, "patience": 1},
    "valence_lstm": {"epochs": 2, "units": 3},
    "stacked_crnn": {"epochs": 2, "filters": 2, "units": 2},
    "xgboost_summary": {"n_estimators": 5, "min_child_weight": 1.0},
    "xgboost_context": {"n_estimators": 5, "every": 0.5},
    "svr": {"every": 0.5},
    "stack": {"of": (Svr(every=0.5), ExtraTrees(n_estimators=5)), "folds": 2},
    "extra_trees": {"n_estimators": 5},
}
MODELS = [
    registry.component("models", name)(**QUICK.get(name, {})) for name in registry.names("models")
]
RECURRENT = ("stacked_crnn", "valence_lstm")
FOLD = Fold(0, train=("1", "2", "3", "4"), validation=("5", "6"), test=("7", "8", "9"))
FEATURE = Mel(n_mels=6)
Songs = dict[str, SongInput]


def make_job(chosen: Model, /, **changes: Any) -> Job:
    job = Job(
        feature=FEATURE if chosen.view else None,
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
        song = make_frames(str(number), seed=number, hop=FEATURE.hop, n_labels=6 + number % 3)
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


FAIR = {
    "song_kfold": SongKfold(folds=3, only=(1,)),
    "song_kfold by artist": SongKfold(folds=3, group="artist", only=(1,)),
    "holdout": Holdout(test=0.4, validation=0.3),
    "holdout by artist": Holdout(test=0.4, group="artist", validation=0.3),
}


LATER = ("song_kfold by artist", "holdout")
"""Networks take seconds: they meet these among the slow tests."""


class Restoring(Model):
    """Another model, but once it is fitted, frame files get back what they are to hold."""

    def __init__(self, inner: Model, honest: Mapping[Path, np.ndarray]) -> None:
        self.inner = inner
        self.honest = honest

    def describe(self) -> dict[str, Any]:
        return self.inner.describe()

    @property
    def validates(self) -> bool:
        return self.inner.validates

    @property
    def view(self) -> View | None:
        return self.inner.view

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        predictor = self.inner.fit(train, validation, seed=seed)
        for path, frames in self.honest.items():
            on_disk = np.load(path, mmap_mode="r+")
            assert not np.array_equal(on_disk, frames)
            on_disk[:] = frames
            on_disk.flush()
        return predictor


def poisoned(song: SongInput, value: float, folder: Path) -> tuple[SongInput, np.ndarray]:
    """Return a song whose labels and frames are multiplied, and its honest frames."""
    frames = np.load(song.frames)
    path = folder / f"poisoned {song.id}.npy"
    np.save(path, frames * np.float32(value))
    return replace(song, labels=song.labels * value, frames=path), frames


def drawn(protocol: Protocol, songs: Songs, make_song: Callable[..., Song]) -> Fold:
    made = [make_song(name, artist=f"artist {int(name) // 2}") for name in songs]
    return protocol.draw(made)[0]


@pytest.mark.parametrize(
    ("model", "protocol"),
    [
        pytest.param(
            model,
            protocol,
            marks=[pytest.mark.slow] if model.validates and name in LATER else [],
            id=f"{model.name}, {name}",
        )
        for model, (name, protocol) in product(MODELS, FAIR.items())
    ],
)
def test_no_trace_of_a_test_song_is_in_what_was_fitted(
    model: Model,
    songs: Songs,
    protocol: Protocol,
    make_song: Callable[..., Song],
    tmp_path: Path,
) -> None:
    """Labels and frames of all test songs are spoilt until the fit is over: no prediction moves.

    Every second test song is a million times too large, the others are NaN.
    """
    fold = drawn(protocol, songs, make_song)
    spoilt, honest_frames = dict(songs), {}
    for number, name in enumerate(fold.test):
        value = np.nan if number % 2 else 1e6
        spoilt[name], frames = poisoned(songs[name], value, tmp_path)
        if model.view:
            honest_frames[spoilt[name].frames] = frames
    honest = run_job(make_job(model, fold=fold), songs)
    feature = FEATURE if model.view else None
    wrapped = Restoring(model, honest_frames)
    assert wrapped.validates == model.validates
    record = run_job(make_job(wrapped, feature=feature, fold=fold), spoilt)
    np.testing.assert_array_equal(record.predictions.values, honest.predictions.values)
    assert (record.constants, record.card) == (honest.constants, honest.card)


def test_the_poison_works_in_a_training_song(
    honest: JobRecord, model: Model, songs: Songs, tmp_path: Path
) -> None:
    """What the test above looks for is found where it is allowed to be."""
    if model.view is None:
        pytest.skip("looks at labels only")
    bad, frames = poisoned(songs["1"], -3.0, tmp_path)
    spoilt = {**songs, "1": replace(songs["1"], frames=bad.frames)}
    wrapped = Restoring(model, {bad.frames: frames})
    record = run_job(make_job(wrapped, feature=FEATURE), spoilt)
    assert not np.array_equal(record.predictions.values, honest.predictions.values)


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
    sequences = len(FOLD.train)
    expected = {"arousal_cnn": known, "valence_lstm": sequences, "stacked_crnn": sequences}
    assert honest.card.examples == expected.get(model.name, known + held)


@dataclass(frozen=True, kw_only=True)
class Recorder(Mean):
    """The mean, but it remembers whom it was handed."""

    name: ClassVar[str] = "recorder"
    validates: ClassVar[bool] = True

    handed: list[Any]

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        self.handed.append((train, validation))
        return super().fit(train, validation, seed=seed)

    def describe(self) -> dict[str, Any]:
        return {"name": self.name}


class Trusting(Recorder):
    """It makes no choices."""

    name: ClassVar[str] = "trusting"
    validates: ClassVar[bool] = False


def handed(model: type[Recorder], fold: Fold, songs: Songs) -> tuple[list[SongFrames], ...]:
    recorder = model(handed=[])
    run_job(make_job(recorder, fold=fold), songs)
    ((train, validation),) = recorder.handed
    return train, validation


def ids(songs: Sequence[SongFrames]) -> tuple[str, ...]:
    return tuple(song.id for song in songs)


def test_a_model_that_makes_choices_is_handed_validation_songs_apart(songs: Songs) -> None:
    train, validation = handed(Recorder, FOLD, songs)
    assert (ids(train), ids(validation)) == (FOLD.train, FOLD.validation)


def test_a_model_that_makes_no_choices_trains_on_validation_songs_too(songs: Songs) -> None:
    """In the order of their ids: it must not see which of them were set aside."""
    fold = replace(FOLD, train=("2", "5", "6"), validation=("1", "4"))
    train, validation = handed(Trusting, fold, songs)
    assert (ids(train), ids(validation)) == (("1", "2", "4", "5", "6"), ())


def test_a_fold_whose_test_songs_have_no_rating_fails_with_its_reason(songs: Songs) -> None:
    """Of one of its targets is enough: a cell has all its folds or no score."""
    both = {
        name: replace(song, labels=np.repeat(song.labels, 2, axis=1))
        for name, song in songs.items()
    }
    job = make_job(Mean(), targets=("arousal", "valence"), fold=replace(FOLD, index=3))
    assert run_job(job, both).finished
    spoilt = dict(both)
    for name in FOLD.test:
        labels = both[name].labels.copy()
        labels[:, 1] = np.nan
        spoilt[name] = replace(both[name], labels=labels)
    with pytest.raises(BenchmarkError, match="fold 3: no label of its test songs has a rating"):
        run_job(job, spoilt)
    assert run_job(job, {**spoilt, "7": both["7"]}).finished


OPTIMISTIC = Fold(0, ("1", "2", "3", "4"), ("7", "8"), ("7", "8"), flaw="optimistic")


def test_test_songs_that_decide_are_handed_over_for_validation_only(songs: Songs) -> None:
    train, validation = handed(Recorder, OPTIMISTIC, songs)
    assert (ids(train), ids(validation)) == (OPTIMISTIC.train, OPTIMISTIC.test)
    for song in validation:
        np.testing.assert_array_equal(song.labels, songs[song.id].labels)
    train, validation = handed(Trusting, OPTIMISTIC, songs)
    assert (ids(train), ids(validation)) == (OPTIMISTIC.train, ())


def test_constants_are_of_all_labels_that_may_be_seen(songs: Songs) -> None:
    """Training and validation songs; where the latter are test songs, training songs alone."""
    for fold, learned in [(FOLD, "123456"), (OPTIMISTIC, "1234")]:
        seen = np.concatenate([songs[name].labels for name in learned])
        for model in (Mean(), Ridge(alphas=(1.0,))):
            record = run_job(make_job(model, fold=fold), songs)
            assert record.constants == (pytest.approx(np.nanmean(seen)),)
        assert run_job(make_job(Mean(), fold=fold), songs).predictions.values[0] == pytest.approx(
            np.nanmean(seen)
        )


@pytest.mark.parametrize(
    "model", [model for model in MODELS if not model.validates], ids=lambda model: model.name
)
def test_seed_split_flatters_no_model_that_makes_no_choices(
    model: Model, songs: Songs, make_song: Callable[..., Song]
) -> None:
    """It gets the numbers of holdout, to the bit."""
    options = {"test": 0.3, "seed": 2}
    optimistic, fair = (
        run_job(make_job(model, fold=drawn(protocol, songs, make_song)), songs)
        for protocol in (SeedSplit(**options), Holdout(**options))
    )
    np.testing.assert_array_equal(optimistic.predictions.values, fair.predictions.values)
    assert optimistic.predictions.songs.tolist() == fair.predictions.songs.tolist()
    assert optimistic.constants == fair.constants
    assert optimistic.card == fair.card
    assert optimistic.key != fair.key


def test_which_models_make_choices() -> None:
    validating = {model.name for model in MODELS if model.validates}
    assert validating == {"arousal_cnn", "stacked_crnn", "valence_lstm"}


@pytest.fixture
def leaky(songs: Songs, make_song: Callable[..., Song]) -> Fold:
    return drawn(LeakyFrames(test=0.4, validation=0.4), songs, make_song)


def test_a_part_of_a_song_has_its_labels_and_nan_for_the_others(songs: Songs, leaky: Fold) -> None:
    train, validation = handed(Recorder, leaky, songs)
    assert ids(train) == ids(validation) == tuple(sorted(songs))
    for part, members in [("train", train), ("validation", validation)]:
        for song in members:
            own = leaky.known(part, song.id, len(song.times))
            expected = np.where(own[:, None], songs[song.id].labels, np.nan)
            np.testing.assert_array_equal(song.labels, expected)
    known = [np.isfinite(np.concatenate([s.labels for s in part])) for part in (train, validation)]
    assert known[0].any() and known[1].any() and not (known[0] & known[1]).any()


def test_every_label_of_a_leaky_fold_is_learned_or_tested(songs: Songs, leaky: Fold) -> None:
    record = run_job(make_job(Recorder(handed=[]), fold=leaky), songs)
    every = np.concatenate([songs[name].labels for name in sorted(songs)])
    tested = np.concatenate(
        [leaky.known("test", name, len(songs[name].times)) for name in sorted(songs)]
    )
    np.testing.assert_array_equal(
        record.predictions.labels, np.where(tested[:, None], every, np.nan)
    )
    assert record.constants == (pytest.approx(np.nanmean(every[~tested])),)
    train, validation = handed(Trusting, leaky, songs)
    learned = np.concatenate([song.labels for song in train])
    assert validation == []
    assert np.isfinite(learned).sum() == np.isfinite(every[~tested]).sum()
    assert np.nanmean(learned) == pytest.approx(np.nanmean(every[~tested]))


@pytest.mark.parametrize(
    "model",
    [
        pytest.param(
            model,
            marks=[pytest.mark.slow] if model.name in RECURRENT else [],
            id=model.name,
        )
        for model in MODELS
    ],
)
def test_test_labels_of_a_leaky_fold_cannot_reach_fit(
    model: Model, songs: Songs, leaky: Fold
) -> None:
    """Leaky is what lies beside a test label, not the label itself."""
    spoilt = {}
    for name, song in songs.items():
        tested = leaky.known("test", name, len(song.times))[:, None]
        spoilt[name] = replace(song, labels=np.where(tested, 1e6, song.labels))
    honest, record = (run_job(make_job(model, fold=leaky), some) for some in (songs, spoilt))
    np.testing.assert_array_equal(record.predictions.values, honest.predictions.values)
    assert record.constants == honest.constants


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Songs:
    """Many songs of one vector each, which decides their labels but for some noise."""
    folder, random, made = tmp_path_factory.mktemp("vectors"), np.random.default_rng(0), {}
    for number in range(120):
        vector = random.normal(size=(1, 4)).astype(np.float32)
        level = 0.3 * (vector[0, 0] - vector[0, 1])
        labels = level + random.normal(0, 0.05, (5, 1))
        np.save(folder / f"{number}.npy", vector)
        times = 15 + 0.5 * np.arange(5)
        made[f"{number}"] = SongInput(f"{number}", times, labels, folder / f"{number}.npy")
    return made


@pytest.mark.parametrize(
    "model", [Ridge(), ExtraTrees(n_estimators=60, max_features=1.0)], ids=lambda model: model.name
)
def test_with_labels_shuffled_between_songs_only_the_constant_is_left(
    model: Model, vectors: Songs, make_song: Callable[..., Song]
) -> None:
    """A skill that survives this would come from the test songs themselves."""
    folds = SongKfold(folds=4).draw([make_song(name) for name in vectors])
    skills = []
    orders = [list(vectors)]
    orders += [np.random.default_rng(seed).permutation(list(vectors)).tolist() for seed in range(5)]
    for order in orders:
        given = {
            name: replace(song, labels=vectors[other].labels)
            for (name, song), other in zip(vectors.items(), order, strict=True)
        }
        jobs = [make_job(model, feature=OpensmileMeans(), fold=fold) for fold in folds]
        skills.append(score([run_job(job, given) for job in jobs], "arousal").skill)
    assert skills[0] > 0.5
    assert -0.4 < min(skills[1:]) <= max(skills[1:]) < 0.1


def test_a_feature_of_one_vector_a_song_has_no_hop(vectors: Songs) -> None:
    fold = Fold(0, ("0", "1"), (), ("2",))
    recorder = Recorder(handed=[])
    run_job(make_job(recorder, feature=OpensmileMeans(), fold=fold), vectors)
    (((song, _), _),) = recorder.handed
    assert song.hop == math.inf
    np.testing.assert_array_equal(song.frames, np.load(vectors["0"].frames))


def test_the_mean_model_has_no_skill_at_all(songs: Songs) -> None:
    assert score([run_job(make_job(Mean()), songs)], "arousal").skill == 0


def test_the_card_and_the_cost_are_recorded(songs: Songs) -> None:
    record = run_job(make_job(Ridge(alphas=(1.0,))), songs)
    learned = np.concatenate([songs[name].labels for name in (*FOLD.train, *FOLD.validation)])
    assert record.card.examples == np.isfinite(learned).sum()
    assert record.fit_seconds > 0


@pytest.mark.parametrize(
    "change",
    [
        {"feature": Mel(n_mels=7)},
        {"model": Ridge(seconds=5.0)},
        {"targets": ("valence",)},
        {"fold": replace(FOLD, test=("8",))},
        {"fold": replace(FOLD, train=FOLD.validation, validation=FOLD.train)},
        {"fold": replace(FOLD, flaw="optimistic")},
        {"fold": replace(FOLD, flaw="leaky")},
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
