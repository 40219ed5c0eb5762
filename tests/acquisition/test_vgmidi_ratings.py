from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from vgmidi_clones import curve, entry, write_ratings

from benchmark.acquisition.vgmidi.ratings import Piece, read_ratings
from benchmark.errors import DataError


def piece(number: int, *, of_file: int = 1, midi: str = "") -> Piece:
    return Piece(of_file, number, "Title", midi, 9, 18.0, ())


def test_an_id_says_file_and_piece_and_depends_on_no_other_piece() -> None:
    assert [piece(12).id, piece(12, of_file=2).id, piece(0).id] == ["13", "2513", "1"]
    assert [piece(13).id, piece(11, of_file=2).id] == ["2014", "512"]


def test_no_two_pieces_share_an_id_and_excerpts_stay_below_1000() -> None:
    pieces = [piece(number, of_file=file) for file in (1, 2) for number in range(500)]
    assert len({piece.id for piece in pieces}) == len(pieces)
    assert max(int(piece.id) for piece in pieces if not piece.full) == 1000
    full = [int(piece.id) for piece in pieces if piece.full]
    assert len(full) == 20 and min(full) > 2000


def test_series_and_game_stand_in_the_name_of_the_midi_file() -> None:
    named = piece(1, midi="The Legend of Zelda_N64_Majora's Mask_Song_2.mid")
    assert named.series_and_game == ("The Legend of Zelda", "Majora's Mask")
    assert piece(1, midi="song.mid").series_and_game == ("", "")


def test_pieces_come_with_their_raters_in_order(tmp_path: Path) -> None:
    path = write_ratings(
        tmp_path,
        1,
        pieces={"piece10": entry("Ten"), "piece2": entry("Two", measures=2)},
        annotations={
            "piece10_1": curve([0.5]),
            "piece2_10": curve([0.1, -1], [0, 1]),
            "piece2_9": curve([0.2, 0.3]),
        },
    )
    (two, ten), notes = read_ratings(path, 1)
    assert (two.name, two.measures, two.source) == ("Two", 2, "piece2 of vgmidi_raw_1.json")
    assert [rater.name for rater in two.raters] == ["piece2_9", "piece2_10"]
    assert (two.raters[1].arousal, two.raters[1].valence) == ((0.1, -1.0), (0.0, 1.0))
    assert (ten.name, len(ten.raters), notes) == ("Ten", 1, [])


def test_ratings_of_a_piece_that_nobody_describes_are_noted(tmp_path: Path) -> None:
    path = write_ratings(
        tmp_path,
        1,
        pieces={"piece1": entry("One")},
        annotations={f"{key}_1": curve([0.5]) for key in ("piece1", "piece96", "piece9")},
    )
    pieces, notes = read_ratings(path, 1)
    assert [piece.name for piece in pieces] == ["One"]
    assert notes == [
        "vgmidi_raw_1.json: piece9, piece96: rated, but no entry in 'pieces' says which music; "
        "left out"
    ]


@pytest.mark.parametrize(
    ("piece", "rater", "reason"),
    [
        ({"measures": 0}, {}, "pieces, piece1, measures: 0: .*greater than 0"),
        ({"measures": "9"}, {}, "pieces, piece1, measures: '9': .*valid integer"),
        ({"duration": None}, {}, "pieces, piece1, duration: None: .*valid number"),
        ({}, {"arousal": [0.1, "x"]}, "annotations, piece1_3, arousal, 1: 'x': .*valid number"),
        ({}, {"arousal": [0.1, 1.5]}, "annotations, piece1_3, arousal, 1: 1.5: .*or equal to 1"),
        ({}, {"valence": [float("nan")]}, "annotations, piece1_3, valence, 0: nan: .*finite"),
        ({}, {"valence": 5}, "annotations, piece1_3, valence: 5: .*valid array"),
    ],
)
def test_what_is_wrong_is_said_with_the_piece(
    tmp_path: Path, piece: dict[str, Any], rater: dict[str, Any], reason: str
) -> None:
    path = write_ratings(
        tmp_path,
        1,
        pieces={"piece1": entry("One") | piece},
        annotations={"piece1_3": curve([0.1, 0.2]) | rater},
    )
    with pytest.raises(DataError, match=rf"vgmidi_raw_1\.json: {reason}"):
        read_ratings(path, 1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Invalid JSON"),
        ('{"annotations": {}, "pieces": {', "Invalid JSON"),
        ("[1, 2]", "valid object|be an object"),
        ('{"annotations": {}}', "pieces: .*required"),
        ('{"annotations": {"x": {}}, "pieces": {}}', "annotations, x: 'x': .*match pattern"),
        ('{"annotations": {}, "pieces": {"piece500": {}}}', "pieces, piece500: .*match pattern"),
        ("\xff\xfe", "Invalid JSON"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "vgmidi_raw_1.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(DataError, match=rf"vgmidi_raw_1\.json: .*({reason})"):
        read_ratings(path, 1)
