"""The packages that a lock installs on the machines that we run on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_MACHINE: Final = {
    "extra": "",
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": "3.11.9",
    "python_version": "3.11",
    "sys_platform": "linux",
}
"""Linux on x86-64 with Python 3.11, as in the images: a lock is for every machine."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One package of a lock: its normalised name, its version, and the SHA-256 of every file that may be installed."""

    name: str
    version: str
    hashes: tuple[str, ...]


def read_pins(lock: Path) -> tuple[Pin, ...]:
    """Give what a lock installs here, by name; raises ValueError for a line that pins nothing."""
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", lock.read_text(encoding="utf-8"), flags=re.MULTILINE))
    pins = [_pin(entry) for entry in entries if entry.strip()]
    return tuple(sorted((pin for pin in pins if pin), key=lambda pin: pin.name))


def _pin(entry: str) -> Pin | None:
    requirement = Requirement(entry.partition("--hash")[0].replace("\\", " ").strip())
    if requirement.marker and not requirement.marker.evaluate(_MACHINE):
        return None
    (exactly,) = requirement.specifier
    if exactly.operator != "==":
        raise ValueError(f"{requirement} pins nothing")
    hashes = tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", entry))
    return Pin(canonicalize_name(requirement.name), exactly.version, hashes)
