from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.stats
from results import Results, many, study, tables
from rich.console import Console
from statsmodels.stats.multitest import multipletests

from benchmark.records import Shared, StudyRecord
from benchmark.reporting import markdown, study_report, tracks
from benchmark.reporting.terminal import show
from benchmark.reporting.tuning_words import tuning_lines
from benchmark.runner.publish import tables as board_of
from benchmark.runner.publish import write_reports
from benchmark.runner.workspace import Workspace

SONGS = many(12)
FOLDS = (list(SONGS)[:6], list(SONGS)[6:])
ERRORS = {song: 0.6 + 0.01 * place for place, song in enumerate(SONGS)}
"""The two folds reach 0.625 and 0.685."""
STUDIES = (study(0, 0.65, 0.605, None), study(1, 0.7, "broke", 0.645))
"""They believed 0.605 and 0.645: 0.02 and 0.04 too much; untuned 0.65 and 0.7."""
CONSTANT = 1.25**0.5
"""RMSE of a constant at 1 where labels are -0.5 and 0.5."""


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(tmp_path, labels=SONGS, folds=FOLDS)


def board(results: Results, **published: str) -> str:
    results.publish(**published)
    return markdown.render(tracks(results.store)).replace("\N{NO-BREAK SPACE}", " ")


def report(results: Results) -> str:
    results.publish()
    return study_report.render(tracks(results.store), {}).replace("\N{NO-BREAK SPACE}", " ")


def terminal(results: Results) -> str:
    results.publish()
    console = Console(file=io.StringIO(), width=400)
    show(tracks(results.store), console)
    return console.file.getvalue()


def line(results: Results) -> str:
    """Return what is said of the only tuned row."""
    results.publish()
    ((said,),) = [found for track in tracks(results.store) if (found := tuning_lines(track))]
    return said.replace("\N{NO-BREAK SPACE}", " ")


def test_optimism_is_a_column_only_where_a_row_was_tuned(results: Results) -> None:
    """So on arousal; on valence, in a table of its own, no row was."""
    results.add("ridge", error=ERRORS)
    results.add("ridge", error=ERRORS, track="other", target="valence")
    assert "tuning optimism" not in terminal(results)
    assert "### Tuning" not in board(results)
    results.add("ridge", error=ERRORS, studies=STUDIES)
    arousal, valence = [
        found for found in tables(board(results)) if "RMSE [95 %, songs]" in found[0]
    ]
    assert "tuning optimism" not in valence[0]
    place = arousal[0].index("tuning optimism")
    assert {row[2]: row[place] for row in arousal[1:3]} == {"ridge": "–", "ridge, tuned": "-0.0300"}
    assert {"".join(row[5:]) for row in arousal[3:]} == {""}
    shown = terminal(results)
    assert shown.count("tuning optimism") == 1
    assert [row.count("-0.0300") for row in shown.splitlines() if "ridge, tuned" in row] == [1]


def test_optimism_is_no_column_where_no_row_has_a_result(results: Results) -> None:
    results.add("ridge", failing=0)
    assert "tuning optimism" not in terminal(results)


def test_how_a_row_was_tuned_and_what_it_was_worth_is_said_in_words(results: Results) -> None:
    results.add("ridge", error=ERRORS, studies=STUDIES)
    said = (
        "n each of 2 folds up to 20 trials (tpe, median pruner; 4 complete, 1 pruned, 1 failed) on "
        "the training songs alone, judged by 3 folds by song. Best inner RMSE 0.6250 (untuned "
        "0.6750), outer 0.6550: tuning optimism -0.0300."
    )
    assert line(results) == f"mel / ridge, tuned: i{said}"
    assert f"\n- mel / ridge, tuned: i{said}\n" in board(results)
    assert f"\nI{said}\n" in report(results)


def test_without_an_untuned_trial_no_untuned_score_is_made_up(results: Results) -> None:
    once = study(0, 0.6, None, untuned=0)
    results.folds = (list(SONGS),)
    results.add("ridge", error=ERRORS, studies=(once,))
    said = line(results)
    assert ": once up to 20 trials (" in said
    assert "Best inner RMSE 0.6000, outer 0.6550: tuning optimism -0.0550." in said
    _, row = tables(report(results))[0]
    assert row[:8] == ["0", "1", "1", "0", "–", "0.6000", "0.6550", "-0.0550"]


def test_the_report_has_a_line_a_fold_and_what_was_chosen_from(results: Results) -> None:
    results.add("ridge", error=ERRORS, studies=STUDIES)
    text = report(results)
    assert "\n## toy: arousal, song_kfold: mel / ridge, tuned\n" in text
    assert "\nChosen from: mel; ridge (alpha 0.01 to 100 (log)).\n" in text
    (headings, *folds), *_ = tables(text)
    assert headings == [
        "fold", "complete", "pruned", "failed", "untuned", "best inner", "outer", "optimism",
        "winner",
    ]  # fmt: skip
    assert folds == [
        ["0", "2", "1", "0", "0.6500", "0.6050", "0.6250", "-0.0200", "mel / ridge: alpha 10"],
        ["1", "2", "0", "1", "0.7000", "0.6450", "0.6850", "-0.0400", "mel / ridge: alpha 100"],
    ]


