"""The tables of averaged ratings: what forbids reading them, every mistake and not only the first.

What `read_labels` takes has no mistakes; what it refuses is gone through again, cell by cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, pairwise
from math import isfinite
from pathlib import Path

from benchmark.audit.finding import EXAMPLES, Finding, counted, ordered
from benchmark.audit.raw import header_of, spaced
from benchmark.errors import DataError
from benchmark.layout.labels import averaged_table
from benchmark.layout.tables import number, rating, read_labels, rows, sample_starts, song_id

WORDS = {
    "labels.unreadable": ("place where it cannot be read", "places where it cannot be read"),
    "labels.header": ("column that is not as it should be", "columns that are not as they should"),
    "labels.song_id": ("row without a song id", "rows without a song id"),
    "labels.second_row": ("second row of a song", "second rows of songs"),
    "labels.ragged": ("row not as long as the header", "rows not as long as the header"),
    "labels.not_a_number": ("rating that is no number", "ratings that are no numbers"),
    "labels.out_of_range": ("rating outside [-1, 1]", "ratings outside [-1, 1]"),
    "labels.refused": ("reason why it is refused", "reasons why it is refused"),
}


@dataclass(frozen=True)
class LabelTable:
    """The averaged ratings of one target.

    `starts` are its columns (ms); `labels` holds, by song and label start, the ratings of the rows
    that can be read. `findings` are what the dataset `deam` refuses it for, and what is unusual.
    """

    paths: tuple[Path, ...]
    starts: tuple[int, ...]
    labels: Mapping[str, Mapping[int, float]]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Mistake:
    """One thing that `read_labels` would refuse, in words."""

    code: str
    words: str
    song: str = ""


def look_at_labels(target: str, files: Sequence[Path], root: Path) -> LabelTable:
    """Read the table of a target, or say everything that forbids reading it."""
    findings: list[Finding] = []
    named = [path for path in files if path.name == f"{target}.csv"]
    others = [path for path in named if "per each rater" not in str(path.relative_to(root))]
    try:
        paths = [averaged_table(target, files, root)]
    except DataError as error:
        text = str(error).removeprefix(f"dataset.root = {root}: ")
        findings.append(Finding(code="labels.table", severity="unusable", text=text))
        paths = others
    tables = [_look_at(path, root) for path in paths]
    findings.extend(mistake for _, mistakes in tables for mistake in mistakes)
    labels = next((labels for labels, _ in tables if labels), {})
    starts = {start for path in paths[:1] for start in _starts(path, header_of(path)[1:])}
    findings.extend(_spaces(path, root) for path in paths if spaced(header_of(path)))
    findings.extend(_copies(paths[0], others, root) if len(paths) == 1 else ())
    findings.extend(_unended(path, root) for path in paths if not _ended(path))
    return LabelTable(tuple(paths), tuple(sorted(starts)), labels, tuple(findings))


def _ended(path: Path) -> bool:
    try:
        return path.read_bytes().endswith((b"\n", b"\r"))
    except OSError:
        return True


def _unended(path: Path, root: Path) -> Finding:
    return Finding(
        code="labels.unended",
        severity="handled",
        text=f"{path.name}: the last line has no line end; taken as it is, but if the file was cut "
        f"short, its last label is wrong and songs are missing",
        figures={"table": str(path.relative_to(root))},
    )


def _copies(path: Path, others: Sequence[Path], root: Path) -> list[Finding]:
    copies = [str(other.relative_to(root)) for other in others if _same(path, other)]
    if len(copies) < 2:
        return []
    return [
        Finding(
            code="labels.copies",
            severity="handled",
            text=f"{path.name} lies there {len(copies)} times; the copies are equal, one is used",
            examples=tuple(copies[:EXAMPLES]),
            figures={"tables": copies},
        )
    ]


def _same(path: Path, other: Path) -> bool:
    try:
        return path.read_bytes() == other.read_bytes()
    except OSError:
        return False


def _look_at(path: Path, root: Path) -> tuple[Mapping[str, Mapping[int, float]], list[Finding]]:
    try:
        return read_labels(path), []
    except DataError as error:
        refused = str(error)
    labels: dict[str, dict[int, float]] = {}
    found = list(_mistakes(path, labels))
    if refused not in [mistake.words for mistake in found]:
        found.append(Mistake("labels.refused", refused))
    by_code: dict[str, list[Mistake]] = defaultdict(list)
    for mistake in found:
        by_code[mistake.code].append(mistake)
    return labels, [
        Finding(
            code=code,
            severity="unusable",
            text=f"{path.name}: {counted(len(same), *WORDS[code])}",
            songs=ordered({mistake.song for mistake in same if mistake.song}),
            examples=tuple(mistake.words for mistake in same[:EXAMPLES]),
            figures={"table": str(path.relative_to(root)), "count": len(same)},
        )
        for code, same in by_code.items()
    ]


def _mistakes(path: Path, labels: dict[str, dict[int, float]]) -> Iterator[Mistake]:
    """Yield all that is wrong, and put into `labels` the rows that can be read."""
    table = rows(path)
    try:
        _, header = next(table, (0, [""]))
        yield from _wrong_columns(path, header)
        starts = [next(iter(_starts(path, [name])), None) for name in header[1:]]
        for line, cells in table:
            yield from _wrong_row(path, line, cells, starts=starts, labels=labels)
    except DataError as error:
        yield Mistake("labels.unreadable", str(error))


def _wrong_columns(path: Path, header: Sequence[str]) -> Iterator[Mistake]:
    if header[0] != "song_id":
        words = f"{path}: first column is {header[0][:40]!r}, expected 'song_id'"
        yield Mistake("labels.header", f"{words} (columns are divided by commas)")
    good = []
    for name in header[1:]:
        try:
            good.append((sample_starts(path, [name])[0], name))
        except DataError as error:
            yield Mistake("labels.header", str(error))
    for (_, name), (_, following) in pairwise(sorted(good)):
        try:
            sample_starts(path, [name, following])
        except DataError as error:
            yield Mistake("labels.header", str(error))


def _wrong_row(
    path: Path,
    line: int,
    cells: Sequence[str],
    *,
    starts: Sequence[int | None],
    labels: dict[str, dict[int, float]],
) -> Iterator[Mistake]:
    try:
        song = song_id(path, line, cells[0])
    except DataError as error:
        yield Mistake("labels.song_id", str(error))
        return
    if song in labels:
        words = f"{path}, line {line}: song {song} has a second row; keep one of them"
        yield Mistake("labels.second_row", words, song)
        return
    labels[song] = {}
    if len(cells) != 1 + len(starts):
        words = f"{path}, line {line}: song {song} has {len(cells)} cells"
        yield Mistake("labels.ragged", f"{words} under {1 + len(starts)} columns", song)
        return
    for start, cell in compress(zip(starts, cells[1:], strict=True), cells[1:]):
        if start is None or cell.lower() == "nan":
            continue
        try:
            where = f"song {song}, column 'sample_{start}ms'"
            labels[song][start] = rating(path, line, where, cell)
        except DataError as error:
            kind = "out_of_range" if isfinite(number(cell)) else "not_a_number"
            yield Mistake(f"labels.{kind}", str(error), song)


def _starts(path: Path, names: Sequence[str]) -> list[int]:
    """Return the label starts (ms) of the column names that are what they should be."""
    found = []
    for name in names:
        try:
            found.extend(sample_starts(path, [name.strip()]))
        except DataError:
            continue
    return found


def _spaces(path: Path, root: Path) -> Finding:
    names = spaced(header_of(path))
    return Finding(
        code="labels.header_spaces",
        severity="handled",
        text=f"{path.name}: {counted(len(names), 'column name')} with spaces around; joined on the "
        f"names without them",
        figures={"table": str(path.relative_to(root)), "columns": len(names)},
    )
