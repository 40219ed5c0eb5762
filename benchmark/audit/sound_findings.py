"""What is unusual about audio files, and which songs a run could use by them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmark.audio import FORMATS
from benchmark.audit.finding import EXAMPLES, Finding, about, counted, ordered
from benchmark.audit.sound import AudioFiles, Heard
from benchmark.evaluation.cache import AudioFacts
from benchmark.evaluation.preparation import PADDING, length_note, same_audio
from benchmark.layout.files import TEST_SONGS
from benchmark.records import LABEL_PERIOD, Song


@dataclass
class Judgement:
    """What a run would say of songs with audio, by the rules of the suite.

    Values are, by song: why it cannot be decoded, whose audio it has, and the seconds missing at
    the end of its last label, for those that are padded and those that are left out.
    """

    undecodable: dict[str, str] = field(default_factory=dict)
    twins: dict[str, str] = field(default_factory=dict)
    padded: dict[str, float] = field(default_factory=dict)
    short: dict[str, float] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)

    @property
    def left_out(self) -> set[str]:
        """The songs that a run could not use."""
        return {*self.undecodable, *self.twins, *self.short}


def judge(songs: Sequence[Song], heard: Mapping[Path, Heard]) -> Judgement:
    """Tell which songs a run could use. Those whose file was not heard are taken to be sound."""
    files = {song.id: heard.get(song.audio) if song.audio else None for song in songs}
    errors = {song: file.error for song, file in files.items() if file and file.error}
    twins = same_audio(song for song in songs if song.id not in errors)
    judgement = Judgement(undecodable=errors, twins=twins)
    for song in songs:
        file = files[song.id]
        if file is not None and song.id not in judgement.left_out:
            _judge_length(song, file, judgement)
    return judgement


def _judge_length(song: Song, file: Heard, judgement: Judgement) -> None:
    kept, _ = length_note(song, AudioFacts(file.seconds, file.silent))
    missing = float(song.times[-1]) + LABEL_PERIOD - file.seconds
    if not kept:
        judgement.short[song.id] = missing
    elif missing > 0:
        judgement.padded[song.id] = missing
    if file.silent:
        judgement.silent.append(song.id)


def side_findings(audio: AudioFiles, rated: Collection[str], root: Path) -> list[Finding]:
    """Say which songs have audio or ratings only, and which files are copies or of no use."""
    copies = {s: len(files) for s, files in audio.of_song.items() if len(files) > 1}
    differ = {s for s in copies if len({content for _, content in audio.of_song[s]}) > 1}
    others = [str(path.relative_to(root)) for path in audio.others]
    endings = ", ".join(FORMATS)
    found = [
        *about(
            differ,
            "with two different audio files: keep one of each",
            code="audio.differ",
            severity="unusable",
            examples=[
                f"song {song}: {', '.join(_places(audio, song, root))}" for song in sorted(differ)
            ],
        ),
        *about(
            copies.keys() - differ,
            "whose audio lies there more than once; the copies are equal, one is used",
            code="audio.copies",
            severity="handled",
        ),
        *about(
            set(rated) - audio.of_song.keys() if audio.of_song else (),
            "with ratings, but no audio",
            code="audio.missing",
            severity="left out",
        ),
        *about(
            audio.of_song.keys() - set(rated),
            "with audio, but no ratings",
            code="audio.unrated",
            severity="left out",
        ),
    ]
    if rated and not audio.of_song:
        found.append(
            Finding(
                code="audio.none",
                severity="handled",
                text="there is no audio: features that lie in the folder can be used, and models "
                "that take no features",
            )
        )
    if audio.unread:
        found.append(
            Finding(
                code="audio.unread",
                severity="left out",
                text=f"{counted(len(audio.unread), 'audio file')} that cannot be read",
                examples=tuple(audio.unread.values())[:EXAMPLES],
                figures={"count": len(audio.unread)},
            )
        )
    if others:
        found.append(
            Finding(
                code="audio.others",
                severity="left out",
                text=f"{counted(len(others), 'audio file')} not called <song_id> with one of "
                f"{endings}",
                examples=tuple(others[:EXAMPLES]),
                figures={"files": others},
            )
        )
    if audio.test_songs:
        found.append(
            Finding(
                code="audio.test_songs",
                severity="fact",
                text=f"{counted(len(audio.test_songs), 'audio file')} in a folder {TEST_SONGS}: "
                f"music to predict, no part of the dataset",
                figures={"files": [str(path.relative_to(root)) for path in audio.test_songs]},
            )
        )
    return found


def sound_findings(
    audio: AudioFiles, judgement: Judgement, heard: Mapping[Path, Heard]
) -> list[Finding]:
    """Say which songs cannot be used by their audio, and why; `heard` has what was decoded."""
    undecodable = {
        song: heard[path].error
        for song, files in audio.of_song.items()
        for path, _ in files
        if path in heard and heard[path].error
    }
    crashed = [file.error for file in heard.values() if file.crashed]
    short, padded = judgement.short, judgement.padded
    found = []
    if crashed:
        found.append(
            Finding(
                code="audio.crashed",
                severity="unusable",
                text=f"{counted(len(crashed), 'audio file')} on which decoding ends its process: "
                f"a run would stop there; take it away, or give the machine more memory",
                examples=tuple(crashed[:EXAMPLES]),
            )
        )
    return [
        *found,
        *about(
            undecodable,
            "whose audio cannot be decoded",
            code="audio.undecodable",
            severity="left out",
            examples=[undecodable[song] for song in ordered(undecodable)],
            figures={"reasons": undecodable},
        ),
        *about(
            short,
            f"whose audio ends more than {PADDING:g} s before the last label does ({_span(short)})",
            code="audio.short",
            severity="left out",
            figures={"missing_seconds": short},
        ),
        *about(
            judgement.twins,
            "with the same audio, to the last byte, as a song before",
            code="audio.same",
            severity="left out",
            examples=[f"song {song}: as song {of}" for song, of in judgement.twins.items()],
            figures={"as": judgement.twins},
        ),
        *about(
            padded,
            f"whose audio ends up to {PADDING:g} s before the last label does ({_span(padded)}): "
            f"padded with the last frame",
            code="audio.padded",
            severity="handled",
            figures={"missing_seconds": padded},
        ),
        *about(judgement.silent, "of silence: kept", code="audio.silent", severity="fact"),
    ]


def _places(audio: AudioFiles, song: str, root: Path) -> list[str]:
    return [str(path.relative_to(root)) for path, _ in audio.of_song[song]]


def _span(missing: Mapping[str, float]) -> str:
    if not missing:
        return ""
    least, most = (f"{value:.2f}" for value in (min(missing.values()), max(missing.values())))
    return f"by {least} s" if least == most else f"by {least} to {most} s"
