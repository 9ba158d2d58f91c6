"""What can go wrong with a demo; every message says what to do next."""

from __future__ import annotations


class DemoError(Exception):
    """Base of the demo's errors.

    DemoError
    ├── MachineLacks    something is not installed or not there: get it
    ├── HomeNotOurs     the demo's folder holds something else: move it away
    ├── CannotRead      the broker does not let itself be read, or holds unfinished work: see to it
    ├── ProcessEnded    a process of the demo ended by itself: read the end of its log
    └── Stalled         nothing has moved for long: read the logs
    """


class MachineLacks(DemoError):
    """Something that the demo needs is not here."""


class HomeNotOurs(DemoError):
    """The demo's folder holds something that no demo wrote."""


class CannotRead(DemoError):
    """The broker cannot be read, or what stands there cannot be told from the demo's own."""


class ProcessEnded(DemoError):
    """A process of the demo ended by itself."""


class Stalled(DemoError):
    """Nothing has moved for as long as was allowed."""
