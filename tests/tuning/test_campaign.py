from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from benchmark.config import Experiment
from benchmark.errors import DataError
from benchmark.evaluation.cache import FeatureCache
from benchmark.execution import Pool
from benchmark.interfaces import Protocol
from benchmark.records import Corpus, Fold, Song
from benchmark.runner.material import Material
from benchmark.runner.plan import make_plan
from benchmark.tuning import Order, Storage
from benchmark.tuning.campaign import Campaign, campaign

Make = Callable[..., Experiment]
SEARCH = "{models: {lucky: {number: {low: 0, high: 9}}}}"
pytestmark = pytest.mark.usefixtures("plug_in")


@pytest.fixture
def songs() -> Callable[..., Path]:
    return lambda: Path()  # none are read: those of a corpus in memory are used


@pytest.fixture
def corpus(make_song: Callable[..., Song]) -> Corpus:
    """Two excerpts of each work, three works of each artist."""
    songs = [
        make_song(f"{n:02}", work=f"work {n // 2}", artist=f"artist {n // 6}", content=f"audio {n}")
        for n in range(48)
    ]
    return Corpus("in memory", tuple(songs), synthetic=True, citation="", licence="")


@pytest.fixture
def opened(tmp_path: Path, corpus: Corpus) -> Callable[..., Campaign]:
    """Return a maker of campaigns on the songs in memory."""

    def make(experiment: Experiment, songs: Sequence[Song] = (), **order: Any) -> Campaign:
        some = replace(corpus, songs=tuple(songs) or corpus.songs)
        plan = make_plan(experiment, Material(some), FeatureCache(tmp_path / "features"))
        order = Order(storage=Storage(str(tmp_path / "journal")), **order)
        return campaign(plan, order, Pool(1))

    return make


PROTOCOLS = [
    "{name: song_kfold, folds: 3}",
    "{name: song_kfold, folds: 3, group: artist}",
    "{name: holdout, test: 0.4}",
    "{name: holdout, group: artist, repeats: 2}",
]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_trials_are_judged_on_training_songs_and_no_recording_is_on_two_sides(
    opened: Any, experiment: Make, corpus: Corpus, protocol: str
) -> None:
    groups = {song.id: song.groups for song in corpus.songs}
    apart = ["song", "artist"] if "artist" in protocol else ["song"]

    def known(kind: str, songs: Sequence[str]) -> set[str]:
        return {groups[song][kind] for song in songs}

    found = opened(experiment(SEARCH, protocol=protocol, targets="[arousal, valence]"))
    assert len(found.studies) == 2 * len(found.folds)
    for (_, index), study in found.studies.items():
        (outer,) = [fold for fold in found.folds if fold.index == index]
        inner = study.subject.folds
        assert len(inner) == 3
        judged = [song for fold in inner for song in fold.test]
        assert sorted(judged) == sorted(outer.learned)
        for fold in inner:
            assert {*fold.learned, *fold.test} <= set(outer.learned)
            for kind in apart:
                assert known(kind, fold.learned).isdisjoint(known(kind, fold.test))
                assert known(kind, [*fold.learned, *fold.test]).isdisjoint(known(kind, outer.test))


def test_the_data_of_a_study_are_its_training_songs(
    opened: Any, experiment: Make, corpus: Corpus
) -> None:
    """What its name is made of: labels of its target, and what features are made of."""

    def keys(songs: Sequence[Song]) -> dict[tuple[str, int], str]:
        found = opened(experiment(SEARCH, targets="[arousal, valence]"), songs)
        return {place: study.subject.key for place, study in found.studies.items()}

    before = keys(corpus.songs)
    plan = opened(experiment(SEARCH)).folds
    (fold,) = [fold.index for fold in plan if corpus.songs[0].id in fold.test]
    first, *rest = corpus.songs
    for changed, concerned in (
        (replace(first, labels={**first.labels, "arousal": -first.labels["arousal"]}), "arousal"),
        (replace(first, audio_hash="other"), ""),
    ):
        after = keys([changed, *rest])
        assert {place for place in before if before[place] != after[place]} == {
            (target, index) for target, index in before if index != fold and target == concerned
        }
    mel = experiment(SEARCH, targets="[arousal, valence]", features="[mel]", models="[lucky]")
    of_audio = [
        {place: study.subject.key for place, study in opened(mel, some).studies.items()}
        for some in (corpus.songs, [replace(first, audio_hash="other"), *rest])
    ]
    same = {place for place in of_audio[0] if of_audio[0][place] == of_audio[1][place]}
    assert same == {("arousal", fold), ("valence", fold)}


def test_all_songs_have_a_study_where_something_is_to_be_applied(
    opened: Any, experiment: Make, corpus: Corpus
) -> None:
    found = opened(experiment(SEARCH), apply=True)
    assert [index for _, index in found.studies] == [0, 1, None]
    judged = [song for fold in found.studies["arousal", None].subject.folds for song in fold.test]
    assert sorted(judged) == sorted(song.id for song in corpus.songs)
    single = experiment(SEARCH.replace("{", "{mode: single, ", 1), protocol="holdout")
    assert [index for _, index in opened(single, apply=True).studies] == [0], "what was tested"


def test_trials_are_those_of_the_file_or_those_asked_for(opened: Any, experiment: Make) -> None:
    seven = experiment(SEARCH.replace("{", "{trials: 7, ", 1))
    assert opened(seven).wanted == 7
    assert opened(seven, trials=3).wanted == 3


@dataclass(frozen=True, kw_only=True)
class Stranger(Protocol):
    """Tests a song that it was not given."""

    name: ClassVar[str] = "stranger"

    in_words = "whoever"

    def draw(self, songs: Sequence[Song]) -> tuple[Fold, ...]:
        return (Fold(0, (songs[0].id,), (), ("elsewhere",)),)


def test_inner_folds_with_another_song_are_refused(opened: Any, experiment: Make) -> None:
    tiny = experiment(SEARCH)
    strange = replace(tiny, search=replace(tiny.search, inner=Stranger()))
    message = r"tiny.yaml: search.inner: stranger drew song elsewhere, which is none of the"
    with pytest.raises(DataError, match=message):
        opened(strange)


@pytest.mark.parametrize(
    ("search", "protocol", "message"),
    [
        (
            "{mode: single, models: {lucky: {number: [1, 2]}}}",
            "{name: song_kfold, folds: 2}",
            r"tiny.yaml: search.mode: single tunes once and tests once, but "
            r"song_kfold\(folds=2\) has 2 folds; holdout, .* or mode: nested",
        ),
        (
            "{inner: {name: song_kfold, folds: 20}, models: {lucky: {number: [1, 2]}}}",
            "{name: song_kfold, folds: 2}",
            r"tiny.yaml: search.inner: folds = 20 is more than the 12 songs there are; 12 or fewer",
        ),
    ],
    ids=["several folds", "too few songs"],
)
def test_what_cannot_be_searched_is_said_at_once(
    opened: Any, experiment: Make, search: str, protocol: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        opened(experiment(search, protocol=protocol))


def test_single_takes_one_fold_of_many(opened: Any, experiment: Make) -> None:
    search = "{mode: single, models: {lucky: {number: [1, 2]}}}"
    found = opened(experiment(search, protocol="{name: song_kfold, folds: 4, only: [2]}"))
    assert [index for _, index in found.studies] == [2]


def test_a_file_without_a_search_is_for_run(opened: Any, experiment: Make) -> None:
    tiny = replace(experiment(SEARCH), search=None)
    with pytest.raises(DataError, match=r"tiny.yaml: has no search: block; `run` takes it"):
        opened(tiny)
