"""What a home remembers of its services: their ports, so that addresses stay the same from one start to the next.

A file of an earlier layout is read as what it says, and written anew by the next start. Whether a service runs does not
depend on it: that is told from the processes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from deploy.local.ports import free_ports

STATE_FILE: Final = "stack.json"


class Ports(BaseModel):
    """The ports of a home's services."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    broker: int
    controller: int
    registry: int
    registry_management: int
    own: int
    """Where a closed broker speaks to itself."""


class _OpenPorts(BaseModel):
    """The layout of the first releases, in which every broker was open and none spoke to itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    broker: int
    controller: int
    registry: int
    registry_management: int

    def as_now(self) -> Ports:
        """Give the same ports in today's layout; an open broker never uses the one that is added."""
        return Ports(**self.model_dump(), own=free_ports(1)[0])


def new_ports() -> Ports:
    """Give ports that are free now."""
    broker, controller, registry, management, own = free_ports(5)
    return Ports(broker=broker, controller=controller, registry=registry, registry_management=management, own=own)


def read_ports(home: Path) -> Ports | None:
    """Give the ports of the last start; None where there was none, or where its file says nothing that we know."""
    try:
        found = (home / STATE_FILE).read_bytes()
    except OSError:
        return None
    for read in (Ports.model_validate_json, lambda file: _OpenPorts.model_validate_json(file).as_now()):
        try:
            return read(found)
        except ValidationError:
            continue
    return None


def write_ports(home: Path, ports: Ports) -> None:
    """Keep the ports for the next start, all of them or none."""
    draft = home / f".{STATE_FILE}"
    draft.write_text(ports.model_dump_json(indent=2) + "\n")
    draft.replace(home / STATE_FILE)
