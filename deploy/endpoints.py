"""Where to talk to: the services that the environment names, else the local stack."""

from __future__ import annotations

from dataclasses import dataclass

from deploy.local import docker
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

    What `KAFKA_BOOTSTRAP` and `SCHEMA_REGISTRY_URL` name is taken as it is, each for itself. Of what was started here,
    processes come before containers.
    """
    if settings.kafka_bootstrap and settings.schema_registry_url:
        return Endpoints(settings.kafka_bootstrap, settings.schema_registry_url)
    local = LocalStack(settings.home_folder, settings.cache_folder)
    pids = local.pids()
    container = None if pids.broker and pids.registry else docker.running(settings.home_folder)
    bootstrap = local.bootstrap if pids.broker else container.bootstrap if container else None
    registry_url = local.registry_url if pids.registry else container.registry_url if container else None
    return Endpoints(
        settings.kafka_bootstrap or _required(bootstrap, "broker", "KAFKA_BOOTSTRAP"),
        settings.schema_registry_url or _required(registry_url, "schema registry", "SCHEMA_REGISTRY_URL"),
    )


def _required(found: str | None, what: str, variable: str) -> str:
    if found is None:
        raise StackNotRunning(f"no {what} is running here: run `shelftalk up`, or name your own with {variable}")
    return found
