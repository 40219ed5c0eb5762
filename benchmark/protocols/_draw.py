"""Draws songs in whole groups, in random order, subset by subset: what protocols are made of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmark.layout.metadata import CATCH_ALLS
from benchmark.records import Fold, Song

Group = Literal["song", "artist"]


@dataclass(frozen=True)
class Unit:
    """Songs that must not be parted; `subset` is that of most of them."""

    name: str
    subset: str
    songs: tuple[str, ...]


def units(songs: Sequence[Song], group: Group) -> list[Unit]:
    """Return the groups of some songs; artists of one work are one group."""
    ordered = sorted(songs, key=lambda song: song.id)
    first: dict[str, str] = {}
    joined: dict[str, str] = {}
    for song in ordered if group == "artist" else ():
        artist = first.setdefault(song.work, artist_of(song))
        joined[_leader(artist_of(song), joined)] = _leader(artist, joined)
    members: dict[str, list[Song]] = defaultdict(list)
    for song in ordered:
        name = _leader(artist_of(song), joined) if group == "artist" else song.work
        members[name].append(song)
    found = []
    for unit, together in members.items():
        subsets = Counter(song.groups.get("subset", "") for song in together)
        subset = min(subsets, key=lambda subset: (-subsets[subset], subset))
        found.append(Unit(unit, subset, tuple(song.id for song in together)))
    return found


def artist_of(song: Song) -> str:
    """Return a song's artist; for a catch-all such as "Other" the album, else the song itself."""
    for kind in ("artist", "album"):
        name = " ".join(song.groups.get(kind, "").split()).casefold()
        if name not in CATCH_ALLS:
            return f"{kind} {name}"
    return f"song {song.work}"


def _leader(name: str, joined: Mapping[str, str]) -> str:
    """Return the group a name has been joined to, through any number of steps."""
    while joined.get(name, name) != name:
        name = joined[name]
    return name


def shuffled(some: Sequence[Unit], random: np.random.Generator) -> list[Unit]:
    """Return groups in random order, one subset after the other."""
    order: list[Unit] = []
    for subset in sorted({unit.subset for unit in some}):
        members = {unit.name: unit for unit in some if unit.subset == subset}
        order.extend(members[str(name)] for name in random.permutation(sorted(members)))
    return order


def dealt(order: Sequence[Unit], folds: int) -> list[set[str]]:
    """Deal groups to folds, large ones first, each to the fold with the fewest of its subset."""
    hands: list[set[str]] = [set() for _ in range(folds)]
    of_subset: Counter[tuple[int, str]] = Counter()
    for unit in sorted(order, key=lambda unit: -len(unit.songs)):
        chosen = min(range(folds), key=lambda k: (of_subset[k, unit.subset], len(hands[k])))
        hands[chosen].update(unit.songs)
        of_subset[chosen, unit.subset] += len(unit.songs)
    return hands


def held(order: Sequence[Unit], share: float) -> set[str]:
    """Return about a share of the songs of each subset, in whole groups spread over `order`.

    There must be two groups or more: one has to stay.
    """
    songs = [(song, unit) for unit in order for song in unit.songs]
    count = min(max(1, round(share * len(songs))), len(songs) - 1)
    spread = [songs[int((pick + 0.5) * len(songs) / count)][1] for pick in range(count)]
    room = Counter(unit.subset for unit in spread)
    taken: set[str] = set()
    for unit in (*spread, *order):
        if not taken.issuperset(unit.songs) and len(unit.songs) <= room[unit.subset]:
            taken.update(unit.songs)
            room[unit.subset] -= len(unit.songs)
    return taken or set(min(order, key=lambda unit: len(unit.songs)).songs)


def fold(
    index: int, rest: Sequence[Unit], test: set[str], share: float, random: np.random.Generator
) -> Fold:
    """Return a fair fold: of the groups that do not test, about a `share` validates."""
    validation = held(shuffled(rest, random), share)
    train = {song for unit in rest for song in unit.songs} - validation
    return Fold(
        index,
        train=tuple(sorted(train)),
        validation=tuple(sorted(validation)),
        test=tuple(sorted(test)),
    )
