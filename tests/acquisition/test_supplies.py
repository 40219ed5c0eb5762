from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from loopback import serving
from zips import AVERAGED, deam_files, deam_zips, zip_at, zipped

from benchmark.acquisition.deam_parts import EXPERIMENTS, PARTS, choose_parts
from benchmark.acquisition.supplies import Supply, from_folder, from_server
from benchmark.errors import AcquisitionError, UnreachableError

BY_NAME = {part.name: part for part in PARTS}


def write_zips(folder: Path, zips: dict[str, bytes]) -> None:
    for name, content in zips.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def test_the_official_zips_are_found_however_deep_and_in_any_case(tmp_path: Path) -> None:
    zips = deam_zips()
    write_zips(
        tmp_path,
        {
            "deam_ANNOTATIONS.ZIP": zips["DEAM_Annotations.zip"],
            "a/b/Metadata.zip": zips["metadata.zip"],
            "a/features.zip": zips["features.zip"],
            "c/DEAM_audio.zip": zips["DEAM_audio.zip"],
            "c/thesis.zip": zipped({"chapter.tex": b""}),
            "c/broken.zip": b"PK",
        },
    )
    supplies = from_folder(PARTS, tmp_path).found
    assert [supply.part for supply in supplies] == list(PARTS)
    assert [str(supply.path.relative_to(tmp_path)) for supply in supplies] == [
        "deam_ANNOTATIONS.ZIP",
        "a/b/Metadata.zip",
        "a/features.zip",
        "c/DEAM_audio.zip",
    ]
    assert all(supply.official and not supply.url for supply in supplies)


def test_of_two_copies_the_one_in_the_known_size_is_taken(tmp_path: Path) -> None:
    for folder, size in (("a", 100), ("b", BY_NAME["metadata"].size), ("c", 200)):
        write_zips(tmp_path, {f"{folder}/metadata.zip": bytes(size)})
    (supply,) = from_folder(choose_parts(["metadata"]), tmp_path).found
    assert supply.path == tmp_path / "b" / "metadata.zip"


def test_one_big_zip_holds_every_part(tmp_path: Path) -> None:
    nested = {
        "DEAM_Annotations/": deam_files()["DEAM_Annotations.zip"],
        "": deam_files()["metadata.zip"],
        "features/": deam_files()["features.zip"],
        "DEAM_audio/": deam_files()["DEAM_audio.zip"],
    }
    everything = {top + name: content for top, of in nested.items() for name, content in of.items()}
    zip_at(tmp_path / "archive.zip", everything | {"readme.txt": b"of the mirror"})
    supplies = {supply.part.name: supply for supply in from_folder(PARTS, tmp_path).found}
    assert supplies.keys() == BY_NAME.keys()
    assert not any(supply.official for supply in supplies.values())
    found = {
        str(entry.path): name for name, supply in supplies.items() for entry in supply.entries()
    }
    assert found.keys() == everything.keys()
    assert {name for path, name in found.items() if "MEMD_audio" in path} == {"audio"}
    assert {name for path, name in found.items() if "annotations" in path} == {"annotations"}


def test_parts_without_a_zip_are_left_out_and_none_at_all_is_an_error(tmp_path: Path) -> None:
    write_zips(tmp_path, {"metadata.zip": deam_zips()["metadata.zip"]})
    supplies = from_folder(PARTS, tmp_path)
    assert [supply.part.name for supply in supplies.found] == ["metadata"]
    assert list(supplies.lacking) == ["annotations", "features", "audio"]
    assert str(supplies.lacking["features"]).startswith(f"no features.zip below {tmp_path}, nor")
    with pytest.raises(AcquisitionError, match=r"no zip with audio of DEAM .*DEAM_audio\.zip"):
        from_folder(choose_parts(["audio"]), tmp_path)
    with pytest.raises(AcquisitionError, match=r"--from .*nowhere: no such folder"):
        from_folder(PARTS, tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (["annotations/annotations averaged per song/x.csv"], ""),
        (["annotations/annotations/x.csv"], ""),
        (["DEAM_Annotations/annotations/x.csv"], "annotations"),
        (["annotations averaged per song/x.csv", "annotations per each rater/y"], "annotations"),
        (["x.csv"], "annotations"),
        (["annotations/x.csv", "y.csv"], "annotations"),
    ],
)  # fmt: skip
def test_files_of_a_part_lie_below_its_folder_however_its_zip_nests(
    tmp_path: Path, files: list[str], place: str
) -> None:
    path = zip_at(tmp_path / "some.zip", dict.fromkeys(files, b""))
    supply = Supply(BY_NAME["annotations"], path)
    assert supply.destination(tmp_path / "root", supply.entries()) == tmp_path / "root" / place


