"""What the headers of a request say is read again as it was written, and nothing strange is made into a text."""

from __future__ import annotations

import pytest

from schemas.headers import TextName, request_headers, text_name
from schemas.topics import TEXT_HEADER
from tests import factories


def test_the_text_of_a_request_is_read_back_from_its_headers() -> None:
    request = factories.request(task="localisation", locale="de-AT", version=2**63 - 1)
    assert text_name(request_headers(request)) == TextName("localisation", "de-AT", 2**63 - 1)


@pytest.mark.parametrize(
    "told", [None, b"", b"|", b"ad-copy", b"ad-copy|en", b"ad-copy|en|", b"ad-copy|en|-1", "ad-copy|en|٣".encode()]
)
def test_a_header_that_names_no_text_names_none(told: bytes | None) -> None:
    assert text_name([(TEXT_HEADER, told)]) is None


def test_a_header_longer_than_any_of_ours_is_not_read() -> None:
    assert text_name([(TEXT_HEADER, b"t" * 2**20 + b"|en|1")]) is None


def test_without_the_header_there_is_no_text() -> None:
    assert text_name([("other", b"ad-copy|en|1")]) is None
