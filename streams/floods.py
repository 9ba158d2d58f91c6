"""When an input is all bad: stop, instead of moving it to the dead letters."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from schemas.flood import Flood, FloodLimits
from streams.decode import Rejection
from streams.message import Message

_ADVICE = (
    "nothing is lost: what was not dead-lettered is delivered again. Look at `shelftalk dead-letters list`, correct "
    "what writes the topic, or this deployment, and start again; SHELFTALK_FLOOD_CONSECUTIVE=0 "
    "SHELFTALK_FLOOD_RATIO=0 dead-letters whatever comes"
)

log = structlog.get_logger()


class Floods:
    """One count per input topic of this process, since what makes a flood is one writer's deployment.

    Counted per partition it would be seen later, and over all topics the good ones would hide it.
    """

    def __init__(self, limits: FloodLimits, on_flood: Callable[[], None]) -> None:
        self.is_seen = False
        self._limits = limits
        self._on_flood = on_flood
        self._floods: dict[str, Flood] = {}

    def is_too_much(self, message: Message, rejection: Rejection | None) -> bool:
        """Take in what became of a message, and say whether its rejection must not become a dead letter any more.

        The first time, and only then, `on_flood` is called. From then on no rejected message becomes one.
        """
        flood = self._floods.setdefault(message.topic, Flood(self._limits))
        seen = flood.note(bad=rejection is not None)
        if rejection is not None and seen is not None and not self.is_seen:
            self.is_seen = True
            log.error(
                "stopping: a flood of bad messages",
                topic=message.topic,
                bad=seen.bad,
                seen=seen.seen,
                last=message.place,
                error_class=rejection.error_class,
                advice=_ADVICE,
            )
            self._on_flood()
        return rejection is not None and self.is_seen
