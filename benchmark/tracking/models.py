"""Trained models in MLflow: logged as `pyfunc` models, registered, found again."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.models.model import ModelInfo
from mlflow.types import ColSpec, Schema

from benchmark.errors import TrackingError
from benchmark.tracking.projection import experiment_called
from benchmark.tracking.store import Store
from benchmark.tracking.submission import TRAIN, Fetched, Registered, Submission, data_folder

UNFINISHED = "attributes.status = 'RUNNING' and tags.`mer.trained` != ''"


def log(submission: Submission, store: Store, uri: str) -> tuple[Registered, ...]:
    """Log a model in a run of its experiment, and register it under each of its names."""
    client = store.client
    experiment = experiment_called(store, submission.experiment).experiment_id
    if store.alone:  # what is being trained was, by one who was killed
        for left in client.search_runs([experiment], UNFINISHED):
            client.set_terminated(left.info.run_id, "KILLED")
    with _fluent(uri):
        tags = dict(submission.tags)
        with mlflow.start_run(
            experiment_id=experiment, run_name=submission.title, tags=tags
        ) as run:
            mlflow.log_params(dict(submission.params))
            mlflow.log_metrics(dict(submission.metrics))
            for name, values in submission.curves.items():
                for epoch, value in enumerate(values, 1):
                    mlflow.log_metric(name, value, step=epoch)
            logged = mlflow.pyfunc.log_model(
                name=submission.names[0],
                loader_module=submission.loader,
                data_path=str(submission.data),
                code_paths=[str(submission.code)],
                pip_requirements=list(submission.requirements),
                signature=ModelSignature(
                    inputs=Schema([ColSpec(submission.input)]), outputs=_schema(submission.outputs)
                ),
                input_example=list(submission.example) or None,
            )
        return tuple(
            _version(client, name, submission, logged, run.info.run_id) for name in submission.names
        )


def _version(
    client: MlflowClient, name: str, submission: Submission, logged: ModelInfo, run: str
) -> Registered:
    """Register a model that was logged as the next version of a name."""
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    version = client.create_model_version(
        name,
        logged.model_uri,
        run,
        tags=dict(submission.tags),
        description=submission.description,
        model_id=logged.model_id,
    )
    client.update_registered_model(name, submission.description)
    return Registered(name, str(version.version), submission.description)


def fetch(reference: str, store: Store, uri: str) -> Fetched:
    """Return the data of a registered model: `NAME`, `NAME/VERSION`, `NAME@ALIAS`, or an address.

    Raises
    ------
    TrackingError
        If there is no such model, or MLflow holds another kind of model under that name.
    """
    try:
        return _fetch(reference, store.client, uri)
    except MlflowException as error:
        if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise
        raise TrackingError(f"no model {reference!r} is registered ({error.message})") from error


def _fetch(reference: str, client: MlflowClient, uri: str) -> Fetched:
    with _fluent(uri):
        address, description = reference, ""
        if not reference.startswith(("models:/", "runs:/")):
            name, _, wanted = reference.partition("/")
            if "@" in reference:
                name, _, alias = reference.partition("@")
                version = client.get_model_version_by_alias(name, alias)
            elif wanted:
                version = client.get_model_version(name, wanted)
            else:
                version = _latest(client, name)
            address, description = f"models:/{name}/{version.version}", version.description or ""
        folder = Path(mlflow.artifacts.download_artifacts(address))
    return Fetched(address.removeprefix("models:/"), data_folder(folder), description)


def _latest(client: MlflowClient, name: str) -> mlflow.entities.model_registry.ModelVersion:
    versions = client.search_model_versions(f"name = '{name}'")
    if not versions:
        raise TrackingError(f"no model {name!r} is registered; {TRAIN}")
    return max(versions, key=lambda version: int(version.version))


def _schema(columns: Mapping[str, str]) -> Schema:
    return Schema([ColSpec(kind, name) for name, kind in columns.items()])


@contextmanager
def _fluent(uri: str) -> Iterator[None]:
    """Have MLflow's own functions mean this store, and say no more than what goes wrong."""
    # MLflow puts the address it is told into the environment, and would leave its default there.
    before = os.environ.get("MLFLOW_TRACKING_URI")
    logger = logging.getLogger("mlflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    mlflow.set_tracking_uri(uri)
    try:
        yield
    finally:
        mlflow.set_tracking_uri(None)  # type: ignore[arg-type]  # unsets it
        if before is not None:
            os.environ["MLFLOW_TRACKING_URI"] = before
        logger.setLevel(level)
