"""The protocol report as markdown, and what a famous gain is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from benchmark.evaluation.statistics import Comparison
from benchmark.records import TARGETS
from benchmark.reporting.board import Track
from benchmark.reporting.markdown import table
from benchmark.reporting.numbers import SPACE, probability, signed, within
from benchmark.reporting.protocols import Case, Contrast, contrasts, is_reference
from benchmark.reporting.published import Published, kind_of_songs, published_numbers
from benchmark.reporting.rows import Row
from benchmark.reporting.wording import MARK

EXPLAINED = f"""\
The same model, feature, dataset and target under several protocols. The first row of each table is
the reference: cross-validation by whole songs, nothing chosen on the songs that are tested.

- **optimism**: how much better than the reference a model looks, in RMSE per song and in skill, on
  the songs that both tested; negative: it looks worse, be it that the protocol is harder or that
  fewer songs train.
- **constant**: RMSE per song of the constant fitted on the same training songs. It knows no music:
  where it moves, the songs have moved, not the model.
- **paired**: median, over the same songs, of the difference in RMSE to the reference, and p of
  Wilcoxon's signed-rank test, not adjusted. 95 % intervals are over songs (bootstrap).
- Where a song has one rating, of all of it (**static ratings**), RMSE is over songs.
- {MARK}: not to be believed, and ranked nowhere. **optimistic** protocols choose on the test songs,
  **leaky** ones train on them; **too good** is a score below what raters, or knowing the mean of
  each test song, allow."""
HEADINGS = (
    "protocol", "songs", "RMSE", "constant", "skill [95 %, songs]",
    "optimism, RMSE", "optimism, skill", "paired",
)  # fmt: skip
STOPPING = (
    "Stopping and choosing on the test songs, and training on the songs that holdout keeps for "
    "validation (seed_split less holdout, RMSE per song on the same test songs)"
)


@dataclass(frozen=True)
class Gain:
    """What the starting project's gain over Malik et al. is made of: numbers a target, and words.

    `stopped` says of each model that chooses on its test songs what that was worth, if any does.
    """

    heading: str
    rows: tuple[tuple[str, ...], ...]
    source: str
    said: tuple[str, ...]
    stopped: tuple[str, ...]


def render(tracks: Sequence[Track]) -> str:
    """Return the protocol report; says how to get one where no model ran under two protocols."""
    found = contrasts(tracks)
    if not found:
        return (
            "# Protocols\n\nNo model has run under several protocols yet: list them in an "
            "experiment file, `protocol: [{name: song_kfold}, {name: seed_split}]`.\n"
        )
    parts = ["# Protocols", EXPLAINED]
    for heading, together in groups(found):
        protocols = "\n".join(
            f"- `{label}`: {words}" for label, words in protocols_in_words(together).items()
        )
        parts += [f"## {heading}", protocols, *map(_contrast, together)]
    if gain := gain_of(tracks, found):
        parts += _gain(gain)
    shown = {id(case.row) for contrast in found for case in contrast.cases}
    commands = dict.fromkeys(
        command
        for track in tracks
        if any(id(row) in shown for row in track.rows)
        for command in track.commands
    )
    listed = "\n".join(f"python -m benchmark {command}" for command in commands)
    parts.append(f"## Reproduce\n\n```\n{listed}\n```")
    return "\n\n".join(parts) + "\n"


def groups(found: Sequence[Contrast]) -> list[tuple[str, tuple[Contrast, ...]]]:
    """Return contrasts by data and target, with a heading each."""
    grouped = groupby(found, key=lambda contrast: f"{contrast.title}: {contrast.target}")
    return [(heading, tuple(group)) for heading, group in grouped]


def protocols_in_words(together: Sequence[Contrast]) -> dict[str, str]:
    """Return who trains and who tests, by the label of the protocol."""
    return {
        case.row.protocol: case.row.cell.description["protocol_in_words"]
        for contrast in together
        for case in contrast.cases
    }


def _contrast(contrast: Contrast) -> str:
    rows = [(f"`{label}`{mark}", *cells) for label, mark, *cells in map(case_cells, contrast.cases)]
    parts = [f"### {name_of(contrast)}", table(HEADINGS, rows, left=(0,))]
    if said := stopping(contrast):
        parts.append(f"{said}.")
    return "\n\n".join(parts)


def name_of(contrast: Contrast) -> str:
    """Return feature and model."""
    row = contrast.cases[0].row
    return f"{row.feature} / {row.model}"


def stopping(contrast: Contrast) -> str:
    """Say what choosing on the test songs was worth; empty where the model chooses nothing."""
    if contrast.stopping and contrast.stopping.direction:
        return f"{STOPPING}: {_paired(contrast.stopping)}"
    return ""


def case_cells(case: Case) -> tuple[str, ...]:
    """Return the label of the protocol, its mark if it has one, and the other cells."""
    result = case.row.result
    assert result
    mark = f" {MARK}{SPACE}{case.row.mark}" if case.row.alarms else ""
    return (
        case.row.protocol,
        mark,
        f"{case.row.cell.n_test_songs:,}",
        f"{result.score.rmse:.4f}",
        f"{result.constant[0]:.4f}",
        within(result.score.skill, 3, result.over_songs.skill, 2),
        signed(case.optimism, 4) if case.paired else "reference",
        signed(case.skill_optimism, 3) if case.paired else "",
        _paired(case.paired) if case.paired else "",
    )


def _paired(comparison: Comparison) -> str:
    if not comparison.n_unequal:
        return "no difference" if comparison.n_songs else "no song in common"
    difference, p = comparison.median_difference, probability(comparison.p)
    return f"{signed(difference, 4)}, p{SPACE}{p}"


def gain_of(tracks: Sequence[Track], contrasted: Sequence[Contrast]) -> Gain | None:
    """Say what the starting project's gain over Malik et al. is made of, if DEAM has been run."""
    full = _constants(tracks, lambda row: row.is_under("mediaeval2015", train="all"))
    dev = _constants(tracks, lambda row: row.is_under("mediaeval2015", train="dev431"))
    short = _constants(tracks, _tests_every_excerpt)
    if not all(set(TARGETS) <= constants.keys() for constants in (full, dev, short)):
        return None
    malik, seed = (
        {t: _rmse(published, t) for t in TARGETS} for published in published_numbers()[:2]
    )
    gain = _difference(malik, seed)
    there, of_dev = ({t: constants[t][0] for t in TARGETS} for constants in (full, dev))
    here, pooled = ({t: short[t][average] for t in TARGETS} for average in (0, 1))
    moved, as_read = _difference(there, here), _difference(there, pooled)
    malik_skill, seed_skill = _skill(malik, of_dev), _skill(seed, pooled)
    lines = (
        ("Malik et al. 2017: 431 excerpts to 58 full songs, RMSE per song", malik, 4),
        ("track_emo_reco: 70/30 by song on excerpts, pooled, stopped on the test songs", seed, 4),
        ("the gain, as it is read", gain, 4),
        ("a constant of the 431, on the 58 full songs, per song", of_dev, 4),
        ("a constant of all excerpts, on the 58 full songs, per song", there, 4),
        ("a constant of the excerpts, cross-validated on them, per song", here, 4),
        ("the same, pooled", pooled, 4),
        ("what a constant gains from full songs to excerpts, both per song", moved, 4),
        ("what it gains from full songs per song to excerpts pooled, as above", as_read, 4),
        ("skill of Malik et al., roughly: 1 − (RMSE / constant of the 431)²", malik_skill, 2),
        ("skill of track_emo_reco: 1 − (RMSE / constant, pooled)²", seed_skill, 2),
    )
    rows = tuple(
        (words, *(f"{values[target]:.{digits}f}" for target in TARGETS))
        for words, values, digits in lines
    )
    said = tuple(
        f"**{target.capitalize()}**: the two numbers lie {gain[target]:.4f} apart. A constant, "
        f"which knows no music, moves by {signed(-moved[target], 4)} when it is tested on excerpts "
        f"instead of full songs, and by {signed(-as_read[target], 4)} when these are pooled as "
        f"well: that much an RMSE moves with no model at all. As skill, on different songs and "
        f"differently averaged, they are {malik_skill[target]:.2f} and {seed_skill[target]:.2f}, "
        f"the second an upper bound: it was stopped on its test songs."
        for target in TARGETS
    )
    return Gain(
        heading="What the starting project's gain over Malik et al. 2017 is made of",
        rows=rows,
        source="Published numbers as quoted in the leaderboard; constants measured here, on the "
        "labels released with DEAM, which are not those of 2015.",
        said=said,
        stopped=tuple(
            f"{contrast.title}, {contrast.target}, {name_of(contrast)}: "
            f"{_paired(contrast.stopping)}"
            for contrast in contrasted
            if contrast.stopping and contrast.stopping.direction
        ),
    )


