"""YAML to frozen experiments, every mistake at once."""

from benchmark.config.experiment import Cell, Experiment
from benchmark.config.files import load_experiments

__all__ = ["Cell", "Experiment", "load_experiments"]
