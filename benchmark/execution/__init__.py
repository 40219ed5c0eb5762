"""Runs independent tasks in processes, of this machine or of a cluster."""

from benchmark.execution.cluster import Cluster
from benchmark.execution.pool import Pool
from benchmark.execution.worker import Outcome

Executor = Pool | Cluster
"""Runs one function on many tasks, each in a process with a fixed number of threads."""

__all__ = ["Cluster", "Executor", "Outcome", "Pool"]
