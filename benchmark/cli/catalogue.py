"""What there is to choose from, and whether a file chooses well: `list`, `validate`."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from benchmark import registry
from benchmark.cli.arguments import Files, Settings
from benchmark.cli.screen import console
from benchmark.config import load_experiments
from benchmark.errors import RegistryError


def list_command() -> None:
    """List features, models, datasets and protocols with their parameters."""
    for group in registry.GROUPS:
        table = Table(title=group, title_justify="left", title_style="bold", show_lines=False)
        table.add_column("name")
        table.add_column("what it is", ratio=2)
        table.add_column("parameters", ratio=3)
        for name in registry.names(group):
            try:
                component = registry.component(group, name)
            except RegistryError as error:
                table.add_row(name, f"[red]{escape(str(error))}[/red]", "")
                continue
            parameters = [f"{key}={value!r}" for key, value in component.defaults().items()]
            table.add_row(name, escape(component.sentence()), escape(", ".join(parameters)))
        console.print(table)


def validate_command(files: Files, settings: Settings = None) -> None:
    """Check experiment files and name every mistake; nothing is loaded or run."""
    for experiment in load_experiments(files, settings or ()):
        cells = experiment.cells()
        search = experiment.search
        tuned = f", {search.n_free} parameters to tune" if search else ""
        console.print(f"{experiment.file}: fine, {len(cells)} cells{tuned}", soft_wrap=True)
