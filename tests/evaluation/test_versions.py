from __future__ import annotations

import importlib.metadata

import pytest

from benchmark.errors import BenchmarkError
from benchmark.evaluation import versions as module
from benchmark.evaluation.versions import versions
from benchmark.features.joined import Joined
from benchmark.features.mel import Mel
from benchmark.features.opensmile_audio import OpensmileAudio
from benchmark.models.ridge import Ridge
from benchmark.models.stack import Stack
from benchmark.models.svr import Svr
from benchmark.models.xgboost_summary import XgboostSummary


@pytest.fixture
def lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the package opensmile from those who ask what is installed."""

    def version(name: str) -> str:
        if name == "opensmile":
            raise importlib.metadata.PackageNotFoundError(name)
        return importlib.metadata.version(name)

    monkeypatch.setattr(module, "version", version)
    module._version.cache_clear()
    yield
    module._version.cache_clear()


def test_all_that_computes_is_there_with_its_version() -> None:
    found = versions(Mel(), None, Ridge())
    assert set(found) == {
        "benchmark.audio", "librosa", "numpy", "scikit-learn", "scipy", "soundfile", "soxr",
    }  # fmt: skip
    assert found["numpy"] == importlib.metadata.version("numpy")
    assert "opensmile" in versions(OpensmileAudio())


def test_a_package_that_is_not_installed_is_named_with_how_to_get_it(lacking: None) -> None:
    message = (
        r"opensmile_audio needs the package 'opensmile', which is not installed: pip install "
        r"'mer-benchmark\[opensmile\]' \(its licence is free for private, educational and research "
        r"use, not for products\)"
    )
    with pytest.raises(BenchmarkError, match=message):
        versions(Mel(), OpensmileAudio())
    assert "librosa" in versions(Mel())


def test_what_a_component_consists_of_computes_too() -> None:
    stack = versions(Stack(of=(Svr(), Stack(of=(XgboostSummary(),)))))
    assert set(stack) == {"numpy", "scikit-learn", "scipy", "xgboost"}
    joined = versions(Joined(of=(Joined(of=(Mel(),)), OpensmileAudio())))
    assert joined == versions(Joined(of=(Mel(),)), OpensmileAudio())
    assert {"librosa", "opensmile"} <= set(joined)


def test_a_package_that_a_part_lacks_is_named_with_the_part(lacking: None) -> None:
    with pytest.raises(BenchmarkError, match=r"^opensmile_audio needs the package 'opensmile'"):
        versions(Joined(of=(Mel(), Joined(of=(OpensmileAudio(),)))))
