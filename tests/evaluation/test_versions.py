from __future__ import annotations

import importlib.metadata

import pytest

from benchmark.errors import BenchmarkError
from benchmark.evaluation import versions as module
from benchmark.evaluation.versions import versions
from benchmark.features.mel import Mel
from benchmark.features.opensmile_audio import OpensmileAudio
from benchmark.models.ridge import Ridge


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
