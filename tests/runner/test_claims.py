from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from benchmark.runner.claims import Claims

HOLD = """
import sys, time
from pathlib import Path
from benchmark.runner.claims import Claims
claims = Claims(Path(sys.argv[1]))
print(claims.take("ab"), flush=True)
time.sleep(60)
"""


def test_a_job_is_claimed_once_and_again_when_it_is_free(tmp_path: Path) -> None:
    with Claims(tmp_path) as mine, Claims(tmp_path) as other:
        assert mine.take("ab")
        assert not other.take("ab")
        assert other.take("cd")
        mine.free("ab")
        assert other.take("ab")
    assert list(tmp_path.iterdir()) == []


def test_the_claims_of_a_run_that_stops_are_free(tmp_path: Path) -> None:
    def stopped() -> None:
        with Claims(tmp_path) as claims:
            assert claims.take("ab") and claims.take("cd")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    with Claims(tmp_path) as next_run:
        assert next_run.take("ab") and next_run.take("cd")


def test_the_claims_of_a_run_that_was_killed_are_free(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as killed:
        assert killed.stdout.readline() == "True\n"
        with Claims(tmp_path) as mine:
            assert not mine.take("ab")
            killed.send_signal(signal.SIGKILL)
            killed.wait()
            assert mine.take("ab")


def test_without_locks_every_run_does_every_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*arguments: object, **options: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(FileLock, "acquire", none)
    with Claims(tmp_path) as mine, Claims(tmp_path) as other:
        assert mine.take("ab") and other.take("ab")
