from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.config import Experiment
from benchmark.datasets.deam import Deam
from benchmark.errors import DataError
from benchmark.evaluation.cache import FeatureCache
from benchmark.execution import Pool
from benchmark.runner import prepare
from benchmark.runner.manifest import manifest_of
from benchmark.runner.plan import Plan

Make = Callable[..., Experiment]
RIDGE = {"models": "[ridge]"}


@pytest.fixture
def plans(tmp_path: Path, ear: Any) -> Callable[..., tuple[Plan, ...]]:
    def make(*experiments: Experiment) -> tuple[Plan, ...]:
        cache = FeatureCache(tmp_path / "features")
        return prepare.make_plans(experiments, cache, pool=Pool(1), listener=ear)

    return make


@pytest.fixture
def no_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("something is being decoded")

    monkeypatch.setattr(Pool, "run", refuse)


def test_songs_that_cannot_be_used_are_left_out_with_a_note(
    plans: Any, experiment: Make, deam_folder: Any, ear: Any
) -> None:
    audio = deam_folder.root / "MEMD_audio"
    (audio / "1.wav").write_bytes(b"no music")
    deam_folder.write_audio("2.wav", np.zeros(0))
    deam_folder.write_audio("3.wav", np.full(12_000, 0.1))
    (plan,) = plans(experiment(**RIDGE))
    assert [song.id for song in plan.corpus.songs] == ["4", "5", "6"]
    assert [note.partition(":")[0] for note in ear.notes] == ["song 1", "song 2", "song 3"]
    assert all("left out" in note for note in ear.notes)
    assert "cannot be decoded" in ear.notes[0]
    assert "holds no audio" in ear.notes[1]
    assert "lasts 1.00 s, last label needs audio to 3.5 s; more than 1 s" in ear.notes[2]
    assert manifest_of(plan).notes == tuple(ear.notes)
    assert ear.stages[-1] == ("features of tiny", 6)
    assert ear.steps.count("1") == 1


def test_silent_and_slightly_short_songs_are_kept_with_a_note(
    plans: Any, experiment: Make, deam_folder: Any, ear: Any
) -> None:
    deam_folder.write_audio("1.wav", np.zeros(48_000))
    deam_folder.write_audio("2.wav", np.full(40_000, 0.1))
    (plan,) = plans(experiment(**RIDGE))
    assert len(plan.corpus.songs) == 6
    assert ear.notes == [
        "song 1: silent; kept",
        "song 2: lasts 3.33 s, last label needs audio to 3.5 s; padded with its last frame",
    ]


def test_notes_are_the_same_from_the_cache(plans: Any, experiment: Make, deam_folder: Any) -> None:
    deam_folder.write_audio("1.wav", np.zeros(48_000))
    deam_folder.write_audio("3.wav", np.full(12_000, 0.1))
    (first,), (second,) = plans(experiment(**RIDGE)), plans(experiment(**RIDGE))
    assert manifest_of(first) == manifest_of(second)
    assert len(first.corpus.notes) == 2


def test_what_lies_in_the_cache_is_not_decoded_again(
    plans: Any, experiment: Make, request: pytest.FixtureRequest
) -> None:
    plans(experiment(**RIDGE))
    request.getfixturevalue("no_decoding")
    (plan,) = plans(experiment(**RIDGE))
    assert len(plan.corpus.songs) == 6


def test_the_folds_of_a_file_do_not_depend_on_what_runs_beside_it(
    plans: Any, experiment: Make, deam_folder: Any
) -> None:
    (deam_folder.root / "MEMD_audio" / "3.wav").write_bytes(b"no music")
    (alone,) = plans(experiment("mean"))
    beside, _ = plans(experiment("mean"), experiment("ridge", **RIDGE))
    assert alone.folds == beside.folds
    assert [song.id for song in alone.corpus.songs] == ["1", "2", "4", "5", "6"]


def test_the_same_audio_under_two_ids_is_one_song(
    plans: Any, experiment: Make, deam_folder: Any, ear: Any
) -> None:
    audio = deam_folder.root / "MEMD_audio"
    (audio / "5.wav").write_bytes((audio / "2.wav").read_bytes())
    (plan,) = plans(experiment())
    assert [song.id for song in plan.corpus.songs] == ["1", "2", "3", "4", "6"]
    assert ear.notes == ["song 5: the same audio as song 2; left out"]


def test_without_any_audio_a_model_without_features_runs(
    plans: Any, experiment: Make, deam_folder: Any, no_decoding: None
) -> None:
    for path in (deam_folder.root / "MEMD_audio").iterdir():
        path.unlink()
    (plan,) = plans(experiment(models="[mean]"))
    assert len(plan.corpus.songs) == 6


def test_every_note_is_told_while_it_runs(
    plans: Any, experiment: Make, deam_folder: Any, ear: Any
) -> None:
    (deam_folder.root / "MEMD_audio" / "4.wav").unlink()
    (plan,) = plans(experiment(**RIDGE))
    assert ear.notes == list(plan.corpus.notes) == ["song 4: no audio file; left out"]


