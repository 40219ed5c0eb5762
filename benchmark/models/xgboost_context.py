"""Gradient-boosted trees (XGBoost) on statistics over several lengths of time, up to the song."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from annotated_types import Ge, Gt, Le

from benchmark.models._rows import Rows, averaged_rows
from benchmark.models.xgboost_summary import XgboostSummary
from benchmark.records import SongFrames
from benchmark.views import Lengths, Seconds


@dataclass(frozen=True, kw_only=True)
class XgboostContext(XgboostSummary):
    """Boosted trees on mean and SD over several lengths of time around a label.

    `xgboost_summary` with another view and other defaults, for more inputs: training labels are
    averaged over `every` seconds, as neighbours say almost the same.
    """

    name: ClassVar[str] = "xgboost_context"
    version: ClassVar[int] = 1

    colsample_bytree: Annotated[float, Gt(0), Le(1)] = 0.2
    min_child_weight: Annotated[float, Ge(0)] = 1.0
    seconds: Seconds | Lengths = (3.0, 15.0, 40.0, "song")
    every: Annotated[float, Ge(0.5)] = 3.0

    def rows(self, songs: Sequence[SongFrames]) -> Rows:
        rows = averaged_rows(self.view, songs, self.every)
        return replace(rows, weights=rows.weights / rows.weights.mean())
