from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import optuna
import pytest

from benchmark.tuning import Storage
from benchmark.tuning.figures import LEAST, draw

EVERY = {"history.png", "importance.png", "parallel_coordinates.png", "slice.png", "figures.txt"}
Scores = Callable[[int], float | None]


class Some:
    """A study as figures need it."""

    def __init__(self, fold: int, scores: Sequence[float | None]) -> None:
        self.storage = Storage("")
        self.subject = self
        self.fold = fold
        self.optuna = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=fold))
        for score in scores:
            trial = self.optuna.ask()
            model = trial.suggest_categorical("model", ["ridge", "lucky"])
            trial.suggest_float(f"{model}.seconds", 0.1, 10, log=True)
            if model == "lucky":
                trial.suggest_categorical("lucky.peek", [True, False, None])
            trial.report(1.0, 1)
            state = optuna.trial.TrialState.PRUNED if score is None else None
            self.optuna.tell(trial, score, state=state)

    def n_ended(self) -> int:
        return len(self.optuna.trials)


@pytest.fixture(autouse=True)
def _quiet() -> None:
    optuna.logging.set_verbosity(logging.WARNING)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_a_study_has_its_figures(tmp_path: Path) -> None:
    draw([Some(0, [0.1, 0.3, None, 0.2, 0.25, 0.15])], "a study", tmp_path)
    assert names(tmp_path) == EVERY
    for path in tmp_path.glob("*.png"):
        assert path.read_bytes().startswith(b"\x89PNG")
    assert not list(tmp_path.glob(".*")), "no drafts are left"


def test_studies_of_a_row_are_drawn_together(tmp_path: Path) -> None:
    draw([Some(fold, [0.1, 0.2]) for fold in range(3)], "a row", tmp_path / "row")
    assert names(tmp_path / "row") == EVERY, "six trials in all"


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([], set()),
        ([None, None], set()),
        ([0.1], {"history.png", "figures.txt"}),
        ([0.1] * (LEAST - 1) + [None], {"history.png", "figures.txt"}),
        ([0.2] * 6, EVERY),
        ([0.2, 0.1, 0.3, math.inf, 0.25, 0.24], EVERY),
    ],
    ids=["none", "pruned", "one", "few", "all the same", "one is infinite"],
)
def test_figures_are_those_that_say_something(
    tmp_path: Path, scores: list[float | None], expected: set[str]
) -> None:
    draw([Some(0, scores)], "a study", tmp_path / "study")
    assert names(tmp_path / "study") == expected


def test_what_is_drawn_is_drawn_again_when_there_is_more(tmp_path: Path) -> None:
    some: Any = Some(0, [0.1])
    draw([some], "a study", tmp_path)
    (tmp_path / "history.png").write_text("unchanged")
    draw([some], "a study", tmp_path)
    assert (tmp_path / "history.png").read_text() == "unchanged"
    some.optuna.tell(some.optuna.ask(), 0.2)
    draw([some], "a study", tmp_path)
    assert (tmp_path / "history.png").read_bytes().startswith(b"\x89PNG")
