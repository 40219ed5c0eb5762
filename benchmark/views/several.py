"""What several models see, each in its own way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.interfaces import Feature, Frames, Indices, View
from benchmark.records import SongFrames


@dataclass(frozen=True)
class Several(View):
    """The rows of several views, flattened, side by side: (n_labels, all their values)."""

    views: tuple[View, ...]

    def rows(self, song: SongFrames, which: Indices | None = None) -> Frames:
        rows = [view.rows(song, which) for view in self.views]
        return np.concatenate([one.reshape(len(one), -1) for one in rows], axis=1)

    @property
    def whole_songs(self) -> bool:  # type: ignore[override]
        return all(view.whole_songs for view in self.views)

    @property
    def reach(self) -> float:
        return max(view.reach for view in self.views)

    def refusal(self, feature: Feature) -> str:
        return next((said for view in self.views if (said := view.refusal(feature))), "")
