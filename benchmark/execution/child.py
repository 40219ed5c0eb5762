"""What a worker process runs: one call after another, until whoever started it is gone."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import time
import traceback
from multiprocessing.connection import Connection

from benchmark.errors import BenchmarkError

WATCH = 1.0
"""Seconds between two looks at whether the parent is still there."""


def serve(connection: Connection) -> None:
    """Answer each (function, task) with (result, error in words) until the other end closes."""
    while True:
        try:
            received = connection.recv_bytes()
        except (EOFError, OSError):
            return
        try:
            function, task = pickle.loads(received)  # noqa: S301  (sent by our own parent)
            answer = function(task), ""
            sent = pickle.dumps(answer)
        except Exception as error:  # noqa: BLE001  (a plug-in may raise anything)
            sent = pickle.dumps((None, _words(error)))
        try:
            connection.send_bytes(sent)
        except OSError:
            return


def _words(error: Exception) -> str:
    """Return the reason in the first line; below it, unless it is a known one, the traceback."""
    if isinstance(error, BenchmarkError):
        return str(error)
    reason = next(iter(str(error).strip().splitlines()), "no message")
    return f"{type(error).__name__}: {reason}\n{''.join(traceback.format_exception(error)).strip()}"


def _end_with(parent: int) -> None:
    """End this process when its parent is gone, also in the middle of a call.

    One that was killed cannot tell its workers to stop; they would go on for nobody.
    """
    while os.getppid() == parent:
        time.sleep(WATCH)
    os._exit(1)


if __name__ == "__main__":
    # Blocked until here by the parent, who is the one to say what Ctrl-C means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with, args=(int(sys.argv[2]),), daemon=True).start()
    serve(Connection(int(sys.argv[1])))
