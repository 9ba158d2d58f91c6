"""Where to talk to: the services that the environment names, else the local stack."""

from __future__ import annotations

from dataclasses import dataclass

from deploy.local import docker
from deploy.local.errors import StackNotRunning
from deploy.local.stack import LocalStack
from deploy.settings import Settings
from schemas.admission import knock
from schemas.connection import ANYONE, OPEN, RegistryAccess, Security
from schemas.registry import HttpRegistry


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The addresses of a broker and of a schema registry, and who we are to them."""

    bootstrap: str
    registry_url: str
    security: Security = OPEN
    registry_access: RegistryAccess = ANYONE

    def kafka(self) -> dict[str, str | int | bool]:
        """Give a client's settings: where the broker is and who we are; never logged."""
        return {**self.security.client(), "bootstrap.servers": self.bootstrap, "log_level": 2}

    def registry(self, *, timeout_seconds: float = 5.0) -> HttpRegistry:
        """Give the registry's client."""
        return HttpRegistry(self.registry_url, timeout_seconds=timeout_seconds, access=self.registry_access)


def find_endpoints(settings: Settings) -> Endpoints:
    """Give the addresses to use.

    Raises StackNotRunning, saying how to start or name what is missing, and AccessRefused.

    What `KAFKA_BOOTSTRAP` and `SCHEMA_REGISTRY_URL` name is taken as it is, each for itself. Of what was started here,
    processes come before containers. Who we are is what the environment says, else the first user of a closed broker
    that was started here.
    """
    endpoints = _found(settings)
    if endpoints.security != OPEN:
        knock(endpoints.kafka())
    return endpoints


def _found(settings: Settings) -> Endpoints:
    security, access = settings.security(), settings.registry_access()
    if settings.kafka_bootstrap and settings.schema_registry_url:
        return Endpoints(settings.kafka_bootstrap, settings.schema_registry_url, security, access)
    local = LocalStack(settings.home_folder, settings.cache_folder)
    pids = local.pids()
    container = None if pids.broker and pids.registry else docker.running(settings.home_folder)
    bootstrap = local.bootstrap if pids.broker else container.bootstrap if container else None
    registry_url = local.registry_url if pids.registry else container.registry_url if container else None
    return Endpoints(
        settings.kafka_bootstrap or _required(bootstrap, "broker", "KAFKA_BOOTSTRAP"),
        settings.schema_registry_url or _required(registry_url, "schema registry", "SCHEMA_REGISTRY_URL"),
        local.security if pids.broker and not settings.kafka_bootstrap and security == OPEN else security,
        access,
    )


def _required(found: str | None, what: str, variable: str) -> str:
    if found is None:
        raise StackNotRunning(f"no {what} is running here: run `shelftalk up`, or name your own with {variable}")
    return found
