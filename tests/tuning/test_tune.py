"""Studies and their winners, from an experiment to its row: nothing of a test song decides."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doing import Done, Here, KilledError, chosen

from benchmark.config import Experiment
from benchmark.evaluation.tuned import tuned_row
from benchmark.records import JobRecord, StudyRecord
from benchmark.tuning import storage as storages

Make = Callable[..., Experiment]
Do = Callable[..., Done]

NUMBER = "{low: 0, high: 9999}"
LUCKY = f"{{trials: 6, sampler: random, models: {{lucky: {{number: {NUMBER}}}}}}}"
BOTH = {"models": "[{name: ridge, alphas: [10]}, lucky]", "features": "[opensmile_means]"}
pytestmark = pytest.mark.usefixtures("plug_in")


def of_both(sampler: str = "tpe", trials: int = 6, **more: object) -> str:
    """Return a search with a parameter that only some trials have."""
    rest = "".join(f", {key}: {value}" for key, value in more.items())
    return (
        f"{{trials: {trials}, sampler: {sampler}, models: {{lucky: {{number: {NUMBER}}}, "
        f"ridge: {{seconds: {{low: 1, high: 9}}}}}}{rest}}}"
    )


def bits(record: JobRecord) -> bytes:
    return record.predictions.values.tobytes()


def test_what_becomes_of_test_songs_does_not_reach_the_study_of_their_fold(
    do: Do, experiment: Make, songs: Callable[..., Path]
) -> None:
    """Neither their labels nor their frames, to the last bit."""
    clean = do(experiment(of_both(trials=14), **BOTH), place="clean")
    tested = sorted({int(song) for song in clean.row()[0].predictions.songs})
    spoilt = do(experiment(of_both(trials=14), root=songs(spoilt=tested), **BOTH), place="spoilt")
    mine, same = (done.study(0) for done in (clean, spoilt))
    assert (mine.key, mine.name) == (same.key, same.name)
    assert len({trial.model for trial in mine.trials}) > 10
    assert chosen(mine) == chosen(same)
    assert mine.best and replace(mine.best, started_at=0, seconds=0) in chosen(same)
    other, changed = (done.study(1) for done in (clean, spoilt))
    assert other.key != changed.key, "they train in the other fold"
    assert {trial.steps for trial in other.trials}.isdisjoint(
        trial.steps for trial in changed.trials
    )
    before, after = (done.row()[0] for done in (clean, spoilt))
    assert before.description["model"] == after.description["model"]
    assert before.constants == after.constants
    assert before.predictions.labels.tobytes() != after.predictions.labels.tobytes()


def test_nor_does_their_audio(
    do: Do, experiment: Make, deam_folder: Any, tone: Callable[..., np.ndarray]
) -> None:
    mel = {"models": "[{name: ridge, alphas: [10]}]", "features": "[{name: mel, n_mels: 4}]"}
    search = "{trials: 3, models: {ridge: {seconds: {low: 0.5, high: 2}}}}"
    tiny = experiment(search, root=deam_folder.root, **mel)
    clean = do(tiny, place="clean")
    for song in set(clean.row()[0].predictions.songs):
        deam_folder.write_audio(f"{song}.wav", tone(seed=100 + int(song)))
    spoilt = do(tiny, place="spoilt")
    assert clean.study(0).key == spoilt.study(0).key
    assert chosen(clean.study(0)) == chosen(spoilt.study(0))
    assert clean.study(1).key != spoilt.study(1).key
    before, after = (done.row()[0] for done in (clean, spoilt))
    assert before.description["model"] == after.description["model"]
    assert bits(before) != bits(after)


def reached(record: JobRecord, number: int | None) -> float:
    """Return the RMSE per song of a number on the songs that a job tested; None is the constant."""
    from mer_benchmark_tuning import Guess

    found = record.predictions
    guess = Guess(np.array(record.constants), number or 0)
    of_songs = []
    for song in np.unique(found.songs):
        labels = found.labels[found.songs == song, 0]
        value = guess.value if number is None else guess.value_of(str(song))
        of_songs.append(math.sqrt(np.square(labels - value).mean()))
    return float(np.mean(of_songs))


def test_luck_on_training_songs_is_none_on_test_songs(
    do: Do, experiment: Make, songs: Callable[..., Path]
) -> None:
    """The best of forty on the test songs would beat the constant; the one that tuning finds not.

    It is worth what any of the forty is, and the study believed otherwise.
    """
    protocol = "{name: song_kfold, folds: 5}"
    search = LUCKY.replace("trials: 6", "trials: 40, pruner: none")
    done = do(experiment(search, root=songs(30), protocol=protocol))
    row = done.row()
    tried = [
        [trial.parameters["lucky.number"] for trial in done.study(fold).trials]
        for fold in range(len(row))
    ]
    assert [len(set(numbers)) for numbers in tried] == [40] * 5
    each = [
        [reached(record, number) for number in numbers]
        for record, numbers in zip(row, tried, strict=True)
    ]
    constant = float(np.mean([reached(record, None) for record in row]))
    luckiest = float(np.mean([min(scores) for scores in each]))
    average = float(np.mean(each))
    (manifest,) = done.workspace.records.manifests()
    tuned = tuned_row(manifest.cells[0], row, "arousal", done.workspace.records.read_study)
    assert tuned is not None
    won = [record.description["model"]["parameters"]["number"] for record in row]
    assert tuned.outer == pytest.approx(np.mean([*map(reached, row, won)]))
    assert luckiest < constant - 0.02
    assert luckiest < tuned.outer - 0.05
    assert average - 0.03 < tuned.outer
    assert tuned.inner < constant - 0.02, "what it promised"
    assert tuned.optimism < -0.05


def test_whoever_looks_for_labels_finds_none(do: Do, experiment: Make) -> None:
    from mer_benchmark_tuning import Peeking

    from benchmark.records import SongFrames

    song = SongFrames("1", np.empty((0, 0), np.float32), 1.0, np.arange(2.0), np.ones((2, 1)))
    for shown in (song, replace(song, labels=None)):
        (found,) = Peeking(peek=True).fit([song], [song], seed=0).predict([shown])
        assert found.tolist() == [[1], [1]], "it would, where there are any"
    search = "{trials: 4, sampler: random, models: {peeking: {peek: [false, true]}}}"
    done = do(experiment(search, models="[peeking]"), place="searched")
    for fold, record in enumerate(done.row()):
        trials = done.study(fold).trials
        assert {trial.parameters["peeking.peek"] for trial in trials} == {True, False}
        assert len({trial.score for trial in trials}) == 1
        assert bits(record) == np.full_like(record.predictions.values, *record.constants).tobytes()


@pytest.mark.parametrize("sampler", ["tpe", "random", "qmc"])
def test_the_seed_decides(do: Do, experiment: Make, sampler: str) -> None:
    one = do(experiment(of_both(sampler, 14), **BOTH), place="one")
    two = do(experiment(of_both(sampler, 14), **BOTH), place="two", jobs=Here(workers=2))
    for fold in range(2):
        assert one.study(fold).key == two.study(fold).key
        assert chosen(one.study(fold)) == chosen(two.study(fold))
    assert [*map(bits, one.row())] == [*map(bits, two.row())]
    other = do(experiment(of_both(sampler, 14, seed=1), **BOTH), place="other")
    assert other.study(0).key != one.study(0).key
    assert of(other.study(0))[1:] != of(one.study(0))[1:]


def of(study: StudyRecord) -> list[dict[str, Any]]:
    return [dict(trial.parameters) for trial in study.trials]


def test_studies_of_one_file_try_different_things(do: Do, experiment: Make) -> None:
    done = do(experiment(LUCKY, targets="[arousal, valence]"))
    drawn = [tuple(str(tried) for tried in of(study)[1:]) for study in done.studies.values()]
    assert len(set(drawn)) == len(drawn) == 4
    assert {str(of(study)[0]) for study in done.studies.values()} == {"{'lucky.number': 0}"}


@pytest.mark.parametrize("sampler", ["tpe", "random", "qmc"])
def test_a_study_that_is_killed_again_and_again_ends_as_if_it_never_was(
    do: Do, experiment: Make, sampler: str
) -> None:
    tiny = experiment(of_both(sampler, 14), **BOTH)
    whole = do(tiny, place="whole")
    kept: dict[str, float] = {}
    for lives in (0, 1, 5, 13, 2, 14):
        with pytest.raises(KilledError):
            do(tiny, place="killed", jobs=Here(lives=lives))
        storages._opened.cache_clear()  # another process begins with what is on the disk
        now = began(whole, "killed")
        assert kept.items() <= now.items(), "what has ended is neither lost nor done again"
        assert len(now) > len(kept) or lives < 4
        kept = now
    killed = do(tiny, place="killed")
    assert len(kept) < 28 == len(began(whole, "killed"))
    assert kept.items() <= began(whole, "killed").items()
    for fold in range(2):
        assert chosen(killed.study(fold)) == chosen(whole.study(fold))
    assert [*map(bits, killed.row())] == [*map(bits, whole.row())]


def began(whole: Done, place: str) -> dict[str, float]:
    """Return when each trial that has ended was begun, of the same studies in another place."""
    import optuna

    root = whole.workspace.root.with_name(place)
    storage = storages.Storage(str(root / "journal"))
    return {
        f"{name} {trial.number} {trial.state} {trial.params} {trial.value}": trial.datetime_start
        for name in (study.name for study in whole.studies.values())
        for trial in optuna.load_study(study_name=name, storage=storage.open()).trials
        if trial.state.is_finished()
    }


def test_more_trials_later_go_on(do: Do, experiment: Make) -> None:
    tiny = experiment(of_both(), **BOTH)
    at_once = do(tiny, trials=14, place="at once")
    first = do(tiny, trials=3, place="later").study(0)
    fewer = do(tiny, trials=2, place="later").study(0)
    assert fewer.trials == first.trials[:2], "the row of two trials, as if there were no third"
    done = do(tiny, trials=14, place="later")
    assert done.ear.stages["trials"] == 22
    assert done.study(0).trials[:3] == first.trials
    assert chosen(done.study(0)) == chosen(at_once.study(0))
    again = do(tiny, trials=14, place="later")
    assert again.ear.stages["trials"] == 0
    assert again.studies == done.studies
    assert again.tuned.jobs.computed == 0


def test_no_trial_is_begun_when_time_is_up(
    do: Do, experiment: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = experiment(LUCKY)
    done = do(tiny, seconds=0)
    assert done.tuned.without_winner == tuple(
        f"{done.study(fold).name}: no trial has ended" for fold in range(2)
    )
    assert done.tuned.jobs.computed == 0
    seconds = iter(range(1000))
    monkeypatch.setattr("benchmark.tuning.searching.time.monotonic", lambda: next(seconds))
    some = [study.trials for study in do(tiny, seconds=9).studies.values()]
    assert 0 < len([*some[0], *some[1]]) < 12
    assert {trial.state for trials in some for trial in trials} <= {"complete", "pruned"}
    monkeypatch.undo()


MOODY = {"models": "[fickle]", "features": "[opensmile_means]"}
REASONS = {
    "raises": "ArithmeticError: not in this mood",
    "diverges": "values not finite",
    "refuses": "cannot take opensmile_means: it is in the mood for silence",
    "impossible": "fickle: mood = 'impossible' does not go with anything",
}


def test_a_trial_that_fails_is_told_with_its_reason_and_the_study_goes_on(
    do: Do, experiment: Make
) -> None:
    moods = f"[fine, {', '.join(REASONS)}]"
    search = f"{{trials: 30, sampler: random, models: {{fickle: {{mood: {moods}}}}}}}"
    done = do(experiment(search, **MOODY))
    for fold in range(2):
        study = done.study(fold)
        assert len(study.trials) == 30
        assert {trial.parameters["fickle.mood"] for trial in study.trials} == {"fine", *REASONS}
        for trial in study.trials:
            mood = trial.parameters["fickle.mood"]
            assert trial.state == ("complete" if mood == "fine" else "failed")
            assert REASONS.get(mood, "") in trial.reason
            assert (trial.score is None) == (mood != "fine") == bool(trial.reason)
        assert study.best is study.trials[0]
        assert sum(study.failures.values()) == study.count("failed")
    failed = sum(done.study(fold).count("failed") for fold in range(2))
    assert sum(" failed: " in note for note in done.ear.notes) == failed
    assert done.tuned.without_winner == ()
    assert done.tuned.jobs.failures == ()


def test_trials_of_a_feature_that_is_not_there_fail_and_no_others(do: Do, experiment: Make) -> None:
    search = "{trials: 8, sampler: random, models: {ridge: {seconds: {low: 1, high: 9}}}}"
    features = "[opensmile_means, opensmile]"
    done = do(experiment(search, features=features, models="[{name: ridge, alphas: [10]}]"))
    for fold in range(2):
        failed = [trial for trial in done.study(fold).trials if trial.state == "failed"]
        assert 0 < len(failed) < 8
        assert {trial.feature for trial in failed} == {"opensmile"}
        assert all("no features/<song_id>.csv in any folder" in trial.reason for trial in failed)
    assert (done.tuned.without_winner, done.tuned.jobs.failures) == ((), ())


def test_a_study_without_a_winner_takes_nothing_from_the_others(
    do: Do, experiment: Make, songs: Callable[..., Path], empty_deam: Any
) -> None:
    root = songs()
    table = empty_deam.table("valence")
    header, first, *rest = table.read_text().splitlines()
    table.write_text("\n".join([header, "1,0.95,0.95,0.95,0.95", *rest]))
    assert first.startswith("1,")
    search = "{trials: 4, sampler: random, models: {fickle: {mood: [delicate, raises]}}}"
    delicate = MOODY | {"models": "[{name: fickle, mood: delicate}]"}
    done = do(experiment(search, root=root, targets="[valence, arousal]", **delicate))
    learns = [fold for fold, record in enumerate(done.row()) if "1" not in record.predictions.songs]
    assert len(learns) == 1, "song 1 tests in the other fold"
    (lost,) = done.tuned.without_winner
    assert lost.startswith(f"tiny valence fold {learns[0]} [")
    assert "none of 4 trials has a score (" in lost
    for reason in (
        "failed: ArithmeticError: not in this mood",
        "ArithmeticError: this is too much",
    ):
        assert reason in lost
    (manifest,) = done.workspace.records.manifests()
    assert [cell.description["targets"] for cell in manifest.cells] == [["arousal"]]
    assert all(record.finished for record in done.row())
    assert done.study(1 - learns[0], "valence").best is not None
    assert done.tuned.jobs.failures == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"search": LUCKY.replace("9999", "99")}, "the models, or what may be chosen of them"),
        ({"search": LUCKY.replace("random", "tpe")}, "sampler random -> tpe"),
        ({"spoilt": [1, 2]}, "the data (songs, labels or audio)"),
        ({"name": "other"}, ""),
    ],
    ids=["space", "sampler", "data", "name"],
)
def test_a_change_makes_a_new_study(
    do: Do, experiment: Make, songs: Callable[..., Path], change: dict[str, Any], words: str
) -> None:
    first = do(experiment(LUCKY))
    drawn = of(first.study(0))
    names = {study.name for study in first.studies.values()}
    changes = {"search": LUCKY, "root": songs(spoilt=change.pop("spoilt", ())), **change}
    changed = experiment(**changes)
    second = do(changed)
    assert second.ear.stages["trials"] == 12, "old trials do not count"
    assert names.isdisjoint(study.name for study in second.studies.values())
    notes = [note for note in second.ear.notes if "a new study" in note]
    assert notes == [
        f"tiny arousal fold {fold}: a new study, as this has changed: {words}" for fold in range(2)
    ] * bool(words)
    assert (of(second.study(0)) == drawn) == ("may be chosen" not in words)
    again = do(changed)
    assert again.ear.stages["trials"] == 0
    assert again.ear.notes == []
