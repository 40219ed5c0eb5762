"""From experiments to records, a tracked store and a leaderboard."""

from benchmark.runner.listener import Listener
from benchmark.runner.publish import compare, report, track
from benchmark.runner.run import Summary, run
from benchmark.runner.workspace import Workspace

__all__ = ["Listener", "Summary", "Workspace", "compare", "report", "run", "track"]
