"""Training a Keras network the same way for every model here: batches, early stopping, curves.

TensorFlow is imported inside the functions: only a job that trains a network pays for it. How many
threads it uses is set by the process the job runs in.
"""

from __future__ import annotations

import logging
import math
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.errors import BenchmarkError
from benchmark.interfaces import Frames, Indices
from benchmark.models._saved import unsealed
from benchmark.records import TrainingCard
from benchmark.watch import epoch_done

Batch = tuple[Any, Frames, Frames]
"""Inputs, labels, and weights: a label of weight 0 is neither learned nor counted."""


HELD_BATCH = 256
"""Validation examples scored at a time."""

NETWORK = "network.keras"


class DivergedError(BenchmarkError):
    """The loss became NaN or infinite."""


@dataclass(frozen=True)
class Examples:
    """Examples made on demand: how many there are, and how to make a batch of some of them.

    An example may hold several (`each`) of what the size of a batch is given in, or fewer where its
    song ends: `learned` is how many there are in all, by default one an example.
    """

    count: int
    batch: Callable[[Indices], Batch]
    each: int = 1
    learned: int | None = None


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How to train: `patience` epochs without a lower validation loss end it before `epochs`."""

    loss: str
    learning_rate: float
    batch_size: int
    epochs: int
    patience: int


def load_keras() -> Any:
    """Import TensorFlow and return the `keras` module."""
    # Its advice on retracing is for who calls one network many times, not many networks once.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    with _silent_stderr():
        import keras
        import tensorflow  # noqa: F401
    return keras


def fresh_keras(seed: int) -> Any:
    """Return the `keras` module with a clean state, seeded, and with deterministic kernels."""
    keras = load_keras()
    import tensorflow as tf

    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    return keras


def fit_network(
    network: Any, schedule: Schedule, examples: Examples, held: Examples, *, seed: int
) -> TrainingCard:
    """Fit `network` in place with Adam and keep the weights of its best epoch on `held`.

    `examples` are shuffled anew each epoch by `seed`. The returned card has the curves `loss` and
    `validation_loss`.

    Raises
    ------
    DivergedError
        If a loss is not finite; and what raises whoever watches.
    """
    import keras

    network.compile(
        optimizer=keras.optimizers.Adam(schedule.learning_rate),
        loss=_loss(schedule.loss),
        jit_compile=False,
    )
    stopping = keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=schedule.patience, restore_best_weights=True
    )
    watching = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: epoch_done(epoch + 1, logs["val_loss"])
    )
    history = network.fit(
        _batches(examples, schedule.batch_size, np.random.default_rng(seed)),
        validation_data=_batches(held, HELD_BATCH, None),
        epochs=schedule.epochs,
        callbacks=[stopping, keras.callbacks.TerminateOnNaN(), watching],
        shuffle=False,
        verbose=0,
    ).history
    for epoch, losses in enumerate(zip(history["loss"], history["val_loss"], strict=False), 1):
        if not np.isfinite(losses).all():
            raise DivergedError(
                f"training diverged in epoch {epoch} (loss {losses[0]}, validation loss "
                f"{losses[1]}); a learning_rate below {schedule.learning_rate:g} may work"
            )
    return TrainingCard(
        parameters=network.count_params(),
        trainable_parameters=sum(math.prod(w.shape) for w in network.trainable_weights),
        examples=examples.count if examples.learned is None else examples.learned,
        epochs=len(history["loss"]),
        patience=schedule.patience,
        curves={
            "loss": tuple(map(float, history["loss"])),
            "validation_loss": tuple(map(float, history["val_loss"])),
        },
    )


def _loss(name: str) -> Any:
    """Return a loss of (n, ..., n_targets, 1) arrays that leaves out what has no weight."""
    import keras

    if name != "ccc":
        known = {"mse": keras.losses.MeanSquaredError, "mae": keras.losses.MeanAbsoluteError}
        return known[name](reduction="mean_with_sample_weight")
    ops = keras.ops

    class Discord(keras.losses.Loss):  # type: ignore[misc]
        """1 - Lin's concordance correlation over a batch, mean over targets (Weninger 2016)."""

        def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Any:
            n_targets = y_true.shape[-2]
            truth, said = (ops.reshape(values, (-1, n_targets)) for values in (y_true, y_pred))
            weight = ops.reshape(ops.cast(sample_weight, said.dtype), (-1, n_targets))
            weight = weight / ops.maximum(ops.sum(weight, axis=0), 1.0)
            means = [ops.sum(weight * values, axis=0) for values in (truth, said)]
            truth, said = truth - means[0], said - means[1]
            together = ops.sum(weight * truth * said, axis=0)
            spread = ops.sum(weight * (truth**2 + said**2), axis=0)
            apart = spread + (means[0] - means[1]) ** 2
            return ops.mean(1.0 - 2.0 * together / ops.maximum(apart, 1e-6))

    return Discord()


def save_network(network: Any, folder: Path) -> None:
    """Write layers and weights, without what only training needs (Adam's moments)."""
    import keras

    with warnings.catch_warnings():
        # NumPy 2 wants an argument `copy` that TensorFlow 2.21's tensors do not take.
        warnings.simplefilter("ignore", DeprecationWarning)
        keras.Model(network.inputs, network.outputs).save(folder / NETWORK)


def load_network(folder: Path) -> Any:
    """Return a network that was saved; layers that hold code (`Lambda`) are refused."""
    keras = load_keras()
    import tensorflow as tf

    tf.config.experimental.enable_op_determinism()  # as where it was fitted
    with unsealed(folder):
        return keras.saving.load_model(folder / NETWORK, compile=False, safe_mode=True)


@contextmanager
def _silent_stderr() -> Iterator[None]:
    """Hide what TensorFlow's C++ side prints while it is imported, which no setting turns off."""
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _batches(examples: Examples, size: int, random: np.random.Generator | None) -> Any:
    """Return a Keras dataset over `examples`, reshuffled after each epoch if `random` is given."""
    import keras

    size = max(1, size // examples.each)

    class Batches(keras.utils.PyDataset):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.order = np.arange(examples.count)
            self.on_epoch_end()

        def __len__(self) -> int:
            return math.ceil(examples.count / size)

        def __getitem__(self, index: int) -> Batch:
            return examples.batch(self.order[index * size : (index + 1) * size])

        def on_epoch_end(self) -> None:
            if random is not None:
                self.order = random.permutation(examples.count)

    return Batches()
