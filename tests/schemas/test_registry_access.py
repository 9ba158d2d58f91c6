"""Who we are to the registry: told as it wants it, and a refusal is not mistaken for an absence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from pydantic import SecretStr

from schemas.connection import ANYONE, RegistryAccess
from schemas.registry import HttpRegistry, RegistryRefused


@contextmanager
def registry_that_answers(status: int, heard: list[str | None]) -> Iterator[str]:
    """Give the address of a registry that notes who asks and always answers the same."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.headers["Authorization"])
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

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
