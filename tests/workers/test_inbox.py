"""Reading pauses when too much waits, by number or by size, and goes on well below that."""

from __future__ import annotations

from workers.inbox import Inbox, Marks
from workers.messages import Consumed, Partition


def message(offset: int, size_bytes: int = 1) -> Consumed:
    return Consumed(Partition("requests", 0), offset, 0, None, b"x" * size_bytes, ())


async def test_messages_come_out_in_the_order_in_which_they_came_in() -> None:
    inbox = Inbox()
    for offset in range(3):
        inbox.put(message(offset))

    assert [(await inbox.get()).offset for _ in range(3)] == [0, 1, 2]


async def test_too_many_messages_fill_it_and_it_is_low_only_far_below_that() -> None:
    inbox = Inbox(Marks(pause_above=3, resume_below=2))
    filled = []
    for offset in range(4):
        inbox.put(message(offset))
        filled.append(inbox.is_full)
    lows = []
    for _ in range(3):
        await inbox.get()
        lows.append(inbox.is_low)

    assert (filled, lows) == ([False, False, False, True], [False, False, True])


async def test_too_many_bytes_fill_it_too_and_one_huge_message_leaves_it_low_when_it_is_gone() -> None:
    inbox = Inbox(Marks(pause_above_bytes=10))
    inbox.put(message(0, size_bytes=11))
    assert (inbox.is_full, inbox.is_low) == (True, False)

    await inbox.get()

    assert (inbox.is_full, inbox.is_low) == (False, True)


def test_headers_fill_it_like_values() -> None:
    inbox = Inbox(Marks(pause_above_bytes=10))
    inbox.put(message(0)._replace(headers=(("h", b"x" * 11),)))
    assert inbox.is_full
