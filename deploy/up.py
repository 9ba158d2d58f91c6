"""`shelftalk up`: a broker and a schema registry on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console

from deploy.endpoints import Endpoints
from deploy.local import docker
from deploy.local.stack import LocalStack
from deploy.settings import Settings


def up(
    *,
    in_docker: Annotated[bool, typer.Option("--docker", help="In containers instead of Java processes.")] = False,
    secure: Annotated[
        bool, typer.Option("--secure", help="A new broker with TLS, users and rights; it stays so.")
    ] = False,
) -> None:
    """Start Apache Kafka and a schema registry here, or say that they run. They stay until `shelftalk down`.

    What KAFKA_BOOTSTRAP or SCHEMA_REGISTRY_URL names is used as it is: nothing is started in its place.
    """
    console = Console(highlight=False, markup=False)
    began = time.monotonic()
    settings = Settings()
    if secure and in_docker:
        raise typer.BadParameter("the containers' broker is open: leave one of the two out", param_hint="--secure")
    said = console.print
    endpoints = _up_in_docker(settings, console) if in_docker else ensure_up(settings, say=said, closed=secure)
    console.print(f"up after {time.monotonic() - began:.1f} s; for other programs:")
    console.print(f"  export KAFKA_BOOTSTRAP={endpoints.bootstrap}", soft_wrap=True)
    console.print(f"  export SCHEMA_REGISTRY_URL={endpoints.registry_url}", soft_wrap=True)
    if endpoints.security.login and not settings.kafka_bootstrap:
        console.print("the broker admits nobody unknown: `shelftalk secure FOLDER` makes a user for each process")


def ensure_up(settings: Settings, *, say: Callable[[str], None], closed: bool = False) -> Endpoints:
    """Give the addresses of a broker and a registry that answer, starting here what nobody named; raises StackError."""
    stack = LocalStack(settings.home_folder, settings.cache_folder, say=say)
    named_broker, named_registry = settings.kafka_bootstrap, settings.schema_registry_url
    if named_broker and named_registry:
        say("using the broker and the registry that the environment names: nothing to start")
        return Endpoints(named_broker, named_registry, settings.security(), settings.registry_access())
    before = stack.pids()
    stack.up(with_broker=not named_broker, with_registry=not named_registry, closed=closed)
    if stack.pids() == before:
        say("already running")
    return Endpoints(
        named_broker or stack.bootstrap,
        named_registry or stack.registry_url,
        settings.security() if named_broker else stack.security,
        settings.registry_access(),
    )


def _up_in_docker(settings: Settings, console: Console) -> Endpoints:
    state = docker.up(settings.home_folder, say=console.print)
    return Endpoints(state.bootstrap, state.registry_url)
