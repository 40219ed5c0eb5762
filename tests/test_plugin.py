"""A package that a third party installed, by the command line: a feature and a model of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import EntryPoint, distributions
from pathlib import Path

import pytest
from commands import PLUGINS, benchmark, recorded, rows, write

PLUGIN = "plugin"
WHAT = "Two means: of labels where the first value is below its median, and of the others."


@dataclass(frozen=True)
class Finished:
    """A folder in which the plug-in's feature and model have run, and what the run printed."""

    folder: Path
    output: str

    @property
    def leaderboard(self) -> Path:
        return self.folder / "reports" / "leaderboard.md"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("plugged")
    write(folder, "theirs", features="[loudness, chroma]", models="[mean, halves]")
    done = benchmark("run", "theirs.yaml", "--jobs", "2", cwd=folder, plugin=PLUGIN)
    assert done.returncode == 0, done.stderr
    return Finished(folder, done.stdout)


def test_it_is_a_distribution_with_entry_points() -> None:
    (installed,) = distributions(path=[str(PLUGINS / PLUGIN)])
    assert installed.name == "mer-benchmark-plugin"
    assert {
        EntryPoint("loudness", "mer_benchmark_plugin:Loudness", "benchmark.features"),
        EntryPoint("halves", "mer_benchmark_plugin:Halves", "benchmark.models"),
    } <= set(installed.entry_points)


def test_list_shows_its_feature_and_its_model(tmp_path: Path) -> None:
    done = benchmark("list", cwd=tmp_path, plugin=PLUGIN)
    assert done.returncode == 0, done.stderr
    features, models = done.stdout.split("models", 1)
    assert re.search(r"loudness +│ Mean square of every tenth of a second", features)
    assert re.search(r"halves +│ Two means: of labels where .*│ seconds=6.0", models)
    without = benchmark("list", cwd=tmp_path).stdout
    assert "Mean square" not in without and "halves" not in without


def test_both_stand_on_the_leaderboard(finished: Finished) -> None:
    board = {(row[1], row[2]): row for row in rows(finished.leaderboard)}
    assert board.keys() == {("none", "mean"), ("loudness", "halves"), ("chroma", "halves")}
    theirs = board["loudness", "halves"]
    assert theirs[0] in "123"
    assert re.fullmatch(r"0\.\d{4} \[0\.\d{3}, 0\.\d{3}\]", theirs[4])
    assert "12 jobs computed, 0 taken from records, 0 failed" in finished.output


def test_its_feature_tells_its_model_something(finished: Finished) -> None:
    """The demo's arousal sets its loudness."""
    skill = {row[1]: float(row[6].split()[0]) for row in rows(finished.leaderboard)[:3]}
    assert skill["loudness"] > 0.1 > skill["none"] == 0


def test_both_have_cards(finished: Finished) -> None:
    cards = finished.leaderboard.read_text(encoding="utf-8").partition("\n## Entries\n")[2]
    model, feature = (cards.partition(f"#### {name}\n")[2] for name in ("halves", "loudness"))
    assert model.strip().startswith(
        f"- **halves, version 1**: {WHAT}\n  - parameters: seconds=6.0\n"
        f"  - source: A. Third Party 2026\n"
    )
    assert "| demo (synthetic) | loudness | 4 | 3 | 200 |" in model
    assert "- **loudness, version 1**: Mean square of" in feature


def test_the_report_does_without_the_package(finished: Finished) -> None:
    before = finished.leaderboard.read_text(encoding="utf-8")
    finished.leaderboard.unlink()
    done = benchmark("report", cwd=finished.folder)
    assert done.returncode == 0, done.stderr
    assert finished.leaderboard.read_text(encoding="utf-8") == before


def test_a_run_without_the_package_says_what_is_missing(finished: Finished) -> None:
    done = benchmark("run", "theirs.yaml", cwd=finished.folder)
    assert done.returncode == 2
    assert "no feature 'loudness'" in done.stderr
    assert "no model 'halves'" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(recorded(finished.folder)) == 12
