"""The command line: a file per group of commands, each a few calls into the floors below."""

from __future__ import annotations

import signal
import sys

import typer
from rich.markup import escape

from benchmark.cli import cache, catalogue, data, predict, results, run, tune, ui
from benchmark.cli.screen import errors, print_error
from benchmark.errors import BenchmarkError, ConfigError

app = typer.Typer(
    name="benchmark",
    help="The benchmark suite of dynamic music emotion recognition.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("run")(run.run_command)
app.command("tune")(tune.tune_command)
app.command("train")(predict.train_command)
app.command("predict")(predict.predict_command)
app.command("report")(results.report_command)
app.command("compare")(results.compare_command)
app.command("track")(results.track_command)
app.command("ui")(ui.ui_command)
app.command("list")(catalogue.list_command)
app.command("validate")(catalogue.validate_command)
app.add_typer(data.app, name="data")
app.add_typer(cache.app, name="cache")


def main() -> None:
    """Run the command line; a user's mistake is one message and exit code 2, no traceback."""
    # A cluster or a container that ends us gets the same tidy stop as Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    sys.unraisablehook = _interrupt_again
    try:
        app()
    except ConfigError as error:
        count = len(error.problems)
        errors.print(f"[red]{count} mistake{'s' if count > 1 else ''} in experiment files[/red]")
        for problem in error.problems:
            errors.print(f"  {escape(str(problem))}", soft_wrap=True)
        sys.exit(2)
    except (BenchmarkError, OSError) as error:
        print_error(error)
        sys.exit(2)
    except KeyboardInterrupt:
        errors.print("Interrupted.")
        sys.exit(130)
    finally:
        # All is done and printed; as Python ends, an interrupt would be a traceback, or be lost.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)


def _interrupt_again(lost: sys.UnraisableHookArgs) -> None:
    """Repeat, a moment later, an interrupt that fell into a destructor, where Python drops it."""
    if lost.exc_type is KeyboardInterrupt:
        signal.setitimer(signal.ITIMER_REAL, 0.01)
    else:
        sys.__unraisablehook__(lost)
