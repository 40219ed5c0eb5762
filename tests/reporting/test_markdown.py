from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from results import Results, many, tables

from benchmark.records import RaterErrors, Shared
from benchmark.reporting import tracks
from benchmark.reporting.markdown import LEGEND, render
from benchmark.reporting.published import published_numbers

SONGS = many(12)
ERRORS = {song: 0.6 + 0.01 * place for place, song in enumerate(SONGS)}
WORSE = {song: error + 0.001 * place for place, (song, error) in enumerate(ERRORS.items(), 1)}
FULL = {str(song): (-0.5, 0.5) for song in range(2001, 2059)}


@pytest.fixture
def results(tmp_path: Path) -> Results:
    """Two fair models, the worse first, of twelve songs in two folds."""
    made = twelve(tmp_path)
    made.add("pipe|<b>", error=WORSE, constant=1.0)
    made.add("ridge", error=ERRORS, constant=1.0)
    made.publish()
    return made


def twelve(place: Path) -> Results:
    ids = list(SONGS)
    return Results(place, labels=SONGS, folds=(ids[:6], ids[6:]))


def rendered(results: Results) -> str:
    """Return the tables of tracks: the cards after them are another test's."""
    text = render(tracks(results.store)).partition("\n## Entries\n")[0]
    return text.replace("\N{NO-BREAK SPACE}", " ")


def mediaeval(place: Path, name: str = "made", **published: object) -> Results:
    """Publish a row on the 58 full songs of DEAM."""
    results = Results(place, name, labels=FULL, folds=(tuple(FULL),))
    results.add(error=0.6, protocol="mediaeval2015", n_training_songs=431)
    results.publish(**{"known_as": "deam", "title": "DEAM", "synthetic": False, **published})
    return results


def test_a_table_has_a_line_per_row_and_anchor_and_equal_columns(results: Results) -> None:
    board, spreads, *_ = tables(rendered(results))
    for table in (board, spreads):
        assert len({len(row) for row in table}) == 1
        assert [row[:4] for row in table[1:]] == [
            ["1", "mel", "ridge", "6"],
            ["2", "mel", "pipe\\|&lt;b>", "6"],
            ["–", "", "constant, song_kfold", ""],
            ["–", "", "oracle: previous label", ""],
            ["–", "", "oracle: song mean", ""],
        ]


def test_a_row_by_hand(results: Results) -> None:
    """Errors of 0.6 to 0.71; the two folds reach 0.625 and 0.685; the constant is 1 off."""
    board, spreads, *_ = tables(rendered(results))
    assert board[0][4:] == [
        "RMSE [95 %, songs]", "± SD (folds)", "skill [95 %, songs]", "vs row above", "vs constant",
    ]  # fmt: skip
    first, second = (row[4:] for row in board[1:3])
    assert re.fullmatch(r"0\.6550 \[0\.6\d\d, 0\.6\d\d\]", first[0])
    assert first[1] == "0.0424"
    # 1 - 0.430217 / 1.25: mean squares of the errors, and of a constant at 1.
    assert re.fullmatch(r"0\.656 \[0\.\d\d, 0\.\d\d\]", first[2])
    # Better than the constant and than the other row on twelve of twelve: 3 * 2 / 2**12.
    assert first[3:] == ["–", "-0.4630, p 0.001"]
    assert second[3] == "+0.0065, p 0.001"
    assert spreads[0][4:] == [
        "RMSE pooled [95 %, songs]", "RMSE [95 %, folds, corrected]", "SD (songs)", "r", "CCC",
        "seconds",
    ]  # fmt: skip
    assert re.fullmatch(r"0\.6559 \[0\.6\d\d, 0\.6\d\d\]", spreads[1][4])
    # t(1) of 0.975 is 12.7: 0.655 - 12.7 * 0.0424 * the root of 1 / 2 + 6 / 6.
    assert spreads[1][5] == "[-0.005, 1.315]"
    # 0.01 * the sample SD of 1 to 12, which is the root of 13.
    assert spreads[1][6:] == ["0.0361", "1.000", "0.539", "5.0"]


