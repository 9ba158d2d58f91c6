"""Where figures go beside the run's folder: TensorBoard, or MLflow or Weights & Biases, both without a network."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, cast

from training.recipe import Tracker


class MissingPackage(Exception):
    """A tracker's package is not installed; the message says which one to install."""


class Tracking(Protocol):
    """Takes figures as they come."""

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Add figures of a step."""
        ...

    def close(self) -> None:
        """Bring everything to the disk."""
        ...


class Nothing:
    """Keeps no figures."""

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class TensorBoard:
    """Writes event files; a run that goes on hides what came after the step that it goes on from."""

    def __init__(self, folder: Path, *, from_step: int) -> None:
        from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415 - only where it is asked for

        self._writer = SummaryWriter(str(folder / "tensorboard"), purge_step=from_step + 1)

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Add figures of a step."""
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        """Bring everything to the disk."""
        self._writer.close()


class _MlflowModule(Protocol):
    def set_tracking_uri(self, uri: str) -> None: ...
    def start_run(self, *, run_name: str) -> object: ...
    def log_metrics(self, metrics: dict[str, float], *, step: int) -> None: ...
    def end_run(self) -> None: ...


class _WandbRun(Protocol):
    def log(self, data: dict[str, float], *, step: int) -> None: ...
    def finish(self) -> None: ...


class _WandbModule(Protocol):
    def init(self, *, mode: str, dir: str, name: str) -> _WandbRun: ...  # noqa: A002 - their name


class Mlflow:
    """Writes an MLflow store into the run's folder."""

    def __init__(self, folder: Path) -> None:
        self._mlflow = cast("_MlflowModule", _imported("mlflow"))
        self._mlflow.set_tracking_uri(f"sqlite:///{(folder / 'mlflow.db').resolve()}")
        self._mlflow.start_run(run_name=folder.name)

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Add figures of a step."""
        self._mlflow.log_metrics(dict(values), step=step)

    def close(self) -> None:
        """Bring everything to the disk."""
        self._mlflow.end_run()


class Wandb:
    """Writes a run of Weights & Biases that stays on this machine until its owner syncs it."""

    def __init__(self, folder: Path) -> None:
        wandb = cast("_WandbModule", _imported("wandb"))
        self._run = wandb.init(mode="offline", dir=str(folder), name=folder.name)

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Add figures of a step."""
        self._run.log(dict(values), step=step)

    def close(self) -> None:
        """Bring everything to the disk."""
        self._run.finish()


def tracking(name: Tracker, folder: Path, *, from_step: int) -> Tracking:
    """Give the tracker of a name. Raises MissingPackage."""
    match name:
        case "tensorboard":
            return TensorBoard(folder, from_step=from_step)
        case "mlflow":
            return Mlflow(folder)
        case "wandb":
            return Wandb(folder)
        case "none":
            return Nothing()


def _imported(name: str) -> object:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingPackage(f"--report-to {name} needs the package {name}: pip install {name}") from error
