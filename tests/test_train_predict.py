"""From an experiment to a registered model to curves, by the command line and by MLflow alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import numpy as np
import pandas as pd
import pytest
import soundfile
from commands import benchmark, write
from servers import free_port

Tone = Callable[..., np.ndarray]
MODEL = "models:/mer-arousal/1"

LOADED = """
import builtins, json, sys, warnings
from importlib.metadata import packages_distributions
from pathlib import Path

mine = set()
importing = builtins.__import__

def recorded(name, globals=None, locals=None, fromlist=(), level=0):
    if level == 0 and globals and str(globals.get("__name__")).startswith("benchmark."):
        mine.add(name.partition(".")[0])
    return importing(name, globals, locals, fromlist, level)

builtins.__import__ = recorded
warnings.simplefilter("ignore")
import mlflow

address, songs = sys.argv[1], sys.argv[2:]
table = mlflow.pyfunc.load_model(address).predict(songs)
folder = Path(mlflow.artifacts.download_artifacts(address))

import benchmark.prediction.served as served

owners = packages_distributions()
own = {owner for name in mine for owner in owners.get(name, ())}
print(json.dumps({
    "columns": list(table.columns),
    "rows": table.to_dict(orient="list"),
    "source": served.__file__,
    "requirements": (folder / "requirements.txt").read_text().split(),
    "own": sorted(own - {"mer-benchmark"}),
}))
"""
PEAK = """
import re, sys
from pathlib import Path
from benchmark.prediction.curves import predict
from benchmark.prediction.trained import read
found = predict(Path(sys.argv[2]), [read(Path(sys.argv[1]))])
assert found.values["arousal"].std() > 0
print(len(found.times), re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def script(text: str, *arguments: str | Path, cwd: Path, **settings: str) -> str:
    """Run a script in a process that knows nothing of this one; return what it printed."""
    unwanted = ("MLFLOW_TRACKING_URI", "PYTEST_CURRENT_TEST")
    environment = {key: value for key, value in os.environ.items() if key not in unwanted}
    done = subprocess.run(
        [sys.executable, "-c", text, *map(str, arguments)],
        cwd=cwd, env={**environment, **settings}, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@dataclass(frozen=True)
class Trained:
    """A folder with a trained model; what the commands said before and in training."""

    folder: Path
    before: subprocess.CompletedProcess[str]
    training: subprocess.CompletedProcess[str]

    @property
    def uri(self) -> str:
        return f"sqlite:///{self.folder / 'mlruns' / 'mlflow.db'}"

    @property
    def data(self) -> Path:
        (file,) = (self.folder / "mlruns" / "artifacts").rglob("model.json")
        return file.parent


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("trained")
    models = "[mean, {name: ridge, alphas: [10.0]}]"
    file = write(folder, "tiny", models=models, features="[mel]", targets="[arousal]")
    before = benchmark("predict", file.name, "--out", "out", cwd=folder)
    ran = benchmark("run", file.name, cwd=folder)
    assert ran.returncode == 0, ran.stderr
    training = benchmark("train", file.name, "--best", "arousal", cwd=folder)
    assert training.returncode == 0, training.stderr
    return Trained(folder, before, training)


@pytest.fixture(scope="module")
def music(tone: Tone, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good songs of all kinds, and what is none."""
    folder = tmp_path_factory.mktemp("music")
    (folder / "album").mkdir()
    six = np.stack([tone(3.0, rate=96_000) * k / 6 for k in range(6)], axis=1)
    soundfile.write(folder / "album" / "six channels at 96 kHz.flac", six, 96_000)
    soundfile.write(folder / "8 kHz.wav", tone(65.0, rate=8_000), 8_000)
    soundfile.write(folder / "one second.ogg", tone(1.0, rate=44_100), 44_100)
    soundfile.write(folder / "silent.wav", np.zeros(16_000), 8_000)
    soundfile.write(folder / "really.wav", tone(2.0, rate=44_100), 44_100)
    (folder / "really.wav").rename(folder / "misnamed.mp3")
    soundfile.write(folder / "album" / "broken.flac", tone(5.0, rate=44_100), 44_100)
    content = bytearray((folder / "album" / "broken.flac").read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = np.random.default_rng(0).bytes(2000)
    (folder / "album" / "broken.flac").write_bytes(content)
    (folder / "noise.mp3").write_bytes(np.random.default_rng(1).bytes(200_000))
    (folder / "empty.mp3").touch()
    soundfile.write(folder / "short.wav", tone(0.3), 12_000)
    (folder / "cover.jpg").write_bytes(b"no song")
    return folder


GOOD = [
    "8 kHz.wav",
    "album/six channels at 96 kHz.flac",
    "misnamed.mp3",
    "one second.ogg",
    "silent.wav",
]


@pytest.fixture(scope="module")
def predicted(trained: Trained, music: Path) -> subprocess.CompletedProcess[str]:
    return benchmark("predict", str(music), "--out", "out", "--jobs", "1", cwd=trained.folder)


@pytest.fixture(scope="module")
def loaded(
    trained: Trained, music: Path, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Any]:
    """What a fresh process says that has MLflow load the model, without pickle."""
    settings = {"MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false", "MLFLOW_TRACKING_URI": trained.uri}
    songs = [music / name for name in GOOD[:2]]
    said = script(LOADED, MODEL, *songs, cwd=tmp_path_factory.mktemp("elsewhere"), **settings)
    return json.loads(said.splitlines()[-1])


def test_before_a_first_training_it_says_what_to_do(trained: Trained) -> None:
    assert trained.before.returncode == 2
    (line,) = trained.before.stderr.splitlines()
    assert line.startswith("error no model 'mer-arousal' is registered; python -m benchmark train ")


def test_training_says_what_was_registered_and_nothing_else(trained: Trained) -> None:
    said = trained.training
    assert said.stderr == ""
    assert "mer-arousal version 1" in said.stdout
    assert "mel / ridge(alphas=[10]) / arousal: RMSE 0." in said.stdout
    assert "Trained on all 10 songs of demo (synthetic)." in said.stdout
    assert f'mlflow.pyfunc.load_model("{MODEL}")' in said.stdout


def test_a_run_after_training_is_a_look_up(trained: Trained) -> None:
    mark = (trained.folder / "mlruns" / "tracked.json").read_bytes()
    again = benchmark("run", "tiny.yaml", cwd=trained.folder)
    assert "0 jobs computed, 4 taken from records" in again.stdout
    assert (trained.folder / "mlruns" / "tracked.json").read_bytes() == mark


def test_a_bad_file_is_one_line_and_costs_itself_alone(
    trained: Trained, predicted: subprocess.CompletedProcess[str]
) -> None:
    assert predicted.returncode == 1
    bad = {
        "album/broken.flac": "cannot be decoded (Error : ",
        "empty.mp3": "is an empty file",
        "noise.mp3": "",
        "short.wav": "lasts 0.30 s; a prediction is of 0.5 s",
    }
    lines = sorted(predicted.stderr.splitlines())
    assert len(lines) == len(bad), predicted.stderr
    for line, (name, reason) in zip(lines, bad.items(), strict=True):
        assert line.startswith(f"error {name}: {reason}")
    assert "5 of 9 songs" in predicted.stdout
    assert "silent.wav: silent" in predicted.stdout
    assert "no curve of valence: no model 'mer-valence' is registered" in predicted.stdout
    assert (trained.folder / "out" / "index.html").stat().st_size


def test_every_good_song_has_its_curve(
    trained: Trained, predicted: subprocess.CompletedProcess[str]
) -> None:
    curves = pd.read_csv(trained.folder / "out" / "curves.csv")
    assert list(curves.columns) == ["song", "time", "arousal"]
    lengths = curves.groupby("song", sort=False).size()
    assert dict(lengths) == dict(zip(GOOD, (130, 6, 4, 2, 4), strict=True))
    songs = pd.read_csv(trained.folder / "out" / "songs.csv", keep_default_na=False)
    silent = [song for song, note in zip(songs.song, songs.note, strict=True) if "silent" in note]
    assert silent == ["silent.wav"]


def test_mlflow_alone_predicts_what_the_command_writes(
    trained: Trained, music: Path, predicted: object, loaded: Mapping[str, Any]
) -> None:
    assert loaded["columns"] == ["path", "time", "arousal"]
    curves = pd.read_csv(trained.folder / "out" / "curves.csv")
    table = pd.DataFrame(loaded["rows"])
    for name in GOOD[:2]:
        expected, found = curves[curves.song == name], table[table.path == str(music / name)]
        np.testing.assert_array_equal(found.time, expected.time)
        np.testing.assert_allclose(found.arousal, expected.arousal, atol=1e-4)
        assert expected.arousal.std() > 0.01


def test_the_model_brings_the_code_it_runs(trained: Trained, loaded: Mapping[str, Any]) -> None:
    assert Path(loaded["source"]).is_relative_to(trained.data.parents[1])


def test_what_the_model_imports_is_required_as_it_is_here(loaded: Mapping[str, Any]) -> None:
    """Those that modules of this package import, as they load and predict; others come along."""
    pinned = dict(line.split("==") for line in loaded["requirements"])
    assert {name: version(name) for name in pinned} == pinned
    names = {name.lower() for name in pinned}
    assert {name.lower() for name in loaded["own"]} <= names
    assert {"av", "soundfile", "soxr", "librosa", "skops", "scikit-learn"} <= names


@pytest.mark.slow
def test_mlflow_serves_the_model(trained: Trained, music: Path, loaded: Mapping[str, Any]) -> None:
    port = free_port()
    command = [
        sys.executable, "-m", "mlflow", "models", "serve", "--model-uri", MODEL,
        "--env-manager", "local", "--port", str(port),
    ]  # fmt: skip
    # MLflow calls uvicorn by name: as in an environment that is activated.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    settings = {**os.environ, "MLFLOW_TRACKING_URI": trained.uri, "PATH": path}
    with (trained.folder / "served.log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=trained.folder, env=settings,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        songs = [str(music / name) for name in GOOD[:2]]
        answer = asked(f"http://127.0.0.1:{port}/invocations", {"inputs": songs}, server)
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
    table = pd.DataFrame(answer["predictions"])
    expected = pd.DataFrame(loaded["rows"])
    pd.testing.assert_frame_equal(table[list(expected.columns)], expected, rtol=1e-6)


def asked(address: str, question: object, server: subprocess.Popen[bytes]) -> Any:
    """Return what a server answers as soon as it does."""
    request = Request(  # noqa: S310  (ours)
        address, json.dumps(question).encode(), {"Content-Type": "application/json"}
    )
    deadline = time.monotonic() + 120
    while True:
        try:
            with urlopen(request, timeout=60) as answer:  # noqa: S310
                return json.load(answer)
        except (URLError, ConnectionError):
            assert server.poll() is None and time.monotonic() < deadline
            time.sleep(0.2)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_song(trained: Trained, tone: Tone, tmp_path: Path) -> None:
    minute = tone(60.0, rate=8_000)
    soundfile.write(tmp_path / "1.flac", minute, 8_000)
    soundfile.write(tmp_path / "20.flac", np.tile(minute, 20), 8_000)
    peaks = []
    for minutes in (1, 20):
        said = script(PEAK, trained.data, tmp_path / f"{minutes}.flac", cwd=tmp_path)
        n_labels, kilobytes = map(int, said.split())
        assert n_labels == 120 * minutes
        peaks.append(kilobytes)
    assert peaks[1] - peaks[0] < 100_000
