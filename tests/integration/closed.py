"""A closed stack: a broker with TLS, users and rights, made by the commands that operators use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka.admin import AdminClient
from pydantic import SecretStr

from deploy.endpoints import Endpoints
from deploy.local.stack import LocalStack, local_stack
from deploy.provision import ensure_provisioned
from deploy.secure import Broker, carry_out, password_file, plan_for
from schemas.connection import Login, Security
from schemas.rights import Role, user_of
from tests.integration.conftest import CACHE
from tests.integration.processes import environment_of


@dataclass(frozen=True, slots=True)
class ClosedStack:
    """A stack that admits nobody unknown, and the folder with its users' passwords."""

    stack: LocalStack
    home: Path
    users: Path

    @property
    def admin(self) -> Endpoints:
        """Give the addresses as the broker's first user sees them."""
        return Endpoints(self.stack.bootstrap, self.stack.registry_url, self.stack.security)

    def endpoints(self, role: Role, *, password: str | None = None) -> Endpoints:
        """Give the addresses as a role sees them, on request with another password than its own."""
        login = Login(user_of(role), SecretStr(password or password_file(self.users, role).read_text()))
        return Endpoints(self.stack.bootstrap, self.stack.registry_url, Security(self.stack.security.tls, login))

    def environment(self, role: Role, name: str) -> dict[str, str]:
        """Give what a process of a role is started with: the variables that were written for it."""
        lines = (self.users / f"{role}.env").read_text().splitlines()
        own = dict(line.split("=", 1) for line in lines)
        return environment_of(self.stack, self.home / name) | own

    def refused_attempts(self) -> int:
        """Count the connections that the broker has refused so far."""
        return self._said("Failed authentication")

    def denied_acts(self) -> int:
        """Count the acts of known users that the broker has denied so far."""
        return self._said("is Denied operation")

    def _said(self, what: str) -> int:
        return (self.home / "stack" / "logs" / "broker.log").read_text().count(what)


@contextmanager
def closed_stack(home: Path) -> Iterator[ClosedStack]:
    """Give a closed stack of its own, provisioned, with a user for each role."""
    with local_stack(home / "stack", CACHE, closed=True) as stack:
        found = ClosedStack(stack, home, home / "users")
        admin = AdminClient(found.admin.kafka())
        ensure_provisioned(admin, found.admin.registry(timeout_seconds=60))
        secured(found)
        yield found


def secured(found: ClosedStack, *, rotate: tuple[Role, ...] = ()) -> Mapping[str, int]:
    """Make users and rights what the list says, and count what was changed."""
    broker = Broker(AdminClient(found.admin.kafka()))
    plan = plan_for(found.users, rotate, users=broker.users(), rights=broker.rights())
    carry_out(plan, broker, found.users, found.admin)
    return {"users": len(plan.users.make), "granted": len(plan.grant), "revoked": len(plan.revoke)}
