"""The command line as a user has it: real processes in an empty folder."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from commands import benchmark, rows, write
from results import tables

EVERY_MODEL = (
    "[mean, ridge, {name: xgboost_summary, n_estimators: 20}, {name: arousal_cnn, epochs: 1}, "
    "{name: valence_lstm, epochs: 2, batch_size: 4}]"
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a folder in which every model has run, and what the run printed."""
    folder = tmp_path_factory.mktemp("finished")
    file = write(folder, "everything", models=EVERY_MODEL, features="[chroma]")
    done = benchmark("run", file.name, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_run_ranks_every_model_on_both_targets(finished: tuple[Path, str]) -> None:
    folder, output = finished
    table = rows(folder / "reports" / "leaderboard.md")
    assert len(table) == 2 * 5
    for row in table:
        assert row[0] in "12345"
        assert re.fullmatch(r"0\.\d{4} \[0\.\d{3}, 0\.\d{3}\]", row[4])
        assert re.fullmatch(r"0\.\d{4}", row[5])
    (constant, *_) = [row for row in table if row[2] == "mean"]
    assert (constant[1], constant[3], constant[6]) == ("none", "5", "0.000 [0.00, 0.00]")
    assert "Synthetic data" in output
    assert "20 jobs computed, 0 taken from records, 0 failed" in output
    page = folder / "reports" / "index.html"
    assert output.splitlines()[-1] == f"Report page: {page}"
    assert page.stat().st_size > 1_000_000


def test_terminal_and_markdown_show_the_same_numbers(finished: tuple[Path, str]) -> None:
    folder, output = finished
    shown = output.replace("\N{NO-BREAK SPACE}", " ")
    for row in rows(folder / "reports" / "leaderboard.md"):
        for numbers in row[4:7]:
            assert numbers in shown


def test_mlflow_has_one_parent_a_cell_and_one_child_a_fold(finished: tuple[Path, str]) -> None:
    folder, _ = finished
    with sqlite3.connect(folder / "mlruns" / "mlflow.db") as store:
        (parents,) = store.execute("select count(*) from tags where key = 'mer.cell'").fetchone()
        (children,) = store.execute("select count(*) from tags where key = 'mer.job'").fetchone()
    assert (parents, children) == (10, 20)


def test_second_run_is_a_look_up_with_the_same_table(finished: tuple[Path, str]) -> None:
    folder, _ = finished
    leaderboard = folder / "reports" / "leaderboard.md"
    before = leaderboard.read_text(encoding="utf-8")
    done = benchmark("run", "everything.yaml", cwd=folder)
    assert "0 jobs computed, 20 taken from records" in done.stdout
    assert leaderboard.read_text(encoding="utf-8") == before


def test_report_and_track_work_from_records_alone(finished: tuple[Path, str]) -> None:
    folder, _ = finished
    leaderboard, protocols = (folder / "reports" / f"{n}.md" for n in ("leaderboard", "protocols"))
    before = leaderboard.read_text(encoding="utf-8")
    assert "No model has run under several protocols yet" in protocols.read_text(encoding="utf-8")
    leaderboard.unlink()
    protocols.unlink()
    (folder / "mlruns" / "mlflow.db").unlink()
    done = benchmark("report", cwd=folder)
    assert done.returncode == 0
    assert leaderboard.read_text(encoding="utf-8") == before
    assert protocols.exists()
    for path in (leaderboard, protocols):
        assert str(path.relative_to(folder)) in done.stdout
    assert benchmark("track", cwd=folder).returncode == 0
    with sqlite3.connect(folder / "mlruns" / "mlflow.db") as store:
        assert store.execute("select count(*) from tags where key = 'mer.cell'").fetchone() == (10,)


@dataclass(frozen=True)
class Flagged:
    """What is left of a fair experiment, one with a cheating model, one of unfair protocols."""

    folder: Path
    terminal: str
    markdown: str
    protocols: str
    runs: Mapping[str, str | None]

    def part(self, title: str) -> str:
        """Return what the leaderboard says of a track."""
        return self.markdown.partition(f"## {title}\n")[2].partition("\n## ")[0]


@pytest.fixture(scope="module")
def flagged(tmp_path_factory: pytest.TempPathFactory) -> Flagged:
    folder = tmp_path_factory.mktemp("flagged")
    unfair = "[holdout, seed_split, leaky_frames]"
    files = [
        write(folder, "fair", features="[mel]", targets="[arousal]"),
        write(folder, "cheat", models="[clairvoyant]", targets="[arousal]"),
        write(
            folder, "unfair", features="[mel]", models="[ridge]", targets="[arousal]",
            protocol=unfair,
        ),
    ]  # fmt: skip
    done = benchmark("run", *(file.name for file in files), cwd=folder, plugin="plugin_cheat")
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(folder / "mlruns" / "mlflow.db") as store:
        runs = store.execute(
            "select name, value from runs left join tags "
            "on tags.run_uuid = runs.run_uuid and tags.key = 'mer.alarm'"
        ).fetchall()
    leaderboard, protocols = (
        (folder / "reports" / f"{name}.md").read_text(encoding="utf-8")
        for name in ("leaderboard", "protocols")
    )
    return Flagged(folder, done.stdout, leaderboard, protocols, dict(runs))


def test_a_model_that_looks_up_the_answers_is_flagged_everywhere(flagged: Flagged) -> None:
    part = flagged.part("demo (synthetic): arousal, song_kfold(folds=2)")
    board, *_ = tables(part)
    assert [row[:3] for row in board[1:4]] == [
        ["1", "mel", "ridge"],
        [board[2][0], "none", "mean"],
        ["⚠", "none", "clairvoyant"],
    ]
    assert board[2][0] in "12"
    assert board[3][4].startswith("0.0200 [")
    floor = board[[row[2] for row in board].index("oracle: song mean")]
    said = "⚠ none / clairvoyant: too good: pooled RMSE 0.0200 lies below "
    assert re.search(rf"- {said}0\.\d{{4}} \(oracle: song mean\)\. Likely causes", part)
    assert float(floor[4]) > 0.02
    assert said in flagged.terminal
    assert "test labels reach the model or its features" in part
    assert flagged.runs["⚠ too good: none / clairvoyant / arousal"] == "too good"
    assert flagged.runs["mel / ridge / arousal"] is None
    assert flagged.runs["none / mean / arousal"] is None


@pytest.mark.parametrize(
    ("protocol", "flaw", "said"),
    [
        ("seed_split", "optimistic", "3 of 3 test songs are handed to the model for its choices"),
        (
            "leaky_frames",
            "leaky",
            "10 of 10 test songs are also trained on, for example song 001; around ",
        ),
    ],
)
def test_a_split_that_is_not_fair_is_flagged_everywhere(
    flagged: Flagged, protocol: str, flaw: str, said: str
) -> None:
    title = f"demo (synthetic): arousal, {protocol} ({flaw})"
    part = flagged.part(title)
    board, *_ = tables(part)
    assert [row[0] for row in board[1:] if row[1]] == ["⚠"]
    assert f"**{flaw.capitalize()}**: " in part
    assert f"- ⚠ mel / ridge: {flaw}: {said}" in part
    assert title in flagged.terminal
    assert f"⚠ mel / ridge: {flaw}: {said}" in flagged.terminal
    ((_, reference, *others),) = tables(flagged.protocols)
    assert reference[:2] == ["`song_kfold(folds=2)`", "10"]
    assert [row[0] for row in others].count(f"`{protocol}` ⚠ {flaw}") == 1
    assert flagged.runs[f"⚠ {flaw}: mel / ridge / arousal"] == flaw
    assert f"⚠ {flaw}: fold 0, seed 0" in flagged.runs


def test_only_rows_of_one_track_are_compared(flagged: Flagged) -> None:
    refused = benchmark("compare", "fair", "unfair", cwd=flagged.folder)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    assert "fair, unfair: rows of 4 tracks share no table" in refused.stderr
    for words in ("2-fold cross-validation by song", "random split of single labels"):
        assert words in refused.stderr
    assert "RMSE" not in refused.stdout
    shown = benchmark("compare", "fair", "cheat", cwd=flagged.folder)
    assert shown.returncode == 0
    for model in ("ridge", "mean", "clairvoyant", "oracle: song mean"):
        assert model in shown.stdout
    assert "too good" in shown.stdout


def test_comparing_what_has_not_run_names_what_has(flagged: Flagged) -> None:
    done = benchmark("compare", "fare", cwd=flagged.folder)
    assert done.returncode == 2
    assert "no experiment 'fare' has been run here; did you mean fair?" in done.stderr
    assert "Traceback" not in done.stderr


def test_one_failing_cell_does_not_lose_the_others(tmp_path: Path) -> None:
    diverging = "{name: valence_lstm, epochs: 3, batch_size: 2, learning_rate: 1e30}"
    file = write(tmp_path, "mixed", models=f"[mean, {diverging}]")
    done = benchmark("run", file.name, "--set", "targets=[arousal]", cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert re.search(r"failed .*valence_lstm.*diverged.*a learning_rate below 1e\+30", done.stderr)
    constant, failed = rows(tmp_path / "reports" / "leaderboard.md")
    assert constant[2] == "mean"
    assert failed[0] == "–"
    assert failed[4].startswith("failed in 2 of 2 jobs: training diverged")


def test_every_mistake_is_listed_at_once_without_a_traceback(tmp_path: Path) -> None:
    first = write(tmp_path, "first", models="[meen, {name: ridge, second: 3}]")
    second = write(tmp_path, "second", features="[mel, {name: mfcc, n_mfcc: 500}]")
    done = benchmark("run", first.name, second.name, cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    for mistake in (
        "first.yaml: models[0] (meen): no model 'meen'; did you mean mean?",
        "no parameter 'second' in ridge; did you mean seconds?",
        "second.yaml: features[1] (mfcc): n_mfcc = 500 is more than n_mels = 96",
    ):
        assert mistake in done.stderr
    assert not (tmp_path / "mlruns").exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["dataset.name=deam", "dataset.root=nowhere"], "dataset.root = nowhere: no such folder"),
        (["protocol.folds=11"], "folds = 11 is more than the 10 songs"),
    ],
)
def test_unusable_data_is_one_message(tmp_path: Path, settings: list[str], message: str) -> None:
    file = write(tmp_path, "unusable")
    if "dataset.name=deam" in settings:
        file.write_text(file.read_text().replace(", songs: 10", ""))
    options = [part for setting in settings for part in ("--set", setting)]
    done = benchmark("run", file.name, *options, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_dry_run_shows_the_cells_and_touches_nothing(tmp_path: Path) -> None:
    file = write(tmp_path, "preview")
    done = benchmark("run", file.name, "--dry-run", cwd=tmp_path)
    assert done.returncode == 0
    assert "none / mean / arousal" in done.stdout
    assert "chroma / ridge / valence" in done.stdout
    assert "4 cells" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_shipped_experiments_are_valid() -> None:
    root = Path(__file__).parents[1]
    files = [path.relative_to(root).as_posix() for path in (root / "experiments").rglob("*.yaml")]
    done = benchmark("validate", *files, cwd=root)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": fine, ") == len(files) >= 3


