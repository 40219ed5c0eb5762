from __future__ import annotations

import io
from pathlib import Path

from results import Results
from rich.console import Console

from benchmark.reporting import tracks
from benchmark.reporting.terminal import show


def test_terminal_shows_the_cells_of_the_markdown_table(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add("ridge[bold]", error=0.1)
    results.publish()
    console = Console(file=io.StringIO(), width=200)
    show(tracks(results.store), console)
    text = console.file.getvalue()
    assert "ridge[bold]" in text
    assert "0.1000 ± 0.0000" in text
    assert "not comparable: this track is synthetic" in text
