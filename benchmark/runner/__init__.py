"""From experiments to records: songs, features, plans, jobs."""

from benchmark.runner.listener import Listener
from benchmark.runner.plan import Plan
from benchmark.runner.prepare import make_plans
from benchmark.runner.run import Summary, run
from benchmark.runner.workspace import Workspace

__all__ = ["Listener", "Plan", "Summary", "Workspace", "make_plans", "run"]
