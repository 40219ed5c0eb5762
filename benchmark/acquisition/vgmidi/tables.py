"""Writes labels and metadata as DEAM's folders and tables have them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmark.acquisition.vgmidi.clone import Excerpt
from benchmark.interfaces import Floats
from benchmark.layout.tables import FIRST_LABEL, STEP
from benchmark.records import TARGETS
from benchmark.records.atomic import write_whole

DYNAMIC = "dynamic (per second annotations)"
AVERAGED = Path("annotations", "annotations averaged per song", DYNAMIC)
PER_RATER = Path("annotations", "annotations per each rater", DYNAMIC)
METADATA = Path("metadata", "metadata_vgmidi.csv")


def write_tables(root: Path, excerpts: Mapping[str, Excerpt]) -> None:
    """Write mean and SD over raters, what each rater said, and metadata.

    Each table is there as a whole or not at all; tables of songs that are no more are removed.
    """
    longest = max(len(excerpt.labels.starts) for excerpt in excerpts.values())
    samples = [f"sample_{FIRST_LABEL + STEP * n}ms" for n in range(longest)]
    for target in TARGETS:
        means: list[list[str]] = []
        deviations: list[list[str]] = []
        for song in sorted(excerpts, key=int):
            labels = excerpts[song].labels
            means.append([song, *_cells(labels.mean(target), longest)])
            deviations.append([song, *_cells(labels.deviation(target), longest)])
            of_song = [f"sample_{start}ms" for start in labels.starts]
            raters = zip(labels.raters, labels.values[target], strict=True)
            said = ([name, *_cells(values, len(values))] for name, values in raters)
            _write(root / PER_RATER / target / f"{song}.csv", ["WorkerId", *of_song], said)
        for path in (root / PER_RATER / target).glob("*.csv"):
            if path.stem not in excerpts:
                path.unlink()
        _write(root / AVERAGED / f"{target}.csv", ["song_id", *samples], means)
        _write(root / AVERAGED / f"{target}_std.csv", ["song_id", *samples], deviations)
    header = ["song_id", "title", "artist", "album", "ratings", "midi"]
    _write(root / METADATA, header, [_described(excerpts[i]) for i in sorted(excerpts, key=int)])


def _described(excerpt: Excerpt) -> list[str]:
    """Return a row of metadata: game series as artist, game as album."""
    piece = excerpt.piece
    title = " ".join(piece.name.split())
    return [piece.id, title, *piece.series_and_game, piece.source, piece.midi]


def _cells(values: Floats, width: int) -> list[str]:
    """Return values as cells, empty where there is none."""
    cells = ["" if np.isnan(value) else f"{value:.6f}" for value in values]
    return cells + [""] * (width - len(cells))


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    write_whole(path, text.getvalue().encode())
