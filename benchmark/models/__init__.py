"""Models: one file each, for either target or both; and what one's own can be made of."""

from benchmark.models._rows import RowPredictor, labelled_rows, load_rows
from benchmark.models._summary import SummaryRegression

__all__ = ["RowPredictor", "SummaryRegression", "labelled_rows", "load_rows"]
