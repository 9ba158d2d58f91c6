"""Where the examples find Kafka and the registry, and who they are to them: the variables of docs/security.md."""

from __future__ import annotations

from pydantic import ValidationError

from schemas.admission import knock
from schemas.codec import Codec
from schemas.connection import ConnectionSettings, wrong_settings
from schemas.registry import HttpRegistry

_BOOTSTRAP = "127.0.0.1:9092"
_REGISTRY_URL = "http://127.0.0.1:8081/apis/ccompat/v7"


def connect() -> tuple[dict[str, str], Codec]:
    """Give a client's settings, never to be logged, and a codec; this machine is meant where nothing is said.

    Raises AccessRefused when the broker does not let us in, and SystemExit naming the variables that cannot be.
    """
    try:
        given = ConnectionSettings()
    except ValidationError as error:
        raise SystemExit(wrong_settings(error)) from None
    client = {**given.security().client(), "bootstrap.servers": given.kafka_bootstrap or _BOOTSTRAP}
    knock(client)
    registry = HttpRegistry(given.schema_registry_url or _REGISTRY_URL, access=given.registry_access())
    return client, Codec(registry)
