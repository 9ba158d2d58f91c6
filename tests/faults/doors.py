"""A stack with several ways in, each through a proxy of its own, so that one client's network is cut and no other's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.broker import Door
from deploy.local.ports import free_ports
from deploy.local.stack import LocalStack, local_stack
from tests.faults.proxy import Proxy


@dataclass(frozen=True, slots=True)
class ProxiedStack:
    """A running stack, and a proxy for each of its doors; its own address goes through none of them."""

    stack: LocalStack
    proxies: tuple[Proxy, ...]


@contextmanager
def proxied_stack(home: Path, cache: Path, *, doors: int) -> Iterator[ProxiedStack]:
    """Give a running stack, not yet provisioned, with so many doors; all is ended afterwards, whatever happens."""
    with ExitStack() as exits:
        proxies = tuple(exits.enter_context(Proxy(port)) for port in free_ports(doors))
        ways = [Door(proxy.target_port, advertised_port=proxy.port) for proxy in proxies]
        yield ProxiedStack(exits.enter_context(local_stack(home, cache, doors=ways)), proxies)
