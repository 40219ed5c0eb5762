"""VGMIDI (Ferreira & Whitehead, ISMIR 2019) as a dataset in DEAM's layout, built from a clone.

What the raters' values mean is read from the page they rated with (adl-music-annotation): the piece
is divided into `measures` equal stretches of time, and a value is where the rater's point stood as
a stretch ended. So no bar line and no tempo says where a value belongs, but its share of the piece.
"""
