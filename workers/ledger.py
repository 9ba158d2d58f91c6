"""Where a partition's results and progress are kept: the interface, and a fake in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NewType, Protocol

from schemas.access import AccessRefused
from workers.messages import Produced, Result
from workers.window import Progress

Membership = NewType("Membership", object)
"""The consumer's group metadata as librdkafka gave it on the polling thread; a stale one fails the transaction."""


class CommitFailed(Exception):
    """The transaction failed, or nobody knows: open again, read back what stands, publish the rest.

    `fenced`: somebody else has opened the partition; open it again only if it is still ours a little later.
    `refused`: we may not do this, and opening again would not help.
    """

    def __init__(self, reason: str, *, fenced: bool = False, refused: AccessRefused | None = None) -> None:
        super().__init__(reason)
        self.fenced = fenced
        self.refused = refused


class Ledger(Protocol):
    """One partition's published results and the offsets they finish, together or not at all.

    Calls block, and one is made at a time; one that is abandoned because it does not return is followed by `open`.
    While the broker is away they raise KafkaException or CommitFailed.
    """

    def open(self) -> Progress:
        """Fence every earlier owner, end its transaction, and give what was committed last."""
        ...

    def publish(self, results: Sequence[Result], progress: Progress, membership: Membership | None) -> None:
        """Make the results, and the progress that includes them, visible in one step; raises CommitFailed."""
        ...

    def close(self) -> None:
        """Let go of connections; nothing is called after it."""
        ...


@dataclass(slots=True)
class FakePartition:
    """What a fake broker has of one partition: all that was published, what was committed last, who owns it."""

    published: list[Produced] = field(default_factory=list)
    committed: tuple[int, str] = (0, "")
    epoch: int = 0


class FakeLedger:
    """A ledger in memory; `fail_next` breaks the next publish before or after it took effect."""

    def __init__(self, partition: FakePartition) -> None:
        self._partition = partition
        self._epoch = -1
        self.fail_next: Literal["before", "after"] | None = None

    def open(self) -> Progress:
        """Take over the partition."""
        self._partition.epoch += 1
        self._epoch = self._partition.epoch
        return Progress.decode(*self._partition.committed)

    def publish(self, results: Sequence[Result], progress: Progress, membership: Membership | None) -> None:
        """Publish, or fail as told; a fenced or failed ledger must be opened again."""
        failure, self.fail_next = self.fail_next, None
        if self._epoch != self._partition.epoch:
            raise CommitFailed("fenced", fenced=self._epoch >= 0)
        if failure:
            self._epoch = -1
        if failure == "before":
            raise CommitFailed("told to fail before")
        self._partition.published.extend(message for result in results for message in result.messages)
        self._partition.committed = (progress.base, progress.encode())
        if failure == "after":
            raise CommitFailed("told to fail after")

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""
