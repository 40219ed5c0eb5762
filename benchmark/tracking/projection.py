"""Records to MLflow: an experiment per file, a parent run per cell, a child run per job.

A study is a parent run too, of its trials, marked as one: cells are ranked, studies are not.

A parent whose digest of records is right is left alone, any other is written anew: so a cell has
one parent however often, and however abruptly, this runs. `mer.current` tells the cells of a file's
latest run from those of earlier ones, which stay as history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from mlflow.entities import Experiment, Run
from mlflow.exceptions import MlflowException

from benchmark.records import CellPlan, Manifest, StudyRecord
from benchmark.records.song import content_hash
from benchmark.records.store import RecordStore
from benchmark.tracking import mark, runs
from benchmark.tracking.contents import of_cell, of_job
from benchmark.tracking.page import STUDY, page_tags
from benchmark.tracking.store import Store
from benchmark.tracking.study_contents import of_study, of_trial
from benchmark.tracking.trouble import is_unreachable
from benchmark.tracking.writing import Family, write


def project(
    records: RecordStore, store: Store, *, advance: Callable[[str], None]
) -> dict[str, str]:
    """Bring `store` up to date with every manifest; return each experiment's id by its name.

    Cells with jobs not yet run are left out.
    """
    experiments = {}
    for manifest in records.manifests():
        experiments[manifest.name] = experiment = _experiment(store, manifest)
        there = runs.find(store, experiment)
        runs.sweep(store, experiment, there)
        current = {}
        floors = content_hash([str(manifest.dataset["floors"]), str(manifest.raters)])
        for cell in manifest.cells:
            current[_identity(cell)] = "true"
            jobs = [record for key in cell.jobs if (record := records.read(key))]
            if len(jobs) < len(cell.jobs):
                continue
            state = [f"{job.key} {job.started_at} {job.error}" for job in jobs]
            tuning = f" {cell.tuning}" if cell.tuning else ""
            contents = f"contents {mark.CONTENTS_VERSION} {cell.shared} {floors}{tuning}"
            digest = content_hash([contents, *state])
            if _is_missing(store, experiment, there, _identity(cell), digest):
                family = Family(
                    cell=_identity(cell),
                    digest=digest,
                    parent=of_cell(manifest, cell, jobs, records.read_study),
                    children=[of_job(cell, job) for job in jobs],
                )
                _show(store, experiment, family)
            advance(f"{manifest.name}: {cell.description['feature_label']}")
        for study in _studies(manifest, records):
            current[_name(study)] = STUDY
            figures = sorted(records.study_folder(study.key).glob("*.png"))
            contents = f"contents {mark.CONTENTS_VERSION} {len(study.trials)} {len(figures)}"
            digest = content_hash([contents, study.key])
            if _is_missing(store, experiment, there, _name(study), digest):
                family = Family(
                    cell=_name(study),
                    digest=digest,
                    parent=of_study(manifest, study, figures),
                    children=[of_trial(study, trial) for trial in study.trials],
                    current=STUDY,
                )
                _show(store, experiment, family)
            advance(study.name)
        _mark_current(store, there, current)
    return experiments


def _identity(cell: CellPlan) -> str:
    return content_hash(list(cell.jobs))


def _name(study: StudyRecord) -> str:
    return f"study {study.key}"


def _studies(manifest: Manifest, records: RecordStore) -> Iterator[StudyRecord]:
    """Yield the studies of a manifest's rows that have any trial."""
    for cell in manifest.cells:
        for key in cell.studies:
            study = records.read_study(key)
            if study is not None and study.trials:
                yield study


def _is_missing(
    store: Store, experiment: str, there: dict[str, Run], identity: str, digest: str
) -> bool:
    """Say whether nothing shows a cell or study as it is; what shows it otherwise is deleted."""
    good, others = _parents(there, identity, digest)
    for name in others:
        runs.delete(store, experiment, name)
        del there[name]
    return good is None


def _experiment(store: Store, manifest: Manifest) -> str:
    """Return the id of the experiment named after the file, tagged as its page needs it."""
    found = experiment_called(store, manifest.name)
    identifier: str = found.experiment_id
    tags = page_tags(
        identifier, studies=manifest.command == "tune", targets=_together(manifest.cells)
    )
    for key, value in tags.items():
        if found.tags.get(key) != value:
            _tag_experiment(store, identifier, key, value)
    return identifier


def _together(cells: Sequence[CellPlan]) -> tuple[str, ...]:
    """Return the targets of cells that have several each; none where they have one."""
    found = {tuple(cell.description["targets"]) for cell in cells}
    several = [targets for targets in found if len(targets) > 1]
    return several[0] if len(several) == len(found) == 1 else ()


def experiment_called(store: Store, name: str) -> Experiment:
    """Return an experiment by its name, created or restored if need be."""
    found = store.client.get_experiment_by_name(name)
    if found is None:
        location = f"{store.artifacts}/{name}" if store.artifacts else None
        try:
            store.client.create_experiment(name, location)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":  # somebody was faster
                raise
        found = store.client.get_experiment_by_name(name)
    elif found.lifecycle_stage == "deleted":
        store.client.restore_experiment(found.experiment_id)
    assert isinstance(found, Experiment)
    return found


def _tag_experiment(store: Store, experiment: str, key: str, value: str) -> None:
    try:
        store.client.set_experiment_tag(experiment, key, value)
    except MlflowException:  # a new tag that two set at once is an error to one of them
        if store.client.get_experiment(experiment).tags.get(key) != value:
            raise


def _parents(there: dict[str, Run], identity: str, digest: str) -> tuple[str | None, set[str]]:
    """Return the finished parent that shows a cell as it is, and those that have to go.

    There may be two that do: MLflow restores an experiment with all runs ever deleted in it.
    """
    states = {
        name: run.data.tags[runs.DIGEST]
        for name, run in there.items()
        if run.data.tags.get(runs.CELL) == identity and runs.is_finished(run)
    }
    good = min((name for name, state in states.items() if state == digest), default=None)
    return good, {name for name in states if name != good}


def _show(store: Store, experiment: str, family: Family) -> None:
    """Write a cell and leave one parent of it.

    It is written once more if another made it fail, who deleted the run as a dead one's or added
    the data set of the cells at the same moment: MLflow lets one of two win.
    """
    try:
        written = write(store, experiment, family)
    except MlflowException as error:
        if is_unreachable(error):
            raise
        written = write(store, experiment, family)
    runs.settle(
        store, experiment, cell=family.cell, parent=written.parent, children=written.children
    )


def _mark_current(store: Store, there: dict[str, Run], cells: Mapping[str, str]) -> None:
    for name, run in there.items():
        current = cells.get(run.data.tags.get(runs.CELL, ""), "false")
        if runs.is_finished(run) and run.data.tags.get(runs.CURRENT) != current:
            runs.tag(store, name, runs.CURRENT, current)
