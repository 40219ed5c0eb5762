"""What becomes of a trial: its jobs, one inner fold after the other, until it is judged.

Each function is a generator that yields errands and is sent what became of them, so that many
studies share the processes of one executor.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress

from optuna.exceptions import UpdateFinishedTrialError

from benchmark.errors import DataError, RecordError
from benchmark.evaluation.job import Job
from benchmark.evaluation.scores import score, song_table
from benchmark.evaluation.task import failed_record
from benchmark.execution import Outcome
from benchmark.records import JobRecord
from benchmark.records.store import RecordStore
from benchmark.tuning.bench import Bench
from benchmark.tuning.errand import Answer, Errand, Watching
from benchmark.tuning.space import ImpossibleError
from benchmark.tuning.subject import Subject
from benchmark.tuning.trial import Trial

STRIDE = 10_000
"""Steps set aside for the epochs of an inner fold."""

Errands = Generator[Errand, Outcome[Errand, Answer], None]


def judged(trial: Trial, bench: Bench, store: RecordStore, *, reachable: bool) -> Errands:
    """Run the jobs of a trial and tell how it ended; a failure is the trial's own.

    What has been recorded is not computed again. The score is that of a row: RMSE per song,
    averaged over the songs of an inner fold, then over folds. Where the processes that run jobs
    reach the studies (`reachable`), a network that is not going to win is stopped; elsewhere it is
    found out when its training is over, by the same rule.
    """
    subject = trial.subject
    try:
        cell = bench.cell(subject.target, trial.configuration())
    except ImpossibleError as error:
        trial.fail(str(error))
        return
    records: list[JobRecord] = []
    for position, fold in enumerate(subject.folds):
        try:
            job = bench.job(cell, fold, subject.seed)
            answer = yield from _answer(
                trial, job, bench, store, position=position, reachable=reachable
            )
        except DataError as error:
            trial.fail(str(error))
            return
        trial.spent(answer.seconds)
        if answer.record is None:
            trial.prune()
            return
        if not answer.record.finished:
            trial.fail(answer.record.reason)
            return
        records.append(answer.record)
        given_up = trial.report(_steps(subject, records))
        if given_up and len(records) < len(subject.folds):
            trial.prune()
            return
    trial.complete(score(records, subject.target).rmse)


def lane(
    begin: Callable[[], Trial | None],
    judge: Callable[[Trial], Errands],
    ended: Callable[[Trial], None],
) -> Errands:
    """Run trials, one after the other, as long as there are any to begin."""
    while (trial := begin()) is not None:
        with suppress(UpdateFinishedTrialError):  # another, who took us for gone, was faster
            yield from judge(trial)
        ended(trial)


def _answer(
    trial: Trial, job: Job, bench: Bench, store: RecordStore, *, position: int, reachable: bool
) -> Generator[Errand, Outcome[Errand, Answer], Answer]:
    """Look a job up, or have it run and recorded; say what became of it."""
    record = None
    with suppress(RecordError):  # it is damaged: as if there were none
        record = store.read(job.key)
    if record is not None and record.finished:
        return _as_if_watched(trial, Answer(record, record.seconds), position)
    watching = None
    subject = trial.subject
    if subject.watches(position) and reachable:
        pruner, first = subject.search.pruner, STRIDE * position
        watching = Watching(trial.storage, subject.name, trial.identifier, pruner, first)
    outcome = yield Errand(bench.task(job), watching)
    answer = outcome.result or Answer(failed_record(job, outcome.error), 0.0)
    if answer.record is not None:
        store.write(answer.record)
    return answer if watching else _as_if_watched(trial, answer, position)


def _as_if_watched(trial: Trial, answer: Answer, position: int) -> Answer:
    """Return what had become of a job, had it been watched: so trials do not depend on where."""
    first = STRIDE * position
    if trial.subject.watches(position) and answer.record is not None:
        losses = answer.record.card.curves.get("validation_loss", ())
        for epoch, loss in enumerate(losses, 1):
            if math.isfinite(loss) and trial.report([(first + epoch, loss)]):
                return Answer(None, answer.seconds)
    return answer


def _steps(subject: Subject, records: Sequence[JobRecord]) -> list[tuple[int, float]]:
    """Return what is reported after an inner fold, unless epochs were.

    That is the score so far; to the Wilcoxon pruner the RMSE of each song, whose number among the
    songs of the study is the step.
    """
    if subject.in_epochs:
        return []
    if subject.search.pruner != "wilcoxon":
        return [(len(records), score(records, subject.target).rmse)]
    songs = sorted({song for fold in subject.folds for song in fold.test})
    table = song_table(records[-1:], subject.target)
    return [
        (songs.index(song), float(rmse))
        for song, rmse in zip(table.ids, table.songs.rmse, strict=True)
        if math.isfinite(rmse)
    ]
