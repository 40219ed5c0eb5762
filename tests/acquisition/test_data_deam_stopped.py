"""`data deam` in real processes that are stopped, killed, or run out of disk, and go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

import pytest
from commands import benchmark, finish, start, wait_for
from deam_commands import AUDIO, DEAM, ROOT, assert_complete, from_mirror
from loopback import PIECE, Loopback
from zips import zip_at


def test_ctrl_c_in_a_download_keeps_what_came_and_the_next_run_goes_on(
    tmp_path: Path, server: Loopback
) -> None:
    server.hold = 200_000
    process = start(*from_mirror(server, "--parts", "annotations,audio"), cwd=tmp_path)
    partial = tmp_path / ROOT / "zips" / f"{AUDIO}.part"
    wait_for(
        lambda: (
            (partial.exists() and partial.stat().st_size > 100_000) or process.poll() is not None
        )
    )
    os.killpg(process.pid, signal.SIGINT)
    stopped = finish(process)
    assert stopped.returncode == 130
    assert stopped.stderr == (
        "Interrupted. What is fetched and unpacked is kept; run the same command again to go on.\n"
    )
    came = partial.stat().st_size
    assert 100_000 < came <= 200_000 + PIECE
    assert not (tmp_path / ROOT / "MEMD_audio").exists()
    server.sent.clear()
    server.hold = 0
    done = benchmark(*from_mirror(server), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert server.n_sent(AUDIO) == len(server.files[AUDIO]) - came
    assert server.gets("DEAM_Annotations.zip") == []
    assert_complete(tmp_path / ROOT)


def test_a_kill_in_the_middle_of_unpacking_is_gone_on_from(tmp_path: Path) -> None:
    """A pipe in place of a draft holds the process in the middle of a file until it is killed."""
    files = {f"features/{song}.csv": b"frameTime;x\n" * 20_000 for song in range(1, 6)}
    zip_at(tmp_path / "mine" / "features.zip", files)
    features = tmp_path / ROOT / "features"
    features.mkdir(parents=True)
    draft = features / ".4.csv.part"
    os.mkfifo(draft)
    command = (*DEAM, "--from", "mine", "--parts", "features")
    half = []
    with FileIO(os.open(draft, os.O_RDONLY | os.O_NONBLOCK)) as pipe:
        process = start(*command, cwd=tmp_path)
        wait_for(lambda: half.append(pipe.read(1000)) or half[-1] or process.poll() is not None)
        process.kill()
        assert finish(process).returncode == -signal.SIGKILL
    draft.unlink()
    draft.write_bytes(half[-1])
    kept = {path: path.stat().st_mtime_ns for path in features.glob("[0-9]*.csv")}
    assert sorted(path.name for path in kept) == ["1.csv", "2.csv", "3.csv"]
    done = benchmark(*command, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert {f"features/{p.name}": p.read_bytes() for p in features.iterdir()} == files


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Yield a folder on a disk of its own, of 4 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    options = ["-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    mounted = sys.platform == "linux" and subprocess.run(
        ["mount", *options], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("this user may not mount a small disk; test_archives has a stand-in")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_disk_that_fills_up_is_an_error_and_the_next_run_goes_on(
    tmp_path: Path, server: Loopback, small_disk: Path
) -> None:
    server.hold = 200_000
    command = from_mirror(server, "--root", "disk/deam")
    process = start(*command, cwd=tmp_path)
    partial = small_disk / "deam" / "zips" / f"{AUDIO}.part"
    wait_for(
        lambda: (
            (partial.exists() and partial.stat().st_size > 100_000) or process.poll() is not None
        )
    )
    ballast = small_disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            while _fits(file, size):
                pass
    server.hold = 0
    full = finish(process)
    assert full.returncode == 2
    assert (
        "the disk is full at disk/deam/zips, 0 bytes are free; DEAM_audio.zip is not whole; "
        in (full.stderr)
    )
    assert "by hand" not in full.stderr
    came = partial.stat().st_size
    assert came > 100_000
    server.sent.clear()
    refused = benchmark(*command, cwd=tmp_path)
    assert refused.returncode == 2
    assert "DEAM (audio) needs" in refused.stderr
    assert server.gets(AUDIO) == []
    ballast.unlink()
    done = benchmark(*command, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert server.n_sent(AUDIO) == len(server.files[AUDIO]) - came
    assert_complete(small_disk / "deam")


def _fits(file: object, size: int) -> bool:
    try:
        return file.write(bytes(size)) == size
    except OSError:
        return False
