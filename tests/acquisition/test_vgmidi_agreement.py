"""The labels that are built, beside a folder that somebody else made from the same ratings."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from benchmark.acquisition.vgmidi.clone import Material, read_clone
from benchmark.layout.files import files_below
from benchmark.layout.tables import read_labels
from benchmark.records import TARGETS


@pytest.fixture(scope="module")
def material(shared_datasets: Path) -> Material:
    return read_clone(shared_datasets / "vgmidi_raw")


def names(root: Path) -> dict[tuple[str, ...], str]:
    """Return the id of each song by series, game and title."""
    found = {}
    for path in (root / "metadata").glob("*.csv"):
        with path.open(newline="", encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                said = (row["artist"], row["album"], row["title"])
                found[tuple(" ".join(cell.split()) for cell in said)] = row["song_id"].strip()
    return found


def test_all_pieces_are_found_and_what_is_left_out_is_said(material: Material) -> None:
    assert len(material.excerpts) == 160 and not material.missing
    assert sum(excerpt.piece.full for excerpt in material.excerpts.values()) == 20
    assert len(material.notes) == 2
    assert "piece81, piece85, piece86, piece96" in material.notes[0]
    assert material.notes[1].startswith("3 raters")


@pytest.mark.parametrize("target", TARGETS)
def test_labels_agree_within_a_hundredth_for_95_in_100(
    material: Material, shared_datasets: Path, target: str
) -> None:
    root = shared_datasets / "vgmidi"
    ids = names(root)
    [table] = [
        path
        for path in files_below(root)
        if path.name == f"{target}.csv" and "averaged" in str(path)
    ]
    theirs = read_labels(table)
    agree = total = 0
    for song, excerpt in material.excerpts.items():
        other = ids.pop((*excerpt.piece.series_and_game, " ".join(excerpt.piece.name.split())))
        assert (int(song) > 2000) == (int(other) > 2000)
        mean = excerpt.labels.mean(target)
        ours = {s: v for s, v in zip(excerpt.labels.starts, mean, strict=True) if np.isfinite(v)}
        both = ours.keys() & theirs[other].keys()
        agree += sum(abs(ours[start] - theirs[other][start]) <= 0.01 for start in both)
        total += len(theirs[other])
    assert not ids and total == 12_545
    assert agree / total >= 0.95
