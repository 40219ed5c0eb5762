"""Nothing that lies in a folder is run: what would run code is refused unread."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import BenchmarkError
from benchmark.interfaces import Model
from benchmark.models._saved import SEAL, seal
from benchmark.models.extra_trees import ExtraTrees
from benchmark.models.mean import Mean
from benchmark.models.ridge import Ridge
from benchmark.models.xgboost_summary import XgboostSummary
from benchmark.records import SongFrames

ROWS = [Ridge(), ExtraTrees(n_estimators=5), XgboostSummary(n_estimators=5, min_child_weight=1.0)]


class Trap:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def test_pickled_arrays_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    np.savez(folder / "value.npz", value=np.array([Trap(tmp_path / "sprung")], dtype=object))
    seal(folder)
    with pytest.raises(BenchmarkError, match=r"Object arrays cannot be loaded.*train .* again"):
        Mean().load(folder)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("model", ROWS[:2], ids=lambda model: model.name)
def test_estimators_with_functions_are_refused(model: Model, tmp_path: Path) -> None:
    import skops.io
    from sklearn.preprocessing import FunctionTransformer

    skops.io.dump(FunctionTransformer(seal), tmp_path / "regressor.skops")
    seal(tmp_path)
    with pytest.raises(BenchmarkError, match=r"Untrusted types .*seal.*train .* again"):
        model.load(tmp_path)


def test_estimators_of_another_model_are_refused(
    make_songs: Callable[..., list[SongFrames]], tmp_path: Path
) -> None:
    """Ridge trusts no trees."""
    ExtraTrees(n_estimators=1).fit(make_songs(1, 2), [], seed=0).save(tmp_path)
    with pytest.raises(BenchmarkError, match=r"Untrusted types .*Tree.*train .* again"):
        Ridge().load(tmp_path)


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.name)
def test_several_targets_come_back(
    model: Model, make_songs: Callable[..., list[SongFrames]], tmp_path: Path
) -> None:
    songs = make_songs(1, 5, n_targets=2)
    predictor = model.fit(songs[:4], [], seed=0)
    predictor.save(tmp_path)
    (values,) = model.load(tmp_path).predict(songs[4:])
    assert values.shape == (8, 2)
    np.testing.assert_array_equal(values, predictor.predict(songs[4:])[0])


def test_a_later_layout_is_named(tmp_path: Path) -> None:
    (tmp_path / SEAL).write_text(json.dumps({"schema_version": 2, "sha256": {}}))
    with pytest.raises(BenchmarkError, match=r"schema_version 2, this version reads 1"):
        Mean().load(tmp_path)
