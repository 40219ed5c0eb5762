"""A small folder in DEAM's layout, and what may happen to its tables.

What is done to a table is harmless (it says the same), an accident (something is lost, doubled or
moved; no number and no name is changed), or a corruption (anything).

No reader can see an accident whose table is another valid table, so these are not drawn:
a cell taken out of a row and an empty one put in again elsewhere in it; two header names exchanged;
the cells of a row moved on by one, the last to the front; a cut in the last cell of a row (0.3 for
0.35: for labels there is a note where the last line has no end); in metadata, whose rows are
ragged, a cell taken out or put in. Corruptions may do all of that: there the loader has
to agree with the reference reader on what the table says, not with the table before.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from pathlib import Path
from random import Random

from deam_reference import LABELS, METADATA, RATERS, STATICS

Rows = list[list[str]]

TIMES = range(15_000, 18_000, 500)
HEADER = ["song_id", *(f" sample_{time}ms" for time in TIMES)]
SONGS = ("2", "7", "10", "1001", "2001")


def rating(row: int, column: int, sign: int) -> str:
    """No two cells are alike: a label that moved is seen."""
    return f"{sign * (0.1 + 0.15 * row + 0.017 * column):.3f}"


def label_rows(sign: int, n_columns: int) -> Rows:
    rows = [
        [song, *(rating(row, column, sign) for column in range(n_columns))]
        for row, song in enumerate(SONGS)
    ]
    rows[1][3] = ""  # not rated, in the middle
    rows[2][5:] = [""] * (n_columns - 4)  # the song ended
    return [HEADER[: n_columns + 1], *rows]


def rater_rows(sign: int, *, worker: bool) -> Rows:
    rows = [
        ["ABC"[row]] * worker + [rating(row, column, sign) for column in range(6)]
        for row in range(3)
    ]
    rows[1][-2:] = ["", ""]
    return [["WorkerId"] * worker + HEADER[1:], *rows]


STATIC_HEADER = "song_id, valence_mean, valence_std, valence_ max_mean, arousal_mean, arousal_std"
TABLES: dict[str, Rows] = {
    LABELS["arousal"]: label_rows(1, 6),
    LABELS["valence"]: label_rows(-1, 5),
    RATERS["arousal", "7"]: rater_rows(1, worker=False),
    RATERS["arousal", "1001"]: rater_rows(1, worker=True),
    RATERS["valence", "1001"]: rater_rows(-1, worker=True),
    STATICS[0]: [
        STATIC_HEADER.split(","),
        ["2", "3.1", "0.94", "9", "3", "0.63"],
        ["7", "4.2", "1.33", "8", "5.5", "1.25"],
        ["10", "", "", "", "6.1", "0.71"],
        ["1001", "6.25", "2", "7", "7.5", "1.5"],
    ],
    STATICS[1]: [STATIC_HEADER.split(","), ["2001", "7.75", "0.5", "9", "1.5", "0.87"]],
    METADATA[0]: [
        ["song_id", "album", "artist", "title"],
        ["2", "\t2.mp3", "The\u00a0Troubadours\t", "\tTonight, a Century"],
        ["7", "\t7.mp3", 'Kevin "Mac" Leod\t', "\tGroove"],
        ["10", "n/a", "Jahzzar", "x"],
    ],
    METADATA[1]: [
        ["song_id", "artist", "album", "Genre", "", "", ""],
        ["1001", "Rope River", "Full, Bush.", "Pop", "rock", "q- -p", ""],
        ["2001", "Creepoid", "Nest", "Rock", "", "", "x"],
    ],
}


def quoted(cell: str, *, always: bool = False) -> str:
    needed = always or "," in cell or '"' in cell
    return '"' + cell.replace('"', '""') + '"' if needed else cell


def written(rows: Rows, *, always: bool = False) -> str:
    return "".join(",".join(quoted(cell, always=always) for cell in row) + "\n" for row in rows)


def plain(rows: Rows) -> bytes:
    return written(rows).encode()


def write_folder(root: Path) -> None:
    for place, rows in TABLES.items():
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_bytes(plain(rows))


def harmless(random: Random, place: str) -> bytes:
    """Return a table that says the same as before."""
    names = [name.strip() for name in TABLES[place][0]]
    head, *body = [list(row) for row in TABLES[place]]
    random.shuffle(body)
    for row in body:
        for column, name in enumerate(names):
            if name == "song_id":
                form = random.choice(["{}", "00{}", "{}.0", "{}."])
                row[column] = form.format(row[column])
            elif place not in METADATA and name != "WorkerId":
                row[column] = another_form(random, row[column])
    fixed = int(names[0] in ("song_id", "WorkerId"))
    order = [*range(fixed), *random.sample(range(fixed, len(names)), len(names) - fixed)]
    rows = [[padded(random, row[column]) for column in order] for row in (head, *body)]
    if place in METADATA:
        for row in rows[1:]:
            row.extend(random.choices(["tag", "", "7", "n/a"], k=random.randrange(4)))
    for blank in random.sample([[""], [" ", ""], [""] * len(head)], random.randrange(4)):
        rows.insert(random.randrange(1, len(rows) + 1), blank)
    text = written(rows, always=random.random() < 0.3)
    text = text.removesuffix(random.choice(["", "\n"]))
    text = random.choice(["", "\ufeff"]) + text
    return text.replace("\n", random.choice(["\n", "\r\n", "\r"])).encode()


def another_form(random: Random, cell: str) -> str:
    """Write a number, or that there is none, in another way."""
    if not cell:
        return random.choice(["", "nan", "NaN", "NAN"])
    signs = [] if cell.startswith("-") else [f"+{cell}", f"0{cell}"]
    more = [f"{cell}0"] if "." in cell else [f"{cell}.", f"{cell}.0"]
    return random.choice([cell, f"{cell}e0", f"{cell}E+00", *signs, *more])


def padded(random: Random, cell: str) -> str:
    spaces = ["", "", " ", "\t", "\u00a0", " \t"]
    return random.choice(spaces) + cell + random.choice(spaces)


def accident(random: Random, place: str) -> bytes:
    """Return a table to which one thing happened."""
    happens = random.choice(TO_TEXT if place in METADATA else TO_ROWS + TO_TEXT)
    return happens(random, [list(row) for row in TABLES[place]])


def in_rows(happens: Callable[[Random, Rows, int, int], object]) -> Callable[[Random, Rows], bytes]:
    """Make an accident of what happens to a row and column."""

    def accident(random: Random, rows: Rows) -> bytes:
        row = random.randrange(len(rows))
        happens(random, rows, row, random.randrange(len(rows[row])))
        return plain(rows)

    return accident


TO_ROWS = [
    in_rows(happens)
    for happens in (
        lambda _, rows, row, column: rows[row].pop(column),
        lambda _, rows, row, column: rows[row].insert(column, ""),
        lambda _, rows, row, column: rows[row].insert(column, rows[row][column]),
        lambda _, rows, row, column: rows[row].__setitem__(column, ""),
        lambda _, rows, row, column: rows[row].__delitem__(slice(column, None)),
        lambda random, rows, row, _: rows[row].extend([""] * random.randrange(1, 4)),
        lambda _, rows, row, column: rows.pop(row),
        lambda _, rows, row, column: rows.append(list(rows[row])),
        lambda _, rows, row, column: [line.pop(column) for line in rows],
        lambda _, rows, row, column: [line.insert(column, line[column]) for line in rows],
        lambda _, rows, row, column: [line.append("") for line in rows],
        lambda _, rows, row, column: rows.__delitem__(slice(max(row, 1), None)),
        lambda _, rows, row, column: rows.insert(0, rows.pop(row)),
    )
]
"""Cells, rows and columns that are lost, doubled, emptied, cut, moved or put in."""


def cut(random: Random, rows: Rows) -> bytes:
    """End anywhere but in the last cell of a row, where a cut cannot be seen."""
    text = written(rows)
    while True:
        kept = text[: random.randrange(len(text))]
        last = kept.rpartition("\n")[2]
        if last.endswith(",") or last.count(",") < len(rows[0]) - 1:
            return kept.encode()


def without(mark: str) -> Callable[[Random, Rows], bytes]:
    """Make an accident of losing one of these characters."""

    def lost(random: Random, rows: Rows) -> bytes:
        pieces = written(rows).split(mark)
        joined = random.randrange(1, len(pieces) - (mark == "\n"))
        return (mark.join(pieces[:joined]) + mark.join(pieces[joined:])).encode()

    return lost


def quote_put_in(random: Random, rows: Rows) -> bytes:
    text = written(rows)
    at = random.randrange(len(text))
    return (text[:at] + '"' + text[at:]).encode()


def quotes_put_in(random: Random, rows: Rows) -> bytes:
    """Open a quote where a cell begins, and close it somewhere after: rows may be swallowed."""
    cells = written(rows).split(",")
    opened = random.randrange(1, len(cells))
    after = ",".join(cells[opened:])
    at = random.choice(
        [after.find(",", random.randrange(len(after))), random.randrange(len(after))]
    )
    return ",".join([*cells[:opened], '"' + after[:at] + '"' + after[at:]]).encode()


def line_with_other_marks(random: Random, rows: Rows) -> bytes:
    lines = written(rows).splitlines()
    line = random.randrange(len(lines))
    lines[line] = lines[line].replace(",", random.choice(";\t|"))
    return "\n".join(lines).encode()


TO_TEXT = [
    cut,
    without(","),
    without("\n"),
    quote_put_in,
    quotes_put_in,
    line_with_other_marks,
    lambda random, rows: written(rows).replace(",", random.choice(";\t|")).encode(),
    lambda random, rows: written(rows).encode(random.choice(["utf-16", "utf-16-le", "utf-32"])),
    lambda _, rows: written(rows[:1]).encode(),
    lambda _, rows: written(rows[1:]).encode(),
    lambda random, _: random.choice([b"", b"\n", b"\xef\xbb\xbf", b" \n,,\n", b"\0" * 99]),
    lambda random, _: bytes(random.randrange(256) for _ in range(200)),
    lambda _, rows: plain(rows) * 2,
]
"""Cuts, lost commas and line ends, other separators and encodings, nothing, junk, a copy of all."""


def corruption(random: Random, place: str) -> bytes:
    """Return a table to which several things happened, any at all."""
    rows = [list(row) for row in TABLES[place]]
    for _ in range(random.randrange(1, 4)):
        spoil(random, rows, place)
    happens = random.choice(TO_TEXT) if random.random() < 0.3 else lambda _, rows: plain(rows)
    text = happens(random, rows)
    if random.random() < 0.2 and text:
        at = random.randrange(len(text))
        byte = random.choice([*string.printable.encode(), 0, 0xA0, 0xE9, 0xFF])
        text = text[:at] + bytes([byte]) + text[at + 1 :]
    return text


def spoil(random: Random, rows: Rows, place: str) -> None:
    """Put something odd into a cell, or exchange it for another."""
    row = random.randrange(len(rows))
    column = random.randrange(len(rows[row])) if rows[row] else 0
    other = random.randrange(len(rows))
    kind = random.randrange(7)
    if kind == 0 and column < len(rows[other]):
        rows[row][column], rows[other][column] = rows[other][column], rows[row][column]
    elif kind == 1:
        random.shuffle(rows[row])
    elif kind == 2:
        rows[row] = rows[row][:column] + rows[row][column + 1 :] + [""]
    elif kind == 3:
        rows[row][column] = rows[row][column] + one_of(random, ODD_ENDS)
    elif kind == 4:
        rows.append([*rows[row][:column], *rows[other][column:]])
    elif kind == 5:
        rows[:] = [list(line) for line in TABLES[random.choice(list(TABLES))]]
    else:
        odd = ODD_IDS if column == 0 and row else ODD_NAMES if row == 0 else ODD_NUMBERS
        rows[row][column] = one_of(random, odd)


def one_of(random: Random, odd: str) -> str:
    return random.choice([*odd.split(" "), "", " "])


# Divided by spaces, to which nothing and a space are added.
ODD_NUMBERS = (
    "1.01 -5 9.5 0 -0 1 -1.0 .5 5. 1e-1 1e400 1e-400 -1e400 inf -Infinity nan -nan +NaN nan(1) N/A "
    "NA null - -- ? # 0,5 0.5\u00a00.6 0.5f 0x1p-1 0_1 1_0 \u0663 \u0660.\u0665 \uff10 \u00bd "
    '0.5\u200b \u22120.5 True 1e e1 \u00a0 \'0.5 " 0.5" 000000001'
)
ODD_NAMES = (
    "sample_15000ms sample_15250ms sample_15000 15000 15.0 sample_-500ms sample_015000ms "
    "sample_15_000ms sample_1e4ms sample_18000ms Sample_15000ms sample_15000ms.1 "
    "sample_\u0661\u0665000ms sample_9999999500ms SONG_ID song_id WorkerId id arousal_mean "
    "valence_std Artist album \ufeffsong_id song_id\u200b"
)
ODD_IDS = (
    "7 7.0 007 \t7\u00a0 7.5 7e0 -7 +7 1_0 \u0667 seven 7\t8 2 10 0 000 3000 7.mp3 nan #7 "
    "99999999999999999999 " + 5000 * "1"
)
ODD_ENDS = '0 9 \u00a0 . e5 , " \n \r \0 \u0663 _1 - ;'