def test_a_zip_without_a_file_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "metadata.zip", "w"):
        pass
    (supply,) = from_folder(choose_parts(["metadata"]), tmp_path).found
    with pytest.raises(AcquisitionError, match="holds no file"):
        supply.entries()


def test_the_room_is_reckoned_from_what_the_server_has_and_then_counted(tmp_path: Path) -> None:
    zips, files = deam_zips(), deam_files()["DEAM_audio.zip"]
    with serving(zips) as server:
        (supply,) = from_server(choose_parts(["audio"]), server.address + "/", tmp_path).found
        size = len(zips["DEAM_audio.zip"])
        assert supply.url == f"{server.address}/DEAM_audio.zip"
        assert supply.room(tmp_path) == round(size * 2.02)
        (tmp_path / "DEAM_audio.zip.part").write_bytes(bytes(1000))
        assert supply.room(tmp_path) == round(size * 2.02) - 1000
        (tmp_path / "DEAM_audio.zip").write_bytes(zips["DEAM_audio.zip"])
        (one, *_) = files
        (tmp_path / one).parent.mkdir()
        (tmp_path / one).write_bytes(files[one])
        assert supply.room(tmp_path) == sum(map(len, files.values())) - len(files[one])
        (supply,) = from_server(choose_parts(["audio"]), "http://127.0.0.1:9", tmp_path).found
        assert not supply.size


def test_a_zip_that_a_server_lacks_is_said_and_a_server_that_is_not_there_is_an_error(
    tmp_path: Path,
) -> None:
    zips = deam_zips()
    del zips["metadata.zip"]
    with serving(zips) as server:
        supplies = from_server(PARTS, server.address, tmp_path)
    assert [supply.part.name for supply in supplies.found] == ["annotations", "features", "audio"]
    assert str(supplies.lacking["metadata"]).endswith(
        "metadata.zip: the server answers 404 Not Found"
    )
    with pytest.raises(UnreachableError, match=r"Annotations\.zip: the connection failed"):
        from_server(PARTS, "http://127.0.0.1:9", tmp_path)


def test_a_zip_that_cannot_be_unpacked_wants_no_room_and_is_told_in_its_turn(
    tmp_path: Path,
) -> None:
    write_zips(tmp_path, {"metadata.zip": b"PK"})
    (supply,) = from_folder(choose_parts(["metadata"]), tmp_path).found
    assert supply.room(tmp_path) == 0
    with pytest.raises(AcquisitionError, match="is no zip"):
        supply.entries()


def test_parts_are_chosen_by_name_in_the_order_of_the_table() -> None:
    assert [part.name for part in choose_parts([" Audio", "annotations", "audio"])] == [
        "annotations",
        "audio",
    ]
    with pytest.raises(AcquisitionError, match="no part 'anotations' of DEAM; did you mean annot"):
        choose_parts(["audio", "anotations"])
    with pytest.raises(AcquisitionError, match="name some of annotations, metadata, features"):
        choose_parts([""])


def test_there_are_experiments_for_the_parts_that_are_said_to_have_some() -> None:
    names = {part.name for part in PARTS}
    for files, parts in EXPERIMENTS.items():
        assert names.issuperset(parts)
        texts = [path.read_text() for path in Path(__file__).parents[2].glob(files)]
        assert texts
        if "audio" not in parts:
            assert all("opensmile" in text for text in texts)


def test_the_table_knows_the_files_of_each_part_by_their_paths() -> None:
    for name, files in deam_files().items():
        for path in files:
            assert [p.file for p in PARTS if p.pattern.search(path)] == [name]
    per_rater = AVERAGED.replace("averaged per song", "per each rater")
    assert BY_NAME["annotations"].pattern.search(f"{per_rater}/dynamic/arousal/2.csv")
