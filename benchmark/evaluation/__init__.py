"""Metrics, scores and one job: pure functions of a job and its songs."""
