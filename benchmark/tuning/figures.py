"""Figures of a study, as Optuna draws them: history, importance, parallel coordinates, slice."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import optuna
import optuna.visualization.matplotlib as plots
from matplotlib import pyplot as plt

from benchmark.records import StudyRecord
from benchmark.records.atomic import temporary_sibling
from benchmark.tuning.study import Study

LEAST = 4
"""Complete trials without which a figure says nothing."""

WIDTH = {"parallel_coordinates": 1.8, "slice": 2.5}
"""Inches a parameter, in figures that have all of them side by side."""

SCORE = "RMSE per song (inner folds)"


def draw(study: Study, record: StudyRecord, folder: Path) -> None:
    """Draw a study into PNG files of a folder, unless they show these very trials."""
    stamp = folder / "figures.txt"
    state = f"{len(record.trials)} trials"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == state:
        return
    complete = [trial for trial in record.trials if trial.state == "complete"]
    varied = len({str(trial.parameters) for trial in complete}) > 1
    figures: dict[str, Callable[[optuna.Study], Any]] = {
        "history": lambda some: plots.plot_optimization_history(some, target_name=SCORE),
    }
    if len(complete) >= LEAST and varied:
        figures |= {
            "importance": lambda some: plots.plot_param_importances(some),
            "parallel_coordinates": lambda some: plots.plot_parallel_coordinate(
                some, target_name=SCORE
            ),
            "slice": lambda some: plots.plot_slice(some, target_name=SCORE),
        }
    if not complete:
        return
    folder.mkdir(parents=True, exist_ok=True)
    mpl.use("Agg")
    with study.storage.guard():
        for name, plot in figures.items():
            _save(plot, study.optuna, record.name, folder / f"{name}.png")
    stamp.write_text(state, encoding="utf-8")


def _save(plot: Callable[[optuna.Study], Any], study: optuna.Study, title: str, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # experimental since years; and what Matplotlib remarks
        plot(study)
        figure = plt.gcf()
        if path.stem in WIDTH:
            figure.set_size_inches(max(8.0, WIDTH[path.stem] * len(_parameters(study))), 5.0)
        for axes in figure.axes:
            axes.set_title("")
        figure.suptitle(f"{title}: {path.stem.replace('_', ' ')}", y=1.0)
        with temporary_sibling(path) as draft:
            figure.savefig(draft, dpi=100, bbox_inches="tight")
            draft.replace(path)
        plt.close(figure)


def _parameters(study: optuna.Study) -> set[str]:
    return {name for trial in study.get_trials(deepcopy=False) for name in trial.params}
