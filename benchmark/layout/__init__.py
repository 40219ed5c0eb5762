"""The folder layout of DEAM: where files lie, how tables are read."""
