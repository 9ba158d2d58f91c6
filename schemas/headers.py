"""The headers of a request: what must be known about it without decoding its value."""

from __future__ import annotations

from schemas.request import GenerationRequest
from schemas.topics import REQUEST_ID_HEADER, TEXT_HEADER


def request_headers(request: GenerationRequest) -> tuple[tuple[str, bytes], ...]:
    """Give the request's id, and its text as TASK|LOCALE|SOURCE_VERSION; the subject is the message's key."""
    text = f"{request.task}|{request.locale}|{request.source_version}"
    return ((REQUEST_ID_HEADER, request.request_id.encode()), (TEXT_HEADER, text.encode()))
