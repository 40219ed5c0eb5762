"""The protocol report as markdown, and what a famous gain is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmark.evaluation.statistics import Comparison
from benchmark.records import TARGETS
from benchmark.reporting.board import Track
from benchmark.reporting.markdown import table
from benchmark.reporting.protocols import Contrast, Trial, contrasts
from benchmark.reporting.published import Published, published_numbers
from benchmark.reporting.wording import MARK, SPACE, interval, number, probability

EXPLAINED = f"""\
The same model, feature, dataset and target under several protocols. The first row of each table is
the reference: cross-validation by whole songs, nothing chosen on the songs that are tested.

- **optimism**: how much better than the reference a protocol makes the model look, in RMSE per song
  and in skill; negative: the protocol is harder.
- **constant**: RMSE per song, and pooled over labels, of the constant fitted on the same training
  songs. It learns nothing, so where it moves, the songs or the averaging have moved, not the model.
- **paired**: median, over the songs that both tested, of the difference in RMSE to the reference,
  and p of Wilcoxon's signed-rank test, not adjusted. 95 % intervals are over songs (bootstrap).
- {MARK}: not to be believed, and ranked nowhere. **optimistic** protocols choose on the test songs,
  **leaky** ones train on them; **too good** is a score below what raters, or knowing the mean of
  each test song, allow."""
HEADINGS = (
    "protocol", "", "test songs", "RMSE", "constant", "pooled", "constant", "skill",
    "95 % (songs)", "optimism, RMSE", "optimism, skill", "paired",
)  # fmt: skip


def render(tracks: Sequence[Track]) -> str:
    """Return the protocol report; says how to get one where no model ran under two protocols."""
    found = contrasts(tracks)
    if not found:
        return (
            "# Protocols\n\nNo model has run under several protocols yet: list them in an "
            "experiment file, `protocol: [{name: song_kfold}, {name: seed_split}]`.\n"
        )
    parts = ["# Protocols", EXPLAINED]
    heading = ""
    for contrast in found:
        if f"{contrast.title}: {contrast.target}" != heading:
            heading = f"{contrast.title}: {contrast.target}"
            parts += [f"## {heading}", _protocols(contrast)]
        parts.append(_contrast(contrast))
    parts += _gain(tracks, found)
    shown = {id(trial.row) for contrast in found for trial in contrast.trials}
    commands = dict.fromkeys(
        command
        for track in tracks
        if any(id(row) in shown for row in track.rows)
        for command in track.commands
    )
    listed = "\n".join(f"python -m benchmark run {command}" for command in commands)
    parts.append(f"## Reproduce\n\n```\n{listed}\n```")
    return "\n\n".join(parts) + "\n"


def _protocols(contrast: Contrast) -> str:
    return "\n".join(f"- `{trial.protocol}`: {trial.in_words}" for trial in contrast.trials)


def _contrast(contrast: Contrast) -> str:
    rows = [_cells(trial) for trial in contrast.trials]
    parts = [f"### {contrast.feature} / {contrast.model}", table(HEADINGS, rows, left=(0, 1))]
    if contrast.stopping and contrast.stopping.direction:
        parts.append(
            f"Choosing and stopping on the test songs instead of validation songs (seed_split less "
            f"holdout, on the same test songs): {_paired(contrast.stopping)}."
        )
    return "\n\n".join(parts)


def _cells(trial: Trial) -> tuple[str, ...]:
    result = trial.row.result
    assert result
    compared = trial.paired is not None
    return (
        f"`{trial.protocol}`",
        f"{MARK} {trial.row.mark}" if trial.row.alarms else "",
        str(trial.n_test_songs),
        f"{result.score.rmse:.4f}",
        f"{result.constant[0]:.4f}",
        f"{result.score.rmse_pooled:.4f}",
        f"{result.constant[1]:.4f}",
        number(result.score.skill, 3),
        interval(result.over_songs.skill, 2),
        f"{trial.optimism:+.4f}" if compared else "reference",
        f"{trial.skill_optimism:+.3f}" if compared else "",
        _paired(trial.paired) if trial.paired else "",
    )


def _paired(comparison: Comparison) -> str:
    if comparison.p == 1 and not comparison.direction:
        return "no difference"
    difference, p = comparison.median_difference, probability(comparison.p)
    return f"{difference:+.4f}, p{SPACE}{p} ({comparison.n_songs} songs)"


def _gain(tracks: Sequence[Track], contrasted: Sequence[Contrast]) -> list[str]:
    """Say what the starting project's gain over Malik et al. is made of, if DEAM has been run."""
    full = {t: found for t in TARGETS if (found := _constant(tracks, t, "mediaeval2015"))}
    short = {t: found for t in TARGETS if (found := _constant(tracks, t, "song_kfold"))}
    if len(full) + len(short) < 2 * len(TARGETS):
        return []
    malik, seed = (
        {t: _rmse(published, t) for t in TARGETS} for published in published_numbers()[:2]
    )
    gain = _difference(malik, seed)
    there = {t: full[t][0] for t in TARGETS}
    here, pooled = ({t: short[t][average] for t in TARGETS} for average in (0, 1))
    moved = _difference(there, here)
    malik_skill, seed_skill = _skill(malik, there), _skill(seed, pooled)
    lines = (
        ("Malik et al. 2017: 431 excerpts to 58 full songs, RMSE per song", malik, 4),
        ("track_emo_reco: 70/30 by song on excerpts, pooled, stopped on the test songs", seed, 4),
        ("the gain, as it is read", gain, 4),
        ("a constant on the 58 full songs, per song", there, 4),
        ("a constant on the excerpts, per song", here, 4),
        ("a constant on the excerpts, pooled", pooled, 4),
        ("what a constant gains by testing on excerpts instead, per song", moved, 4),
        ("skill of Malik et al., roughly: 1 − (RMSE / constant)², both per song", malik_skill, 2),
        ("skill of track_emo_reco: 1 − (RMSE / constant)², both pooled", seed_skill, 2),
    )  # fmt: skip
    rows = [
        (words, *(f"{values[target]:.{digits}f}" for target in TARGETS))
        for words, values, digits in lines
    ]
    said = [
        f"**{target.capitalize()}**: a constant, which has learned nothing, gains "
        f"{moved[target]:.4f} by the change of test songs alone, "
        f"{'more' if moved[target] > gain[target] else 'less'} than the {gain[target]:.4f} between "
        f"the two systems. As skill they are {malik_skill[target]:.2f} and "
        f"{seed_skill[target]:.2f}, on different songs and differently averaged."
        for target in TARGETS
    ]
    stopped = [
        f"- {contrast.title}, {contrast.target}, {contrast.feature} / {contrast.model}: "
        f"{_paired(contrast.stopping)}"
        for contrast in contrasted
        if contrast.stopping and contrast.stopping.direction
    ]
    parts = [
        "## What the starting project's gain over Malik et al. 2017 is made of",
        table(("", *TARGETS), rows, left=(0,)),
        "Published numbers as quoted in the leaderboard; constants measured here, on the labels "
        "released with DEAM, which are not those of 2015.",
        *said,
    ]
    if stopped:
        parts += [
            "What choosing and stopping on the test songs is worth, where a model chooses at all "
            "(RMSE per song, seed_split less holdout on the same test songs):",
            "\n".join(stopped),
        ]
    return parts


def _constant(tracks: Sequence[Track], target: str, protocol: str) -> tuple[float, float] | None:
    """Return the RMSE of DEAM's constant of the most songs, per song and pooled."""
    songs = {"mediaeval2015": "full", "song_kfold": "excerpts"}[protocol]
    results = [
        (row.n_training_songs, row.result.constant)
        for track in tracks
        if (track.conditions.known_as, track.conditions.songs) == ("deam", songs)
        and (track.conditions.protocol, track.target) == (protocol, target)
        for row in track.rows
        if row.result and (protocol != "song_kfold" or "group=" not in row.protocol)
    ]
    return max(results, default=(0.0, None))[1]


def _rmse(published: Published, target: str) -> float:
    value = published.number(target).rmse
    assert value is not None
    return value


def _difference(first: Mapping[str, float], second: Mapping[str, float]) -> dict[str, float]:
    return {target: first[target] - second[target] for target in TARGETS}


def _skill(rmse: Mapping[str, float], constant: Mapping[str, float]) -> dict[str, float]:
    return {target: 1 - rmse[target] ** 2 / constant[target] ** 2 for target in TARGETS}
