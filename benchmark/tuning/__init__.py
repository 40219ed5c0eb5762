"""Studies of the parameters of features and models, by Optuna, on training songs alone."""

from benchmark.tuning.campaign import Order
from benchmark.tuning.storage import Storage
from benchmark.tuning.tune import Tuned, tune

__all__ = ["Order", "Storage", "Tuned", "tune"]
