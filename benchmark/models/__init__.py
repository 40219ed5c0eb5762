"""Models: one file each, all serve either target, or both at once."""
