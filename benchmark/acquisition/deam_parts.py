"""What DEAM is published as: four zips, a row each, under terms that a user accepts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.errors import AcquisitionError, did_you_mean

HOME = "https://cvml.unige.ch/databases/DEAM/"
TERMS = f"for research, non-commercial use only; its authors' words: {HOME}"
CITATION = (
    "A. Aljanaki, Y.-H. Yang, M. Soleymani: Developing a benchmark for emotional analysis of "
    "music. PLoS ONE 12(3), 2017, doi:10.1371/journal.pone.0173392"
)


@dataclass(frozen=True)
class DeamPart:
    """One of DEAM's zips.

    `size` is in bytes, an estimate where `sha256` is not known; `growth` about the bytes that come
    out of it for each of its own. It is unpacked to `folder`. `pattern` knows the files of this
    part in a zip that holds them among others, as mirrors have it.
    """

    name: str
    file: str
    folder: str
    holds: str
    size: int
    sha256: str
    growth: float
    pattern: re.Pattern[str]

    @property
    def size_is_known(self) -> bool:
        return bool(self.sha256)


PARTS = (
    DeamPart(
        name="annotations",
        file="DEAM_Annotations.zip",
        folder="annotations",
        holds="ratings twice a second and of whole songs, averaged and per rater",
        size=4_735_283,
        sha256="809b0feb4ba6196c1eda9b2b7b33b892b11fa71457cfceb0d47e832ed1a5f15f",
        growth=10,
        pattern=re.compile(r"(^|/)annotations[^/]*/.*\.csv$", re.IGNORECASE),
    ),
    DeamPart(
        name="metadata",
        file="metadata.zip",
        folder="metadata",
        holds="artists, titles, genres",
        size=344_760,
        sha256="3d1d5ab42e852803a770f2cfbd685c6b464e1ebe76f26b0e10954597902b90f8",
        growth=3,
        pattern=re.compile(r"(^|/)metadata_\d+\.csv$", re.IGNORECASE),
    ),
    DeamPart(
        name="features",
        file="features.zip",
        folder="features",
        holds="260 openSMILE features a song, twice a second",
        size=200_000_000,
        sha256="",
        growth=2.5,
        pattern=re.compile(r"(^|/)features/\d+\.csv$", re.IGNORECASE),
    ),
    DeamPart(
        name="audio",
        file="DEAM_audio.zip",
        folder="MEMD_audio",
        holds="1,802 songs as MP3: 1,744 excerpts of 45 s, 58 whole",
        size=1_343_203_527,
        sha256="e2814325f573ade8caebc697f0efcfdf7207142b737d72558a416117ca591353",
        growth=1.02,
        pattern=re.compile(r"(^|/)\d+\.mp3$", re.IGNORECASE),
    ),
)
"""Sizes and hashes have one source, a download of the authors' zips, so a user may override them.

Those of features.zip are not known: its size is reckoned from 260 columns twice a second.
"""


EXPERIMENTS = {
    "experiments/deam/*.yaml": ("annotations", "metadata", "features"),
    "experiments/deam/frames/*.yaml": ("annotations", "metadata", "features"),
    "experiments/deam/audio/*.yaml": ("annotations", "metadata", "audio"),
}
"""Which parts the experiments of this repository want."""


def choose_parts(names: Sequence[str], option: str = "--parts") -> tuple[DeamPart, ...]:
    """Return parts by name, in the order of the table: what is small and needed most comes first.

    Raises
    ------
    AcquisitionError
        On a name that no part has, or on none.
    """
    known = [part.name for part in PARTS]
    wanted = [name.strip().lower() for name in names if name.strip()]
    for name in wanted:
        if name not in known:
            raise AcquisitionError(f"{option}: no part {name!r} of DEAM{did_you_mean(name, known)}")
    if not wanted:
        raise AcquisitionError(f"{option}: name some of {', '.join(known)}")
    return tuple(part for part in PARTS if part.name in wanted)
