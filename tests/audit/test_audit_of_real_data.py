"""The audit of the two real folders, against figures found without it.

They were counted with pandas, the csv module and soundfile, apart from this package, and agree with
what is written about these folders.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile

from benchmark.audit.finding import Audit, Finding

Find = Callable[[Audit, str], Finding]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def deam(shared_datasets: Path, audited: Callable[..., Audit]) -> Audit:
    return audited(shared_datasets / "deam", decode=True)


@pytest.fixture(scope="module")
def vgmidi(shared_datasets: Path, audited: Callable[..., Audit]) -> Audit:
    return audited(shared_datasets / "vgmidi", decode=True)


def test_deam_is_known_and_usable_though_it_has_no_audio(deam: Audit) -> None:
    assert deam.official and deam.usable
    assert (deam.title, deam.refusal) == ("DEAM", "")
    assert deam.verdict == "usable without audio, 1,802 of 1,802 rated songs"
    assert deam.songs == {
        subset: {"rated": number, "in_deam": number, "usable": number}
        for subset, number in (("1-1000", 744), ("1001-2000", 1000), ("2001-", 58))
    }
    assert not deam.decoded


def test_of_deam_nothing_is_reported_but_its_known_quirks(deam: Audit) -> None:
    assert Counter(finding.code for finding in deam.findings) == {
        "labels.columns_differ": 1,
        "labels.stray": 1,
        "labels.sides": 1,
        "audio.none": 1,
        "metadata.spaces": 1,
        "metadata.ragged": 2,
        "static.header_spaces": 2,
        "static.broken_name": 1,
        "songs.same_recording": 1,
        "songs.id_gaps": 1,
        "labels.range": 1,
        "labels.per_song": 1,
        "metadata.artists_shared": 1,
        "static.range": 1,
        "static.agreement": 1,
    }
    assert deam.of("unusable") == deam.of("left out") == ()


def test_deams_tables_end_at_different_columns(deam: Audit, finding: Find) -> None:
    differ = finding(deam, "labels.columns_differ")
    assert differ.severity == "handled"
    assert differ.figures["last_ms"] == {"arousal": 626_500, "valence": 626_000}
    assert differ.figures["first_ms"] == {"arousal": 15_000, "valence": 15_000}
    assert differ.figures["in_one_only"] == 1


def test_every_excerpt_of_deam_has_60_labels_and_the_58_have_68_to_1224(
    deam: Audit, finding: Find
) -> None:
    lengths = finding(deam, "labels.per_song").figures
    assert lengths["1-1000"] == {"60": 744}
    assert lengths["1001-2000"] == {"60": 1000}
    full = list(map(int, lengths["2001-"]))
    assert (full[0], full[-1], sum(lengths["2001-"].values())) == (68, 1224, 58)


def test_the_stray_labels_of_two_songs_of_deam_are_known(deam: Audit, finding: Find) -> None:
    stray = finding(deam, "labels.stray")
    assert (stray.severity, stray.songs) == ("handled", ("3", "22"))
    assert stray.figures["at_ms"] == {"3": [45_500], "22": [622_500]}
    assert stray.examples[0].startswith("song 3: valence 0 at 45.5 s")


def test_labels_of_deam_are_counted_and_in_range(deam: Audit, finding: Find) -> None:
    ranges = finding(deam, "labels.range").figures
    assert ranges["arousal"] == {"min": -0.772351, "max": 0.898, "labels": 129_999}
    assert ranges["valence"] == {"min": -0.832, "max": 0.716, "labels": 130_000 - 2}
    sides = finding(deam, "labels.sides")
    assert sides.songs == ("2002", "2011", "2020", "2027", "2036", "2042", "2045")


def test_ids_of_deam_have_gaps_before_1001_only(deam: Audit, finding: Find) -> None:
    gaps = finding(deam, "songs.id_gaps")
    assert gaps.severity == "fact"
    assert gaps.figures["unused"] == {"1-1000": 1000 - 1 - 744, "1001-2000": 0, "2001-": 0}


def test_deams_static_headers_have_spaces_and_a_broken_name(deam: Audit, finding: Find) -> None:
    spaces = [found for found in deam.findings if found.code == "static.header_spaces"]
    assert [found.figures["columns"] for found in spaces] == [4, 12]
    broken = finding(deam, "static.broken_name")
    assert broken.figures["columns"] == ["valence_ max_mean"]
    assert "2000_2058" in broken.figures["table"]


def test_static_and_dynamic_ratings_of_deam_agree_by_subset_as_published(
    deam: Audit, finding: Find
) -> None:
    r = finding(deam, "static.agreement").figures
    assert [round(r["1-1000"][target], 2) for target in ("arousal", "valence")] == [0.57, 0.57]
    assert [round(r["1001-2000"][target], 2) for target in ("arousal", "valence")] == [0.94, 0.91]
    assert [round(r["2001-"][target], 2) for target in ("arousal", "valence")] == [0.93, 0.98]
    assert finding(deam, "static.range").figures == {
        "arousal": {"min": 1.6, "max": 8.1},
        "valence": {"min": 1.6, "max": 8.4},
    }


def test_artists_of_deam_are_shared_by_433_of_the_744_songs(deam: Audit, finding: Find) -> None:
    shared = finding(deam, "metadata.artists_shared").figures
    figures = {s: (of["songs"], of["artists"], of["sharing"]) for s, of in shared.items()}
    assert figures == {
        "1-1000": (744, 411, 433),
        "1001-2000": (1000, 555, 640),
        "2001-": (58, 49, 16),
        "all": (1802, 948, 1162),
    }
    assert len(shared["1-1000"]["songs_sharing"]) == 433


def test_metadata_of_deam_is_ragged_and_has_tabs(deam: Audit, finding: Find) -> None:
    assert finding(deam, "metadata.spaces").figures == {
        "table": "metadata/metadata_2013.csv",
        "fields_with_tabs": 2973,
        "fields_with_no_break_spaces": 0,
    }
    ragged = [found.figures for found in deam.findings if found.code == "metadata.ragged"]
    assert [figures["rows_beyond_names"] for figures in ragged] == [954, 29]
    assert [figures["columns"] for figures in ragged] == [105, 19]
    assert ragged[0]["cells_beyond_names"] == 100


def test_four_recordings_that_deam_holds_twice_are_found_and_handled(
    deam: Audit, finding: Find
) -> None:
    same = finding(deam, "songs.same_recording")
    assert same.severity == "handled"
    assert same.figures["as"] == {"536": "175", "706": "296", "758": "390", "893": "631"}


def test_what_of_deam_is_there_and_what_fetches_the_rest(deam: Audit) -> None:
    found = {part.name: part.files for part in deam.parts if part.files}
    assert found == {
        "dynamic ratings": 2,
        "static ratings": 2,
        "metadata": 3,
        "song-level features": 1,
    }
    root = deam.root
    command = f"python -m benchmark data deam --root {root} --parts annotations,features,audio"
    assert deam.fetch == command


def test_of_vgmidi_nothing_is_reported_but_its_quirks(vgmidi: Audit) -> None:
    assert {finding.code: finding.severity for finding in vgmidi.findings} == {
        "labels.columns_differ": "handled",
        "audio.padded": "handled",
        "audio.rates": "handled",
        "audio.channels": "handled",
        "metadata.catch_all": "handled",
        "songs.id_gaps": "fact",
        "labels.range": "fact",
        "labels.per_song": "fact",
        "labels.fewer": "fact",
        "labels.flat": "fact",
        "audio.length": "fact",
        "metadata.artists_shared": "fact",
        "raters.number": "fact",
        "raters.mean": "fact",
    }
    assert vgmidi.usable and not vgmidi.official and vgmidi.decoded
    assert vgmidi.verdict == "usable, 160 of 160 rated songs"
    assert vgmidi.songs == {
        "1-1000": {"rated": 140, "in_deam": None, "usable": 140},
        "2001-": {"rated": 20, "in_deam": None, "usable": 20},
    }
    assert vgmidi.fetch == ""


def test_rates_and_channels_of_vgmidi_are_those_that_its_files_have(
    vgmidi: Audit, finding: Find
) -> None:
    rates = finding(vgmidi, "audio.rates")
    assert rates.figures["files"] == {"16000": 1, "22050": 3, "44100": 150, "48000": 6}
    assert rates.figures["of_song"]["77"] == 16_000
    assert rates.songs == ("3", "5", "32", "52", "61", "77", "90", "99", "119", "2004")
    channels = finding(vgmidi, "audio.channels")
    assert channels.figures["files"] == {"1": 13, "2": 147}
    mono = ("4", "17", "30", "43", "56", "69", "82", "95", "108", "121", "134", "2006", "2019")
    assert channels.songs == mono
    audio = vgmidi.root / "MEMD_audio"
    for song in ("3", "4", "77"):
        header = soundfile.info(str(audio / f"{song}.mp3"))
        assert rates.figures["of_song"].get(song, 44_100) == header.samplerate
        assert (song in mono) == (header.channels == 1)


def test_the_file_of_vgmidi_that_ends_before_its_last_label_is_padded(
    vgmidi: Audit, finding: Find
) -> None:
    padded = finding(vgmidi, "audio.padded")
    assert padded.figures["missing_seconds"] == {"40": pytest.approx(45.0 - 44.643, abs=1e-3)}
    length = finding(vgmidi, "audio.length").figures
    assert length["min_seconds"] == pytest.approx(20.464, abs=1e-3)
    assert length["max_seconds"] == pytest.approx(180.0, abs=1e-3)


def test_labels_of_vgmidi_are_fewer_than_60_in_29_excerpts(vgmidi: Audit, finding: Find) -> None:
    fewer = finding(vgmidi, "labels.fewer")
    assert len(fewer.songs) == 29
    assert fewer.songs[:3] == ("2", "6", "11")
    labels = fewer.figures["labels"]
    assert (min(labels.values()), max(labels.values()), labels["2"]) == (5, 58, 6)
    lengths = finding(vgmidi, "labels.per_song").figures
    assert lengths["1-1000"]["60"] == 111
    full = list(map(int, lengths["2001-"]))
    assert (full[0], full[-1]) == (154, 330)
    assert finding(vgmidi, "labels.columns_differ").figures["last_ms"] == {
        "arousal": 179_500,
        "valence": 180_000,
    }
    assert finding(vgmidi, "labels.range").figures["arousal"]["labels"] == 12_545
    assert finding(vgmidi, "songs.id_gaps").figures["unused"] == {"1-1000": 1, "2001-": 0}


def test_raters_of_vgmidi_are_28_to_32_and_their_mean_is_the_label(
    vgmidi: Audit, finding: Find
) -> None:
    one = {"tables": 160, "with_rater_names": 160, "min": 28, "max": 32}
    assert finding(vgmidi, "raters.number").figures == {"arousal": one, "valence": one}
    mean = finding(vgmidi, "raters.mean")
    assert mean.songs == ()
    assert mean.figures["largest"] < 1e-6


def test_artists_of_vgmidi_are_shared_as_its_table_says(vgmidi: Audit, finding: Find) -> None:
    artists = {}
    for path in sorted((vgmidi.root / "metadata").glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            artists |= {row["song_id"]: row["artist"] for row in csv.DictReader(file)}
    other = {song for song, artist in artists.items() if artist == "Other"}
    known = Counter(artist for song, artist in artists.items() if song not in other)
    assert set(finding(vgmidi, "metadata.catch_all").songs) == other
    shared = finding(vgmidi, "metadata.artists_shared").figures["all"]
    assert shared["sharing"] == sum(number for number in known.values() if number > 1)
    assert shared["artists"] == len(known) == 12


def test_json_has_a_schema_version_and_all_songs(vgmidi: Audit, deam: Audit) -> None:
    for audit in (vgmidi, deam):
        again = json.loads(json.dumps(audit.as_json()))
        assert again["schema_version"] == 1
        assert again["usable"] is True
        assert len(again["findings"]) == len(audit.findings)
    fewer = [of for of in vgmidi.as_json()["findings"] if of["code"] == "labels.fewer"]
    assert len(fewer[0]["songs"]) == 29
