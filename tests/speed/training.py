"""The seed's network 2: an epoch its way and ours, what each learns, and the memory it takes."""

from __future__ import annotations

import statistics
from pathlib import Path

from children import FITTED
from measuring import Goal, Row, Section, child

SEEDS = (0, 1, 2)
N_TRAIN, EPOCHS = 40, 5
ALL, TENTH = 1_802, 180
NETWORK = "network 2"
EQUAL = Goal("at most", 1.05)
"""RMSE over folds of 5 on VGMIDI has an SD of 5 % (reports/leaderboard.md)."""
THEIRS = "the seed's way: float32 windows in memory"


def section(root: Path, work: Path) -> Section:
    """Train on real songs, all ways from each seed; then an epoch on as many songs as DEAM has."""
    found = [child("trained", seed, N_TRAIN, EPOCHS, root, cwd=work)[1] for seed in SEEDS]

    def values(way: str, measure: str) -> list[float]:
        return [of[way][measure] for of in found]

    rows = []
    for way, goal in (("float32", None), ("bfloat16", Goal("at least", 2.5))):
        epoch = f"an epoch of network 2, passages in {way}"
        ours, theirs = values(way, "epoch"), values("seed", "epoch")
        rows.append(Row(epoch, THEIRS, "s", ours, theirs, goal, faster=True))
        rmse = f"validation RMSE of its best, passages in {way}"
        rows.append(Row(rmse, THEIRS, "", values(way, "rmse"), values("seed", "rmse"), EQUAL))
    spread = statistics.stdev(values("seed", "rmse"))
    remark = (
        f"Networks: {N_TRAIN} training songs, {EPOCHS} epochs at most, {len(SEEDS)} seeds, all "
        f"ways by turns with one thread; the median epoch after the first. SD of the seed's RMSE "
        f"over seeds: {spread:.4f}. Memory is the largest process's peak, in one epoch, or ten "
        f"batches of the seed's way, which copies its windows to float32."
    )
    return Section([*rows, *memory(root, work)], [remark])


def memory(root: Path, work: Path) -> list[Row]:
    """Measure what fitting on many songs takes."""
    rows = []
    for name in FITTED:
        many, few = (
            child("fit_memory", name, n_songs, root, cwd=work)[0] for n_songs in (ALL, TENTH)
        )
        what, ours = f"peak memory of {name} on {ALL:,} songs", [many.megabytes]
        if name == NETWORK:
            seed, _ = child("seed_memory", ALL, root, cwd=work)
            theirs = "the seed's way: float64 windows"
            rows.append(Row(what, theirs, "MB", ours, [seed.megabytes], Goal("at most", 1 / 6)))
        rows.append(
            Row(what, f"on {TENTH} songs", "MB", ours, [few.megabytes], Goal("at most", 1.2))
        )
    return rows
