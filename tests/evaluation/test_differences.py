from __future__ import annotations

from benchmark.evaluation.differences import differences

BEFORE = {
    "model": {"name": "ridge", "version": 1, "parameters": {"alphas": [1, 10]}},
    "feature": None,
    "libraries": {"numpy": "2.1.0", "scikit-learn": "1.6"},
    "data": "ab12",
    "fold": {"index": 0, "train": ["1", "2"]},
    "seed": 0,
}


def test_what_is_equal_differs_in_nothing() -> None:
    assert differences(BEFORE, dict(BEFORE)) == ""


def test_parts_are_named_by_their_path_with_both_values() -> None:
    after = {
        **BEFORE,
        "model": {"name": "ridge", "version": 2, "parameters": {"alphas": [1]}},
        "libraries": {"numpy": "2.2.0", "xgboost": "3.0"},
    }
    assert differences(BEFORE, after) == (
        "model.version 1 -> 2, model.parameters.alphas [1, 10] -> [1], "
        "libraries.numpy 2.1.0 -> 2.2.0, libraries.scikit-learn 1.6 -> none, "
        "libraries.xgboost none -> 3.0"
    )


def test_hashes_and_lists_of_songs_are_said_in_words() -> None:
    after = {**BEFORE, "data": "cd34", "fold": {"index": 0, "train": ["1", "3"]}}
    assert differences(BEFORE, after) == "the data (songs, labels or audio), the fold"