def test_without_any_study_the_report_says_how_to_get_one(results: Results) -> None:
    results.add("ridge", error=ERRORS)
    assert report(results) == (
        "# Studies\n\nNone has been run yet: `python -m benchmark tune FILE`\n"
    )


@pytest.mark.parametrize("by", [-0.02, 0.02], ids=["tuned ranks first", "tuned ranks last"])
def test_untuned_rows_it_could_have_been_are_compared_with_as_scipy_says(
    results: Results, by: float
) -> None:
    """The sign is that of the tuned row less the untuned one, whichever stands first."""
    random = np.random.default_rng(1)
    base = np.array(list(ERRORS.values()))
    rows = {
        name: base + shift + random.normal(0, 0.02, 12)
        for name, shift in (("tuned", by), ("ridge", 0), ("far", 0.005), ("cnn", 0.01))
    }
    of = {name: dict(zip(SONGS, values.tolist(), strict=True)) for name, values in rows.items()}
    results.add("ridge", error=of["tuned"], constant=1.0, studies=STUDIES)
    results.add("ridge", error=of["ridge"], constant=1.0)
    results.add("ridge", error=of["far"], constant=1.0, feature="chroma")
    results.add("cnn", error=of["cnn"], constant=1.0)
    said = line(results)

    names = [*rows]
    pairs = [(one, other) for at, one in enumerate(names) for other in names[at + 1 :]]
    p = [scipy.stats.wilcoxon(rows[one], rows[other]).pvalue for one, other in pairs]
    p += [scipy.stats.wilcoxon(values - CONSTANT).pvalue for values in rows.values()]
    adjusted = multipletests(p, method="holm")[1][pairs.index(("tuned", "ridge"))]
    difference = float(np.median(rows["tuned"] - rows["ridge"]))
    assert np.sign(difference) == np.sign(by)
    assert 0.001 < adjusted < 1, "or any adjustment would do"
    expected = f"Against untuned rows: mel / ridge {difference:+.4f}, p {adjusted:.3f}"
    assert said.endswith(f". {expected}")
    assert f". {expected}.\n" in report(results)


def test_every_feature_and_model_that_was_a_candidate_counts_and_no_row_with_an_alarm(
    results: Results,
) -> None:
    choice = {"features": ("mel", "chroma"), "models": ("ridge", "cnn")}
    results.add("ridge", error=ERRORS, studies=(study(0, 0.6, **choice), study(1, 0.6, **choice)))
    for model, feature in (("ridge", "mel"), ("cnn", "chroma"), ("ridge", "mfcc"), ("svm", "mel")):
        results.add(model, error=ERRORS, feature=feature)
    results.add("cnn", error=0.01)
    _, _, against = line(results).partition("Against untuned rows: ")
    assert sorted(against.split("; ")) == [
        "chroma / cnn +0.0000, p 1.000",
        "mel / ridge +0.0000, p 1.000",
    ]


@pytest.mark.parametrize(
    "studies", [(study(0, 0.6), study(1, 0.6)), (study(0, 0.6), study(1, None))]
)
def test_what_tuning_was_worth_is_not_said_where_a_study_is_lost(
    results: Results, studies: Sequence[StudyRecord]
) -> None:
    results.add("ridge", error=ERRORS, studies=studies)
    for path in (results.root / "studies").glob("*fold-0/study.json"):
        path.unlink()
    assert "### Tuning" not in board(results)
    assert "None has been run yet" in report(results)


def test_a_tuned_row_whose_studies_are_lost_is_no_untuned_row(results: Results) -> None:
    either = tuple(study(fold, 0.6, models=("ridge", "cnn")) for fold in range(2))
    gone = tuple(study(fold, 0.6, name="gone") for fold in range(2))
    results.add("ridge", error=ERRORS, studies=either)
    results.add("cnn", error=ERRORS, studies=gone)
    for path in (results.root / "studies").glob("*gone*/study.json"):
        path.unlink()
    assert "Against untuned rows" not in line(results)


