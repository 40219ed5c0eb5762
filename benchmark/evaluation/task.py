"""A job with its songs, as it travels to the process that runs it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmark.errors import BenchmarkError
from benchmark.evaluation.differences import differences
from benchmark.evaluation.environment import environment
from benchmark.evaluation.job import Job, SongInput, run_job
from benchmark.records import JobRecord


@dataclass(frozen=True)
class Task:
    """A job, how it was described where it was planned, and its songs."""

    job: Job
    planned: Mapping[str, Any]
    songs: Mapping[str, SongInput]

    @property
    def files(self) -> Sequence[Path]:
        """The frames it reads, named by content."""
        return [song.frames for song in self.songs.values() if song.frames]

    def moved(self, places: Mapping[Path, Path]) -> Task:
        """Return the same task with frames at other places."""
        songs = {
            name: replace(song, frames=places.get(song.frames, song.frames))
            if song.frames
            else song
            for name, song in self.songs.items()
        }
        return replace(self, songs=songs)


def failed_record(job: Job, error: str) -> JobRecord:
    """Return the record of a job that has failed here, for a reason in words."""
    return JobRecord(
        job.key, job.description, error=error, started_at=time.time(), environment=environment()
    )


def run_task(task: Task) -> JobRecord:
    """Run a job where its numbers are those its key promises.

    Raises
    ------
    BenchmarkError
        If this machine would compute another job: other libraries, another version of a component.
    """
    here = replace(task.job)  # what it has worked out elsewhere stays behind
    if here.description != task.planned:
        raise BenchmarkError(
            f"planned as another job than this machine would compute: "
            f"{differences(task.planned, here.description)}; install the same versions on both"
        )
    return replace(run_job(here, task.songs), environment=environment())
