"""Figures of studies, as Optuna draws them: history, importance, parallel coordinates, slice."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import optuna
import optuna.visualization.matplotlib as plots
from matplotlib import pyplot as plt
from optuna.trial import TrialState

from benchmark.records.atomic import temporary_sibling
from benchmark.tuning.study import Study

LEAST = 4
"""Complete trials without which a figure says nothing."""

SCORE = "RMSE per song (inner folds)"
PLOTS: dict[str, Callable[[optuna.Study], Any]] = {
    "importance": lambda study: plots.plot_param_importances(study),
    "parallel_coordinates": lambda study: plots.plot_parallel_coordinate(study, target_name=SCORE),
    "slice": lambda study: plots.plot_slice(study, target_name=SCORE),
}
WIDTH = {"parallel_coordinates": 1.8, "slice": 2.5}
"""Inches a parameter, in figures that have all of them side by side."""


def draw(studies: Sequence[Study], title: str, folder: Path) -> None:
    """Draw studies of one search space, together, into PNG files, unless they are there.

    They are of one row, fold by fold: in the history each has a colour, in the other figures all
    their trials are one.
    """
    stamp = folder / "figures.txt"
    state = " ".join(str(study.n_ended()) for study in studies)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == state:
        return
    mpl.use("Agg")
    with warnings.catch_warnings(), studies[0].storage.guard():
        warnings.simplefilter("ignore")  # experimental since years; and what Matplotlib remarks
        every = [study.optuna for study in studies]
        joined = _joined(every)
        trials = joined.get_trials(deepcopy=False)
        if not trials:
            return
        folder.mkdir(parents=True, exist_ok=True)
        plots.plot_optimization_history(every if len(every) > 1 else every[0], target_name=SCORE)
        _save(title, folder / "history.png")
        if len(trials) >= LEAST and len({str(trial.params) for trial in trials}) > 1:
            for name, plot in PLOTS.items():
                plot(joined)
                if name in WIDTH:
                    columns = len({one for trial in trials for one in trial.params})
                    plt.gcf().set_size_inches(max(8.0, WIDTH[name] * columns), 5.0)
                _save(title, folder / f"{name}.png")
    stamp.write_text(state, encoding="utf-8")


def _joined(studies: Sequence[optuna.Study]) -> optuna.Study:
    """Return the complete trials of some studies as one, which is kept nowhere."""
    joined = optuna.create_study()
    for study in studies:
        joined.add_trials(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)))
    return joined


def _save(title: str, path: Path) -> None:
    figure = plt.gcf()
    for axes in figure.axes:
        axes.set_title("")
    figure.suptitle(f"{title}: {path.stem.replace('_', ' ')}", y=1.0)
    with temporary_sibling(path) as draft:
        figure.savefig(draft, dpi=80, bbox_inches="tight")
        draft.replace(path)
    plt.close(figure)
