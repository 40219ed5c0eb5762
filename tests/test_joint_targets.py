"""`targets: joint` as a user has it: from a file to both tables, to MLflow, to curves."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from commands import assert_everything_once, benchmark, recorded, rows, write
from results import tables

RIDGE = "{name: ridge, alphas: [100.0]}"
MODELS = f"[mean, {RIDGE}]"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which models of both targets have run, and the same of each."""
    folder = tmp_path_factory.mktemp("joint")
    joint = write(folder, "joint", models=MODELS, targets="joint")
    apart = write(folder, "apart", models=MODELS)
    done = benchmark("run", joint.name, apart.name, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "12 jobs computed, 0 taken from records, 0 failed" in done.stdout
    assert "ridge(alphas=[100]), both targets" in done.stdout
    return folder


def test_each_joint_row_stands_on_both_tables_and_is_ranked(folder: Path) -> None:
    text = (folder / "reports" / "leaderboard.md").read_text(encoding="utf-8")
    boards = [found for found in tables(text) if "RMSE [95 %, songs]" in found[0]]
    assert len(boards) == 2
    for _, *board in boards:
        ranked = {row[2]: row for row in board if row[1]}
        both = {f"{model}, both targets" for model in ("mean", "ridge(alphas=[100])")}
        assert ranked.keys() == both | {name.partition(", both")[0] for name in both}
        assert all(row[0] in "1234" for row in ranked.values())
        for name in both:  # neither the constant nor least squares gains by what is beside it
            same = ranked[name.partition(", both")[0]]
            assert (ranked[name][0], ranked[name][4:7]) == (same[0], same[4:7])
    assert text.count("**both targets**") == 2
    assert (folder / "reports" / "index.html").read_text(encoding="utf-8").count("both targets") > 4


def test_a_joint_fit_of_ridge_is_that_of_each_target(folder: Path) -> None:
    found = [record for record in recorded(folder).values() if record.description["feature"]]
    joint, apart = (
        [record for record in found if len(record.description["targets"]) == n] for n in (2, 1)
    )
    for record in joint:
        same = [one for one in apart if one.description["fold"] == record.description["fold"]]
        for one in same:
            (target,) = one.description["targets"]
            place = record.description["targets"].index(target)
            np.testing.assert_allclose(
                record.predictions.values[:, place], one.predictions.values[:, 0], atol=1e-8
            )
        assert len(same) == 2


def test_the_next_run_and_report_find_all_of_it(folder: Path) -> None:
    before = rows(folder / "reports" / "leaderboard.md")
    done = benchmark("run", "joint.yaml", cwd=folder)
    assert "0 jobs computed, 4 taken from records" in done.stdout
    assert benchmark("report", cwd=folder).returncode == 0
    assert rows(folder / "reports" / "leaderboard.md") == before
    compared = benchmark("compare", "joint", "apart", "--target", "valence", cwd=folder)
    assert "both targets" in compared.stdout
    assert_everything_once(folder)
    with sqlite3.connect(folder / "mlruns" / "mlflow.db") as store:
        named = {name for (name,) in store.execute("select name from runs")}
    assert {"none / mean / arousal+valence", "none / mean / valence"} < named


def test_a_preview_shows_a_cell_for_both_and_a_slip_is_mended(tmp_path: Path) -> None:
    file = write(tmp_path, "plain", targets="[arousal, valence]")
    done = benchmark("run", file.name, "--dry-run", "--set", "targets=joint", cwd=tmp_path)
    assert "  none / mean / arousal+valence\n  chroma / ridge / arousal+valence\n" in done.stdout
    assert "2 cells" in done.stdout
    done = benchmark("validate", file.name, "--set", "targets=jiont", cwd=tmp_path)
    assert done.returncode == 2
    assert "did you mean joint?" in done.stderr


def test_a_study_of_joint_targets_is_refused_with_what_works(tmp_path: Path) -> None:
    file = write(tmp_path, "searched", targets="joint")
    file.write_text(file.read_text() + "search: {models: {ridge: {seconds: [3, 6]}}}\n")
    done = benchmark("tune", file.name, cwd=tmp_path)
    assert done.returncode == 2
    assert "targets: [arousal, valence] searches each" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_one_model_is_trained_for_both_curves(folder: Path) -> None:
    cell = "chroma / ridge(alphas=[100]) / arousal+valence"
    trained = benchmark("train", "joint.yaml", "--cell", cell, cwd=folder)
    assert trained.returncode == 0, trained.stderr
    assert "mer-arousal version 1" in trained.stdout
    assert "mer-valence version 1" in trained.stdout
    assert len(list((folder / "mlruns" / "artifacts").rglob("model.json"))) == 1
    sound = np.random.default_rng(0).normal(size=40_000) / 10
    soundfile.write(folder / "song.wav", sound, 8_000)
    done = benchmark("predict", "song.wav", "--out", "curves", cwd=folder)
    assert done.returncode == 0, done.stderr
    curves = pd.read_csv(folder / "curves" / "curves.csv")
    assert list(curves.columns) == ["song", "time", "arousal", "valence"]
    assert len(curves) == 10
    assert np.isfinite(curves[["arousal", "valence"]]).all(axis=None)
    alone = benchmark("predict", "song.wav", "--out", "one", "--valence", "none", cwd=folder)
    assert alone.returncode == 0, alone.stderr
    assert list(pd.read_csv(folder / "one" / "curves.csv").columns) == ["song", "time", "arousal"]
