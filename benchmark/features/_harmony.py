"""Keys and pitch-class profiles, invariant to transposition."""

from __future__ import annotations

import numpy as np

from benchmark.interfaces import Floats

KRUMHANSL = (
    (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
)
"""How well a tone fits a major and a minor key, from the tonic up (Krumhansl & Kessler 1982)."""
ALBRECHT = (
    (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
    (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
)
"""How often a tone sounds in major and minor pieces (Albrecht & Shanahan 2013)."""
N_KEY_VALUES = 24
TINY = 1e-6


def key_values(profiles: Floats) -> Floats:
    """Return what pitch-class profiles (n, 12), C first, say of key and mode: (n, 24).

    For Krumhansl's and for Albrecht's profiles the best correlation with a major key, with a minor
    key, and the difference; major less minor on the tonic; the entropy of the profile; the profile
    from the tonic up, as shares; and major less minor third, sixth and seventh, and the share of
    the most foreign tones, from the tonic by Albrecht's profiles.
    """
    profiles = profiles + TINY
    shares = profiles / profiles.sum(axis=1, keepdims=True)
    krumhansl, albrecht = (_correlations(profiles, known) for known in (KRUMHANSL, ALBRECHT))
    tonic = krumhansl.max(axis=1).argmax(axis=1)
    major, minor = krumhansl[np.arange(len(tonic)), :, tonic].T
    turned = _from_tonic(shares, albrecht.max(axis=1).argmax(axis=1))
    columns = [
        *_strengths(krumhansl),
        *_strengths(albrecht),
        major - minor,
        -(shares * np.log(shares)).sum(axis=1),
        *_from_tonic(shares, tonic).T,
        turned[:, 4] - turned[:, 3],
        turned[:, 9] - turned[:, 8],
        turned[:, 11] - turned[:, 10],
        turned[:, 1] + turned[:, 6],
    ]
    return np.stack(columns, axis=1)


def _correlations(profiles: Floats, known: tuple[tuple[float, ...], ...]) -> Floats:
    """Return the correlation with every major and minor key: (n, 2, 12)."""
    keys = np.array([[np.roll(mode, tonic) for tonic in range(12)] for mode in known])
    products = np.einsum("nc,mkc->nmk", _standardised(profiles), _standardised(keys))
    return np.asarray(products / 12, dtype=np.float64)


def _standardised(values: Floats) -> Floats:
    centred = values - values.mean(axis=-1, keepdims=True)
    spread = centred.std(axis=-1, keepdims=True)
    standard: Floats = centred / np.maximum(spread, 1e-12)
    return standard


def _strengths(correlations: Floats) -> tuple[Floats, Floats, Floats]:
    major, minor = correlations.max(axis=2).T
    return major, minor, major - minor


def _from_tonic(shares: Floats, tonic: np.ndarray) -> Floats:
    return np.take_along_axis(shares, (tonic[:, None] + np.arange(12)) % 12, axis=1)
