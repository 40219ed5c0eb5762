"""A figure like that of the starting project (track_emo_reco): curves of characteristic songs."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence

import matplotlib as mpl
from matplotlib import pyplot as plt

from benchmark.pages.song_facts import characteristic, target_facts
from benchmark.pages.songs import SongCurves

STYLES = {
    "highest": ("#b45309", "-", "highest mean"),
    "lowest": ("#1d4ed8", "-", "lowest mean"),
    "most varied": ("#047857", "--", "highest SD"),
}


def draw(songs: Sequence[SongCurves]) -> bytes:
    """Return a PNG: per target, the songs with the highest and lowest mean and the highest SD.

    All other songs are thin lines behind them.
    """
    mpl.use("Agg")
    facts = [
        {
            target: target_facts(predicted=curve.predicted, annotated=curve.annotated)
            for target, curve in song.curves.items()
        }
        for song in songs
    ]
    chosen = characteristic(facts)
    targets = list(dict.fromkeys(one.target for one in chosen))
    figure, axes = plt.subplots(
        len(targets), 1, figsize=(9, 1 + 3.4 * len(targets)), squeeze=False, sharex=True
    )
    for axis, target in zip(axes[:, 0], targets, strict=True):
        for song in songs:
            if target in song.curves and song.curves[target].predicted is not None:
                axis.plot(
                    song.times, song.curves[target].predicted, color="#999", alpha=0.35, lw=0.7
                )
        for one in chosen:
            if one.target == target:
                song = songs[one.song]
                colour, line, reason = STYLES[one.reason]
                # A dollar would begin a formula, and an underscore in front hides a label.
                label = f"{reason} {one.value:.2f}: {song.name}".replace("$", r"\$")
                axis.plot(
                    song.times, song.curves[target].predicted, line, color=colour, lw=2, label=label
                )
        axis.set_ylabel(f"predicted {target} [-1, 1]")
        axis.axhline(0, color="#bbb", lw=0.6, zorder=0)
        axis.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
        axis.spines[["top", "right"]].set_visible(False)
    axes[-1, 0].set_xlabel("time (s), a value every half second")
    content = io.BytesIO()
    with warnings.catch_warnings():  # a name in a script that the font has not is boxes
        warnings.filterwarnings("ignore", "Glyph", UserWarning)
        figure.savefig(content, dpi=150, bbox_inches="tight")
    plt.close(figure)
    return content.getvalue()
