"""The client settings of commands that read topics by hand: quiet about a broker that is away, and of no group."""

from __future__ import annotations

import uuid
from typing import Final

QUIET: Final[dict[str, str | int | bool]] = {"log_level": 2, "reconnect.backoff.max.ms": 1_000}


def reader_settings(bootstrap: str, command: str) -> dict[str, str | int | bool]:
    """Give the settings of a read_committed consumer whose partitions are assigned by hand and that commits nothing."""
    return QUIET | {
        "bootstrap.servers": bootstrap,
        # librdkafka wants a name, though no group is joined: partitions are assigned by hand.
        "group.id": f"shelftalk-{command}-{uuid.uuid4().hex}",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "enable.partition.eof": True,
        "isolation.level": "read_committed",
        "auto.offset.reset": "earliest",
        "fetch.wait.max.ms": 100,
    }
