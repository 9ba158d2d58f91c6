"""`python -m tests.faults.streams_entry`: the real streams, but for events whose step raises as a defect would.

An event whose bytes contain `FAILS_ALWAYS` raises each time, one with `FAILS_ONCE` only at its first try in a process.
With `FAULTS_STEP_HANGS` in the environment the step of one with `HANGS` never ends.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable

from streams import agents
from streams.__main__ import main
from streams.decode import Rejection
from streams.message import Message
from streams.steps import Steps
from tests.faults.orders import FAILS_ALWAYS, FAILS_ONCE, HANGS

_Step = Callable[[Steps, Message], Awaitable[Rejection | None]]


class FlakyError(Exception):
    """A defect in a step, on purpose."""


def flaky(step: _Step, *, hangs: bool = False) -> _Step:
    """Give a step that raises FlakyError for marked events, and where told to never ends for others."""
    tried: set[str] = set()

    async def raising(steps: Steps, message: Message) -> Rejection | None:
        value = message.value or b""
        if FAILS_ALWAYS.encode() in value:
            raise FlakyError
        if FAILS_ONCE.encode() in value and message.place not in tried:
            tried.add(message.place)
            raise FlakyError
        if hangs and HANGS.encode() in value:
            print("hangs on purpose", flush=True)  # noqa: T201 - for the scenario to see
            await asyncio.Event().wait()
        return await step(steps, message)

    return raising


if __name__ == "__main__":
    agents.on_product = flaky(agents.on_product, hangs="FAULTS_STEP_HANGS" in os.environ)  # type: ignore[assignment]  # what the agents call by this name
    main()
