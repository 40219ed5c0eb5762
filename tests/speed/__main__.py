"""`make bench`: what is fast, against what, as a table and as `reports/speed.md`.

Ratios count, measured side by side: the machine may be shared, its clock may change.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmark.execution.worker import SETTINGS, THREAD_LIMITS

# Before anybody loads NumPy's libraries; children inherit it.
os.environ.update({**SETTINGS, **dict.fromkeys((*THREAD_LIMITS, "NUMBA_NUM_THREADS"), "1")})

import extraction
import training
import whole_runs
from measuring import Row, Section, number, spread

ROOTS = (Path("data/vgmidi"), Path("../shared/datasets/vgmidi"))
REPORT = Path("reports/speed.md")
HEADINGS = ("what", "against", "ours", "theirs", "ratio", "goal", "met")
N_FILES = 20


def bench(root: Path | None = None, only: str = "") -> None:
    """Measure everything on a folder that `data vgmidi` made, or `--only` a section of it."""
    places = (root,) if root else ROOTS
    found = next((place for place in places if place.is_dir()), None)
    if found is None:
        sys.exit(
            f"no songs to measure on: {' or '.join(map(str, places))} is no folder; "
            f"python -m benchmark data vgmidi --from CLONE makes {ROOTS[0]}, --root names another"
        )
    root, begun, console = found.absolute(), time.perf_counter(), Console(width=170)
    with tempfile.TemporaryDirectory() as work:
        sections: dict[str, Callable[[], Section]] = {
            "features": lambda: extraction.section(excerpts(root)),
            "training": lambda: training.section(root, Path(work)),
            "runs": lambda: whole_runs.section(root, Path(work)),
        }
        if only and only not in sections:
            sys.exit(f"--only {only}: there is no such section; {', '.join(sections)} work")
        done = [measure() for name, measure in sections.items() if only in ("", name)]
    rows = [cells(row) for section in done for row in section.rows]
    remarks = [remark for section in done for remark in section.remarks]
    minutes = (time.perf_counter() - begun) / 60
    remarks.append(f"Measured in {minutes:.0f} minutes on {machine()}.")
    show(rows, remarks, console)
    if not only:
        REPORT.write_text(page(rows, remarks), encoding="utf-8")
        console.print(f"Report: {REPORT}")


def excerpts(root: Path) -> list[Path]:
    """Return excerpts as most of DEAM's are: 45 s at 44.1 kHz in stereo."""
    import soundfile

    chosen = []
    for path in sorted(root.rglob("MEMD_audio/*.mp3")):
        about = soundfile.info(path)
        if abs(about.duration - 45) < 1 and (about.samplerate, about.channels) == (44_100, 2):
            chosen.append(path)
    return chosen[:N_FILES]


def cells(row: Row) -> tuple[str, ...]:
    """Return a row of the table."""
    goal = f"{row.goal.direction} {number(row.goal.value)}" if row.goal else "–"
    unit = f" {row.unit}" if row.unit else ""
    ratio = f"{spread(row.ratios)}x{' faster' * row.faster}" if row.ratios else "–"
    met = {None: "–", True: "yes", False: "no"}[row.met]
    theirs = f"{spread(row.theirs)}{unit}" if row.theirs else "–"
    return row.what, row.against, f"{spread(row.ours)}{unit}", theirs, ratio, goal, met


def show(rows: Sequence[Sequence[str]], remarks: Sequence[str], console: Console) -> None:
    """Print the table; a narrow terminal wraps it."""
    table = Table(*HEADINGS)
    for row in rows:
        table.add_row(*map(escape, row))
    console.print(table)
    for remark in remarks:
        console.print(escape(remark), style="dim")


def page(rows: Sequence[Sequence[str]], remarks: Sequence[str]) -> str:
    """Return the table as markdown."""
    lines = [
        "# Speed",
        "",
        "Made by `make bench`. Median [smallest, largest]; a ratio is ours / theirs, of values",
        "measured side by side, or how many times *faster* ours is.",
        "",
        f"| {' | '.join(HEADINGS)} |",
        "| --- | --- | ---: | ---: | ---: | ---: | --- |",
        *(f"| {' | '.join((*row[:-1], row[-1].replace('no', '**no**')))} |" for row in rows),
        "",
        *(f"- {remark}" for remark in remarks),
    ]
    return "\n".join(lines) + "\n"


def machine() -> str:
    """Name the processor, its cores and what it can do with 16 bits."""
    name, flags = platform.processor() or platform.machine(), ""
    about = Path("/proc/cpuinfo")
    if about.exists():
        facts = dict(line.split(":", 1) for line in about.read_text().splitlines() if ":" in line)
        named = {key.strip(): value.strip() for key, value in facts.items()}
        name, flags = named.get("model name", name), named.get("flags", "")
    sixteen = [flag for flag in ("avx512_bf16", "amx_bf16") if flag in flags.split()]
    return f"{name}, {os.cpu_count()} cores, bfloat16: {' and '.join(sixteen) or 'no'}"


if __name__ == "__main__":
    typer.run(bench)
