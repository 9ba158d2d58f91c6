"""The project's own compose file, driven from outside as a shop's engineers would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BUILD_SECONDS = 1_800.0


def compose_command() -> tuple[str, ...]:
    """Give how Compose is called here, version 2 before 1; raises LookupError where neither is."""
    found = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    if found.returncode == 0:
        return ("docker", "compose")
    if shutil.which("docker-compose"):
        return ("docker-compose",)
    raise LookupError("neither `docker compose` nor `docker-compose` is here")


@dataclass(frozen=True, slots=True)
class Compose:
    """One project: its containers, network and volumes share a name, and go with it."""

    project: str
    variables: Mapping[str, str]
    command: Sequence[str] = field(default_factory=compose_command)

    def run(self, *arguments: str, timeout_seconds: float = 300, check: bool = True) -> str:
        """Give what a compose command prints; raises RuntimeError with its last words."""
        files = ("--file", str(ROOT / "docker-compose.yml"), "--file", str(ROOT / "tests/containers/rehearsal.yml"))
        return _output(
            [*self.command, "--project-name", self.project, *files, *arguments],
            self.variables,
            timeout_seconds,
            check=check,
        )

    def build(self) -> None:
        """Build both images."""
        self.run("build", "streams", "worker", timeout_seconds=_BUILD_SECONDS)

    def up(self, *services: str, workers: int = 1) -> None:
        """Start services, or all, and come back when their containers run."""
        self.run("up", "--detach", "--no-build", "--scale", f"worker={workers}", *services)

    def down(self) -> None:
        """End all of it, its volumes too."""
        self.run("down", "--volumes", "--timeout", "5", "--remove-orphans")

    def containers(self, service: str) -> list[str]:
        """Name a service's containers that exist, running or not."""
        return self.run("ps", "--quiet", service).split()


def docker(*arguments: str, timeout_seconds: float = 120) -> str:
    """Give what a docker command prints; raises RuntimeError with its last words."""
    return _output(["docker", *arguments], {}, timeout_seconds, check=True)


def state(container: str) -> dict[str, object]:
    """Give a container's state: Status, ExitCode, OOMKilled, Health and so on."""
    described: dict[str, object] = json.loads(docker("inspect", "--format", "{{json .State}}", container))
    return described


def _output(command: Sequence[str], variables: Mapping[str, str], timeout_seconds: float, *, check: bool) -> str:
    done = subprocess.run(
        list(command),
        env=os.environ | dict(variables),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout_seconds,
        check=False,
    )
    if check and done.returncode != 0:
        raise RuntimeError(
            f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
        )
    return done.stdout
