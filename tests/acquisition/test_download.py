from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from loopback import PIECE, Loopback, serving

from benchmark.acquisition import disk
from benchmark.acquisition.download import BLOCK, TRIES, download
from benchmark.acquisition.progress import BytesListener
from benchmark.acquisition.server import size_at
from benchmark.errors import AcquisitionError, UnreachableError

NAME = "DEAM_audio.zip"
CONTENT = np.random.default_rng(0).bytes(1_000_000)
OTHER = np.random.default_rng(1).bytes(1_000_000)


class Heard(BytesListener):
    def __init__(self) -> None:
        self.notes: list[str] = []
        self.total: int | None = None
        self.at = 0

    def stage(self, title: str, n_bytes: int | None) -> None:
        self.total = n_bytes

    def reached(self, n_bytes: int) -> None:
        self.at = n_bytes

    def note(self, text: str) -> None:
        self.notes.append(text)


def fetch(server: Loopback, folder: Path) -> Heard:
    heard = Heard()
    download(f"{server.address}/{NAME}", folder / NAME, heard, pause=0)
    return heard


def begin(server: Loopback, folder: Path, *, n_bytes: int = 20 * BLOCK) -> int:
    """Fetch a part of the file, until all tries have failed; return how much of it there is."""
    server.breaks = [n_bytes] + [0] * (TRIES - 1)
    with pytest.raises(UnreachableError, match="5 times in a row"):
        fetch(server, folder)
    server.sent.clear()
    return (folder / f"{NAME}.part").stat().st_size


def assert_whole(folder: Path, content: bytes = CONTENT) -> None:
    assert [path.name for path in folder.iterdir()] == [NAME]
    assert (folder / NAME).read_bytes() == content


def test_a_file_is_fetched_once(tmp_path: Path) -> None:
    with serving({NAME: CONTENT}) as server:
        heard = fetch(server, tmp_path)
        assert (heard.total, heard.at, heard.notes) == (len(CONTENT), len(CONTENT), [])
        assert_whole(tmp_path)
        fetch(server, tmp_path)
        assert len(server.sent) == 1


def test_no_proxy_stands_before_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving({NAME: CONTENT}) as server:
        fetch(server, tmp_path)
        assert size_at(f"{server.address}/{NAME}") == len(CONTENT)
    assert_whole(tmp_path)


def test_a_connection_that_breaks_is_continued_where_it_broke(tmp_path: Path) -> None:
    breaks = [20 * BLOCK, BLOCK, 0, 10 * BLOCK + 50]
    with serving({NAME: CONTENT}, breaks=list(breaks)) as server:
        heard = fetch(server, tmp_path)
        assert server.n_sent(NAME) == len(CONTENT) + 50
        ranges = [sent.range for sent in server.gets(NAME)]
    assert ranges == ["", *(f"bytes={n * BLOCK}-" for n in (20, 21, 21, 31))]
    assert_whole(tmp_path)
    assert heard.at == len(CONTENT)
    assert heard.notes[0] == f"{NAME}: the connection broke after 327.7 kB; trying again"


def test_a_connection_that_breaks_again_and_again_ends_it_and_keeps_what_came(
    tmp_path: Path,
) -> None:
    with serving({NAME: CONTENT}) as server:
        assert begin(server, tmp_path) == 20 * BLOCK
        fetch(server, tmp_path)
        assert server.n_sent(NAME) == len(CONTENT) - 20 * BLOCK
    assert_whole(tmp_path)


def test_breaks_far_apart_are_not_counted_together(tmp_path: Path) -> None:
    content = CONTENT * 8
    with serving({NAME: content}, breaks=[1_100_000] * (TRIES + 2)) as server:
        fetch(server, tmp_path)
    assert_whole(tmp_path, content)


def test_a_date_serves_where_there_is_no_tag(tmp_path: Path) -> None:
    date = "Wed, 21 Oct 2015 07:28:00 GMT"
    with serving({NAME: CONTENT}, tag="", date=date, breaks=[20 * BLOCK]) as server:
        fetch(server, tmp_path)
        assert server.n_sent(NAME) == len(CONTENT)
    assert_whole(tmp_path)


@pytest.mark.parametrize(
    "behaviour",
    [
        {"tag": '"2"'},  # the file has changed
        {"ranges": False},
        {"shift": 7},  # sends another piece than was asked for
        {"files": {NAME: CONTENT[:200_000]}, "tag": '"1"'},  # 416: there is no such piece
    ],
)
def test_what_cannot_be_continued_is_fetched_anew(
    tmp_path: Path, behaviour: dict[str, object]
) -> None:
    with serving({NAME: OTHER}) as server:
        begin(server, tmp_path)
        server.files = {NAME: CONTENT}
        vars(server).update(behaviour)
        heard = fetch(server, tmp_path)
        assert server.gets(NAME)[-1].n_bytes == len(server.files[NAME])
    assert_whole(tmp_path, server.files[NAME])
    assert len(heard.notes) == 1
    assert "fetched from its beginning" in heard.notes[0]


