"""Studies as markdown: what each chose from, what won fold by fold, and the figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmark.evaluation.tuned import TunedFold, TunedRow
from benchmark.records import TrialRecord
from benchmark.reporting.board import Track
from benchmark.reporting.markdown import escaped, table
from benchmark.reporting.numbers import NONE, number, signed
from benchmark.reporting.rows import Row
from benchmark.reporting.tuning_words import in_words
from benchmark.reporting.wording import title

LEGEND = """\
Rows whose parameters were chosen by studies. A study has the training songs of one outer fold and
judges its trials on folds among them; its winner is fitted on all of them and tested once on the
songs it never met. All scores are RMSE per song, averaged over songs and then folds, ratings in
[-1, 1].

- **untuned**: inner score of what the study tries first, the file as it stands (the best of its
  features and models).
- **optimism**: best inner score less outer score; negative where the study believed too much. Inner
  folds train on fewer songs than the winner does, which works against that.
- Figures show the trials of all folds of a row together; importance is fANOVA's (Hutter, Hoos &
  Leyton-Brown 2014)."""

FIGURES = ("history", "importance", "parallel_coordinates", "slice")
HEADINGS = (
    "fold", "complete", "pruned", "failed", "untuned", "best inner", "outer", "optimism", "winner",
)  # fmt: skip


def render(tracks: Sequence[Track], figures: Mapping[str, Sequence[str]]) -> str:
    """Return the report; `figures` maps the key of a tuning to the paths of its figures."""
    parts = ["# Studies", LEGEND]
    for track, row, tuned in tuned_rows(tracks):
        parts += [
            escaped(f"## {title(track)}: {row.feature} / {row.model}"),
            escaped(_sentence(in_words(track, row, tuned))),
            escaped(f"Chosen from: {'; '.join(_space(tuned))}."),
            table(HEADINGS, [_line(fold) for fold in tuned.folds], left=(8,)),
            *(f"![{path.rpartition('/')[2]}]({path})" for path in figures.get(tuned.key, ())),
        ]
    if len(parts) == 2:
        parts = ["# Studies", "None has been run yet: `python -m benchmark tune FILE`"]
    return "\n\n".join(parts) + "\n"


def tuned_rows(tracks: Sequence[Track]) -> Iterator[tuple[Track, Row, TunedRow]]:
    """Yield every tuned row with its track."""
    for track in tracks:
        for row in track.rows:
            if row.tuned:
                yield track, row, row.tuned


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:].removesuffix('.')}."


def _line(fold: TunedFold) -> tuple[str, ...]:
    study, winner = fold.study, fold.study.best
    assert winner is not None
    return (
        str(study.fold),
        *(str(study.count(state)) for state in ("complete", "pruned", "failed")),
        NONE if fold.untuned is None else number(fold.untuned),
        number(fold.inner),
        number(fold.outer),
        signed(fold.inner - fold.outer, 4),
        _winner(winner),
    )


def _winner(trial: TrialRecord) -> str:
    """Return what was chosen, to three digits; `tune --apply` writes all of them."""
    of_feature, of_model = (label.partition("(")[0] for label in (trial.feature, trial.model))
    values = {
        name.rpartition(".")[2]: value
        for name, value in trial.parameters.items()
        if name not in ("feature", "model") and not name.startswith(f"{of_feature}.")
    }
    listed = ", ".join(
        f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in values.items()
    )
    return f"{trial.feature} / {of_model}{f': {listed}' if listed else ''}"


def _space(tuned: TunedRow) -> Iterator[str]:
    description = tuned.folds[0].study.description
    for group in ("features", "models"):
        for candidate in description[group]:
            domains = ", ".join(
                f"{name} {_domain(domain)}" for name, domain in candidate["search"].items()
            )
            yield f"{candidate['name']} ({domains})" if domains else candidate["name"]


def _domain(domain: Mapping[str, Any]) -> str:
    if "values" in domain:
        return f"one of {', '.join(map(str, domain['values']))}"
    step = f" by {domain['step']:g}" if domain["step"] else ""
    return f"{domain['low']:g} to {domain['high']:g}{step}{' (log)' if domain['log'] else ''}"
