"""The headers of a message: what must be known about it without a value, or before it is decoded."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from schemas.request import GenerationRequest
from schemas.topics import REQUEST_ID_HEADER, SOURCE_VERSION_HEADER, TEXT_HEADER

_VERSION = re.compile(rb"[0-9]{1,19}")
_LARGEST_VERSION = 2**63 - 1
_LONGEST_TEXT_BYTES = 256


class TextName(NamedTuple):
    """Which text a request is about, but for its subject, which is the message's key, and from which version."""

    task: str
    locale: str
    source_version: int


def request_headers(request: GenerationRequest) -> tuple[tuple[str, bytes], ...]:
    """Give the request's id, and its text as TASK|LOCALE|SOURCE_VERSION; the subject is the message's key."""
    text = f"{request.task}|{request.locale}|{request.source_version}"
    return ((REQUEST_ID_HEADER, request.request_id.encode()), (TEXT_HEADER, text.encode()))


def text_name(headers: Iterable[tuple[str, bytes | None]]) -> TextName | None:
    """Give the text that a request's headers name, None where they name none; of several the last counts."""
    told = [value or b"" for name, value in headers if name == TEXT_HEADER]
    if not told or len(told[-1]) > _LONGEST_TEXT_BYTES:
        return None
    task, _, rest = told[-1].partition(b"|")
    locale, _, version = rest.partition(b"|")
    if not _VERSION.fullmatch(version):
        return None
    return TextName(task.decode(errors="replace"), locale.decode(errors="replace"), int(version))


def deletion_headers(source_version: int | None) -> tuple[tuple[str, bytes], ...]:
    """Give the headers of a product's deletion: the version that it makes, nothing where there is none."""
    return () if source_version is None else ((SOURCE_VERSION_HEADER, str(source_version).encode()),)


def deletion_version(headers: Iterable[tuple[str, bytes | None]]) -> int | None:
    """Give the version of a product's deletion, None where it carries none; of several the last counts.

    Raises ValueError for a header that is no version: taken for none, it would delete whatever is newer.
    """
    told = [value for name, value in headers if name == SOURCE_VERSION_HEADER]
    if not told:
        return None
    if not _VERSION.fullmatch(told[-1] or b"") or (version := int(told[-1] or b"")) > _LARGEST_VERSION:
        raise ValueError(f"the header {SOURCE_VERSION_HEADER} is no whole number from 0 to 2^63-1")
    return version
