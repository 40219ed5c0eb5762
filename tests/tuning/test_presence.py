from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from benchmark.tuning import presence
from benchmark.tuning.presence import SILENCE, Presence, is_gone


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_a_process_is_there_until_it_leaves() -> None:
    with Presence(lambda: None) as here:
        assert not is_gone(here.name, 0.0)
        assert not is_gone(here.name, 0.0), "a look changes nothing"
    assert is_gone(here.name, time.time())


def test_without_its_file_only_silence_tells(tmp_path: Path) -> None:
    """As where temporary files lie elsewhere, or were cleared away."""
    with Presence(lambda: None) as here:
        (lock,) = tmp_path.rglob("*.lock")
        lock.unlink()
        assert not is_gone(here.name, time.time() - SILENCE / 2)
        assert is_gone(here.name, time.time() - 2 * SILENCE)


def test_a_process_that_is_killed_is_gone(tmp_path: Path) -> None:
    script = (
        f"import tempfile; tempfile.tempdir = {str(tmp_path)!r}\n"
        "from benchmark.tuning.presence import Presence\n"
        "with Presence(lambda: None) as here: print(here.name, flush=True); input()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", script], **pipes, text=True) as process:
        name = process.stdout.readline().strip()
        assert not is_gone(name, 0.0)
        process.kill()
        process.wait()
    assert is_gone(name, time.time())
    assert is_gone(name, time.time()), "also to the next who looks"


def test_a_process_of_another_machine_is_gone_when_it_is_silent() -> None:
    assert not is_gone("elsewhere/0123", time.time() - SILENCE / 2)
    assert is_gone("elsewhere/0123", time.time() - 2 * SILENCE)


def test_signs_of_life_go_on_though_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "BEAT", 0.001)
    beats = []

    def beat() -> None:
        beats.append(time.time())
        raise ConnectionError

    with Presence(beat):
        deadline = time.monotonic() + 30
        while len(beats) < 3:
            assert time.monotonic() < deadline
            time.sleep(0.001)
    count = len(beats)
    time.sleep(0.02)
    assert len(beats) <= count + 1, "and end with the process"
