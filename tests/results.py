"""Records made by hand, and tables read back, for tests of what is computed from records."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.prediction.trained import Origin
from benchmark.records import (
    CellPlan,
    JobRecord,
    Manifest,
    Predictions,
    RaterErrors,
    Shared,
    StudyRecord,
    TrainingCard,
    TrialRecord,
    Tuning,
)
from benchmark.records.store import RecordStore

ORIGIN = Origin(
    experiment="made",
    cell="mfcc / ridge / arousal",
    trained_on="5 songs",
    cross_validated="RMSE 0.1",
    ratings_begin="15 s",
    synthetic=True,
    citation="",
    licence="",
)
LABELS = {"1": (0.1, 0.3), "2": (-0.2, 0.2), "3": (0.5, np.nan), "4": (-0.4, -0.2)}
FOLDS = (("1", "2"), ("3", "4"))
PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "song_kfold": {"folds": 2, "group": "song", "only": []},
    "mediaeval2015": {"train": "dev431"},
}


@dataclass
class Results:
    """A store that cells are put into: they predict the labels plus an error that is planted.

    `labels` holds two a song; `folds` the songs each fold tests, trained on all others. Of `whole`
    songs it holds one rating each, of all of it.
    """

    root: Path
    name: str = "made"
    labels: Mapping[str, Sequence[float]] = field(default_factory=lambda: LABELS)
    folds: Sequence[Sequence[str]] = FOLDS
    whole: bool = False
    cells: list[CellPlan] = field(default_factory=list)

    @property
    def store(self) -> RecordStore:
        return RecordStore(self.root)

    def add(
        self,
        model: str = "ridge",
        *,
        feature: str = "mel",
        error: float | Mapping[str, float] = 0.1,
        step: float = 0.0,
        constant: float = 0.0,
        seeds: Sequence[int] = (0,),
        failing: int | None = None,
        missing: int | None = None,
        track: str = "track",
        target: str = "arousal",
        started_at: float = 1000.0,
        protocol: str = "song_kfold",
        changed: Mapping[str, Any] | None = None,
        flaw: str = "",
        shared: Shared | None = None,
        n_training_songs: float | None = None,
        n_test_songs: int | None = None,
        notes: Sequence[str] = (),
        studies: Sequence[StudyRecord] = (),
        about: Mapping[str, Mapping[str, Mapping[str, str]]] | None = None,
    ) -> None:
        """Add a cell that predicts the labels plus `error`; its fold `failing` has failed.

        `error` may be one a song; each seed adds `step` to it. `changed` are parameters of the
        protocol; `studies` chose those of the model; `about` says what its parts are. A `target`
        "arousal+valence" of a `track` "one+other" is both at once: the second is off by twice the
        error.
        """
        settings = ", ".join(f"{name}={value}" for name, value in (changed or {}).items())
        label = f"{protocol}({settings})" if settings else protocol
        jobs = [(fold, seed) for fold in range(len(self.folds)) for seed in seeds]
        model_label = f"{model}, tuned" if studies else model
        stem = f"{self.name}-{track}-{label}-{feature}-{model_label}"
        keys = tuple(f"{stem}-{fold}-{seed}" for fold, seed in jobs)
        described = {"name": feature, "version": 1, "parameters": {"n_mels": 96}}
        chosen: dict[int | None, Mapping[str, Any]] = {}
        for study in studies:
            self.store.write_study(study)
            if study.best:
                won = study.best.parameters.items()
                chosen[study.fold] = {name.rpartition(".")[2]: value for name, value in won}
        songs = [song for fold in self.folds for song in fold]
        errors = error if isinstance(error, Mapping) else dict.fromkeys(songs, error)
        for key, (fold, seed) in zip(keys, jobs, strict=True):
            if fold != missing:
                by_seed = {song: value + seed * step for song, value in errors.items()}
                description = {
                    **self._job(fold, seed, target),
                    "feature": described,
                    "model": {"name": model, "version": 1, "parameters": chosen.get(fold, {})},
                }
                self.store.write(
                    JobRecord(
                        key, description, error="ValueError: too loud\nmore", started_at=started_at
                    )
                    if fold == failing
                    else self._record(key, description, by_seed, constant, started_at, notes)
                )
        training = [len(set(songs)) - len(set(fold)) for fold in self.folds]
        self.cells.append(
            CellPlan(
                description={
                    "feature": described,
                    "feature_label": feature,
                    "model": {"name": model, "version": 1, "parameters": {"seconds": 6.0}},
                    "model_label": model_label,
                    "targets": target.split("+"),
                    "protocol": {
                        "name": protocol,
                        "version": 1,
                        "parameters": {**PARAMETERS.get(protocol, {}), **(changed or {})},
                    },
                    "protocol_label": label,
                    "protocol_in_words": f"{label} in words",
                    "flaw": flaw,
                    "seeds": list(seeds),
                    "threads": 1,
                    **({"about": about} if about else {}),
                },
                tracks=dict(zip(target.split("+"), track.split("+"), strict=True)),
                jobs=keys,
                n_test_songs=n_test_songs or len(set(songs)),
                n_training_songs=float(np.mean(training))
                if n_training_songs is None
                else n_training_songs,
                folds="0123456789abcdef",
                tested=json.dumps(self.folds),
                subsets=tuple(sorted({"2001-" if int(song) > 2000 else "" for song in songs})),
                shared=shared or Shared(test_songs=len(songs), test_labels=2 * len(songs)),
                tuning=tuning(*studies) if studies else None,
            )
        )

    def publish(
        self,
        *,
        synthetic: bool = True,
        known_as: str = "",
        title: str = "toy",
        floors: Mapping[str, float] | None = None,
        raters: Mapping[str, Mapping[str, RaterErrors]] | None = None,
        fingerprint: str = "f",
        command: str = "run",
    ) -> None:
        """Write the manifest of all cells added so far."""
        dataset = {
            "name": "demo",
            "version": 1,
            "parameters": {"songs": 4},
            "title": title,
            "known_as": known_as,
            "synthetic": synthetic,
            "citation": "nobody",
            "licence": "CC0",
            "fingerprint": 64 * fingerprint,
            "n_songs": len(self.labels),
            "floors": dict(floors or {}),
            **({"rated": "songs", "scale": [1.0, 9.0]} if self.whole else {}),
        }
        self.store.write_manifest(
            Manifest(
                name=self.name,
                arguments=(f"{self.name}.yaml", "--set", "seeds=[0]"),
                dataset=dataset,
                notes=("song 9: no ratings; left out",),
                cells=tuple(self.cells),
                raters=raters or {},
                command=command,
            )
        )

    def _job(self, fold: int, seed: int, target: str) -> dict[str, Any]:
        tested = self.folds[fold]
        return {
            "targets": target.split("+"),
            "fold": {
                "index": fold,
                "train": sorted(self.labels.keys() - set(tested)),
                "validation": [],
                "test": list(tested),
            },
            "seed": seed,
            "libraries": {"numpy": "2.0"},
            **({"rated": "songs"} if self.whole else {}),
        }

    def _record(
        self,
        key: str,
        description: Mapping[str, Any],
        errors: Mapping[str, float],
        constant: float,
        started_at: float,
        notes: Sequence[str],
    ) -> JobRecord:
        songs = description["fold"]["test"]
        times = 1 + np.arange(len(description["targets"]))
        labels = np.array([self.labels[song] for song in songs], dtype=float).reshape(-1, 1)
        n_labels = len(labels) // len(songs)
        off = np.repeat([errors[song] for song in songs], n_labels).reshape(-1, 1) * times
        labels = np.repeat(labels, len(times), axis=1)
        return JobRecord(
            key=key,
            description=description,
            predictions=Predictions(
                songs=np.repeat(np.array(songs), n_labels),
                times=np.tile(15 + 0.5 * np.arange(n_labels), len(songs)),
                labels=labels,
                values=np.nan_to_num(labels) + off,
            ),
            constants=(constant,) * len(times),
            card=TrainingCard(
                parameters=10,
                trainable_parameters=9,
                examples=4,
                epochs=3,
                patience=2,
                curves={"loss": (0.3, 0.2, 0.1), "validation_loss": (0.4, 0.3, 0.35)},
                notes=tuple(notes),
            ),
            started_at=started_at,
            fit_seconds=2.0,
            predict_seconds=0.5,
            environment={"git_commit": "abcdef1234567890", "git_dirty": "false"},
        )


def study(
    fold: int | None,
    *outcomes: float | str | None,
    untuned: int = 1,
    features: Sequence[str] = ("mel",),
    models: Sequence[str] = ("ridge",),
    target: str = "arousal",
    name: str = "made",
) -> StudyRecord:
    """Return the study of a fold: a trial a score, pruned where None, failed for a reason.

    `features` and `models` it chose from, each of these with a domain of its own.
    """
    place = f"{name} {target} {'all songs' if fold is None else f'fold {fold}'}"
    alpha = {"low": 0.01, "high": 100.0, "step": None, "log": True}
    return StudyRecord(
        key=f"study-{place.replace(' ', '-')}",
        name=f"{place} [12345678]",
        target=target,
        fold=fold,
        description={
            "features": [{"name": one, "search": {}} for one in features],
            "models": [{"name": one, "search": {"alpha": alpha}} for one in models],
            "untuned": untuned,
            "inner": {"name": "song_kfold", "version": 1, "parameters": {"folds": 3}},
            "sampler": "tpe",
            "pruner": "median",
            "seed": 7,
        },
        trials=tuple(
            TrialRecord(
                number,
                state={str: "failed", float: "complete"}.get(type(outcome), "pruned"),
                parameters={f"{models[0]}.alpha": 10.0**number},
                feature=features[0],
                model=f"{models[0]}(alpha={10.0**number:g})",
                score=outcome if isinstance(outcome, float) else None,
                steps=((1, 0.9), (3, 0.8)),
                started_at=2000.0 + 10 * number,
                seconds=5.0,
                reason=outcome if isinstance(outcome, str) else "",
            )
            for number, outcome in enumerate(outcomes)
        ),
    )


def tuning(*studies: StudyRecord) -> Tuning:
    """Return how a row was tuned by these studies, in the order of its folds."""
    return Tuning("nested", 20, "tpe", "median", "3 folds by song", tuple(s.key for s in studies))


def many(n: int, *, swing: float = 0.5) -> dict[str, tuple[float, float]]:
    """Return labels of `n` songs with ids 1 to n, around 0 and each moving by `swing`."""
    return {str(song): (-swing, swing) for song in range(1, n + 1)}


def tables(text: str) -> list[list[list[str]]]:
    """Return the tables of a markdown text: their headings, then their rows, cell by cell.

    Spaces that keep a line together are spaces.
    """
    found: list[list[list[str]]] = [[]]
    for line in text.replace("\N{NO-BREAK SPACE}", " ").splitlines():
        if not line.startswith("|"):
            found.append([])
        elif not line.startswith("| ---"):
            found[-1].append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return [table for table in found if table]
