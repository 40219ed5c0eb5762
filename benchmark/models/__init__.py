"""Models: one file each, all serve either target."""
