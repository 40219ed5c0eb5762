"""Records made by hand, for tests of what is computed from records."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmark.records import CellPlan, JobRecord, Manifest, Predictions, TrainingCard
from benchmark.records.store import RecordStore

LABELS = {"1": (0.1, 0.3), "2": (-0.2, 0.2), "3": (0.5, np.nan), "4": (-0.4, -0.2)}
FOLDS = (("1", "2"), ("3", "4"))


@dataclass
class Results:
    """A store that cells of four songs in two folds are put into, off by a constant error."""

    root: Path
    name: str = "made"
    cells: list[CellPlan] = field(default_factory=list)

    @property
    def store(self) -> RecordStore:
        return RecordStore(self.root)

    def add(
        self,
        model: str = "ridge",
        *,
        error: float = 0.1,
        failing: int | None = None,
        missing: int | None = None,
        track: str = "track",
        started_at: float = 1000.0,
        protocol: str = "song_kfold",
    ) -> None:
        """Add a cell that predicts the labels plus `error`; its fold `failing` has failed."""
        keys = tuple(f"{self.name}-{track}-{model}-{number}" for number in range(2))
        for number, key in enumerate(keys):
            if number != missing:
                self.store.write(
                    _record(key, number, error, started_at, "ValueError: too loud\nmore")
                    if number == failing
                    else _record(key, number, error, started_at)
                )
        description = {
            "feature": {"name": "mel", "version": 1, "parameters": {"n_mels": 96}},
            "feature_label": "mel",
            "model": {"name": model, "version": 1, "parameters": {"seconds": 6.0}},
            "model_label": model,
            "targets": ["arousal"],
            "protocol": {"name": protocol, "version": 1, "parameters": {"folds": 2}},
            "protocol_in_words": "2-fold cross-validation by song",
            "seeds": [0],
            "threads": 1,
        }
        self.cells.append(CellPlan(description, {"arousal": track}, keys, n_test_songs=4))

    def publish(self, *, synthetic: bool = True, known_as: str = "", title: str = "toy") -> None:
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
            "fingerprint": "f" * 64,
            "n_songs": 4,
        }
        self.store.write_manifest(
            Manifest(
                name=self.name,
                arguments=("made.yaml", "--set", "seeds=[0]"),
                dataset=dataset,
                notes=("song 9: no ratings; left out",),
                cells=tuple(self.cells),
            )
        )


def _record(key: str, fold: int, error: float, started_at: float, failure: str = "") -> JobRecord:
    songs = FOLDS[fold]
    labels = np.array([LABELS[song] for song in songs]).reshape(-1, 1)
    description = {
        "targets": ["arousal"],
        "fold": {
            "index": fold,
            "train": list(FOLDS[1 - fold]),
            "validation": [],
            "test": list(songs),
        },
        "seed": 0,
        "libraries": {"numpy": "2.0"},
    }
    if failure:
        return JobRecord(key, description, error=failure, started_at=started_at)
    return JobRecord(
        key=key,
        description=description,
        predictions=Predictions(
            songs=np.repeat(np.array(songs), 2),
            times=np.tile([15.0, 15.5], len(songs)),
            labels=labels,
            values=np.nan_to_num(labels) + error,
        ),
        constants=(0.0,),
        card=TrainingCard(
            parameters=10,
            trainable_parameters=9,
            examples=4,
            epochs=3,
            patience=2,
            curves={"loss": (0.3, 0.2, 0.1), "validation_loss": (0.4, 0.3, 0.35)},
        ),
        started_at=started_at,
        fit_seconds=2.0,
        predict_seconds=0.5,
        environment={"git_commit": "abcdef1234567890", "git_dirty": "false"},
    )
