"""Where songs and ratings come from: one file a dataset."""
