"""How MLflow's page shows an experiment: cells sorted by RMSE, with the columns that count.

MLflow keeps a shared view of its runs table in a tag of the experiment, as JSON; a link to the view
stands in the experiment's description. An MLflow that does not know the tag shows its usual page.
"""

from __future__ import annotations

import json

VIEW = "leaderboard"
COLUMNS = (
    *(f"params.`{name}`" for name in ("feature", "model", "target", "protocol")),
    *(
        f"metrics.`{name}`"
        for name in ("rmse", "rmse_std", "rmse_pooled", "skill", "pearson", "ccc", "seconds")
    ),
    *(f"metrics.`{name}`" for name in ("parameters_total", "epochs_run", "training_windows")),
    "tags.`mer.alarm`",
)


def page_of(experiment: str) -> str:
    """Return the address of an experiment's sorted cells, without the server's."""
    return f"#/experiments/{experiment}/runs?viewStateShareKey={VIEW}"


def page_tags(experiment: str) -> dict[str, str]:
    """Return the tags of the experiment with this id."""
    view = {
        "searchFilter": "tags.`mer.current` = 'true'",
        "orderByKey": "metrics.`rmse`",
        "orderByAsc": True,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "modelVersionFilter": "All Runs",
        "datasetsFilter": [],
        "selectedColumns": list(COLUMNS),
    }
    return {
        "mlflow.experimentKind": "custom_model_development",
        f"mlflow.sharedViewState.{VIEW}": json.dumps(view),
        "mlflow.note.content": (
            "A parent run per cell, a child per fold. "
            f"[Cells sorted by RMSE]({page_of(experiment)})"
        ),
    }
