"""Who trains and who tests: one file a protocol."""