def test_set_reaches_every_file(tmp_path: Path) -> None:
    files = [write(tmp_path, name).name for name in ("one", "two")]
    done = benchmark("run", *files, "--dry-run", "--set", "targets=[valence]", cwd=tmp_path)
    assert "arousal" not in done.stdout
    assert done.stdout.count("chroma / ridge / valence") == 2


def test_list_names_every_component_and_its_parameters(tmp_path: Path) -> None:
    output = benchmark("list", cwd=tmp_path).stdout
    for name in (
        "mfcc",
        "mel",
        "chroma",
        "mean",
        "ridge",
        "xgboost_summary",
        "arousal_cnn",
        "valence_lstm",
        "stacked_crnn",
        "deam",
        "demo",
        "song_kfold",
        "n_mfcc=20",
    ):
        assert name in output


@pytest.mark.parametrize("command", [["--help"], ["list"], ["validate", "heavy.yaml"]])
def test_light_commands_load_no_heavy_library(tmp_path: Path, command: list[str]) -> None:
    write(tmp_path, "heavy", models=EVERY_MODEL, features="[mel, mfcc, chroma]")
    script = (
        "import sys; from benchmark.cli import main; sys.argv[0] = 'benchmark'\n"
        "try: main()\n"
        "finally: print('LOADED', sorted({name.split('.')[0] for name in sys.modules} & "
        "{'tensorflow', 'keras', 'mlflow', 'optuna', 'sklearn', 'xgboost', 'librosa', 'pandas', "
        "'scipy', 'statsmodels', 'soundfile'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *command],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("LOADED []")


def test_an_mlflow_that_cannot_be_reached_hides_no_result(tmp_path: Path) -> None:
    file = write(tmp_path, "offline", models="[mean]")
    done = benchmark("run", file.name, cwd=tmp_path, MLFLOW_TRACKING_URI="nonsense://nowhere")
    assert done.returncode == 1
    assert "4 jobs computed" in done.stdout
    assert len(rows(tmp_path / "reports" / "leaderboard.md")) == 2
    assert "records are safe" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("place", "code"), [("mlruns", 2), ("reports", 1)])
def test_a_file_where_a_folder_belongs_is_one_message(
    tmp_path: Path, place: str, code: int
) -> None:
    """Without records nothing is run; without reports only they are missing."""
    (tmp_path / place).write_text("in the way")
    done = benchmark("run", write(tmp_path, "blocked", models="[mean]").name, cwd=tmp_path)
    assert done.returncode == code
    assert place in done.stderr
    assert "Traceback" not in done.stderr


def test_data_options_of_real_data_do_not_reach_the_demo(tmp_path: Path) -> None:
    file = write(tmp_path, "demo")
    done = benchmark("run", file.name, "--set", "dataset.root=precious", cwd=tmp_path)
    assert done.returncode == 2
    assert "no parameter 'root' in demo" in done.stderr
