"""The local stack as one thing: up, down, and for tests the power to kill and revive its parts."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local import service
from deploy.local.broker import Closed, Door, broker, broker_marker, is_formatted
from deploy.local.errors import BrokerIsOpen, StackNotRunning
from deploy.local.jars import kafka_class_path, registry_folder
from deploy.local.locks import locks_of, make_locks
from deploy.local.ports import LOOPBACK, is_free
from deploy.local.registry import registry, registry_marker, registry_url
from deploy.local.service import Service
from deploy.local.state import STATE_FILE, Ports, new_ports, read_ports, write_ports
from schemas.connection import OPEN, Security


@dataclass(frozen=True, slots=True)
class Pids:
    """The processes of a home's services; None for one that is not running."""

    broker: int | None
    registry: int | None


@dataclass(frozen=True, slots=True)
class Stack:
    """Where a home's broker and registry answer, and their processes; None for one that is not running."""

    bootstrap: str
    registry_url: str
    broker_pid: int | None
    registry_pid: int | None


class LocalStack:
    """One home's broker and registry. Every method returns when what it says is true."""

    def __init__(
        self, home: Path, cache: Path, *, say: Callable[[str], None] = lambda _: None, doors: Sequence[Door] = ()
    ) -> None:
        self._home = home.resolve()
        self._cache = cache
        self._say = say
        self._doors = tuple(doors)
        self._markers = (registry_marker(self._home), broker_marker(self._home))

    @property
    def bootstrap(self) -> str:
        """Give the broker's address."""
        return f"{LOOPBACK}:{self._ports().broker}"

    @property
    def registry_url(self) -> str:
        """Give the registry's address."""
        return registry_url(self._ports().registry)

    @property
    def security(self) -> Security:
        """Give how the broker's first user comes in; nothing is needed where it is open."""
        locks = locks_of(self._home)
        return locks.admin() if locks else OPEN

    def up(self, *, with_broker: bool = True, with_registry: bool = True, closed: bool = False) -> Stack:
        """Start what is not running yet; raises StackError.

        `closed` makes a new home's broker one with TLS, users and rights. What it was made it stays.
        """
        with self._alone():
            if closed:
                self._close()
            self._settle_ports()
            wanted = [self._broker()] if with_broker else []
            wanted += [self._registry()] if with_registry else []
            for one in wanted:
                service.start(one)
            for one in wanted:
                service.wait_until_ready(one)
        return self.state()

    def down(self) -> bool:
        """End what is running, the registry first; False when nothing was."""
        with self._alone():
            return [service.stop(marker) for marker in self._markers].count(True) > 0

    def state(self) -> Stack:
        """Give the addresses, and the pids of what is running now; raises StackNotRunning before the first start."""
        pids = self.pids()
        return Stack(self.bootstrap, self.registry_url, broker_pid=pids.broker, registry_pid=pids.registry)

    def pids(self) -> Pids:
        """Give the processes that are running now."""
        return Pids(service.find(broker_marker(self._home)), service.find(registry_marker(self._home)))

    def kill_broker(self) -> None:
        """End the broker as a power cut would (SIGKILL)."""
        service.kill(broker_marker(self._home))

    def start_broker(self) -> None:
        """Start the broker on the same port and data."""
        self.up(with_registry=False)

    def kill_registry(self) -> None:
        """End the registry as a power cut would (SIGKILL)."""
        service.kill(registry_marker(self._home))

    def start_registry(self) -> None:
        """Start the registry on the same port and data."""
        self.up(with_broker=False)

    def _close(self) -> None:
        if locks_of(self._home) is None and is_formatted(self._home):
            raise BrokerIsOpen(
                f"the broker in {self._home} was made open and has data: choose another folder with SHELFTALK_HOME"
            )
        make_locks(self._home)

    def _broker(self) -> Service:
        ports, locks = self._ports(), locks_of(self._home)
        return broker(
            self._home,
            kafka_class_path(self._cache, self._say),
            port=ports.broker,
            controller_port=ports.controller,
            doors=self._doors,
            closed=Closed(locks, ports.own) if locks else None,
        )

    def _registry(self) -> Service:
        ports = self._ports()
        program = registry_folder(self._cache, self._say)
        return registry(self._home, program, port=ports.registry, management_port=ports.registry_management)

    def _ports(self) -> Ports:
        """Give the ports that the last start settled on."""
        ports = read_ports(self._home)
        if ports is None and self._running():
            raise StackNotRunning(f"{self._unreadable()}: `shelftalk up` starts all anew, `shelftalk down` ends it")
        if ports is None:
            raise StackNotRunning(f"nothing was started in {self._home}: run `shelftalk up` first")
        return ports

    def _settle_ports(self) -> None:
        """Keep the ports, or choose new ones when none are known or somebody else took one of them meanwhile."""
        running, ports = self._running(), read_ports(self._home)
        if ports is None and running:
            self._say(f"{self._unreadable()}: what runs is started anew on other ports; data stays")
        if ports and (running or all(is_free(port) for port in ports.model_dump().values())):
            write_ports(self._home, ports)
            return
        for marker in running:  # nobody can find them any more
            service.stop(marker)
        write_ports(self._home, new_ports())

    def _running(self) -> list[str]:
        return [marker for marker in self._markers if service.find(marker)]

    def _unreadable(self) -> str:
        return f"{self._home / STATE_FILE}, which says where, is lost, damaged or of another release"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold off every other start and stop of this home."""
        self._home.mkdir(parents=True, exist_ok=True)
        with (self._home / ".stack.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


@contextmanager
def local_stack(home: Path, cache: Path, *, doors: Sequence[Door] = (), closed: bool = False) -> Iterator[LocalStack]:
    """Give a running stack that is ended afterwards, whatever happens."""
    stack = LocalStack(home, cache, doors=doors)
    try:
        stack.up(closed=closed)
        yield stack
    finally:
        stack.down()