@pytest.mark.parametrize("tag", ["", 'W/"1"'])
def test_without_a_word_on_whether_it_is_the_same_file_it_is_fetched_anew(
    tmp_path: Path, tag: str
) -> None:
    with serving({NAME: OTHER}, tag=tag) as server:
        begin(server, tmp_path)
        server.files = {NAME: CONTENT}
        fetch(server, tmp_path)
        assert [sent.range for sent in server.sent] == [""]
    assert_whole(tmp_path)


def test_a_begun_file_of_another_server_is_not_continued(tmp_path: Path) -> None:
    with serving({NAME: OTHER}) as server:
        begin(server, tmp_path)
    with serving({NAME: CONTENT}) as server:
        fetch(server, tmp_path)
    assert_whole(tmp_path)


def test_a_note_on_what_began_that_is_spoilt_begins_it_anew(tmp_path: Path) -> None:
    with serving({NAME: CONTENT}) as server:
        for spoilt in ("", "[]", "{}", '{"url": 1}'):
            begin(server, tmp_path)
            (tmp_path / f"{NAME}.part.json").write_text(spoilt)
            fetch(server, tmp_path)
            assert_whole(tmp_path)
            (tmp_path / NAME).unlink()


def test_all_bytes_there_and_no_file_yet_asks_for_nothing(tmp_path: Path) -> None:
    with serving({NAME: CONTENT}) as server:
        begin(server, tmp_path)
        (tmp_path / f"{NAME}.part").write_bytes(CONTENT)
        fetch(server, tmp_path)
        assert server.sent == []
    assert_whole(tmp_path)


@pytest.mark.parametrize(("left", "n_asked"), [("tmpab12_xyz", 1), (NAME, 0)])
def test_what_a_killed_process_left_of_pooch_is_used_or_removed_and_nothing_of_the_user(
    tmp_path: Path, left: str, n_asked: int
) -> None:
    drafts, mine = tmp_path / f"{NAME}.drafts", tmp_path / "tmpmyfiles"
    for folder in (drafts, mine):
        folder.mkdir()
    (drafts / left).write_bytes(CONTENT)
    with serving({NAME: CONTENT}) as server:
        fetch(server, tmp_path)
        assert len(server.sent) == n_asked
    mine.rmdir()
    assert_whole(tmp_path)


def test_a_file_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    with serving({}) as server:
        with pytest.raises(UnreachableError, match=r"DEAM_audio\.zip: the server answers 404"):
            fetch(server, tmp_path)
        with pytest.raises(UnreachableError, match="the server answers 404"):
            size_at(f"{server.address}/{NAME}")
        assert [sent.method for sent in server.sent] == ["GET", "HEAD"]
    with pytest.raises(UnreachableError, match=r"the connection failed \(Connection refused\)"):
        fetch(server, tmp_path)
    with pytest.raises(UnreachableError, match=r"the connection failed \(Connection refused\)"):
        size_at(f"{server.address}/{NAME}")
    assert list(tmp_path.iterdir()) == []


def test_a_page_in_place_of_a_zip_is_refused(tmp_path: Path) -> None:
    page = {NAME: b"<html>moved</html>"}
    with (
        serving(page, content_type="text/html; charset=utf-8") as server,
        pytest.raises(UnreachableError, match="a web page instead of a zip"),
    ):
        fetch(server, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_keeps_what_came(tmp_path: Path) -> None:
    class Interrupting(BytesListener):
        def reached(self, n_bytes: int) -> None:
            if n_bytes > 400_000:
                raise KeyboardInterrupt

    with serving({NAME: CONTENT}) as server:
        with pytest.raises(KeyboardInterrupt):
            download(f"{server.address}/{NAME}", tmp_path / NAME, Interrupting())
        came = (tmp_path / f"{NAME}.part").stat().st_size
        assert 400_000 < came <= 400_000 + BLOCK + PIECE
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            f"{NAME}.part",
            f"{NAME}.part.json",
        ]
        fetch(server, tmp_path)
        assert server.gets(NAME)[-1].range == f"bytes={came}-"
    assert_whole(tmp_path)


def test_a_full_disk_is_no_matter_of_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(BytesListener):
        def reached(self, n_bytes: int) -> None:
            if n_bytes > 400_000:
                raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk, "free_at", lambda place: 0)
    with (
        serving({NAME: CONTENT}) as server,
        pytest.raises(AcquisitionError, match=r"disk is full at .*, 0 bytes are free") as raised,
    ):
        download(f"{server.address}/{NAME}", tmp_path / NAME, Full())
    assert not isinstance(raised.value, UnreachableError)
    assert len(server.gets(NAME)) == 1
