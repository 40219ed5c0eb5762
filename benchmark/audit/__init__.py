"""Says what is wrong with a folder of data, before any number is made from it."""
