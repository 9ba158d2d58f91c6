"""Apicurio as one process: Confluent's registry API under `/apis/ccompat/v7`, a file database, loopback only."""

from __future__ import annotations

import http.client
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local import java
from deploy.local.ports import LOOPBACK, answers
from deploy.local.service import Service

API_PATH = "/apis/ccompat/v7"

_HEAP_MIB = 192
_ANSWERS = (200, 401, 403)


def registry_marker(home: Path) -> str:
    """Give the argument by which this home's registry is known."""
    return f"-Dshelftalk.registry={home}"


def registry_url(port: int) -> str:
    """Give the address of Confluent's API on a local registry."""
    return f"http://{LOOPBACK}:{port}{API_PATH}"


def registry(home: Path, program: Path, *, port: int, management_port: int) -> Service:
    """Give the registry as a service; `program` is the folder with `quarkus-run.jar`."""
    marker = registry_marker(home)
    temporary = home / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    (home / "registry").mkdir(parents=True, exist_ok=True)
    options = java.options(heap_mib=_HEAP_MIB, marker=marker, temporary=temporary)
    return Service(
        name="schema registry",
        marker=marker,
        command=(java.java(), *options, "-jar", str(program / "quarkus-run.jar")),
        log=home / "logs" / "registry.log",
        is_ready=lambda: answers(port) and has_registry(registry_url(port)),
        environment=java.environment() | _settings(home / "registry" / "registry", port, management_port),
    )


def has_registry(url: str, *, ca_file: Path | None = None, timeout_seconds: float = 5) -> bool:
    """Tell whether a schema registry answers there, be it that it wants to know who asks."""
    connection = _connection(url, ca_file, timeout_seconds)
    try:
        connection.request("GET", f"{urlsplit(url).path.rstrip('/')}/subjects")
        return connection.getresponse().status in _ANSWERS
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _connection(url: str, ca_file: Path | None, timeout_seconds: float) -> http.client.HTTPConnection:
    host, port = urlsplit(url).hostname or LOOPBACK, urlsplit(url).port
    if urlsplit(url).scheme != "https":
        return http.client.HTTPConnection(host, port, timeout=timeout_seconds)
    trusted = ssl.create_default_context(cafile=ca_file)
    return http.client.HTTPSConnection(host, port, timeout=timeout_seconds, context=trusted)


def _settings(database: Path, port: int, management_port: int) -> dict[str, str]:
    # WRITE_DELAY=0: an id is on disk before it is given out. With the default of half a second a crash takes it back,
    # the next schema gets the same id, and messages already written are read with the wrong one.
    return {
        "QUARKUS_HTTP_HOST": LOOPBACK,
        "QUARKUS_HTTP_PORT": str(port),
        "QUARKUS_MANAGEMENT_HOST": LOOPBACK,
        "QUARKUS_MANAGEMENT_PORT": str(management_port),
        "QUARKUS_HTTP_ACCESS_LOG_ENABLED": "false",
        "APICURIO_STORAGE_KIND": "sql",
        "APICURIO_STORAGE_SQL_KIND": "h2",
        "APICURIO_DATASOURCE_URL": f"jdbc:h2:file:{database};WRITE_DELAY=0",
        "APICURIO_DATASOURCE_JDBC_INITIAL_SIZE": "2",
        "APICURIO_DATASOURCE_JDBC_MIN_SIZE": "2",
    }
