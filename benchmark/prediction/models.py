"""Which models predict: from MLflow's registry, or from a folder; and what a page says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.errors import TrackingError
from benchmark.prediction.forecast import Stretch
from benchmark.prediction.reading import BLOCK
from benchmark.prediction.trained import Recipe, TrainedError, read_recipe
from benchmark.tracking import Fetched, data_folder, fetch

NONE = "none"


@dataclass(frozen=True)
class Models:
    """A model for each target there is one for, and what the user should know.

    `folders` are those of the models, with the targets that are wanted of each.
    """

    names: Mapping[str, str]
    recipes: Mapping[str, Recipe]
    folders: Mapping[Path, tuple[str, ...]]
    notes: tuple[str, ...]


def find_models(wanted: Mapping[str, str], tracking: Path) -> Models:
    """Return the models that are wanted for targets; `none` wants no model.

    One that is not registered and was not asked for by a name of its own is done without, as long
    as another is there.

    Raises
    ------
    TrackingError, TrainedError
        If a model cannot be found or read, or is one of another target.
    """
    found: dict[str, Fetched] = {}
    missing: dict[str, TrackingError] = {}
    for target, reference in wanted.items():
        if reference == NONE:
            continue
        folder = Path(reference)
        try:
            found[target] = (
                Fetched(reference, data_folder(folder))
                if folder.is_dir()
                else fetch(reference, tracking)
            )
        except TrackingError as error:
            if reference != f"mer-{target}":
                raise
            missing[target] = error
    if not found:
        raise next(
            iter(missing.values()),
            TrackingError("no model is asked for: --arousal and --valence are both none"),
        )
    recipes = {}
    folders: dict[Path, tuple[str, ...]] = {}
    for target, fetched in found.items():
        recipes[target] = recipe = read_recipe(fetched.data)
        if target not in recipe.targets:
            raise TrainedError(
                f"{fetched.name}: predicts {' and '.join(recipe.targets)}, not {target}"
            )
        folders[fetched.data] = (*folders.get(fetched.data, ()), target)
    return Models(
        names={target: fetched.name for target, fetched in found.items()},
        recipes=recipes,
        folders=folders,
        notes=tuple(f"no curve of {target}: {error}" for target, error in missing.items()),
    )


def about_models(models: Models, stretch: Stretch) -> Sequence[str]:
    """Say which models a page's curves are of, and how they were made."""
    lines = []
    for target, recipe in models.recipes.items():
        origin = recipe.origin
        synthetic = " Synthetic data: it says nothing about music." if origin.synthetic else ""
        lines.append(
            f"{target.capitalize()}: {models.names[target]}, {recipe.label}, trained on "
            f"{origin.trained_on}; cross-validated: {origin.cross_validated}.{synthetic}"
        )
    smoothed = (
        f", smoothed by a moving mean of {stretch.smooth} steps on either side"
        if stretch.smooth
        else ""
    )
    cut = f" Shown from {stretch.start:g} s" if stretch.start else ""
    if stretch.end is not None:
        cut = f"{cut or ' Shown'} to {stretch.end:g} s"
    begin = " or ".join(dict.fromkeys(one.origin.ratings_begin for one in models.recipes.values()))
    lines.append(
        f"Predictions of what listeners would say on average, a value each half second{smoothed}, "
        f"ratings in [-1, 1]. Decoded and predicted in blocks of {BLOCK:g} s that overlap by what "
        f"a model sees around a label; a model of sequences runs over the whole song.{cut}"
        f"{'.' if cut else ''} The ratings that were learned from begin {begin} into a song: "
        f"what is said of its beginning was never scored."
    )
    return lines