def test_anchors_have_both_averages_and_nothing_else(tmp_path: Path) -> None:
    results = twelve(tmp_path)
    results.add(error=ERRORS, constant=1.0)
    apart = {song: RaterErrors(2, 0.02, 0.08, 0.5) for song in SONGS}
    results.publish(raters={"arousal": apart})
    board, spreads, *_ = tables(rendered(results))
    values = {
        "constant, song_kfold": "1.1180",
        "oracle: previous label": "1.0000",
        "oracle: song mean": "0.5000",
        "raters: standard error of their mean": "0.1000",
        "raters: one half against the other": "0.2000",
        "raters: one against the others (no ceiling)": "0.5000",
    }
    for table, heading in (
        (board, "RMSE [95 %, songs]"),
        (spreads, "RMSE pooled [95 %, songs]"),
    ):
        anchors = [row for row in table if row[2] in values]
        assert {row[2]: row[table[0].index(heading)] for row in anchors} == values
        assert {"".join(row[5:]) for row in anchors} == {""}
        assert {row[0] for row in anchors} == {"–"}


def test_every_spread_and_interval_names_its_unit(tmp_path: Path) -> None:
    results = twelve(tmp_path)
    results.add(error=ERRORS, seeds=(0, 1))
    results.publish()
    headings = [heading for table in tables(rendered(results))[:2] for heading in table[0]]
    spreads = [heading for heading in headings if re.search("±|%|SD", heading)]
    assert len(spreads) == 7
    for heading in spreads:
        named = re.search(
            r"(\[95 %, (songs|folds, corrected)\]|(± )?SD \((songs|seeds|folds)\))$", heading
        )
        assert named
        assert f"**{named[0]}**" in LEGEND


def test_columns_that_say_nothing_of_any_row_are_left_out(tmp_path: Path) -> None:
    """Of one fold there is no spread over folds, of one row none above, of one seed no spread."""
    results = Results(tmp_path, labels=SONGS, folds=(tuple(SONGS),))
    results.add(error=ERRORS, constant=1.0)
    results.publish()
    board, spreads, *_ = tables(rendered(results))
    assert board[0][4:] == ["RMSE [95 %, songs]", "skill [95 %, songs]", "vs constant"]
    assert spreads[0][4:] == ["RMSE pooled [95 %, songs]", "SD (songs)", "r", "CCC", "seconds"]
    assert {len(row) for row in board} == {7}


def test_a_column_that_says_something_of_one_row_is_there_for_all(tmp_path: Path) -> None:
    results = Results(tmp_path, labels=SONGS, folds=(tuple(SONGS),))
    results.add("ridge", error=ERRORS, constant=1.0)
    results.add("worse", error=WORSE, constant=1.0, seeds=(0, 1))
    results.add("broken", failing=0)
    results.publish()
    _, (headings, ridge, worse, broken, *_), *_ = tables(rendered(results))
    place = headings.index("SD (seeds)")
    assert (ridge[place], worse[place], broken[place]) == ("–", "0.0000", "")


def test_the_spread_over_seeds_is_that_of_their_rmse(tmp_path: Path) -> None:
    results = twelve(tmp_path)
    results.add(error=ERRORS, seeds=(0, 1, 2), step=0.1)
    results.publish()
    _, (headings, row, *_), *_ = tables(rendered(results))
    assert row[headings.index("SD (seeds)")] == "0.1000"


def test_nothing_is_ranked_that_has_an_alarm_and_the_reason_stands_below(tmp_path: Path) -> None:
    results = twelve(tmp_path)
    results.add("cheat", error=0.01)
    results.add("other cheat", error=0.01)
    results.add("ridge", error=ERRORS)
    results.publish()
    text = rendered(results)
    board, *_ = tables(text)
    assert [row[0] for row in board[1:4]] == ["1", "⚠", "⚠"]
    (line,) = [line for line in text.splitlines() if line.startswith("- ⚠ ")]
    assert line.startswith("- ⚠ mel / cheat, mel / other cheat: too good: pooled RMSE 0.0100 lies")
    assert "test labels reach the model" in line


