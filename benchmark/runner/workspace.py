"""Where things lie: everything below the folder a command is started in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmark.evaluation.cache import FeatureCache
from benchmark.records.store import RecordStore


@dataclass(frozen=True)
class Workspace:
    """The folders of one checkout: `mlruns`, `data` and `reports` under `root`."""

    root: Path = Path()

    @property
    def records(self) -> RecordStore:
        return RecordStore(self.root / "mlruns")

    @property
    def features(self) -> FeatureCache:
        # Absolute, as its paths are read by other processes, which may stand elsewhere.
        return FeatureCache((self.root / "data" / "features").absolute())

    @property
    def tracking(self) -> Path:
        """The folder of the default MLflow store."""
        return self.root / "mlruns"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def page(self) -> Path:
        return self.reports / "index.html"

    @property
    def leaderboard(self) -> Path:
        return self.reports / "leaderboard.md"

    @property
    def protocols(self) -> Path:
        return self.reports / "protocols.md"

    @property
    def studies(self) -> Path:
        return self.reports / "studies.md"
