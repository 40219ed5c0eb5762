from __future__ import annotations

import numpy as np
import pytest

from benchmark.features._harmony import ALBRECHT, KRUMHANSL, N_KEY_VALUES, TINY, key_values

PROFILES = np.random.default_rng(0).gamma(0.7, size=(40, 12))


def correlations(profile: np.ndarray, known: tuple[tuple[float, ...], ...]) -> np.ndarray:
    """Return those with each mode (rows) on each tonic (columns)."""
    turned = [[np.roll(mode, tonic) for tonic in range(12)] for mode in known]
    return np.array([[np.corrcoef(profile, key)[0, 1] for key in keys] for keys in turned])


def slow_values(profile: np.ndarray) -> list[float]:
    profile = profile + TINY
    share = profile / profile.sum()
    values, tonics = [], []
    for known in (KRUMHANSL, ALBRECHT):
        found = correlations(profile, known)
        major, minor = found[0].max(), found[1].max()
        values += [major, minor, major - minor]
        tonics.append(int(found.max(axis=0).argmax()))
    tonic, other = tonics
    of_tonic = correlations(profile, KRUMHANSL)[:, tonic]
    entropy = -sum(part * np.log(part) for part in share)
    turned = [share[(tonic + step) % 12] for step in range(12)]
    tones = [share[(other + step) % 12] for step in range(12)]
    modal = [tones[4] - tones[3], tones[9] - tones[8], tones[11] - tones[10]]
    return [*values, of_tonic[0] - of_tonic[1], entropy, *turned, *modal, tones[1] + tones[6]]


def test_agrees_with_the_definition() -> None:
    values = key_values(PROFILES)
    assert values.shape == (len(PROFILES), N_KEY_VALUES)
    np.testing.assert_allclose(values, [slow_values(profile) for profile in PROFILES], atol=1e-9)


@pytest.mark.parametrize("steps", range(1, 12))
def test_in_another_key_the_values_are_the_same(steps: int) -> None:
    np.testing.assert_allclose(
        key_values(np.roll(PROFILES, steps, axis=1)), key_values(PROFILES), atol=1e-9
    )


@pytest.mark.parametrize("known", [KRUMHANSL, ALBRECHT], ids=["Krumhansl", "Albrecht"])
def test_the_profile_of_a_key_has_its_mode_and_its_tonic_first(
    known: tuple[tuple[float, ...], ...],
) -> None:
    for mode, profile in zip((1, -1), known, strict=True):
        values = key_values(np.array([np.roll(profile, tonic) for tonic in range(12)]))
        assert (np.sign(values[:, [2, 5, 6]]) == mode).all()
        share = np.array(profile) / sum(profile)
        np.testing.assert_allclose(values[:, 8:20], np.tile(share, (12, 1)), atol=1e-5)


def test_silence_has_no_key() -> None:
    (values,) = key_values(np.zeros((1, 12)))
    np.testing.assert_allclose(values[:7], 0, atol=1e-9)
    assert values[7] == pytest.approx(np.log(12))
    np.testing.assert_allclose(values[8:20], 1 / 12)
