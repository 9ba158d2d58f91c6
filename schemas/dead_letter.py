"""How much of a message its dead letter keeps: a message that was compressed may be larger than any topic takes."""

from __future__ import annotations

import hashlib

from schemas.ledger import DeadLetter, Header
from schemas.topics import DEAD_LETTERS

_VALUE_BYTES = 8 * 1024 * 1024
"""More than an event's topic takes as it stands."""

_KEY_BYTES = 64 * 1024
"""An id of ours has 256 characters. A letter has its key twice: it is the key of its message, too."""

_REST_BYTES = 64 * 1024
"""More than all other fields of a letter take, and what the broker counts beside a record's key and value."""

_HEADER_BYTES = 16
"""More than a header takes beside its name and value."""

_ERROR_CHARACTERS = 2_000


def bounded(letter: DeadLetter) -> DeadLetter:
    """Give the letter as its topic takes it: beginnings of what is too long, and the reason says so.

    Of many headers the larger ones are cut, and left out when not even their names fit: ours are short. What was cut
    is not taken again when it is put back, and the whole stands where it was read.
    """
    key, value = _beginning(letter.key, _KEY_BYTES), _beginning(letter.value, _VALUE_BYTES)
    room = DEAD_LETTERS.max_message_bytes - _REST_BYTES - 2 * len(key or b"") - len(value or b"")
    headers = _fitting(letter.headers, room)
    if (key, value, headers) == (letter.key, letter.value, letter.headers):
        return letter
    told = _told("key", key, letter.key) + _told("value", value, letter.value) + _told_of(headers, letter.headers)
    error = f"{told}{letter.error}"[:_ERROR_CHARACTERS]
    return letter.model_copy(update={"key": key, "value": value, "headers": headers, "error": error})


def _beginning(field: bytes | None, most_bytes: int) -> bytes | None:
    return None if field is None else field[:most_bytes]


def _fitting(headers: tuple[Header, ...], room: int) -> tuple[Header, ...]:
    """Give the headers in their order, the larger ones cut or left out when there are more bytes than room."""
    if _size(headers) <= room:
        return headers
    kept: dict[int, Header] = {}
    for place, header in sorted(enumerate(headers), key=lambda each: _size((each[1],))):
        room -= _size((Header(name=header.name),))
        if room < 0:
            break
        kept[place] = Header(name=header.name, value=_beginning(header.value, room))
        room -= len(kept[place].value or b"")
    return tuple(kept[place] for place in sorted(kept))


def _size(headers: tuple[Header, ...]) -> int:
    return sum(len(each.name.encode()) + len(each.value or b"") + _HEADER_BYTES for each in headers)


def _told(what: str, kept: bytes | None, whole: bytes | None) -> str:
    if kept == whole or whole is None:
        return ""
    digest = hashlib.sha256(whole).hexdigest()
    return f"only the first {len(kept or b'')} of {len(whole)} bytes of the {what} (sha256 {digest}) are kept here; "


def _told_of(kept: tuple[Header, ...], whole: tuple[Header, ...]) -> str:
    if kept == whole:
        return ""
    return f"only {_size(kept)} of {_size(whole)} bytes of the headers ({len(kept)} of {len(whole)}) are kept here; "
