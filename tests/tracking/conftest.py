"""A store without runs to begin with, and records of one cell."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from results import Results

from benchmark.tracking.store import open_store


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store without runs, made once: its tables take seconds."""
    folder = tmp_path_factory.mktemp("empty")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        open_store(folder)
    return folder / "mlflow.db"


@pytest.fixture(autouse=True)
def _default_store(tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copy(empty_database, tmp_path)


@pytest.fixture
def results(tmp_path: Path) -> Results:
    """Records of a cell with two jobs."""
    made = Results(tmp_path)
    made.add("ridge", error=0.2)
    made.publish()
    return made
