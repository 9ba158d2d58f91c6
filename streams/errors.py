"""What can go wrong with the world around the streams, named by what the caller does about it.

StreamsError
├── BrokerUnavailable   pause and try again for as long as it takes: the message is not to blame
│   └── BrokerRefuses   who we are or what we need is refused: no patience helps, the process ends
├── CatalogueBehind     the same: a product that the event names may be in what was not read yet
├── MessageRefused      the broker will never take this message: dead-letter the event that asked for it
└── GivenUp             the partition is no longer ours: leave the event unacknowledged, its next owner does it again
"""

from __future__ import annotations

from schemas.access import AccessRefused


class StreamsError(Exception):
    """Base of all errors of the streams."""


class BrokerUnavailable(StreamsError):
    """The broker did not confirm a message (retryable)."""


class BrokerRefuses(BrokerUnavailable, AccessRefused):
    """The broker answered that we may not (permanent, until a person changes passwords or rights)."""


class CatalogueBehind(StreamsError):
    """The catalogue was not read up to its end in time (retryable)."""


class MessageRefused(StreamsError):
    """The broker answered that it does not take this message (permanent)."""


class GivenUp(StreamsError):
    """The event belongs to someone else now, or this process is stopping."""
