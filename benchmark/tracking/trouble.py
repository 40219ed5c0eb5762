"""What goes wrong with an MLflow store, in one line that names it."""

from __future__ import annotations

import requests
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import SQLAlchemyError

from benchmark.errors import TrackingError, without_password

TROUBLE = (MlflowException, SQLAlchemyError, OSError)
UNREACHABLE = (requests.ConnectionError, requests.Timeout, requests.exceptions.RetryError)


def is_unreachable(error: BaseException) -> bool:
    """Tell whether a server did not answer, so that asking it for more only takes time."""
    return any(isinstance(cause, UNREACHABLE) for cause in _causes(error))


FILLED = (
    "could not be filled",
    "the records are safe, and the next `run` or `python -m benchmark track` fills it from them",
)
REGISTERED = "took no model", "mend it and run the same command again"
FETCHED = "gave no model", "a folder that a model was logged into works without it"
"""What did not happen, and what helps."""


def as_tracking_error(error: Exception, uri: str, doing: tuple[str, str] = FILLED) -> TrackingError:
    """Return what the user reads when the store at `uri` could not be opened or used."""
    # The words of the operating system stand at the bottom of those of three libraries.
    system = [
        cause
        for cause in _causes(error)
        if isinstance(cause, OSError) and not isinstance(cause, requests.RequestException)
    ]
    shown = without_password(uri)
    words = str([error, *system][-1]).replace(uri.rstrip("/"), shown.rstrip("/"))
    return TrackingError(
        f"MLflow at {shown} {doing[0]} ({words.partition(chr(10))[0]}); {doing[1]}"
    )


def _causes(error: BaseException) -> list[BaseException]:
    """Return an exception and those it came from, outermost first."""
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    return causes
