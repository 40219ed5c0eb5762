"""What arrays hold, for signatures."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Frames = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]
