"""Reads experiment files; reports every mistake with file, key, value and what would work."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from annotated_types import Ge, Lt, MinLen
from pydantic import StringConstraints

from benchmark.config.components import build, build_all
from benchmark.config.experiment import ChosenOn, Experiment
from benchmark.config.overrides import apply, parse_overrides
from benchmark.config.search import Search, read_search
from benchmark.config.targets import JOINT, read_targets
from benchmark.config.validation import Findings, check
from benchmark.errors import ConfigError, Problem, did_you_mean
from benchmark.interfaces import Dataset, Feature, Model, Protocol
from benchmark.records import TARGETS

REQUIRED = ("version", "name", "dataset", "features", "models")
DEFAULTS: dict[str, Any] = {
    "targets": list(TARGETS),
    "protocol": "song_kfold",
    "seeds": [0],
    "threads": 1,
}
PLAIN: dict[str, Any] = {
    "version": Literal[1],
    "name": Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")],
    "seeds": Annotated[tuple[Annotated[int, Ge(0), Lt(2**32)], ...], MinLen(1)],
    "threads": Annotated[int, Ge(1)],
}
"""The keys whose values are no components, with their types; but for `targets`."""

OPTIONAL = ("search", "chosen_on")


def load_experiments(files: Sequence[Path], settings: Sequence[str] = ()) -> tuple[Experiment, ...]:
    """Read and validate experiment files, `settings` being `key=value` overrides for all of them.

    Raises
    ------
    ConfigError
        With every mistake in every file.
    """
    problems: list[Problem] = []
    overrides = parse_overrides(settings, problems)
    read = [(file, _read(file, problems)) for file in files]
    for override in overrides:
        hits = [apply(raw, override) for _, raw in read if raw is not None]
        if hits and not any(hits):
            problems.append(Problem(Path("--set"), override.text, "names nothing in these files"))
    experiments = [
        experiment
        for file, raw in read
        if raw is not None
        and (experiment := _experiment(raw, tuple(settings), Findings(file, problems)))
    ]
    first: dict[str, Path] = {}
    for experiment in experiments:
        if experiment.name in first:
            message = f"{experiment.name!r} is also the name of {first[experiment.name]}"
            problems.append(Problem(experiment.file, "name", f"{message}; each file needs its own"))
        first.setdefault(experiment.name, experiment.file)
    if problems:
        raise ConfigError(problems)
    return tuple(experiments)


def _experiment(
    raw: dict[Any, Any], settings: tuple[str, ...], findings: Findings
) -> Experiment | None:
    known = (*REQUIRED, *DEFAULTS, *OPTIONAL)
    for key in raw:
        if key not in known:
            findings.add(str(key), f"no such key{did_you_mean(str(key), known)}")
    missing = [key for key in REQUIRED if key not in raw]
    for key in missing:
        findings.add(key, "is missing")
    values = {**DEFAULTS, **raw}
    plain = {key: check(PLAIN[key], values[key], key, findings) for key in PLAIN if key in values}
    if plain["seeds"] and len(set(plain["seeds"])) < len(plain["seeds"]):
        findings.add("seeds", f"{values['seeds']!r} should hold each value only once")
    targets, joint = read_targets(values["targets"], findings), values["targets"] == JOINT
    protocols = _protocols(values["protocol"], findings)
    dataset = (
        build(Dataset, "datasets", raw["dataset"], "dataset", findings)
        if "dataset" in raw
        else None
    )
    features = build_all(Feature, "features", raw.get("features", []), "features", findings)
    models = build_all(Model, "models", raw.get("models", []), "models", findings)
    if raw.get("models") == []:
        findings.add("models", "is empty; name at least one")
    for model in models:
        if model.view and raw.get("features") == []:
            findings.add("features", f"is empty, but {model.label} needs one")
        for feature in features:
            if model.view and (reason := model.view.refusal(feature)):
                findings.add("models", f"{model.label} cannot take {feature.label}: {reason}")
    if dataset and math.isinf(dataset.period):
        _check_whole_songs(models, protocols, findings)
    search = _search(raw, features, models, protocols, findings)
    chosen_on = _chosen_on(raw["chosen_on"], findings) if "chosen_on" in raw else None
    if missing or dataset is None or not (protocols and targets) or None in plain.values():
        return None
    return Experiment(
        name=plain["name"],
        file=findings.file,
        settings=settings,
        dataset=dataset,
        features=features,
        models=models,
        targets=targets,
        joint=joint,
        protocols=protocols,
        seeds=plain["seeds"],
        threads=plain["threads"],
        search=search,
        chosen_on=chosen_on,
    )


def _check_whole_songs(
    models: Sequence[Model], protocols: Sequence[Protocol], findings: Findings
) -> None:
    """Note what makes no sense where each song has one label, of all of it."""
    for model in models:
        if model.view and not model.view.whole_songs:
            findings.add(
                "models",
                f"{model.label} cannot learn ratings of whole songs: it looks at parts of a song; "
                f"ridge, xgboost_summary or extra_trees can",
            )
    for protocol in protocols:
        if protocol.parts_songs:
            findings.add(
                "protocol", f"{protocol.name} parts the labels of a song, of which there is one"
            )


def _search(
    raw: dict[Any, Any],
    features: Sequence[Feature],
    models: Sequence[Model],
    protocols: Sequence[Protocol],
    findings: Findings,
) -> Search | None:
    """Return what a file has tuned; only the mistakes of the search itself are noted here."""
    if "search" not in raw:
        return None
    if raw.get("targets") == JOINT:
        findings.add(
            "search",
            f"a study judges a trial on one target, and {JOINT} fits are of two; targets: "
            f"[{', '.join(TARGETS)}] searches each",
        )
    return read_search(raw["search"], features, models, protocols, findings)


def _chosen_on(entry: Any, findings: Findings) -> ChosenOn | None:
    if not isinstance(entry, dict) or set(entry) - {"fingerprint"} != {"dataset", "songs"}:
        findings.add(
            "chosen_on", "should name a dataset and its songs, as `tune --apply` writes it"
        )
        return None
    dataset = check(str, entry["dataset"], "chosen_on.dataset", findings)
    songs = check(tuple[str, ...], entry["songs"], "chosen_on.songs", findings)
    content = check(str, entry.get("fingerprint", ""), "chosen_on.fingerprint", findings)
    if dataset is None or songs is None or content is None:
        return None
    return ChosenOn(dataset, songs, content)


def _protocols(entry: Any, findings: Findings) -> tuple[Protocol, ...]:
    """Return the protocol of a file, or each of several."""
    if not isinstance(entry, list):
        protocol = build(Protocol, "protocols", entry, "protocol", findings)
        return (protocol,) if protocol else ()
    if not entry:
        findings.add("protocol", "is an empty list; name at least one")
    return build_all(Protocol, "protocols", entry, "protocol", findings)


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice, of which YAML would silently keep the second."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: dict[Any, int] = {}
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                continue  # a list as a key, which PyYAML refuses in words
            key, line = key_node.value, key_node.start_mark.line + 1
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"key {key!r} stands in line {seen[key]} and again in line {line}"
                )
            seen[key] = line
        return super().construct_mapping(node, deep)


def _read(file: Path, problems: list[Problem]) -> dict[Any, Any] | None:
    try:
        # _Loader is a SafeLoader: names and numbers only.
        raw = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    except FileNotFoundError:
        problems.append(Problem(file, "", "no such file"))
        return None
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(file, "", f"cannot be read ({error})"))
        return None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        problems.append(Problem(file, "", f"is not YAML: {' '.join(str(error).split())}"))
        return None
    if not isinstance(raw, dict):
        problems.append(Problem(file, "", "should be a mapping that begins with 'version: 1'"))
        return None
    return raw
