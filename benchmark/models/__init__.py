"""Models: one file each, all serve either target; and what a model of one's own can be made of."""

from benchmark.models._rows import RowPredictor, labelled_rows, load_rows
from benchmark.models._summary import SummaryRegression

__all__ = ["RowPredictor", "SummaryRegression", "labelled_rows", "load_rows"]
