"""`data`: datasets fetched, built, and looked over before any number is made from them."""

from __future__ import annotations

import typer

from benchmark.cli.data import check, deam, vgmidi

app = typer.Typer(help="Fetch, build and check datasets.", no_args_is_help=True)
app.command("deam")(deam.deam_command)
app.command("check")(check.check_command)
app.command("vgmidi")(vgmidi.vgmidi_command)
