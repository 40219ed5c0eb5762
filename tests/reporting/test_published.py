from __future__ import annotations

import re
from dataclasses import asdict, replace
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from benchmark.reporting.published import (
    Conditions,
    Published,
    Verdict,
    kind_of_songs,
    published_numbers,
    verdict,
)

MEDIAEVAL = Conditions(
    title="DEAM",
    known_as="deam",
    synthetic=False,
    protocol="mediaeval2015",
    n_test_songs=58,
    songs="full",
)
SEED_SPLIT = replace(MEDIAEVAL, protocol="seed_split", n_test_songs=523, songs="excerpts")
FOLDS_OF_431 = replace(MEDIAEVAL, protocol="song_kfold", n_test_songs=431, songs="excerpts")
EVERY = pytest.mark.parametrize("number", published_numbers(), ids=lambda number: number.system)


def published(name: str, **changes: object) -> Published:
    """Return an entry of the file, changed and validated anew."""
    (entry,) = [number for number in published_numbers() if number.system.startswith(name)]
    return TypeAdapter(Published).validate_python({**asdict(entry), **changes})


def test_malik_comes_first_with_the_numbers_to_beat() -> None:
    malik = published_numbers()[0]
    assert malik.system.startswith("Malik et al. 2017")
    assert (malik.arousal.rmse, malik.arousal.spread) == (0.202, 0.007)
    assert (malik.valence.rmse, malik.valence.spread) == (0.267, 0.003)
    assert "the abstract itself gives 0.202 and 0.268" in malik.note
    assert "arXiv:1706.02292" in malik.citation
    assert "neither folds nor songs" in malik.spread_over


@EVERY
def test_every_number_says_where_it_stands_and_on_what_it_was_measured(number: Published) -> None:
    assert number.citation and number.confidence and number.train and number.test
    assert number.scale == "[-1, 1]"
    for target in ("arousal", "valence"):
        value = number.number(target)
        assert value.rmse is not None or value.pearson is not None
        assert value.spread is None or number.spread_over


@EVERY
def test_only_a_pooled_rmse_with_a_constant_has_skill(number: Published) -> None:
    skills = [number.number(target).skill for target in ("arousal", "valence")]
    assert (None not in skills) == number.has_skill == bool(number.constant_source)
    assert number.averaging == "pooled" or skills == [None, None]


def test_skill_of_the_seed_project_is_golden() -> None:
    seed = published("track_emo_reco")
    # 1 - 0.1876² / 0.2848² and 1 - 0.2200² / 0.2355², by hand.
    assert seed.number("arousal").skill == pytest.approx(0.5661, abs=1e-4)
    assert seed.number("valence").skill == pytest.approx(0.1273, abs=1e-4)
    assert "1,744 excerpts of the released labels" in seed.constant_source


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": "red"}, "colour"),
        ({"arousal": {"rmsee": 0.2}}, "rmsee"),
        ({"averaging": "median"}, "averaging"),
        ({"confidence": "hearsay"}, "confidence"),
        ({"citation": None}, "citation"),
        ({"arousal": {"pearson": 0.5}}, "rmse is given for one target only"),
        ({"valence": {"rmse": 0.2200}}, "constant is given for one target only"),
        ({"averaging": "not stated"}, "averaging = 'not stated' gives no skill"),
        ({"averaging": "per song"}, "averaging = 'per song' gives no skill"),
        ({"constant_source": ""}, "constant without constant_source"),
        ({"flaw_in_words": ""}, "give both or neither"),
    ],
)
def test_an_entry_with_a_slip_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(message)):
        published("track_emo_reco", **changes)


@pytest.mark.parametrize("name", ["Malik", "NCU"])
def test_same_conditions_are_comparable_and_carry_their_caveats(name: str) -> None:
    found = verdict(published(name), MEDIAEVAL)
    assert (found.kind, found.reasons) == ("comparable", ())
    told = "; ".join(found.caveats)
    for respect in ("58 test songs", "released with DEAM", "0.264", "reconstructed", "431 songs"):
        assert respect in told
    assert str(found).startswith("comparable (same 58 test songs")


@pytest.mark.parametrize("protocol", ["song_kfold", "holdout", "seed_split"])
@pytest.mark.parametrize("songs", ["full", "excerpts", "mixed"])
@pytest.mark.parametrize("n_test_songs", [58, 431])
def test_malik_stands_beside_mediaeval_2015_and_nowhere_else(
    protocol: str, songs: Any, n_test_songs: int
) -> None:
    track = replace(MEDIAEVAL, protocol=protocol, songs=songs, n_test_songs=n_test_songs)
    found = verdict(published("Malik"), track)
    assert found.kind == "not comparable"
    assert "trained on 431 excerpts (MediaEval 2015), tested on 58 full songs" in str(found)


