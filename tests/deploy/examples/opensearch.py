"""A stand-in for OpenSearch's bulk API with external versions, on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast


@dataclass(slots=True)
class Stored:
    """What the index has: documents by id, and the version that each id was last changed with."""

    documents: dict[str, dict[str, object]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    conflicts: int = 0
    full: bool = False

    def bulk(self, body: bytes) -> list[dict[str, dict[str, object]]]:
        """Apply bulk lines as OpenSearch does: only a larger version than the last one changes anything."""
        if not body.endswith(b"\n"):
            raise ValueError("the last line must end with a newline")
        lines = iter(body.splitlines())
        answers = []
        for line in lines:
            ((action, at),) = json.loads(line).items()
            document = None if action == "delete" else json.loads(next(lines))
            answers.append({action: {"_id": at["_id"], "status": self._change(at, document)}})
        return cast(list[dict[str, dict[str, object]]], answers)

    def _change(self, at: dict[str, object], document: dict[str, object] | None) -> int:
        name, version = str(at["_id"]), int(str(at["version"]))
        assert at["version_type"] == "external"
        if self.full:
            return 429
        if version <= self.versions.get(name, -1):
            self.conflicts += 1
            return 409
        self.versions[name] = version
        if document is not None:
            self.documents[name] = document
            return 201
        return 404 if self.documents.pop(name, None) is None else 200


@contextmanager
def opensearch() -> Iterator[tuple[str, Stored]]:
    """Give the address of a server, and what it has stored."""
    stored = Stored()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert (self.path, self.headers["Content-Type"]) == ("/_bulk", "application/x-ndjson")
            items = stored.bulk(self.rfile.read(int(self.headers["Content-Length"])))
            answer = json.dumps({"errors": stored.full, "items": items}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the standard library
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", stored
        server.shutdown()
        thread.join()
