"""Files to mono samples: at once for the songs of a dataset, in blocks for songs of any length."""

from benchmark.audio.decoding import AUDIO_VERSION, FORMATS, Audio, decode
from benchmark.audio.stream import ENDINGS, blocks, promised

__all__ = ["AUDIO_VERSION", "ENDINGS", "FORMATS", "Audio", "blocks", "decode", "promised"]
