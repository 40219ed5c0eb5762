from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from results import Results, study, tables

from benchmark.records import CellPlan
from benchmark.reporting import tracks
from benchmark.reporting.cards import COSTS, Card, Cards, cards
from benchmark.reporting.markdown import render

RIDGE = {"what": "Linear on a summary.", "source": "Hoerl & Kennard 1970"}
MEL = {"what": "Log-mel bands.", "source": "track_emo_reco"}
ABOUT = {"features": {"mel": MEL}, "models": {"ridge": RIDGE}}
NOTHING = {"features": {}, "models": {}}


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(tmp_path)


def made(results: Results, **published: Any) -> Cards:
    results.publish(**published)
    return cards(tracks(results.store))


def change(results: Results, **described: Any) -> None:
    """Describe the cell added last otherwise."""
    cell = results.cells[-1]
    results.cells[-1] = CellPlan(**{**vars(cell), "description": {**cell.description, **described}})


def labels(found: tuple[Card, ...]) -> list[str]:
    return [card.label for card in found]


def fact(card: Card, word: str) -> str:
    return dict(card.parts[0].facts)[word]


def test_a_card_says_what_an_entry_is_and_all_its_parameters(results: Results) -> None:
    results.add("ridge", about=ABOUT)
    found = made(results)
    (ridge,), (mel,) = found.models, found.features
    assert ridge.parts[0].heading == "ridge, version 1"
    assert ridge.parts[0].what == "Linear on a summary."
    assert fact(ridge, "parameters") == "seconds=6.0"
    assert fact(ridge, "source") == "Hoerl & Kennard 1970"
    assert (mel.parts[0].what, fact(mel, "parameters")) == ("Log-mel bands.", "n_mels=96")
    assert mel.costs == ()


def test_the_cost_is_that_of_fitting_over_jobs(results: Results) -> None:
    """Two folds and two seeds, 2.0 s of fitting each; predicting, 0.5 s, is not counted."""
    results.add("ridge", seeds=(0, 1))
    (card,) = made(results).models
    shown = dict(zip(COSTS, card.costs[0], strict=True))
    assert shown == {
        "data": "toy",
        "feature": "mel",
        "jobs": "4",
        "trainable parameters": "9",
        "examples": "4",
        "epochs": "3",
        "seconds a job": "2.00 (2.00 to 2.00)",
    }


def test_what_stands_in_many_tables_has_one_card(results: Results, tmp_path: Path) -> None:
    for target in ("arousal", "valence"):
        results.add("ridge", target=target, track=target, about=ABOUT)
        results.add("ridge", feature="chroma", target=target, track=target)
        results.add("ridge, a variant", target=target, track=target)
    results.publish()
    other = Results(tmp_path, "other")
    other.add("ridge", track="elsewhere")
    other.publish(title="another toy", fingerprint="a")
    found = cards(tracks(results.store))
    assert labels(found.models) == ["ridge", "ridge, a variant"]
    assert labels(found.features) == ["chroma", "mel"]
    assert [cost[:3] for cost in found.models[0].costs] == [
        ("another toy", "mel", "2"),
        ("toy", "chroma", "4"),
        ("toy", "mel", "4"),
    ]


def test_a_job_that_two_files_share_is_counted_once(results: Results, tmp_path: Path) -> None:
    results.add("ridge")
    results.publish()
    Results(tmp_path, "twin", cells=list(results.cells)).publish()
    assert cards(tracks(results.store)).models[0].costs[0][2] == "2"


def test_no_parameters_are_told_from_parameters_that_are_not_known(results: Results) -> None:
    """Of a row that no study has decided yet, only what could be chosen is known."""
    results.add("mean")
    change(results, model={"name": "mean", "version": 1, "parameters": {}})
    results.add("ridge", studies=[study(0, 0.1), study(1, 0.2)], failing=0, missing=1, about=ABOUT)
    mean, ridge = made(results).models
    assert dict(mean.parts[0].facts) == {"parameters": "none"}
    assert (ridge.parts[0].heading, dict(ridge.parts[0].facts)) == (
        "ridge",
        {"source": "Hoerl & Kennard 1970"},
    )


def test_records_from_before_there_were_cards_have_shorter_ones(results: Results) -> None:
    results.add("ridge")
    (card,) = made(results).models
    assert card.parts[0].what == ""
    assert [word for word, _ in card.parts[0].facts] == ["parameters"]


def test_of_an_old_record_and_a_new_one_the_card_has_what_the_new_one_says(
    results: Results,
) -> None:
    results.add("ridge", about=ABOUT)
    results.add("ridge", target="valence", track="valence")
    (card,) = made(results).models
    assert card.parts[0].what == "Linear on a summary."


def test_a_model_without_a_feature_has_a_card_and_none_has_not(results: Results) -> None:
    results.add("mean", feature="none")
    change(results, feature=None)
    found = made(results)
    assert labels(found.models) == ["mean"]
    assert found.features == ()
    assert "### Features" not in render(tracks(results.store))


def test_a_row_that_has_not_run_has_a_card_without_cost(results: Results) -> None:
    results.add("ridge", failing=0, missing=1, about=ABOUT)
    (card,) = made(results).models
    assert fact(card, "parameters") == "seconds=6.0"
    assert card.costs == ()


def test_threads_are_said_where_they_are_not_the_usual_one(results: Results) -> None:
    results.add("ridge")
    change(results, threads=4)
    assert made(results).models[0].costs[0][-1] == "2.00 (2.00 to 2.00), 4 threads"


def test_of_a_tuned_row_the_card_has_what_the_folds_chose(results: Results) -> None:
    """The study of fold 0 chose alpha = 1, that of fold 1 alpha = 10."""
    results.add("ridge", studies=[study(0, 0.1), study(1, 0.3, 0.2)], about=ABOUT)
    (card,) = made(results).models
    assert card.label == "ridge, tuned"
    assert fact(card, "parameters") == "alpha=1 to 10"


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ((300, 300), "300"),
        ((50, 3), "3 to 50"),
        (("window", "song"), "'window' or 'song'"),
        ((True, False), "True or False"),
        ((None, 100), "None or 100"),
    ],
)
def test_values_that_differ_are_all_told(
    results: Results, values: tuple[object, object], shown: str
) -> None:
    for place, value in enumerate(values):
        results.add("net", track=str(place), target=("arousal", "valence")[place])
        change(results, model={"name": "net", "version": 1, "parameters": {"knob": value}})
    assert fact(made(results).models[0], "parameters") == f"knob={shown}"


def test_the_leaderboard_ends_with_the_cards(results: Results) -> None:
    about: Mapping[str, Any] = {"features": {}, "models": {"ridge": {**RIDGE, "what": "a | <b>"}}}
    results.add("ridge", about=about)
    results.publish()
    text = render(tracks(results.store))
    entries = text.partition("\n## Entries\n")[2]
    assert "\n#### ridge\n\n- **ridge, version 1**: a \\| &lt;b>\n" in entries
    assert "  - parameters: seconds=6.0\n  - source: Hoerl & Kennard 1970\n" in entries
    (costs,) = tables(entries)
    assert costs[0] == list(COSTS)
    assert costs[1][:3] == ["toy", "mel", "2"]
    assert "\n#### mel\n\n- **mel, version 1**\n  - parameters: n_mels=96\n" in entries
    assert "\n## " not in entries
