"""`data deam` as a user has it: real processes, a real server on this machine, its faults."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from commands import benchmark
from deam_commands import AUDIO, DEAM, ROOT, assert_complete, from_mirror
from loopback import Loopback
from zips import deam_files, deam_zips, zip_at, zipped

from benchmark.acquisition.deam import Wish, acquire
from benchmark.acquisition.deam_parts import PARTS
from benchmark.acquisition.progress import BytesListener
from benchmark.datasets.deam import Deam


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
    assert "data/deam/zips (" in said and "is not needed any more" in said
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
    assert "is not needed any more" not in done.stdout
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
