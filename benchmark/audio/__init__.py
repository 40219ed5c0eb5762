"""Files to mono samples: at once for the songs of a dataset, in blocks for songs of any length."""

from benchmark.audio.decoding import AUDIO_VERSION, FORMATS, SILENCE, Audio, decode
from benchmark.audio.stream import ENDINGS, blocks, promised

__all__ = [
    "AUDIO_VERSION",
    "ENDINGS",
    "FORMATS",
    "SILENCE",
    "Audio",
    "blocks",
    "decode",
    "promised",
]