@pytest.mark.parametrize(
    ("protocol", "flaw", "shared", "said"),
    [
        (
            "seed_split",
            "optimistic",
            Shared(test_songs=12, chosen_on=12),
            "12 of 12 test songs are handed to the model for its choices",
        ),
        (
            "leaky_frames",
            "leaky",
            Shared(test_songs=12, trained_on=12, test_labels=24, overlapping=6, example="song 3"),
            "12 of 12 test songs are also trained on, for example song 3; around 25% of the test "
            "labels the model hears",
        ),
    ],
)
def test_a_flaw_stands_in_title_introduction_and_table(
    tmp_path: Path, protocol: str, flaw: str, shared: Shared, said: str
) -> None:
    results = twelve(tmp_path)
    results.add(error=ERRORS, protocol=protocol, flaw=flaw, shared=shared)
    results.publish()
    text = rendered(results)
    assert f"\n## toy: arousal, {protocol} ({flaw})\n" in text
    assert f"**{flaw.capitalize()}**: " in text
    board, *_ = tables(text)
    assert board[1][0] == "⚠"
    assert f"- ⚠ mel / ridge: {flaw}: {said}" in text


def test_rows_with_as_many_training_songs_name_their_protocol(tmp_path: Path) -> None:
    results = Results(tmp_path, labels=FULL, folds=(tuple(FULL),))
    for changed, count in (({}, 431), ({"validation": 0.2}, 431), ({"train": "all"}, 1744)):
        results.add(error=0.6, protocol="mediaeval2015", changed=changed, n_training_songs=count)
    results.publish()
    (_, *rows), *_ = tables(rendered(results))
    assert {row[3] for row in rows if row[1]} == {
        "431 (mediaeval2015)",
        "431 (mediaeval2015(validation=0.2))",
        "1,744",
    }


def test_a_fair_track_names_its_protocol_and_no_flaw(results: Results) -> None:
    text = rendered(results)
    assert "\n## toy: arousal, song_kfold\n" in text
    assert "Song_kfold in words [folds 01234567]. 12 test songs of 12, 24 labels at 2 Hz." in text
    assert not re.search("optimistic|leaky", text.partition("## toy")[2].partition("### Publ")[0])


def test_synthetic_track_says_so_above_its_table(results: Results) -> None:
    text = rendered(results)
    assert text.index("**Synthetic data**") < text.index("| # |")


