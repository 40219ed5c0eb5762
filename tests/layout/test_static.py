from __future__ import annotations

import math
from pathlib import Path

import pytest

from benchmark.errors import DataError
from benchmark.layout.static import Static, brought_to_unit, plausible_floors, read_static

HEAD = "song_id, valence_mean, valence_std, valence_ max_mean, arousal_mean, arousal_std\n"
"""As in the release: leading spaces, and a name that is broken."""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "static_annotations_averaged_songs_1_2000.csv"


def test_columns_are_joined_on_names_in_any_order_and_tables_follow_each_other(
    table: Path,
) -> None:
    table.write_text(HEAD + "2,3.1,0.94,9,3,0.63\n")
    other = table.with_name("other.csv")
    other.write_text("arousal_std,song_id,arousal_mean,valence_std,valence_mean\n1,2001,8,2,7\n")
    assert read_static([table, other]) == {
        "2": {"arousal": Static(3.0, 0.63), "valence": Static(3.1, 0.94)},
        "2001": {"arousal": Static(8.0, 1.0), "valence": Static(7.0, 2.0)},
    }


def test_an_empty_cell_is_no_rating(table: Path) -> None:
    table.write_text(HEAD + "2,,0.94,9,nan,\n")
    found = read_static([table])["2"]
    assert math.isnan(found["valence"].mean) and found["valence"].sd == 0.94
    assert math.isnan(found["arousal"].mean) and math.isnan(found["arousal"].sd)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD, ": holds no song"),
        ("", ": 0 columns 'song_id', expected one"),
        ("song_id,arousal_mean\n", ": 0 columns 'arousal_std', expected one"),
        (HEAD.replace("valence_ max", "arousal"), ": 2 columns 'arousal_mean', expected one"),
        (HEAD + "2,5,1,9,5\n", ", line 2: 5 cells under 6 columns"),
        (HEAD + "2,5,1,9,5,1,1\n", ", line 2: 7 cells under 6 columns"),
        (HEAD + "2,5,1,9,5,1\n2.0,5,1,9,5,1\n", ", line 3: song 2 has a second row"),
        (HEAD + "2,5,1,9,0.9,1\n", ", line 2: song 2, column 'arousal_mean' is '0.9', expected 1"),
        (HEAD + "2,9.1,1,9,5,1\n", "column 'valence_mean' is '9.1', expected 1 to 9"),
        (HEAD + "2,5,1,9,5,8.1\n", "column 'arousal_std' is '8.1', expected 0 to 8"),
        (HEAD + "2,5,1,9,5,low\n", "column 'arousal_std' is 'low', expected 0 to 8"),
    ],
)
def test_a_mistake_in_a_table_of_static_ratings_is_shown(
    table: Path, text: str, message: str
) -> None:
    table.write_text(text)
    with pytest.raises(DataError, match=f"1_2000.csv.*{message}"):
        read_static([table])


def test_the_middle_and_the_ends_of_the_raters_scale_are_those_of_the_unit_scale() -> None:
    assert [brought_to_unit(value) for value in (1, 3, 5, 9)] == [-1, -0.5, 0, 1]


def test_the_floor_is_the_standard_error_of_ten_raters_in_the_root_mean_square() -> None:
    """SD 3 and 4 on the scale 1-9: ((3/4)^2 + (4/4)^2) / 2 / 10 = 0.078125 = 0.27951^2."""
    ratings = {
        "2": {"arousal": Static(5, 0.8), "valence": Static(5, 3)},
        "3": {"arousal": Static(5, 0.1), "valence": Static(5, 0.1)},
        "2001": {"arousal": Static(5, 0.8), "valence": Static(5, 4)},
    }
    floors = plausible_floors(ratings, {"2", "2001"})
    assert floors == pytest.approx({"arousal": 0.2 / 10**0.5, "valence": 0.2795085}, abs=1e-7)


def test_songs_and_targets_without_a_deviation_count_for_nothing() -> None:
    ratings = {
        "2": {"arousal": Static(5, 0.8), "valence": Static(5, math.nan)},
        "3": {"arousal": Static(5, math.nan), "valence": Static(5, math.nan)},
    }
    assert plausible_floors(ratings, {"2", "3", "5"}) == pytest.approx({"arousal": 0.2 / 10**0.5})
    assert plausible_floors(ratings, {"5"}) == {}
