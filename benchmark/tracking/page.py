"""How MLflow's page shows an experiment: cells sorted by RMSE, with the columns that count.

MLflow keeps a shared view of its runs table in a tag of the experiment, as JSON; a link to the view
stands in the experiment's description. An MLflow that does not know the tag shows its usual page.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

VIEW = "leaderboard"
PARAMS = tuple(f"params.`{name}`" for name in ("feature", "model", "target", "protocol"))
SCORES = ("rmse", "rmse_std", "rmse_pooled", "skill", "pearson", "ccc")
COSTS = ("seconds", "parameters_total", "epochs_run", "training_windows")

STUDY = "study"
"""What `mer.current` says of the studies of a file's latest run."""
STUDY_COLUMNS = (
    *(f"params.`{name}`" for name in ("target", "fold", "best.feature", "best.model")),
    *(f"metrics.`{name}`" for name in ("inner_rmse", "untuned_inner_rmse")),
    *(f"metrics.`trials_{state}`" for state in ("complete", "pruned", "failed")),
)


def page_of(experiment: str, view: str = VIEW) -> str:
    """Return the address of an experiment's sorted cells, without the server's."""
    return f"#/experiments/{experiment}/runs?viewStateShareKey={view}"


def page_tags(experiment: str, *, studies: bool, targets: Sequence[str] = ()) -> dict[str, str]:
    """Return the tags of the experiment with this id; with `studies`, also a view of those.

    `targets` are those of its cells where each has several: their metrics have a prefix.
    """
    scores: Sequence[str] = [f"{target}_{name}" for target in targets for name in SCORES] or SCORES
    columns = (*PARAMS, *(f"metrics.`{name}`" for name in (*scores, *COSTS)), "tags.`mer.alarm`")
    by = f"RMSE of {targets[0]}" if targets else "RMSE"
    tags = {
        "mlflow.experimentKind": "custom_model_development",
        f"mlflow.sharedViewState.{VIEW}": _view("true", scores[0], columns),
        "mlflow.note.content": (
            "A parent run per cell, a child per fold. "
            f"[Cells sorted by {by}]({page_of(experiment)})"
        ),
    }
    if studies:
        tags[f"mlflow.sharedViewState.{STUDY}"] = _view(STUDY, "inner_rmse", STUDY_COLUMNS)
        tags["mlflow.note.content"] += (
            f". A parent run per study, a child per trial: "
            f"[studies sorted by inner RMSE]({page_of(experiment, STUDY)})"
        )
    return tags


def _view(current: str, metric: str, columns: Sequence[str]) -> str:
    return json.dumps(
        {
            "searchFilter": f"tags.`mer.current` = '{current}'",
            "orderByKey": f"metrics.`{metric}`",
            "orderByAsc": True,
            "startTime": "ALL",
            "lifecycleFilter": "Active",
            "modelVersionFilter": "All Runs",
            "datasetsFilter": [],
            "selectedColumns": list(columns),
        }
    )
