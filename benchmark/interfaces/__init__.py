"""What a plug-in must be: small abstract classes, each a frozen dataclass of its parameters.

The fields of a component are its parameters: an experiment file sets them by name, their types
(with `annotated_types` bounds) are its validation, their defaults are the recipe. Change `version`
whenever the same parameters would give other numbers: it is part of every key.
"""

from benchmark.interfaces.arrays import Floats, Frames, Indices
from benchmark.interfaces.component import Component
from benchmark.interfaces.dataset import Dataset
from benchmark.interfaces.feature import Extractor, Feature, Precomputed, Staged
from benchmark.interfaces.model import Model, Predictor
from benchmark.interfaces.protocol import Protocol
from benchmark.interfaces.view import View

__all__ = [
    "Component",
    "Dataset",
    "Extractor",
    "Feature",
    "Floats",
    "Frames",
    "Indices",
    "Model",
    "Precomputed",
    "Predictor",
    "Protocol",
    "Staged",
    "View",
]
