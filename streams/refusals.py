"""When the broker or the registry will not have us: stop, since no patience helps."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from schemas.access import AccessRefused

log = structlog.get_logger()


class Refusals:
    """Hears every refusal, tells the first and then stops the process; what was not acknowledged is delivered again."""

    def __init__(self, on_refused: Callable[[], None]) -> None:
        self.is_seen = False
        self._on_refused = on_refused

    def note(self, error: AccessRefused) -> None:
        """Take in a refusal; the first is logged, and calls `on_refused`. Any thread may call."""
        if not self.is_seen:
            self.is_seen = True
            log.error("stopping: we are refused", error=str(error))
            self._on_refused()
