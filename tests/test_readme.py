"""The README's walk-through, word for word, in a copy of this folder."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from commands import benchmark, rows

ROOT = Path(__file__).parents[1]
SECTION = (
    (ROOT / "README.md")
    .read_text(encoding="utf-8")
    .partition("\n## Add your own model\n")[2]
    .partition("\n## ")[0]
)
FILE, COMMANDS = re.findall(r"^```\w*\n(.*?)^```$", SECTION, re.DOTALL | re.MULTILINE)
(PLACE, *_) = re.findall(r"`(benchmark/models/\w+\.py)`", SECTION)
NAME = Path(PLACE).stem


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what runs here, with the README's file where the README says."""
    folder = tmp_path_factory.mktemp("clone")
    for part in ("benchmark", "experiments"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)
    assert not (folder / PLACE).exists()
    (folder / PLACE).write_text(FILE, encoding="utf-8")
    return folder


def test_the_walk_through_is_short() -> None:
    assert len(f"{FILE}{COMMANDS}".splitlines()) <= 20


def test_the_model_is_listed_with_its_parameters(clone: Path) -> None:
    done = benchmark("list", cwd=clone)
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if NAME in line]
    assert "trees=100" in line


@pytest.mark.slow
def test_the_model_stands_on_the_leaderboard_of_the_demo(clone: Path) -> None:
    for command in COMMANDS.splitlines():
        python, dash_m, package, *arguments = shlex.split(command)
        assert (python, dash_m, package) == ("python", "-m", "benchmark")
        done = benchmark(*arguments, cwd=clone)
        assert done.returncode == 0, done.stderr
    leaderboard = clone / "reports" / "leaderboard.md"
    mine = [row for row in rows(leaderboard) if row[2] == NAME]
    assert [row[1] for row in mine] == ["chroma", "chroma"], "on arousal and on valence"
    assert all(re.match(r"0\.\d{4} \[", row[4]) for row in mine)
    card = leaderboard.read_text(encoding="utf-8").partition(f"#### {NAME}\n")[2]
    assert "doi:10.1023/A:1010933404324" in card.partition("####")[0]
