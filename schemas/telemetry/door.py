"""The one HTTP port of a process: `/live`, `/ready` and `/metrics`, for this machine unless somebody says otherwise."""

from __future__ import annotations

import hmac
import json
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from schemas.telemetry.health import Check, Health
from schemas.telemetry.metrics import CONTENT_TYPE

_SILENCE_SECONDS = 5.0
_POLL_SECONDS = 0.1
"""How long closing the door takes at most."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen, port 0 for any free one, and the word that who comes from elsewhere must know."""

    host: str
    port: int
    token: SecretStr | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """What is behind the door; both are called on threads of the door's own."""

    health: Callable[[], Health]
    page: Callable[[], str]


class Door:
    """Listens until it is closed, on threads that hold nobody up.

    `place` becomes a file that says where, as Prometheus's `file_sd_configs` read it: several processes share a
    machine, and their ports need not be known. Files of processes that are gone are taken away.
    """

    def __init__(self, address: Address, answers: Answers, *, process: str, folder: Path) -> None:
        self._server = _Server((address.host, address.port), _Visit)
        self._server.answers = answers
        self._server.token = address.token.get_secret_value() if address.token else None
        self.host, self.port = address.host, self._server.server_address[1]
        self._place = folder / f"{process}-{os.getpid()}.json"
        self._note_place(process)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name="door", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Listen no more, and take the file away."""
        self._server.shutdown()
        self._server.server_close()
        self._place.unlink(missing_ok=True)

    def _note_place(self, process: str) -> None:
        self._place.parent.mkdir(parents=True, exist_ok=True)
        for other in self._place.parent.glob(f"{process}-*.json"):
            if not _is_alive(other.stem.rpartition("-")[2]):
                other.unlink(missing_ok=True)
        targets = [{"targets": [f"{self.host}:{self.port}"], "labels": {"process": process}}]
        # Named by chance: in containers that share a volume all processes have the same pid.
        unfinished = self._place.with_suffix(f".{secrets.token_hex(4)}")
        unfinished.write_text(json.dumps(targets))
        unfinished.replace(self._place)


@contextmanager
def open_door(address: Address | None, answers: Answers, *, process: str, folder: Path) -> Iterator[None]:
    """Listen meanwhile; nowhere without an address."""
    door = Door(address, answers, process=process, folder=folder) if address else None
    try:
        yield
    finally:
        if door:
            door.close()


def _is_alive(pid: str) -> bool:
    with suppress(ProcessLookupError, ValueError):
        with suppress(PermissionError):
            os.kill(int(pid), 0)
        return True
    return False


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    answers: Answers
    token: str | None


class _Visit(BaseHTTPRequestHandler):
    """One request; whoever does not know the word learns a status and nothing else."""

    server: _Server
    timeout = _SILENCE_SECONDS

    def do_GET(self) -> None:
        """Answer."""
        match self.path.partition("?")[0]:
            case "/live":
                self._tell(health := self.server.answers.health(), good=health.is_live)
            case "/ready":
                self._tell(health := self.server.answers.health(), good=health.is_ready)
            case "/metrics" if self._is_trusted():
                self._answer(HTTPStatus.OK, CONTENT_TYPE, self.server.answers.page())
            case "/metrics":
                self._answer(HTTPStatus.UNAUTHORIZED, "text/plain", "")
            case _:
                self._answer(HTTPStatus.NOT_FOUND, "text/plain", "")

    def _tell(self, health: Health, *, good: bool) -> None:
        status = HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE
        if not self._is_trusted():
            self._answer(status, "text/plain", "")
            return
        told = {"started": health.is_started, "live": _told(health.live), "late": _told(health.late)}
        self._answer(status, "application/json", json.dumps(told))

    def _is_trusted(self) -> bool:
        token = self.server.token
        given = self.headers.get("Authorization", "")
        return token is None or hmac.compare_digest(given.encode(), f"Bearer {token}".encode())

    def _answer(self, status: HTTPStatus, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
        """Say nothing: who asks does so every few seconds."""


def _told(checks: tuple[Check, ...]) -> list[dict[str, str | float | bool]]:
    return [asdict(check) | {"seconds": round(check.seconds, 1), "holds": check.holds} for check in checks]