def write_vectors(folder: Any, songs: Iterable[int]) -> None:
    rows = [f"{song}," + ",".join(str(song + n) for n in range(130)) for song in songs]
    header = ",".join(["song_id", *(f"d{n}" for n in range(130))])
    folder.write(folder.root / "features" / "opensmile_means.csv", "\n".join([header, *rows]))


MEANS = {"features": "[opensmile_means]", "models": "[{name: ridge, alphas: [1]}]"}


def test_features_that_came_along_need_no_audio(
    plans: Any, experiment: Make, deam_folder: Any, no_decoding: None
) -> None:
    for path in (deam_folder.root / "MEMD_audio").iterdir():
        path.unlink()
    write_vectors(deam_folder, range(1, 8))
    (plan,) = plans(experiment(**MEANS))
    assert len(plan.corpus.songs) == 6
    for _, job in plan.jobs():
        for song in plan.task(job).songs.values():
            vector = int(song.id) + np.arange(130, dtype=np.float32)
            np.testing.assert_array_equal(np.load(song.frames), vector[None])


def test_which_songs_are_usable_does_not_depend_on_where_features_come_from(
    plans: Any, experiment: Make, deam_folder: Any
) -> None:
    (deam_folder.root / "MEMD_audio" / "3.wav").write_bytes(b"no music")
    write_vectors(deam_folder, range(1, 7))
    (ready,), (computed,) = plans(experiment(**MEANS)), plans(experiment(**RIDGE))
    assert [song.id for song in ready.corpus.songs] == ["1", "2", "4", "5", "6"]
    assert list(ready.folds.values()) == list(computed.folds.values())


def test_a_song_without_its_vector_is_named(
    plans: Any, experiment: Make, deam_folder: Any, ear: Any
) -> None:
    """It stays a song of the dataset: folds do not depend on the features somebody wants."""
    write_vectors(deam_folder, range(1, 6))
    (broken,), (computed,) = plans(experiment(**MEANS)), plans(experiment(**RIDGE))
    reason = "tiny: opensmile_means is missing for 1 of 6 songs (first: song 6)"
    assert broken.material.broken == {"opensmile_means": reason}
    assert ear.notes == [f"opensmile_means cannot be used, jobs that want it fail: {reason}"]
    assert list(broken.folds.values()) == list(computed.folds.values())
    write_vectors(deam_folder, range(1, 7))
    (whole,) = plans(experiment(**MEANS))
    keys = [{job.key for _, job in plan.jobs()} for plan in (broken, whole)]
    assert keys[0].isdisjoint(keys[1])


def test_another_vector_changes_the_keys_of_jobs_that_read_it(
    plans: Any, experiment: Make, deam_folder: Any
) -> None:
    both = {**MEANS, "models": "[mean, {name: ridge, alphas: [1]}]"}
    write_vectors(deam_folder, range(1, 7))
    (before,) = plans(experiment(**both))
    write_vectors(deam_folder, [7, *range(2, 7)])
    table = deam_folder.root / "features" / "opensmile_means.csv"
    table.write_text(table.read_text().replace("\n7,", "\n1,"))
    (after,) = plans(experiment(**both))
    kept = {job.key for _, job in before.jobs()} & {job.key for _, job in after.jobs()}
    assert kept == {job.key for _, job in before.jobs() if job.feature is None}


def test_too_few_songs_are_refused_before_decoding(
    plans: Any, experiment: Make, no_decoding: None
) -> None:
    with pytest.raises(DataError, match="folds = 7 is more than the 6 songs there are"):
        plans(experiment(**RIDGE, folds=7))


def test_too_few_usable_songs_are_refused(plans: Any, experiment: Make, deam_folder: Any) -> None:
    for song in range(1, 5):
        (deam_folder.root / "MEMD_audio" / f"{song}.wav").write_bytes(b"no music")
    with pytest.raises(
        DataError, match=r"tiny\.yaml: protocol song_kfold: folds = 3 is more than the 2 songs"
    ):
        plans(experiment(**RIDGE))


def test_features_without_audio_are_refused(
    plans: Any, experiment: Make, deam_folder: Any, no_decoding: None
) -> None:
    for path in (deam_folder.root / "MEMD_audio").iterdir():
        path.unlink()
    with pytest.raises(
        DataError, match=r"tiny: has no audio, which mel\(n_mels=4\) needs: .*\.mp3.*mean"
    ):
        plans(experiment(**RIDGE))


def test_a_dataset_is_loaded_once_for_all_files(
    plans: Any, experiment: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = []
    load = Deam.load
    monkeypatch.setattr(Deam, "load", lambda self: loaded.append(self) or load(self))
    one, two = plans(experiment("one"), experiment("two", folds=2))
    assert len(loaded) == 1
    assert one.corpus.fingerprint == two.corpus.fingerprint
