"""`data deam` as a user has it: real processes, a real server on this machine, planted faults."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from io import FileIO
from pathlib import Path

import pytest
import typer
from commands import benchmark, finish, start, wait_for
from loopback import PIECE, Loopback, serving
from zips import N_SONGS, deam_files, deam_zips, zip_at, zipped

from benchmark.acquisition.deam import Wish, acquire
from benchmark.acquisition.deam_parts import PARTS
from benchmark.acquisition.ledger import Ledger
from benchmark.acquisition.progress import BytesListener
from benchmark.cli import screen
from benchmark.cli.data import deam
from benchmark.datasets.deam import Deam
from benchmark.errors import AcquisitionError

AUDIO = "DEAM_audio.zip"
DEAM = ("data", "deam", "--accept-terms")
ROOT = Path("data/deam")
OTHER = "annotations,metadata,audio"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving(deam_zips()) as loopback:
        yield loopback


def from_mirror(server: Loopback, *arguments: str) -> tuple[str, ...]:
    """Return a command; the hashes of small zips are none that is known."""
    return (*DEAM, "--mirror", server.address, "--allow-other-content", OTHER, *arguments)


def assert_complete(root: Path) -> None:
    """Assert that every file is there in its place, and that the loader reads them."""
    files = {name: content for of in deam_files().values() for name, content in of.items()}
    there = {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.parent.name != "zips"
    }
    ledger = json.loads(there.pop("acquired.json"))
    assert there == files
    assert ledger["parts"].keys() == {part.name for part in PARTS}
    corpus = Deam(root=root).load()
    assert [song.id for song in corpus.songs] == [str(n + 1) for n in range(N_SONGS)]
    assert all(song.audio and song.groups["artist"] for song in corpus.songs)


def test_a_broken_connection_is_gone_on_with_and_a_second_run_fetches_nothing(
    tmp_path: Path, server: Loopback
) -> None:
    server.breaks = [10**9, 10**9, 10**9, 320_000]
    done = benchmark(*from_mirror(server), cwd=tmp_path, http_proxy="http://127.0.0.1:9")
    assert done.returncode == 0, done.stderr
    assert [sent.status for sent in server.gets(AUDIO)] == [200, 206]
    assert server.n_sent(AUDIO) < len(server.files[AUDIO]) + 2**14
    said = done.stdout
    assert said.index("Aljanaki") < said.index("research, non-commercial") < said.index("fetch")
    assert "disk space wanted: about" in said
    assert "the connection broke after" in said
    assert said.count("used all the same") == 3
    assert said.endswith(
        "Next:\n  python -m benchmark data check data/deam\n"
        "  python -m benchmark run experiments/deam/*.yaml\n"
        "  python -m benchmark run experiments/deam/frames/*.yaml\n"
        "  python -m benchmark run experiments/deam/audio/*.yaml\n"
    )
    assert_complete(tmp_path / ROOT)

    server.sent.clear()
    (tmp_path / ROOT / "zips" / AUDIO).unlink()
    again = benchmark("data", "deam", "--mirror", server.address, cwd=tmp_path)
    assert (again.returncode, again.stderr, server.sent) == (0, "", [])
    assert_complete(tmp_path / ROOT)


def test_a_wrong_hash_is_an_error_until_the_user_takes_it(tmp_path: Path, server: Loopback) -> None:
    metadata = (*DEAM, "--mirror", server.address, "--parts", "metadata", "--root", "there")
    done = benchmark(*metadata, cwd=tmp_path)
    found, expected = sha256(server.files["metadata.zip"]).hexdigest(), PARTS[1].sha256
    assert done.returncode == 2
    assert f"metadata.zip.unexpected: SHA-256 is {found}, expected {expected}" in done.stderr
    assert "--allow-other-content metadata" in done.stderr
    assert not (tmp_path / "there" / "metadata").exists()
    server.sent.clear()
    other = benchmark(*metadata, "--allow-other-content", "audio", cwd=tmp_path)
    assert other.returncode == 2
    assert "metadata.zip.unexpected: SHA-256 is" in other.stderr
    server.sent.clear()
    taken = benchmark(*metadata, "--allow-other-content", "metadata", cwd=tmp_path)
    assert taken.returncode == 0, taken.stderr
    assert f"SHA-256 is {found}, expected {expected}; used all the same" in taken.stdout
    assert server.sent == []
    assert (tmp_path / "there/metadata/metadata_2013.csv").is_file()
    ledger = json.loads((tmp_path / "there/acquired.json").read_text())
    assert ledger["parts"]["metadata"]["sha256"] == found
    assert ledger["parts"]["metadata"]["verified"] is False


def test_a_zip_that_reaches_outside_is_refused_whole(tmp_path: Path, server: Loopback) -> None:
    server.files["features.zip"] = zipped({"features/1.csv": b"", "../../../evil.csv": b"evil"})
    done = benchmark(*from_mirror(server, "--parts", "features"), cwd=tmp_path)
    assert done.returncode == 2
    assert "'../../../evil.csv' lies outside of the folder" in done.stderr
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()] == [
        "data/deam/acquired.json",
        "data/deam/zips/features.zip",
    ]


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


def test_a_zip_the_server_lacks_is_said_at_the_end_and_the_others_are_there(
    tmp_path: Path, server: Loopback
) -> None:
    features = server.files.pop("features.zip")
    done = benchmark(*from_mirror(server, "--root", "my data"), cwd=tmp_path)
    assert done.returncode == 1
    assert f"features: {server.address}/features.zip: the server answers 404 Not Found" in (
        done.stderr
    )
    assert f"\n  {server.address}/features.zip\nor what https://cvml" in done.stderr
    assert "data deam --root 'my data' --parts features --from FOLDER" in done.stderr
    assert "annotations, metadata, audio: in my data" in done.stdout
    assert done.stdout.endswith(
        "Next:\n  python -m benchmark data check 'my data'\n"
        "  python -m benchmark run experiments/deam/audio/*.yaml --set dataset.root='my data'\n"
    )
    dead = (*DEAM, "--mirror", "http://127.0.0.1:9", "--root", "my data")
    done = benchmark(*dead, cwd=tmp_path)
    assert done.returncode == 2
    assert "features.zip: the connection failed (Connection refused)" in done.stderr
    assert "--parts features --from FOLDER" in done.stderr
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "features.zip").write_bytes(features)
    wish = Wish(root=tmp_path / "my data", parts=PARTS, base="", source=tmp_path / "mine")
    assert acquire(wish, BytesListener()) == {}
    assert_complete(tmp_path / "my data")


def test_no_part_is_kept_from_the_others_by_what_is_wrong_with_one(
    tmp_path: Path, server: Loopback
) -> None:
    """Features are no zip, metadata has another hash."""
    server.files["features.zip"] = b"PK"
    wish = Wish(
        root=tmp_path, parts=PARTS, base=server.address, other_content=("annotations", "audio")
    )
    failed = acquire(wish, BytesListener())
    assert list(failed) == ["metadata", "features"]
    assert str(failed["metadata"]).endswith(
        "--allow-other-content metadata (the hash that is known has one source). To fetch it "
        "again: the same command"
    )
    assert "features.zip: is no zip" in str(failed["features"])
    assert list(Ledger.read(tmp_path).parts) == ["annotations", "audio"]
    with pytest.raises(AcquisitionError, match=r"metadata: .*\nfeatures: .*is no zip"):
        acquire(wish, BytesListener())


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        ("annotations,metadata,audio", ["audio/"]),
        ("annotations,metadata,features", ["", "frames/"]),
        ("annotations,audio", []),
    ],
)
def test_what_comes_next_is_what_the_parts_that_are_there_suffice_for(
    tmp_path: Path,
    server: Loopback,
    capsys: pytest.CaptureFixture[str],
    parts: str,
    lines: list[str],
) -> None:
    deam.deam_command(
        root=tmp_path, parts=parts, accept_terms=True, mirror=server.address,
        allow_other_content="annotations,metadata,audio",
    )  # fmt: skip
    said = capsys.readouterr().out
    runs = [line.split()[4] for line in said.splitlines() if "benchmark run" in line]
    assert runs == [f"experiments/deam/{folder}*.yaml" for folder in lines]


def test_zips_of_the_user_are_unpacked_where_they_lie_and_no_network_is_asked(
    tmp_path: Path,
) -> None:
    mine = tmp_path / "Down loads"
    (mine / "deeper").mkdir(parents=True)
    zips = deam_zips()
    (mine / "deeper" / "DEAM_annotations.ZIP").write_bytes(zips["DEAM_Annotations.zip"])
    everything = {
        f"DEAM/{name}": content
        for of in ("metadata.zip", AUDIO)
        for name, content in deam_files()[of].items()
    }
    zip_at(mine / "archive.zip", everything)
    before = sorted(mine.rglob("*"))
    command = (*DEAM, "--from", str(mine), "--root", "root")
    wrong = benchmark(*command, cwd=tmp_path)
    assert wrong.returncode == 1
    assert "annotations: " in wrong.stderr and "DEAM_annotations.ZIP: SHA-256 is" in wrong.stderr
    assert "features: no features.zip below" in wrong.stderr
    assert "archive.zip: no hash of it is known; taken as it is" in wrong.stdout
    done = benchmark(*command, "--allow-other-content", "annotations", cwd=tmp_path)
    assert done.returncode == 1
    assert "not there features: no features.zip below" in done.stderr
    assert "SHA-256 is" not in done.stderr
    assert "annotations, metadata, audio: in root" in done.stdout
    assert "run experiments/deam/audio/*.yaml --set dataset.root=root" in done.stdout
    assert sorted(mine.rglob("*")) == before
    songs = Deam(root=tmp_path / "root").load().songs
    assert [song.groups["artist"] for song in songs] == ["Artist 1", "Artist 2", "Artist 3"]
    assert all(song.audio for song in songs)
    zip_at(mine / "features.zip", deam_files()["features.zip"])
    assert benchmark(*command, cwd=tmp_path).returncode == 0


def test_without_a_terminal_the_terms_have_to_be_accepted_in_the_command(tmp_path: Path) -> None:
    done = benchmark("data", "deam", "--mirror", "http://127.0.0.1:9", cwd=tmp_path)
    assert done.returncode == 2
    assert "give --accept-terms if you accept them; nothing was fetched" in done.stderr
    assert "research, non-commercial" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parts": "audios"}, "--parts: no part 'audios' of DEAM; did you mean audio"),
        ({"allow_other_content": "all"}, "--allow-other-content: no part 'all' of DEAM; known:"),
        ({"mirror": "file:///zips"}, "'file:///zips' is no address of the kind https://"),
        ({"source": Path("x"), "mirror": "http://127.0.0.1:9"}, "--mirror fetches; give one"),
        ({"source": Path("x/nowhere")}, "--from x/nowhere: no such folder"),
    ],
)
def test_mistakes_in_the_command_are_one_message_and_nothing_is_fetched(
    tmp_path: Path, options: dict[str, object], message: str
) -> None:
    with pytest.raises(AcquisitionError, match=message):
        deam.deam_command(root=tmp_path / "deam", accept_terms=True, **options)
    assert not (tmp_path / "deam" / "zips").exists()


@pytest.mark.parametrize("root", ["own.yaml", "own.yaml/data"])
def test_a_root_that_is_a_file_is_one_message_before_the_terms(
    tmp_path: Path, root: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.yaml").write_text("mine")
    with pytest.raises(AcquisitionError, match=rf"--root .*{root}: .*own.yaml is no folder; give"):
        deam.deam_command(root=tmp_path / root)
    assert capsys.readouterr().out == ""


def test_terms_are_asked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return answers.pop(0)

    mine, root = tmp_path / "mine", tmp_path / "root"
    zip_at(mine / "features.zip", deam_files()["features.zip"])
    answers = ["", "no", "y"]
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(screen.console, "input", answer)
    parts = ["annotations", "metadata", "features", "audio"]
    for _ in range(2):
        with pytest.raises(typer.Exit) as left:
            deam.deam_command(root=root, parts=",".join(parts), source=mine)
        assert left.value.exit_code == 1
        assert not root.exists()
    deam.deam_command(root=root, parts="features", source=mine)
    (root / "features" / "2.csv").unlink()
    deam.deam_command(root=root, parts="features", source=mine)
    assert (root / "features" / "2.csv").is_file()
    assert len(asked) == 3


def test_the_hash_that_is_known_is_verified_without_a_word(tmp_path: Path) -> None:
    zips, said = deam_zips(), []
    parts = tuple(replace(part, sha256=sha256(zips[part.file]).hexdigest()) for part in PARTS)

    class Hearing(BytesListener):
        def note(self, text: str) -> None:
            said.append(text)

    with serving(zips) as server:
        wish = Wish(root=tmp_path / "root", parts=parts, base=server.address)
        assert acquire(wish, Hearing()) == {}
    assert [text for text in said if not text.startswith("disk space wanted")] == []
    assert_complete(tmp_path / "root")
    ledger = json.loads((tmp_path / "root/acquired.json").read_text())
    assert all(part["verified"] for part in ledger["parts"].values())


def test_a_damaged_zip_without_a_known_hash_says_what_to_delete(
    tmp_path: Path, server: Loopback
) -> None:
    whole = server.files["features.zip"]
    server.files["features.zip"] = whole[: len(whole) // 2]
    wish = Wish(root=tmp_path, parts=PARTS[2:3], base=server.address)
    for _ in range(2):
        with pytest.raises(AcquisitionError, match=r"zips/features\.zip: is no zip.*delete it"):
            acquire(wish, BytesListener())
    server.files["features.zip"] = whole
    (tmp_path / "zips" / "features.zip").unlink()
    acquire(wish, BytesListener())
    with zipfile.ZipFile(tmp_path / "zips" / "features.zip") as archive:
        assert archive.testzip() is None
