"""Samples to frames: one file an extractor."""
