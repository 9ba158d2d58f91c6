"""Free TCP ports on loopback."""

from __future__ import annotations

import random
import socket

LOOPBACK = "127.0.0.1"

# Below the range that systems give to outgoing connections: a port from there may be taken while a service restarts.
_RANGE = range(20_000, 32_000)


_given: set[int] = set()
"""What this process was given before: nobody may listen there yet."""


def free_ports(count: int) -> tuple[int, ...]:
    """Give distinct ports that nobody listens on, never one twice to the same process."""
    found = [port for port in random.sample(_RANGE, 50 * count) if port not in _given and is_free(port)][:count]
    _given.update(found)
    return tuple(found)


def is_free(port: int) -> bool:
    """Tell whether a service can listen on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Tell whether somebody accepts connections on the port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
