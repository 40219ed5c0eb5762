from __future__ import annotations

import json

from benchmark.features.chroma import Chroma
from benchmark.features.joined import Joined
from benchmark.features.mel import Mel
from benchmark.features.mfcc import Mfcc
from benchmark.models.ridge import Ridge
from benchmark.models.stack import Stack
from benchmark.models.svr import Svr
from benchmark.models.xgboost_context import XgboostContext

INNER = Joined(of=(Mel(n_mels=4), Chroma()))
OUTER = Joined(of=(INNER, Mfcc()))


def test_a_family_is_a_component_and_all_it_consists_of() -> None:
    assert Mel().parts == ()
    assert list(Mel().family()) == [Mel()]
    assert OUTER.parts == (INNER, Mfcc())
    assert list(OUTER.family()) == [OUTER, INNER, Mel(n_mels=4), Chroma(), Mfcc()]
    assert Ridge(alphas=(1.0, 2.0)).parts == ()


def test_a_label_names_the_parts_with_what_differs_from_their_defaults() -> None:
    assert Joined().label == Joined(of=(Mel(), Chroma())).label == "joined"
    assert OUTER.label == "joined(joined(mel(n_mels=4) + chroma) + mfcc)"
    assert Stack().label == Stack(of=(Svr(), XgboostContext())).label == "stack"
    stack = Stack(of=(Svr(C=2.0), Ridge()), folds=3)
    assert stack.label == "stack(of=svr(C=2) + ridge, folds=3)"
    assert stack.label_without(("of",)) == "stack(folds=3)"


def test_a_label_writes_numbers_and_lists_as_a_file_would() -> None:
    lengths = XgboostContext(seconds=(3.0, 2.5, "song"), learning_rate=3e-4)
    assert lengths.label == "xgboost_context(learning_rate=0.0003, seconds=[3, 2.5, song])"
    assert Svr(C=1.23456789).label == "svr(C=1.23456789)"


def test_a_description_has_its_parts_in_full_and_in_plain_types() -> None:
    described = OUTER.describe()
    assert json.loads(json.dumps(described)) == described
    inner, mfcc = described["parameters"]["of"]
    assert inner == INNER.describe()
    assert mfcc == Mfcc().describe()
    assert inner["parameters"]["of"][0] == {
        "name": "mel",
        "version": Mel.version,
        "parameters": {**Mel.defaults(), "n_mels": 4},
    }


def test_defaults_have_parts_in_plain_types() -> None:
    assert Stack.defaults() == {
        "of": [Svr().describe(), XgboostContext().describe()],
        "folds": 5,
    }
