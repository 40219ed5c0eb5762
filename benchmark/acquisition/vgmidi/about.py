"""The text that lies beside what is built: what it is, whose, and how it was made."""

from __future__ import annotations

from benchmark.acquisition.vgmidi.clone import EXCERPT, FULL, REPOSITORY, Material
from benchmark.acquisition.vgmidi.labels import RULE
from benchmark.acquisition.vgmidi.synthesizer import RATE, SETTINGS, Synthesizer

CITATION = (
    "Lucas N. Ferreira and Jim Whitehead: Learning to Generate Music with Sentiment. Proceedings "
    "of the Conference of the International Society for Music Information Retrieval (ISMIR), 2019."
)
LICENCE = (
    "No licence was found in VGMIDI's repository. The pieces are arrangements of music from video "
    "games, to which others hold rights: for research, not to be passed on."
)


def about(material: Material, synthesizer: Synthesizer | None) -> str:
    """Return the text, in Markdown."""
    excerpts = material.excerpts.values()
    full = sum(excerpt.piece.full for excerpt in excerpts)
    lines = [
        "# VGMIDI in DEAM's layout",
        "",
        f"{len(excerpts)} piano arrangements of video game music, each rated for valence and "
        f"arousal by about 30 listeners while it played, from {REPOSITORY}.",
        f"{len(excerpts) - full} are excerpts, the first {EXCERPT:.0f} s; {full} are full songs "
        f"(ids from 2001), up to {FULL:.0f} s, drawn once among those of 90 s or more.",
        "An id is the number of the piece in its file of ratings, plus 1 (first file) or 501 "
        "(second), plus 2000 for a full song. Artist is the game series, album the game.",
        "",
        "## Cite",
        "",
        CITATION,
        "",
        LICENCE,
        "",
        "## How ratings became labels",
        "",
        RULE,
        "`arousal.csv` and `valence.csv` hold the mean over raters, `*_std.csv` the SD (ddof 1).",
        "",
        "## How MIDI became audio",
        "",
        _made_with(synthesizer),
        "",
        "## Left out",
        "",
        *[f"- {note}" for note in (*material.notes, *material.missing) or ["nothing"]],
    ]
    return "\n".join(lines) + "\n"


def _made_with(synthesizer: Synthesizer | None) -> str:
    if synthesizer is None:
        return "The last build wrote labels only; audio that is here is of a build before."
    settings = ", ".join(f"{name} {value}" for name, value in SETTINGS.items())
    return (
        f"FluidSynth {synthesizer.version} with {synthesizer.soundfont.name} (SHA-256 "
        f"{synthesizer.soundfont_hash}), {RATE} Hz, stereo, MP3 of 192 kbit/s; {settings}."
    )
