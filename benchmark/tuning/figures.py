"""Figures of studies, as Optuna draws them: history, importance, parallel coordinates, slice."""

from __future__ import annotations

import warnings
from collections import Counter
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
from benchmark.tuning.trial import ENDED

LEAST = 4
"""Complete trials without which a figure says nothing."""

SCORE = "RMSE per song (inner folds)"
PLOTS: dict[str, Callable[[optuna.Study], Any]] = {
    "importance": lambda study: plots.plot_param_importances(study),
    "parallel_coordinates": lambda study: plots.plot_parallel_coordinate(study, target_name=SCORE),
    "slice": lambda study: plots.plot_slice(study, target_name=SCORE),
}
WIDTH = {"history": 0.0, "parallel_coordinates": 1.6, "slice": 2.2}
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
        every = [_copy([study], f"fold {study.subject.fold}") for study in studies]
        joined = _copy(studies, title)
        trials = joined.get_trials(False, (TrialState.COMPLETE,))
        if not trials:
            return
        folder.mkdir(parents=True, exist_ok=True)
        plots.plot_optimization_history(every if len(every) > 1 else joined, target_name=SCORE)
        _save(title, folder / "history.png")
        if len(trials) >= LEAST and len({str(trial.params) for trial in trials}) > 1:
            for name, plot in PLOTS.items():
                plot(joined)
                columns = len({one for trial in trials for one in trial.params})
                _save(title, folder / f"{name}.png", columns)
    stamp.write_text(state, encoding="utf-8")


def _copy(studies: Sequence[Study], name: str) -> optuna.Study:
    """Return the trials of some studies as one, kept nowhere, their parameters in short.

    That is without the component they belong to, where no other has one of that name.
    """
    copy = optuna.create_study(study_name=name)
    ended = tuple(ENDED)
    found = [one for each in studies for one in each.optuna.get_trials(False, ended)]
    names = {name for trial in found for name in trial.params}
    ends = Counter(name.rpartition(".")[2] for name in names)
    short = {
        name: end if ends[end] == 1 else name
        for name, end in ((name, name.rpartition(".")[2]) for name in names)
    }
    for trial in found:
        copy.add_trial(
            optuna.trial.create_trial(
                state=trial.state,
                params={short[name]: value for name, value in trial.params.items()},
                distributions={short[name]: kind for name, kind in trial.distributions.items()},
                value=trial.value if trial.state == TrialState.COMPLETE else None,
            )
        )
    return copy


def _save(title: str, path: Path, columns: int = 0) -> None:
    figure = plt.gcf()
    if path.stem in WIDTH:
        figure.set_size_inches(max(10.0, WIDTH[path.stem] * columns), 5.0)
    for axes in figure.axes:
        axes.set_title("")
        axes.set_title("", loc="left")
    figure.suptitle(f"{title}: {path.stem.replace('_', ' ')}", y=1.0)
    with temporary_sibling(path) as draft:
        figure.savefig(draft, dpi=64, bbox_inches="tight")
        draft.replace(path)
    plt.close(figure)
