from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import pytest
from measuring import HERE, Goal, Row, by_turns, command, number, spread


def test_a_ratio_is_that_of_each_pair() -> None:
    row = Row("ours", "theirs", "s", [2.0, 3.0], [1.0, 4.0], Goal("at most", 1.4))
    assert row.ratios == [2.0, 0.75]
    assert row.met  # their median, 1.375
    faster = Row("ours", "theirs", "s", [2.0, 3.0], [1.0, 4.0], Goal("at least", 1.0), faster=True)
    assert faster.ratios == pytest.approx([0.5, 4 / 3])
    assert not faster.met


def test_without_a_rival_the_value_counts_and_without_a_goal_nothing_is_met() -> None:
    assert Row("ours", "nothing", "s", [0.1, 0.2, 0.1], goal=Goal("at most", 0.15)).met
    assert Row("ours", "theirs", "s", [1.0], [1.0]).met is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0026, "0.00260"), (1.234, "1.23"), (99.96, "100"), (18_612.0, "18,600"), (0.0, "0")],
)
def test_numbers_have_three_digits_and_no_exponent(value: float, expected: str) -> None:
    assert number(value) == expected


def test_a_spread_is_the_median_between_its_ends() -> None:
    assert spread([3.0, 1.0, 2.0]) == "2.00 [1.00, 3.00]"
    assert spread([3.0]) == "3.00"


def test_calls_take_turns_after_a_round_that_does_not_count() -> None:
    heard: list[tuple[str, str]] = []

    def call(name: str, file: Path) -> None:
        heard.append((name, file.name))
        time.sleep(0.02 if name == "slow" else 0)

    calls = [partial(call, name) for name in ("quick", "slow")]
    quick, slow = by_turns(calls, [Path("a"), Path("b")])
    assert [file for _, file in heard] == ["a", "a", "a", "a", "b", "b"]
    assert [name for name, _ in heard[2:]] == ["quick", "slow"] * 2
    assert len(quick) == len(slow) == 2
    assert min(slow) > 0.02 > max(quick)


def test_a_process_is_told_by_its_own_memory_and_not_by_ours(tmp_path: Path) -> None:
    ours = bytearray(300_000_000)
    small = command("-c", "print('done')", cwd=tmp_path)
    large = command("-c", "b'1' * 200_000_000", cwd=tmp_path)
    assert small.said == "done\n"
    assert small.megabytes < 100 < len(ours) / 1e6
    assert large.megabytes == pytest.approx(small.megabytes + 200, abs=20)


def test_a_process_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ended with 3:\nwhy"):
        command("-c", "print('why'); raise SystemExit(3)", cwd=tmp_path)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"no songs to measure on: .*absent is no folder"):
        command(HERE, "--root", tmp_path / "absent", cwd=tmp_path)
    with pytest.raises(RuntimeError, match="data vgmidi --from CLONE makes"):
        command(HERE, cwd=tmp_path)
