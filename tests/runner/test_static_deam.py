"""DEAM's static ratings from the command line: one label a song, R2 over songs."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import benchmark, recorded, rows

FILE = Path(__file__).parents[2] / "experiments" / "deam" / "static.yaml"


def test_ridge_on_song_means_explains_what_it_is_known_to(
    shared_datasets: Path, tmp_path: Path
) -> None:
    """R2 of 0.40 to 0.46 and 0.37 to 0.43, by 5-fold cross-validation of the 1,744 excerpts."""
    root = f"dataset.root={shared_datasets / 'deam'}"
    done = benchmark("run", str(FILE), "--set", root, "--set", "models=[mean,ridge]", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = {(row[2], row[7].split()[0]) for row in rows(tmp_path / "reports" / "leaderboard.md")}
    arousal, valence = sorted((float(r2) for model, r2 in found if model == "ridge"), reverse=True)
    assert 0.40 <= arousal <= 0.46
    assert 0.37 <= valence <= 0.43
    assert all(float(r2) < 0 for model, r2 in found if model == "mean")
    for record in recorded(tmp_path).values():
        assert record.rates_songs
        assert record.predictions
        assert len(set(record.predictions.songs)) == len(record.predictions.songs)
    assert not list((tmp_path / "reports").glob("songs-*.html"))
    assert (tmp_path / "reports" / "index.html").exists()


def test_static_and_dynamic_ratings_share_no_table(shared_datasets: Path, tmp_path: Path) -> None:
    root = f"dataset.root={shared_datasets / 'deam'}"
    common = ("run", "--set", root, "--set", "models=[mean]", "--set", "targets=[arousal]")
    for ratings in ("static", "dynamic"):
        path = tmp_path / f"{ratings}.yaml"
        text = FILE.read_text().replace("name: deam_static", f"name: {ratings}")
        path.write_text(text.replace("ratings: static", f"ratings: {ratings}"))
    assert benchmark(*common, "static.yaml", "dynamic.yaml", cwd=tmp_path).returncode == 0
    refused = benchmark("compare", "static", "dynamic", "--target", "arousal", cwd=tmp_path)
    assert refused.returncode == 2
    assert "rows of 2 tracks share no table" in refused.stderr
    trained = benchmark("train", "static.yaml", "--set", root, cwd=tmp_path)
    assert trained.returncode == 2
    assert "draws no curve" in trained.stderr


pytestmark = pytest.mark.slow
