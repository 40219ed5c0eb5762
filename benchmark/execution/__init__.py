"""Runs independent tasks in worker processes."""
