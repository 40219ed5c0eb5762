"""The leaderboard as markdown: a track, its table, published numbers, how to reproduce it."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.reporting.board import Track
from benchmark.reporting.cards import COSTS, EXPLAINED, LEFT, Card, cards
from benchmark.reporting.columns import COLUMNS, FIRST, SPREADS, Column
from benchmark.reporting.published import Published, published_numbers, verdict
from benchmark.reporting.tuning_words import tuning_lines
from benchmark.reporting.wording import (
    MARK,
    alarm_lines,
    anchor_cells,
    cells,
    introduction,
    quoted,
    telling,
    title,
)

STUDIES = "Fold by fold, with figures: [studies](studies.md)."
COMMAND = "python -m benchmark run experiments/*.yaml"
LEGEND = f"""\
Ratings lie in [-1, 1]. One table per track: the same songs, labels and test folds.

- **#**: rows that are not found worse than the best of their group share its rank. {MARK}: not
  ranked, for the reason below the table. Oracles and raters know the answer; they are no models.
- **feature**, **model**: what each is, what it takes and whose it is stand under Entries, at the
  end.
- **trained on**: training songs, validation songs among them, mean over folds.
- **RMSE**: per song, averaged over the songs of a fold, then over folds. **[95 %, songs]**:
  percentile interval over songs drawn with replacement (10,000 draws). **± SD (folds)**: sample SD
  (ddof 1) over folds. **[95 %, folds, corrected]**: t interval of the mean over folds, with Nadeau
  and Bengio's variance for folds that share training songs. **SD (songs)**, **SD (seeds)**: of the
  songs' RMSE; of the RMSE over seeds.
- Where a song has one rating, of all of it (**static ratings**): squared errors are averaged
  over the songs of a fold, then over folds, and RMSE is the root; **R²** is 1 − SSE / SST in each
  fold, mean and SD over folds; a difference between rows is one of a song's absolute error.
- **skill**: 1 − MSE / MSE of the constant fitted on the same training songs, all labels pooled; 0
  is no better than the constant.
- **vs row above**, **vs constant**: median over songs of the difference in RMSE (negative: this row
  is better) and p of Wilcoxon's signed-rank test on the songs, adjusted (Holm) for all pairs of
  ranked rows and their constants. Told apart: p < 0.05.
- **tuning optimism**: of a row whose parameters a study chose on training songs alone: best inner
  score less outer score, mean over folds; negative where the study believed too much.
- **r**, **CCC**: Pearson's and Lin's correlation within a song, mean over the songs where defined;
  in brackets the number of songs where not. **seconds**: fitting and predicting, all jobs."""


def render(tracks: Sequence[Track]) -> str:
    """Return the leaderboard of all tracks; rows of different tracks share no table."""
    if not tracks:
        return f"# Leaderboard\n\nNothing has been run yet: `{COMMAND}`\n"
    parts = ["# Leaderboard", LEGEND, *map(render_track, tracks), *_entries(tracks)]
    return "\n\n".join(parts) + "\n"


def render_track(track: Track) -> str:
    """Return one track with all that belongs to it."""
    parts = [f"## {title(track)}", introduction(track), _board(track, COLUMNS)]
    if flagged := alarm_lines(track):
        parts.append("\n".join(f"- {MARK} {escaped(line)}" for line in flagged))
    if track.conditions.flaw:
        return "\n\n".join([*parts, "What such a protocol is worth: [protocols](protocols.md)."])
    parts += ["### Other measures and spreads", _board(track, SPREADS), *_published(track)]
    if tuned := tuning_lines(track):
        parts += ["### Tuning", "\n".join(f"- {escaped(line)}" for line in tuned), STUDIES]
    noted = [f"- {row.feature} / {row.model}: {row.notes}" for row in track.rows if row.notes]
    if noted:
        parts += ["### Notes on training", "\n".join(noted)]
    if track.notes:
        parts += ["### Notes on songs", "\n".join(f"- {note}" for note in track.notes)]
    commands = "\n".join(f"python -m benchmark {command}" for command in track.commands)
    commits = f"At commit {', '.join(track.origins)}:\n\n" if track.origins else ""
    parts.append(f"### Reproduce\n\n{commits}```\n{commands}\n```")
    return "\n\n".join(parts)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, left: Sequence[int]) -> str:
    """Return a markdown table, columns aligned right but for those in `left`."""
    rule = ["---" if column in left else "---:" for column in range(len(headings))]
    lines = [headings, rule, *([escaped(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _board(track: Track, columns: Sequence[Column]) -> str:
    shown = telling(track, columns)
    rows = [cells(track, row, shown) for row in track.rows]
    rows += [anchor_cells(anchor, shown) for anchor in track.anchors]
    return table([*FIRST, *(column.heading for column in shown)], rows, left=(1, 2))


def _published(track: Track) -> list[str]:
    """Return numbers that may be held against the track, and why the others may not."""
    judged = [(number, verdict(number, track.conditions)) for number in published_numbers()]
    beside = [(number, found) for number, found in judged if found.kind != "not comparable"]
    apart = [(number, found) for number, found in judged if found.kind == "not comparable"]
    parts = ["### Published numbers"]
    if beside:
        rows = [
            (
                number.system,
                quoted(number, track.target),
                str(found),
                number.spread_over or "–",
                _source(number),
            )
            for number, found in beside
        ]
        headings = ("system", "RMSE", "comparable?", "± over", "source")
        parts.append(table(headings, rows, left=(0, 2, 3, 4)))
    shared = set.intersection(*(set(found.reasons[:1]) for _, found in judged))
    if shared:
        first = published_numbers()[0]
        parts.append(
            f"None of the {len(judged)} published numbers may be held against this track: "
            f"{shared.pop()}. The one most quoted is {quoted(first, track.target)} "
            f"({first.system}; {first.test})."
        )
    elif apart:
        lines = [
            f"- {number.system}: {quoted(number, track.target)}: {found}" for number, found in apart
        ]
        parts.append("\n".join(lines))
    return parts


def _entries(tracks: Sequence[Track]) -> list[str]:
    """Return the cards of all models and features."""
    found = cards(tracks)
    return [
        "## Entries",
        EXPLAINED,
        *("### Models", *map(_card, found.models)),
        *(["### Features", *map(_card, found.features)] if found.features else []),
    ]


def _card(card: Card) -> str:
    lines = []
    for part in card.parts:
        lines.append(f"- **{part.heading}**" + (f": {escaped(part.what)}" if part.what else ""))
        lines += [f"  - {word}: {escaped(text)}" for word, text in part.facts]
    costs = [table(COSTS, card.costs, left=LEFT)] if card.costs else []
    return "\n\n".join([f"#### {escaped(card.label)}", "\n".join(lines), *costs])


def _source(number: Published) -> str:
    note = f"; {number.note}" if number.note else ""
    return f"{number.citation} ({number.confidence}{note})"


def escaped(cell: str) -> str:
    """Return text that markdown shows as it is, also in a table."""
    return cell.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
