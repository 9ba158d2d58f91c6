"""What a worker abides by: how much at once, how often, how long to wait, when to stop."""

from __future__ import annotations

from dataclasses import dataclass, field

from schemas.flood import FloodLimits
from workers.schedule import Limits


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds.

    For a failing engine before giving up (None: for ever), for work in flight at the end, and for a broker that has
    given us a partition and takes nothing for it.
    """

    engine_seconds: float | None = 120.0
    drain_seconds: float = 30.0
    broker_seconds: float = 120.0
    stall_seconds: float = 45.0
    """For an engine that has prompts, or an event loop, that does nothing (0: for ever)."""
    late_seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What a worker abides by. `owner` is a name that no other process has, not even this worker's next one."""

    owner: str
    limits: Limits = field(default_factory=Limits)
    patience: Patience = Patience()
    flood_limits: FloodLimits = field(default_factory=FloodLimits)
    commit_interval_seconds: float = 0.1