def test_rows_of_the_same_jobs_stay_apart_where_one_is_tuned_or_optimistic(
    results: Results,
) -> None:
    """A study may choose what the file says; `--apply` hands its choice to a file of its own."""
    results.add("ridge", error=ERRORS, studies=STUDIES)
    (tuned,) = results.cells
    plain = replace(tuned, tuning=None, description={**tuned.description, "model_label": "ridge"})
    told = Shared(test_songs=12, test_labels=24, chosen_on=12)
    applied = replace(plain, shared=told)
    results.cells += [plain, applied, plain]
    rows, *_ = tables(board(results))
    place = rows[0].index("tuning optimism")
    found = sorted((row[0], row[2], row[place]) for row in rows[1:] if "ridge" in row[2])
    assert found == [("1", "ridge", "–"), ("1", "ridge, tuned", "-0.0300"), ("⚠", "ridge", "–")]
    text = board(results)
    assert "- ⚠ mel / ridge: optimistic: 12 of 12 test songs are handed to the model" in text
    assert line(results).endswith(" Against untuned rows: mel / ridge +0.0000, p 1.000")


@pytest.mark.parametrize("command", ["run", "tune"])
def test_a_table_is_reproduced_by_the_command_that_made_it(results: Results, command: str) -> None:
    results.add("ridge", error=ERRORS, studies=STUDIES)
    commands = re.findall("^python -m benchmark .*", board(results, command=command), re.MULTILINE)
    assert commands == [f"python -m benchmark {command} made.yaml --set 'seeds=[0]'"]


def test_signs_of_markdown_in_a_label_are_text(results: Results) -> None:
    odd = tuple(study(fold, 0.6, models=("pipe|<b>",)) for fold in range(2))
    results.add("pipe|<b>", error=ERRORS, studies=odd)
    results.add("pipe|<b>", error=ERRORS)
    text = board(results)
    assert "\n- mel / pipe\\|&lt;b>, tuned: in each of 2 folds" in text
    assert "Against untuned rows: mel / pipe\\|&lt;b> +0.0000" in text
    (_, first, second), *_ = tables(report(results))
    assert (first[-1], second[-1]) == ("mel / pipe\\|&lt;b>: alpha 1",) * 2


def test_signs_of_markdown_are_text_in_headings_and_sentences_too(results: Results) -> None:
    odd = tuple(study(fold, 0.6, models=("pipe|<b>",)) for fold in range(2))
    results.add("pipe|<b>", error=ERRORS, studies=odd)
    results.add("pipe|<b>", error=ERRORS)
    assert "<b>" not in report(results)


def tuned_workspace(place: Path) -> tuple[Workspace, dict[str, bytes]]:
    """Tune two experiments on two targets each; return the content of every figure there is."""
    workspace, contents = Workspace(place), {}
    for name in ("one", "two"):
        made = Results(workspace.records.root, f"{name}+tuned", labels=SONGS, folds=FOLDS)
        for target in ("arousal", "valence"):
            found = [study(fold, 0.6, name=name, target=target) for fold in range(2)]
            made.add("ridge", error=ERRORS, studies=found, target=target, track=f"on {target}")
            folder = workspace.records.study_folder(made.cells[-1].tuning.key)
            folder.mkdir()
            for figure in study_report.FIGURES[: 2 if name == "one" else 4]:
                key = f"studies/{name}-{target}-{figure}.png"
                contents[key] = f"{name} {target} {figure}".encode()
                (folder / f"{figure}.png").write_bytes(contents[key])
        made.publish(command="tune")
    return workspace, contents


def test_figures_lie_beside_the_report_and_none_hides_another(tmp_path: Path) -> None:
    workspace, contents = tuned_workspace(tmp_path)
    write_reports(workspace, board_of(workspace))
    text = workspace.studies.read_text(encoding="utf-8")
    shown = re.findall(r"^!\[.*\]\((.*)\)$", text, re.MULTILINE)
    assert sorted(shown) == sorted(contents)
    reports = workspace.studies.parent
    assert {path: (reports / path).read_bytes() for path in shown} == contents
    assert {str(path.relative_to(reports)) for path in reports.rglob("*.png")} == set(shown)
    assert "[studies](studies.md)" in workspace.leaderboard.read_text(encoding="utf-8")


def test_each_row_shows_its_own_figures(tmp_path: Path) -> None:
    workspace, _ = tuned_workspace(tmp_path)
    write_reports(workspace, board_of(workspace))
    sections = workspace.studies.read_text(encoding="utf-8").split("\n## ")[1:]
    assert len(sections) == 4
    for section in sections:
        target = section.removeprefix("toy: ").partition(",")[0]
        stems = {path.rsplit("-", 1)[0] for path in re.findall(r"\((studies/.*)\)", section)}
        assert stems in ({f"studies/one-{target}"}, {f"studies/two-{target}"})


def test_a_report_of_studies_is_written_only_where_there_were_any(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    made = Results(workspace.records.root, labels=SONGS, folds=FOLDS)
    made.add("ridge", error=ERRORS)
    made.publish()
    write_reports(workspace, board_of(workspace))
    assert workspace.leaderboard.exists()
    assert not workspace.studies.exists()
    workspace.studies.write_text("of a row that is gone")
    write_reports(workspace, board_of(workspace))
    assert "None has been run yet" in workspace.studies.read_text(encoding="utf-8")
