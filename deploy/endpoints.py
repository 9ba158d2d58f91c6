"""Where to talk to: the services that the environment names, else the local stack."""

from __future__ import annotations

from dataclasses import dataclass

from deploy.local.errors import StackNotRunning
from deploy.local.stack import LocalStack
from deploy.settings import Settings


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The addresses of a broker and of a schema registry."""

    bootstrap: str
    registry_url: str


def find_endpoints(settings: Settings) -> Endpoints:
    """Give the addresses to use; raises StackNotRunning, saying how to start or name what is missing.

    What `KAFKA_BOOTSTRAP` and `SCHEMA_REGISTRY_URL` name is taken as it is, each for itself.
    """
    if settings.kafka_bootstrap and settings.schema_registry_url:
        return Endpoints(settings.kafka_bootstrap, settings.schema_registry_url)
    local = LocalStack(settings.home_folder, settings.cache_folder).state()
    _require(local.broker_pid or settings.kafka_bootstrap, "broker", "KAFKA_BOOTSTRAP")
    _require(local.registry_pid or settings.schema_registry_url, "schema registry", "SCHEMA_REGISTRY_URL")
    return Endpoints(
        bootstrap=settings.kafka_bootstrap or local.bootstrap,
        registry_url=settings.schema_registry_url or local.registry_url,
    )


def _require(found: object, what: str, variable: str) -> None:
    if not found:
        raise StackNotRunning(f"no {what} is running here: run `shelftalk up`, or name your own with {variable}")