def test_what_both_targets_means_is_told_where_it_stands(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add("mean", track="a")
    results.publish()
    said = "Rows of **both targets**: one fit predicts arousal and valence; its seconds are those"
    assert said not in render(tracks(results.store))
    results.add("ridge", target="arousal+valence", track="a+v")
    results.publish()
    text = render(tracks(results.store))
    assert text.count(said) == 2
    boards = [found for found in tables(text) if "RMSE [95 %, songs]" in found[0]]
    assert ["ridge, both targets" in [row[2] for row in board] for board in boards] == [True, True]


def test_where_no_published_number_is_comparable_one_line_says_why(results: Results) -> None:
    text = rendered(results)
    told = text.partition("### Published numbers\n\n")[2].partition("\n\n")[0]
    assert told.startswith(
        f"None of the {len(published_numbers())} published numbers may be held against this track: "
        f"this track is synthetic. The one most quoted is 0.202 ± 0.007 (Malik et al. 2017"
    )


def test_malik_stands_beside_mediaeval_2015_with_every_caveat(tmp_path: Path) -> None:
    text = rendered(mediaeval(tmp_path))
    _, _, (headings, malik, *others) = tables(text)
    assert headings == ["system", "RMSE", "comparable?", "± over", "source"]
    assert malik[0].startswith("Malik et al. 2017")
    assert malik[1] == "0.202 ± 0.007"
    assert malik[2].startswith("comparable (same 58 test songs")
    for caveat in published_numbers()[0].caveats:
        assert caveat in malik[2]
    assert malik[3] == "most likely repeated trainings; neither folds nor songs"
    assert "arXiv:1706.02292" in malik[4] and "quoted by others" in malik[4]
    assert [row[0] for row in others] == ["NCU 2015, deep recurrent network"]
    apart = [line for line in text.splitlines() if ": not comparable: " in line]
    assert len(apart) == len(published_numbers()) - 2


def test_malik_is_comparable_nowhere_else(tmp_path: Path) -> None:
    """Not with other data, other songs, other protocols or a track with a flaw."""
    excerpts = twelve(tmp_path)
    flaws = {"seed_split": "optimistic", "leaky_frames": "leaky"}
    for protocol in ("song_kfold", "holdout", *flaws):
        excerpts.add(protocol=protocol, flaw=flaws.get(protocol, ""), track=protocol)
    excerpts.publish(known_as="deam", title="DEAM", synthetic=False)
    mediaeval(tmp_path, "alike", known_as="", title="a folder like DEAM")
    few = Results(tmp_path, "few", labels=FULL, folds=(tuple(FULL)[:57],))
    few.add(protocol="mediaeval2015", track="few")
    few.publish(known_as="deam", title="DEAM", synthetic=False)
    found = tracks(few.store)
    assert len(found) == 6
    for track in found:
        text = render([track])
        assert not [row for table in tables(text) for row in table if "Malik" in row[0]]
        reasons = re.findall(r"- Malik.*: not comparable: |None of .* may be held against", text)
        assert len(reasons) == (0 if track.conditions.flaw else 1)


def test_a_flawed_track_is_told_in_short_with_a_link_to_what_it_is_worth(tmp_path: Path) -> None:
    results = twelve(tmp_path)
    results.add(error=ERRORS, protocol="seed_split", flaw="optimistic")
    results.publish(known_as="deam", title="DEAM", synthetic=False)
    text = rendered(results)
    assert len(tables(text)) == 1
    assert text.endswith("[protocols](protocols.md).\n")
    assert "Published numbers" not in text


def test_skill_alone_may_be_compared_with_other_splits(tmp_path: Path) -> None:
    results = twelve(tmp_path)
    results.add(error=ERRORS)
    results.publish(known_as="deam", title="DEAM", synthetic=False)
    *_, published = tables(rendered(results))
    (seed,) = published[1:]
    assert seed[0].startswith("track_emo_reco")
    assert seed[1] == "0.1876 (skill 0.57)"
    assert seed[2].startswith("comparable in skill only: its test songs decided when to stop")


def test_songs_left_out_and_how_to_reproduce_are_told(results: Results) -> None:
    text = rendered(results)
    assert "Data: nobody (CC0)." in text
    assert "- song 9: no ratings; left out" in text
    assert "python -m benchmark run made.yaml --set 'seeds=[0]'" in text
    assert "At commit abcdef1234:" in text


def test_work_in_progress_is_no_commit(results: Results) -> None:
    record = results.store.read(results.cells[0].jobs[0])
    assert record is not None
    dirty = {"git_commit": "1234567890abcdef", "git_dirty": "true"}
    results.store.write(replace(record, environment=dirty))
    text = rendered(results)
    assert "At commit abcdef1234, 1234567890 with uncommitted changes:" in text or (
        "At commit 1234567890 with uncommitted changes, abcdef1234:" in text
    )


def test_markup_in_names_is_shown_as_text(results: Results) -> None:
    assert "pipe\\|&lt;b>" in rendered(results)


def test_a_note_on_a_training_is_told(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add(notes=("batch of 4",))
    results.publish()
    assert "### Notes on training\n\n- mel / ridge: batch of 4\n" in rendered(results)


def test_a_cell_without_a_result_says_why_in_its_row(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add(failing=0)
    results.publish()
    (headings, row), *_ = tables(rendered(results))
    assert len(row) == len(headings)
    assert headings[4] == "RMSE [95 %, songs]"
    assert row[0] == "–"
    assert row[4] == "failed in 1 of 2 jobs: ValueError: too loud"


def test_undefined_correlations_are_counted_not_hidden(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add(error=0.5)
    results.publish()
    (track,) = tracks(results.store)
    assert track.rows[0].result is not None
    # Song 3 has one rated label: no correlation.
    assert track.rows[0].result.score.pearson_undefined == 1
    _, (headings, row, *_), *_ = tables(render([track]))
    assert row[headings.index("r")] == "1.000 (1)"


def test_nothing_run_yet_is_said() -> None:
    assert "Nothing has been run yet: `python -m benchmark run" in render(())
