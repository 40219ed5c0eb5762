"""The protocol report on the page: the markdown's own cells, and optimism drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from benchmark.evaluation.standing import ALPHA
from benchmark.pages.report_figures import Chart, Styles
from benchmark.pages.report_tables import Line, Table
from benchmark.pages.report_words import marked
from benchmark.records import TARGETS
from benchmark.reporting.board import Track
from benchmark.reporting.protocol_report import (
    HEADINGS,
    STOPPING,
    Gain,
    case_cells,
    gain_of,
    groups,
    name_of,
    protocols_in_words,
    stopping,
)
from benchmark.reporting.protocols import Contrast, contrasts


@dataclass(frozen=True)
class Comparison:
    """Contrasts of one dataset and target: a figure, and a table a model with what stands below."""

    heading: str
    protocols: tuple[Markup, ...]
    chart: Chart
    tables: tuple[tuple[str, Table, str], ...]


@dataclass(frozen=True)
class Protocols:
    """All contrasts there are, and what a famous gain is made of, if that can be said."""

    comparisons: tuple[Comparison, ...]
    gain: Gain | None
    gain_table: Table | None
    gain_said: tuple[Markup, ...] = ()
    stopping: str = STOPPING


def protocols(tracks: Sequence[Track], styles: Styles) -> Protocols | None:
    """Return the protocol report; None where no model ran under two protocols."""
    found = contrasts(tracks)
    if not found:
        return None
    synthetic = {track.conditions.title for track in tracks if track.conditions.synthetic}
    gain = gain_of(tracks, found)
    return Protocols(
        tuple(
            _comparison(heading, together, styles, synthetic=together[0].title in synthetic)
            for heading, together in groups(found)
        ),
        gain,
        Table(("", *TARGETS), tuple(Line(row) for row in gain.rows), left=(0,)) if gain else None,
        tuple(map(marked, gain.said)) if gain else (),
    )


def _comparison(
    heading: str, together: Sequence[Contrast], styles: Styles, *, synthetic: bool
) -> Comparison:
    return Comparison(
        heading,
        tuple(
            marked(f"`{label}`: {words}") for label, words in protocols_in_words(together).items()
        ),
        _chart(heading, together, styles, synthetic=synthetic),
        tuple((name_of(one), _table(one), stopping(one)) for one in together),
    )


def _table(contrast: Contrast) -> Table:
    return Table(
        HEADINGS,
        tuple(
            Line((f"{label}{mark}", *cells), kind="flagged" if mark else "")
            for label, mark, *cells in map(case_cells, contrast.cases)
        ),
        left=(0,),
    )


def _chart(heading: str, together: Sequence[Contrast], styles: Styles, *, synthetic: bool) -> Chart:
    reference = together[0].cases[0].row
    marks: dict[str, str] = {}
    models = []
    for contrast in together:
        others = [case for case in contrast.cases if case.paired]
        for case in others:
            flaw = case.row.cell.description["flaw"]
            marks[case.row.protocol] = flaw or marks.get(case.row.protocol, "")
        models.append(
            {
                "name": name_of(contrast),
                **styles.of(contrast.cases[0].row),
                "constant": contrast.cases[0].row.is_constant,
                "protocols": [case.row.protocol for case in others],
                "marks": [case.row.mark for case in others],
                "optimism": [case.optimism for case in others],
                "skill": [case.skill_optimism for case in others],
                "apart": [bool(case.paired and case.paired.p < ALPHA) for case in others],
            }
        )
    return Chart(
        "optimism",
        "Optimism, drawn",
        "Right of the line a model looks better than under the reference, left of it worse. A full "
        f"symbol: the songs tell the two apart (p < {ALPHA:g}); a hollow one: they do not.",
        f"{heading}{', synthetic data' if synthetic else ''}; reference: {reference.protocol}, "
        f"{reference.cell.n_test_songs:,} test songs. Optimism: RMSE per song under the reference "
        f"less that under the protocol, ratings in [-1, 1], on the songs that both tested; p of "
        f"Wilcoxon's signed-rank test, paired over songs, not adjusted.",
        ({"protocols": list(marks), "marks": list(marks.values()), "models": models},),
    )
