"""The run's folder: everything that is needed to repeat it, and its figures as they come.

| file | what |
|---|---|
| `run.json` | settings, command, hashes of data and model, git revision, versions of the packages; privacy spent |
| `.secret` | while a private run is under way: what its chance comes from; whoever knows it can undo the noise |
| `metrics.jsonl` | one line a step: loss, rate, norm of the gradient, tokens; and one a look at the dev examples |
| `tensorboard/` | the same for TensorBoard |
| `checkpoints/` | the latest and the best (`training.checkpoints`) |
| `curve.png` | the losses as a picture, drawn at the end |
| `model/` | what came out: safetensors and tokenizer, as vLLM and transformers load them |
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from training.recipe import Recipe

_PACKAGES: Final = ("torch", "transformers", "peft", "accelerate", "safetensors", "tokenizers", "numpy", "shelftalk")
_DESCRIBED: Final = ("recipe", "data", "model")
"""What must be the same for a run to go on."""


class RunExists(Exception):
    """The folder has a run that this one would overwrite, or another than the one to go on with; the message says."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a run starts from: sha256 of its data by file name, and the hash of the model's files."""

    data: dict[str, str]
    model: str
    model_folder: str
    privacy: dict[str, str | float] | None = None


class RunFolder:
    """One run on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.checkpoints = path / "checkpoints"
        self.model = path / "model"
        self.adapter = path / "adapter"
        self._metrics = path / "metrics.jsonl"
        self._about = path / "run.json"
        self._secret = path / ".secret"

    def begin(self, recipe: Recipe, inputs: Inputs, *, resume: bool) -> None:
        """Write what the run is made of, or hold it against what was written when it began. Raises RunExists."""
        told: dict[str, object] = {"recipe": asdict(recipe), "data": inputs.data, "model": inputs.model}
        if self._about.exists():
            _must_go_on(json.loads(self._about.read_text(encoding="utf-8")), told, self.path, resume=resume)
            return
        self.path.mkdir(parents=True, exist_ok=True)
        told |= {"model_folder": inputs.model_folder, "command": sys.argv, "git": _git(), "packages": _packages()}
        self._write(told | ({"privacy": inputs.privacy} if inputs.privacy else {}))

    def secret(self) -> int:
        """Give what a private run's chance comes from, the same until the run ends; readable by its owner alone."""
        if not self._secret.exists():
            self._secret.touch(mode=0o600)
            self._secret.write_text(str(secrets.randbits(128)), encoding="utf-8")
        return int(self._secret.read_text(encoding="utf-8"))

    def end_private(self, epsilon: float, *, steps: int) -> None:
        """Say what was spent in how many steps, and forget what the chance came from."""
        told = json.loads(self._about.read_text(encoding="utf-8"))
        told["privacy"] |= {"spent epsilon": epsilon, "spent in steps": steps}
        self._write(told)
        self._secret.unlink(missing_ok=True)

    def _write(self, told: dict[str, object]) -> None:
        draft = self.path / ".run.json.part"
        draft.write_text(json.dumps(told, indent=2), encoding="utf-8")
        draft.replace(self._about)

    def go_on_from(self, step: int) -> None:
        """Drop the figures of steps after the one that a run goes on from: they come again."""
        kept = [line for line in self._lines() if line["step"] <= step]
        self._metrics.write_text("".join(f"{json.dumps(line)}\n" for line in kept), encoding="utf-8")

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Add figures to those of a step."""
        with self._metrics.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, **values}) + "\n")

    def series(self, name: str) -> list[tuple[int, float]]:
        """Give one figure by step."""
        return [(int(line["step"]), line[name]) for line in self._lines() if name in line]

    def _lines(self) -> list[dict[str, float]]:
        if not self._metrics.exists():
            return []
        # A process that was killed may have left its last line unfinished.
        lines = self._metrics.read_text(encoding="utf-8").split("\n")[:-1]
        return [json.loads(line) for line in lines]


def _must_go_on(begun: dict[str, object], told: dict[str, object], path: Path, *, resume: bool) -> None:
    if not resume:
        raise RunExists(f"{path} has a run already: --resume goes on with it, another --out begins a new one")
    for name in _DESCRIBED:
        if begun[name] != told[name]:
            raise RunExists(f"{path} has a run with another {name}: go on with the one it began with")


def _git() -> str:
    """Give the revision of the code, with a plus where files differ from it; empty outside a repository."""
    here = Path(__file__).parent
    asked = ("describe", "--always", "--abbrev=40", "--dirty=+", "--exclude=*")
    done = subprocess.run(["git", "-C", here, *asked], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _packages() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
