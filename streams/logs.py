"""One JSON object a line on standard error: ids and counts, never the contents of a message."""

from __future__ import annotations

import logging
import sys
import time

import structlog

_REPEAT_SECONDS = 10.0
_REMEMBERED = 1_000
_PROGRAM = "__main__"
"""The name that our main module logs under, run as `python -m streams`."""


class Sparingly(logging.Filter):
    """Lets a library say the same thing once in ten seconds: without a broker aiokafka says it 200 times a second."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a record is to be written."""
        if record.name == _PROGRAM or record.name.split(".")[0] == "streams":
            return True
        what, now = (record.name, str(record.msg)[:40]), time.monotonic()
        if now - self._said.get(what, -_REPEAT_SECONDS) < _REPEAT_SECONDS:
            return False
        if len(self._said) >= _REMEMBERED:
            # Rather say something twice than remember whatever a library puts into its texts.
            self._said.clear()
        self._said[what] = now
        return True


def log_as_json(level: str) -> None:
    """Set up logging for the whole process, our own lines and those of the libraries."""
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: list[structlog.types.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(default=str),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=renderer))
    handler.addFilter(Sparingly())
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)
