"""`python -m tests.faults.streams_entry`: the real streams, but for events whose step raises as a defect would.

An event whose bytes contain `FAILS_ALWAYS` raises each time, one with `FAILS_ONCE` only at its first try in a process.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from streams import agents
from streams.__main__ import main
from streams.decode import Rejection
from streams.message import Message
from streams.steps import Steps
from tests.faults.orders import FAILS_ALWAYS, FAILS_ONCE

_Step = Callable[[Steps, Message], Awaitable[Rejection | None]]


class FlakyError(Exception):
    """A defect in a step, on purpose."""


def flaky(step: _Step) -> _Step:
    """Give a step that raises FlakyError for marked events."""
    tried: set[str] = set()

    async def raising(steps: Steps, message: Message) -> Rejection | None:
        value = message.value or b""
        if FAILS_ALWAYS.encode() in value:
            raise FlakyError
        if FAILS_ONCE.encode() in value and message.place not in tried:
            tried.add(message.place)
            raise FlakyError
        return await step(steps, message)

    return raising


if __name__ == "__main__":
    agents.on_product = flaky(agents.on_product)  # type: ignore[assignment]  # what the agents call by this name
    main()
