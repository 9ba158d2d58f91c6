"""The registry over HTTP: who we are is told as it wants it, and each answer is taken for what it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from pydantic import SecretStr

from schemas.connection import ANYONE, RegistryAccess
from schemas.registry import (
    HttpRegistry,
    RegistryRefused,
    RegistryUnavailable,
    SchemaNotFound,
)


@contextmanager
def registry_that_answers(
    status: int, heard: list[str | None], body: bytes = b"{}", location: str | None = None
) -> Iterator[str]:
    """Give the address of a registry that notes who asks and always answers the same."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.headers["Authorization"])
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if location:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("status", [401, 403])
def test_a_registry_that_refuses_is_not_waited_for(status: int) -> None:
    with registry_that_answers(status, []) as url, pytest.raises(RegistryRefused, match="SCHEMA_REGISTRY_USER"):
        HttpRegistry(url).schema_text(1)


@pytest.mark.parametrize(
    ("access", "told"),
    [
        (ANYONE, None),
        (RegistryAccess(user="ann", password=SecretStr("hush:hush")), "Basic YW5uOmh1c2g6aHVzaA=="),
        (RegistryAccess(token=SecretStr("hush")), "Bearer hush"),
    ],
)
def test_the_registry_hears_who_asks(access: RegistryAccess, told: str | None) -> None:
    heard: list[str | None] = []
    with registry_that_answers(401, heard) as url, pytest.raises(RegistryRefused):
        HttpRegistry(url, access=access).schema_text(1)
    assert heard == [told]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b"7"])
def test_an_answer_that_is_no_schema_is_taken_for_no_answer(body: bytes) -> None:
    with registry_that_answers(200, [], body) as url, pytest.raises(RegistryUnavailable):
        HttpRegistry(url).schema_text(1)


_FORMS = [
    b'{"error_code": 40403, "message": "Schema 7 not found"}',  # Confluent, Karapace, Redpanda
    b'{"message": "Schema 7 not found.", "error_code": 40403}',  # Apicurio
    b'{"error_code": 40401, "message": "Subject not found"}',
    b'{"error_code": 40402, "message": "Version not found"}',
]


@pytest.mark.parametrize("body", _FORMS)
def test_an_id_of_which_the_registry_itself_says_that_it_is_none_is_no_schema(body: bytes) -> None:
    with registry_that_answers(404, [], body) as url, pytest.raises(SchemaNotFound, match="not found"):
        HttpRegistry(url).schema_text(7)


_OTHERS = [
    b"404 page not found\n",  # an ingress without a route
    b"",
    b"<html>",
    b"[]",
    b"{}",
    b'{"error_code": null, "message": "?"}',
    b'{"status": 404, "title": "Could not find resource"}',  # Apicurio, asked beside its API
    b'{"error_code": 404, "message": "HTTP 404 Not Found"}',  # Confluent, asked beside its API
]


@pytest.mark.parametrize("status", [400, 404, 409, 422])
@pytest.mark.parametrize("body", _OTHERS)
def test_a_refusal_that_is_not_the_registry_s_word_on_an_id_is_waited_out(status: int, body: bytes) -> None:
    with registry_that_answers(status, [], body) as url, pytest.raises(RegistryUnavailable):
        HttpRegistry(url).schema_text(7)


@pytest.mark.parametrize("status", [400, 404, 422])
def test_an_id_beyond_every_registry_s_range_is_no_schema_in_whatever_form_the_registry_says_so(status: int) -> None:
    told = b'{"error_code": %d, "message": "For input string"}' % status
    with registry_that_answers(status, [], told) as url, pytest.raises(SchemaNotFound):
        HttpRegistry(url).schema_text(2**31)
    with registry_that_answers(status, [], b"404 page not found") as url, pytest.raises(RegistryUnavailable):
        HttpRegistry(url).schema_text(2**31)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_registry_in_trouble_is_waited_for(status: int) -> None:
    told = b'{"error_code": 50001, "message": "the store is away"}'
    with registry_that_answers(status, [], told) as url, pytest.raises(RegistryUnavailable, match="the store is away"):
        HttpRegistry(url).schema_text(1)


def test_who_we_are_is_not_told_to_whom_the_registry_points_at() -> None:
    elsewhere: list[str | None] = []
    access = RegistryAccess(token=SecretStr("hush"))
    with (
        registry_that_answers(200, elsewhere) as other,
        registry_that_answers(302, [], location=other) as url,
        pytest.raises(RegistryUnavailable, match="302"),
    ):
        HttpRegistry(url, access=access).schema_text(1)
    assert elsewhere == []


def test_who_we_are_is_not_told_to_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    overheard: list[str | None] = []
    heard: list[str | None] = []
    access = RegistryAccess(token=SecretStr("hush"))
    with registry_that_answers(401, overheard) as proxy, registry_that_answers(401, heard) as url:
        monkeypatch.setenv("http_proxy", proxy)
        with pytest.raises(RegistryRefused):
            HttpRegistry(url, access=access).schema_text(1)
    assert (heard, overheard) == (["Bearer hush"], [])


def test_only_http_is_spoken() -> None:
    with pytest.raises(ValueError, match="http"):
        HttpRegistry("file:///etc/passwd")