def _gain(gain: Gain) -> list[str]:
    rows = table(("", *TARGETS), gain.rows, left=(0,))
    parts = [f"## {gain.heading}", rows, gain.source, *gain.said]
    if gain.stopped:
        listed = "\n".join(f"- {line}" for line in gain.stopped)
        parts += [f"{STOPPING}, where a model chooses at all:", listed]
    return parts


def _tests_every_excerpt(row: Row) -> bool:
    excerpts = kind_of_songs(row.cell.subsets) == "excerpts"
    return excerpts and is_reference(row) and row.cell.n_test_songs > 1700


def _constants(
    tracks: Sequence[Track], wanted: Callable[[Row], bool]
) -> dict[str, tuple[float, float]]:
    """Return, per target, the RMSE of DEAM's constant per song and pooled, of rows as wanted.

    Of dynamic ratings: those of whole songs are another thing.
    """
    return {
        track.target: row.result.constant
        for track in tracks
        if track.conditions.known_as == "deam" and not track.conditions.whole_songs
        for row in track.rows
        if row.result and wanted(row)
    }


def _rmse(published: Published, target: str) -> float:
    value = published.number(target).rmse
    assert value is not None
    return value


def _difference(first: Mapping[str, float], second: Mapping[str, float]) -> dict[str, float]:
    return {target: first[target] - second[target] for target in TARGETS}


def _skill(rmse: Mapping[str, float], constant: Mapping[str, float]) -> dict[str, float]:
    return {target: 1 - rmse[target] ** 2 / constant[target] ** 2 for target in TARGETS}
