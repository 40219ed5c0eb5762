"""From experiments to records, a tracked store and a leaderboard."""

from benchmark.execution.listener import Listener
from benchmark.runner.publish import compare, tables, track, write_reports
from benchmark.runner.run import Crew, Summary, run
from benchmark.runner.workspace import Workspace

__all__ = [
    "Crew",
    "Listener",
    "Summary",
    "Workspace",
    "compare",
    "run",
    "tables",
    "track",
    "write_reports",
]
