"""A disk that is full for one process: its files cannot grow, what it asks of anything else goes on as before.

A real full disk answers ENOSPC and this one EFBIG; programs in Java see the same IOException, after the same torn write
where a file reaches its limit in the middle. It needs no mount and no rights: RLIMIT_FSIZE of the live process.
Source: https://man7.org/linux/man-pages/man2/getrlimit.2.html
"""

from __future__ import annotations

import resource
from contextlib import suppress
from pathlib import Path


def fill(pid: int, *, limit_bytes: int = 0) -> None:
    """Let no file of a process grow past the limit, as long as it lives: with 0 nothing can be written any more."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit_bytes, hard))


def largest_log_bytes(pid: int, topic: str) -> int:
    """Give the size of the largest segment of a topic that the broker has open."""
    sizes = [0]
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # closed while we look
            file = entry.readlink()
            if file.suffix == ".log" and file.parent.name.rpartition("-")[0] == topic:
                sizes.append(file.stat().st_size)
    return max(sizes)
