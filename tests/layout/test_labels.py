"""Which tables hold the labels: those of means, wherever they lie, never those of one rater."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.errors import DataError
from benchmark.layout.files import files_below
from benchmark.layout.labels import averaged_table, rated_seconds

DYNAMIC = "dynamic (per second annotations)"
TABLE = "song_id,sample_15000ms,sample_15500ms\n7,0.5,0.5\n"
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a writer of a table; of its dataset the folder, whose own name says nothing."""
    root = tmp_path / "raters_std" / "own"

    def file(place: str, text: str = TABLE) -> Path:
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_text(text)
        return root

    return file


def found(root: Path) -> str:
    return averaged_table("arousal", files_below(root), root).relative_to(root).as_posix()


@pytest.mark.parametrize(
    "place",
    [
        "arousal.csv",
        "annotations/arousal.csv",
        "annotations/labels/arousal.csv",
        "Labels/2 Hz/arousal.csv",
        "mean over raters/arousal.csv",
        f"annotations averaged per song/{DYNAMIC}/arousal.csv",
    ],
)
def test_a_single_table_of_means_may_lie_anywhere(write: Write, place: str) -> None:
    write("annotations/arousal_std.csv", "song_id,sample_15000ms\n7,0.1\n")
    assert found(write(place)) == place


@pytest.mark.parametrize(
    "place",
    [
        f"annotations/annotations per each rater/{DYNAMIC}/arousal.csv",
        f"annotations/annotations per each rater/{DYNAMIC}/arousal/arousal.csv",
        "annotations/Per_Rater/arousal.csv",
        "annotations/worker12/arousal.csv",
        "annotations/annotators/3/arousal.csv",
        f"annotations averaged per song/std/{DYNAMIC}/arousal.csv",
        "annotations/arousal_std/arousal.csv",
        "SD/arousal.csv",
        "standard deviation/arousal.csv",
    ],
)
def test_tables_of_one_rater_and_of_sds_are_no_means(write: Write, place: str) -> None:
    root = write(place)
    with pytest.raises(
        DataError, match=r"no arousal\.csv with averaged .*; .* is not taken for it"
    ):
        found(root)
    write("labels/arousal.csv")
    assert found(root) == "labels/arousal.csv"


def test_deams_own_folders_go_before_others(write: Write) -> None:
    """A table of predictions, say, may lie beside the ratings."""
    places = [
        "predictions/arousal.csv",
        "annotations/arousal.csv",
        f"{DYNAMIC}/arousal.csv",
        f"annotations averaged per song/{DYNAMIC}/arousal.csv",
    ]
    for number, place in enumerate(places):
        root = write(place, TABLE.replace("0.5", f"0.{number}"))
        assert found(root) == place


def test_one_target_is_not_taken_from_elsewhere(write: Write) -> None:
    """Where DEAM's table of one target is missing, another that is called so is something else."""
    write(f"annotations averaged per song/{DYNAMIC}/valence.csv")
    root = write("predictions/arousal.csv")
    with pytest.raises(
        DataError, match=r"no arousal\.csv .*; predictions/arousal\.csv is not taken"
    ):
        found(root)


def test_two_that_differ_are_not_chosen_between(write: Write) -> None:
    write("a/arousal.csv")
    root = write("b/arousal.csv", TABLE.replace("0.5", "0.4"))
    with pytest.raises(DataError, match=r"2 different arousal tables \(a/arousal.csv, b/arousal"):
        found(root)


def test_ratings_end_where_those_of_both_targets_do(write: Write) -> None:
    """One of valence, minutes after all others, does not make an excerpt a song (DEAM's 22)."""
    header = ",".join(["song_id", *(f"sample_{500 * at}ms" for at in range(30, 91))])
    write("arousal.csv", "\n".join([header, "7," + "0.1," * 60, "8" + ",0.1" * 61]) + "\n")
    stray = "\n".join([header, "7" + ",0.1" * 61, "8" + ",0.1" * 61, "9" + "," * 61])
    root = write("valence.csv", stray + "\n")
    assert rated_seconds(files_below(root), root) == {"7": 45.0, "8": 45.5}


def test_without_dynamic_ratings_nothing_is_known_of_their_end(write: Write) -> None:
    root = write("arousal.csv")
    assert rated_seconds(files_below(root), root) == {}


def test_ratings_of_deams_excerpts_end_with_them(shared_datasets: Path) -> None:
    root = shared_datasets / "deam"
    ends = rated_seconds(files_below(root), root)
    assert {end for song, end in ends.items() if int(song) <= 2000} == {45.0}
    assert min(end for song, end in ends.items() if int(song) > 2000) > 45
