"""Pages of what was recorded: their numbers are those of the records, their links lead on."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from results import Results

from benchmark.records import Shared, Song
from benchmark.reporting import tracks
from benchmark.runner import Workspace, tables, write_reports
from benchmark.runner import shown as shown_module
from benchmark.runner.pages import Pages
from benchmark.runner.shown import is_shown, mark_shown, state


@pytest.fixture
def results(tmp_path: Path) -> Results:
    """Return two cells on each target in a workspace; the second is better."""
    made = Results(tmp_path / "mlruns")
    for target, track in (("arousal", "one"), ("valence", "two")):
        made.add("ridge", error=0.3, target=target, track=track, seeds=(0, 1), step=0.2)
        made.add("xgboost", error=0.1, target=target, track=track, seeds=(0, 1), step=0.2)
    made.publish(fingerprint="e")
    return made


@pytest.fixture
def sheets(results: Results, tmp_path: Path) -> Path:
    """Write what the dataset knew of its songs; return the file of song 1."""
    audio = tmp_path / "music" / "a song #1?.wav"
    audio.parent.mkdir()
    audio.write_bytes(b"sound")
    times = np.array([15.0, 15.5])
    songs = [
        Song(
            id=song,
            audio=audio if song == "1" else None,
            audio_hash="",
            times=times,
            labels={target: np.zeros(2) for target in ("arousal", "valence")},
            groups={"artist": f"<b>{song}</b>", "subset": "odd" if song in "13" else "even"},
            ratings={"arousal": np.array([[0.0, 0.5], [0.2, np.nan]])} if song == "1" else {},
        )
        for song in results.labels
    ]
    results.store.write_sheets(64 * "e", songs)
    return audio


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return what tells this version from others, of a checkout without changes."""
    environment = {"git_dirty": "false", "git_commit": "abc", "mer-benchmark": "1"}
    monkeypatch.setattr(shown_module, "environment", lambda: environment)
    return environment


def pages_of(results: Results, folder: Path) -> dict[str, str]:
    return Pages(folder, tracks(results.store), results.store).render()


def data_of(page: str) -> Any:
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    return json.loads(found)


def test_curves_are_of_the_best_row_averaged_over_seeds(results: Results, tmp_path: Path) -> None:
    *places, report = pages_of(results, tmp_path / "reports").items()
    assert report[0] == "index.html"
    (songs,) = [data_of(page)["songs"] for _, page in places]
    assert [song["name"] for song in songs] == ["1", "2", "3", "4"]
    for song in songs:
        for target in ("arousal", "valence"):
            labels = np.array(results.labels[song["name"]])
            curve = song["curves"][target]
            assert curve["predicted"] == pytest.approx(np.nan_to_num(labels) + 0.2)
            assert curve["annotated"] == [None if np.isnan(one) else one for one in labels]
            assert song["start"] == 15.0


def test_a_songs_sheet_gives_audio_band_and_groups(
    results: Results, sheets: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "reports"
    (_, page), (_, report) = pages_of(results, folder).items()
    first, second, *_ = data_of(page)["songs"]
    assert (folder / unquote(first["audio"])).resolve() == sheets.resolve()
    assert "#" not in first["audio"]
    assert "?" not in first["audio"]
    assert second["audio"] == ""
    spread = first["curves"]["arousal"]["spread"]
    assert spread[0] == pytest.approx(np.std([0.0, 0.2], ddof=1), abs=1e-3)
    assert spread[1] is None
    assert first["curves"]["valence"]["spread"] is None
    assert ["artist", "<b>1</b>"] in first["about"]
    assert "<b>1</b>" not in page
    assert "odd" in html.unescape(report)


def test_the_report_links_songs_to_their_curves(results: Results, tmp_path: Path) -> None:
    (place, _), (_, report) = pages_of(results, tmp_path / "reports").items()
    links = set(re.findall(r'href="(songs-[^"]*)"', report))
    assert links == {f"{place}#{song}" for song in results.labels}


def test_a_songs_error_is_that_of_the_leaderboard(tmp_path: Path) -> None:
    """The mean curve of several fits errs less than they do."""
    made = Results(tmp_path / "mlruns", labels={"1": (0.0, 0.0), "2": (0.0, 0.0)}, folds=("1", "2"))
    made.add("ridge", error=-0.1, seeds=(0, 1), step=0.2)
    made.publish()
    (_, page), _ = pages_of(made, tmp_path / "reports").items()
    for song in data_of(page)["songs"]:
        assert song["curves"]["arousal"]["predicted"] == pytest.approx([0, 0])
        assert song["facts"]["arousal"]["rmse"] == pytest.approx(0.1)
    assert "mean of 2 fits" in page
    assert "models that never met it" in page


def test_a_row_that_is_not_to_be_believed_is_shown_as_such(tmp_path: Path) -> None:
    made = Results(tmp_path / "mlruns")
    made.add("ridge", shared=Shared(test_songs=4, chosen_on=4, test_labels=8))
    made.publish()
    (_, page), _ = pages_of(made, tmp_path / "reports").items()
    assert "No row of it is ranked; this one: optimistic" in page
    assert "never met it" not in page


@pytest.mark.parametrize("flaw", ["optimistic", "leaky"])
def test_curves_of_unfair_protocols_are_not_shown(tmp_path: Path, flaw: str) -> None:
    made = Results(tmp_path / "mlruns")
    made.add("ridge", flaw=flaw)
    made.publish()
    assert list(pages_of(made, tmp_path / "reports")) == ["index.html"]


def test_nothing_run_gives_a_report_that_says_how(tmp_path: Path) -> None:
    (report,) = pages_of(Results(tmp_path / "mlruns"), tmp_path / "reports").values()
    assert "python -m benchmark run" in report


def test_pages_are_drawn_again_when_a_record_changes(
    results: Results, tmp_path: Path, here: dict[str, str]
) -> None:
    workspace = Workspace(tmp_path)
    write_reports(workspace, tables(workspace), anew=False)
    workspace.page.write_text("kept")
    write_reports(workspace, tables(workspace), anew=False)
    assert workspace.page.read_text() == "kept"
    results.add("mean", error=0.5, track="one")
    results.publish(fingerprint="e")
    write_reports(workspace, tables(workspace), anew=False)
    assert workspace.page.read_text() != "kept"


@pytest.mark.parametrize("changed", [{"git_commit": "def"}, {"git_dirty": "true"}])
def test_pages_of_another_version_are_not_kept(
    results: Results, tmp_path: Path, here: dict[str, str], changed: dict[str, str]
) -> None:
    workspace = Workspace(tmp_path)
    mark_shown(workspace, state(workspace), [])
    assert is_shown(workspace, state(workspace))
    here.update(changed)
    assert not is_shown(workspace, state(workspace))


def test_a_page_that_is_gone_is_drawn_again(
    results: Results, tmp_path: Path, here: dict[str, str]
) -> None:
    workspace = Workspace(tmp_path)
    write_reports(workspace, tables(workspace))
    (songs,) = workspace.reports.glob("songs-*.html")
    songs.unlink()
    write_reports(workspace, tables(workspace), anew=False)
    assert songs.exists()
