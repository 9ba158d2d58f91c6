"""What a lane needs of the world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from schemas.codec import Codec
from schemas.flood import FloodLimits
from workers.inbox import Marks
from workers.latest import Served
from workers.messages import Partition
from workers.outbox import Publishing
from workers.publish import Publisher


@dataclass(frozen=True, slots=True)
class Edge:
    """What a lane needs of the world. `recall` gives the requests served just below an offset, and blocks.

    `held_bytes` bounds what a partition holds: messages that are taken in and not finished, results not published yet.
    """

    codec: Codec
    publisher: Publisher
    publishing: Publishing
    recall: Callable[[Partition, int], list[Served]]
    pause: Callable[[Partition], None]
    resume: Callable[[Partition], None]
    flood_limits: FloodLimits = field(default_factory=FloodLimits)
    held_bytes: int = 8 * 1024 * 1024
    marks: Marks = field(default_factory=Marks)