@EVERY
@pytest.mark.parametrize("track", [MEDIAEVAL, SEED_SPLIT, FOLDS_OF_431])
def test_synthetic_track_and_other_data_compare_with_nothing(
    number: Published, track: Conditions
) -> None:
    synthetic = verdict(number, replace(track, synthetic=True, known_as=""))
    assert (synthetic.kind, synthetic.reasons[0]) == ("not comparable", "this track is synthetic")
    other = verdict(number, replace(track, known_as="", title="VGMIDI"))
    assert (other.kind, other.reasons[0]) == ("not comparable", "measured on DEAM, not on VGMIDI")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"synthetic": True}, "this track is synthetic"),
        ({"known_as": "", "title": "VGMIDI"}, "measured on DEAM, not on VGMIDI"),
        ({"songs": "excerpts"}, "its test songs are full songs, here excerpts"),
        ({"songs": "mixed"}, "its test songs are full songs, here excerpts and full songs"),
        ({"flaw": "optimistic"}, "this track is optimistic .*, the number is not"),
        ({"flaw": "leaky"}, "this track is leaky .*, the number is not"),
        ({"protocol": "song_kfold"}, "trained on 431 excerpts .* tested on 58 full songs"),
        ({"n_test_songs": 57}, "58 test songs, this track has 57"),
    ],
)
def test_each_difference_is_one_reason_in_words(change: dict[str, Any], reason: str) -> None:
    found = verdict(published("Malik"), replace(MEDIAEVAL, **change))
    assert (found.kind, found.caveats) == ("not comparable", ())
    (only,) = found.reasons
    assert re.fullmatch(f"{reason}.*", only)
    assert str(found) == f"not comparable: {only}"


def test_a_correlation_is_not_held_against_an_rmse() -> None:
    found = verdict(published("ICL"), MEDIAEVAL)
    assert found == Verdict("not comparable", ("it has no RMSE, only Pearson's r",))


def test_optimistic_number_compares_in_skill_only_and_is_an_upper_bound() -> None:
    found = verdict(published("track_emo_reco"), SEED_SPLIT)
    assert found.kind == "comparable in skill only"
    assert found.reasons == (
        "its test songs decided when to stop training: its skill is an upper bound",
        "its RMSE is pooled over windows, not per song",
    )
    assert "not its own split" in str(found)


def test_optimistic_number_is_not_plainly_comparable_even_with_an_optimistic_track() -> None:
    none = {"rmse": 0.2}
    same = published("track_emo_reco", averaging="per song", arousal=none, valence=none)
    for track in (SEED_SPLIT, replace(SEED_SPLIT, flaw="optimistic")):
        assert verdict(same, track).reasons == (
            "its test songs decided when to stop training: its RMSE is a lower bound",
        )


def test_leaky_track_compares_with_nothing_optimistic_track_with_optimistic_skill() -> None:
    seed = published("track_emo_reco")
    leaky = verdict(seed, replace(SEED_SPLIT, flaw="leaky"))
    assert (leaky.kind, leaky.reasons[0][:19]) == ("not comparable", "this track is leaky")
    alike = verdict(seed, replace(SEED_SPLIT, flaw="optimistic"))
    assert alike.kind == "comparable in skill only"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"protocol": "song_kfold"}, "trained on 70 % of the songs, tested on the other 30 %"),
        ({"protocol": "holdout"}, "trained on 70 % of the songs, tested on the other 30 %"),
        ({"songs": "mixed"}, "its test songs are excerpts, here excerpts and full songs"),
    ],
)
def test_skill_outlives_another_split_and_mixed_songs(change: dict[str, Any], reason: str) -> None:
    found = verdict(published("track_emo_reco"), replace(SEED_SPLIT, **change))
    assert found.kind == "comparable in skill only"
    assert any(told.startswith(reason) for told in found.reasons)


def test_skill_does_not_outlive_another_kind_of_songs() -> None:
    found = verdict(published("track_emo_reco"), replace(SEED_SPLIT, songs="full"))
    assert found.kind == "not comparable"
    assert found.reasons[0] == "its test songs are excerpts, here full songs"


def test_other_count_of_test_songs_leaves_skill() -> None:
    counted = published("track_emo_reco", n_test_songs=540)
    found = verdict(counted, SEED_SPLIT)
    assert found.kind == "comparable in skill only"
    assert "540 test songs, this track has 523" in found.reasons


def test_pooled_rmse_without_a_constant_is_not_held_against_rmse_per_song() -> None:
    found = verdict(published("Linear regression"), FOLDS_OF_431)
    assert found == Verdict("not comparable", ("its RMSE is pooled over labels, not per song",))


def test_unstated_averaging_is_never_comparable() -> None:
    found = verdict(published("IRIT"), FOLDS_OF_431)
    assert found.kind == "not comparable"
    assert "how its RMSE is averaged is not stated" in found.reasons


@pytest.mark.parametrize(
    ("subsets", "kind"),
    [
        (["2001-"], "full"),
        (["1-1000", "1001-2000"], "excerpts"),
        (["1001-2000", "2001-"], "mixed"),
        (["demo"], "excerpts"),
        ([], "excerpts"),
    ],
)
def test_full_songs_are_those_of_the_last_subset_of_deam(subsets: list[str], kind: str) -> None:
    assert kind_of_songs(subsets) == kind
