"""Every forbidden act is denied by a real broker, and whoever is refused says so, once, and ends."""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AclBinding, AdminClient

from deploy import cli
from deploy.endpoints import Endpoints
from deploy.secure import Broker, binding
from schemas import topics
from schemas.access import EX_REFUSED, AccessRefused, raise_refusal
from schemas.admission import knock, require_rights
from schemas.codec import Codec
from schemas.rights import RIGHTS, Right, Role, user_of
from tests import factories
from tests.integration.closed import ClosedStack, closed_stack, secured
from tests.integration.forbidden import FORBIDDEN, open_transaction
from tests.integration.processes import running
from tests.integration.reading import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

_ATTEMPTS: Final = 4
"""A process that is refused may knock so often before it ends: once, and what its client does meanwhile."""


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClosedStack]:
    """Give a closed stack."""
    with closed_stack(tmp_path_factory.mktemp("closed")) as found:
        yield found


@pytest.mark.parametrize("act", FORBIDDEN)
def test_what_is_forbidden_is_denied_and_logged(closed: ClosedStack, act: str) -> None:
    role, does, told = FORBIDDEN[act]
    before = closed.denied_acts()
    with pytest.raises(PermissionError, match=told):
        does(closed.endpoints(role))
    assert closed.denied_acts() > before


@pytest.mark.parametrize(
    ("role", "transactional_id"),
    [
        ("catalogue", "shelftalk-catalogue-feed"),
        ("worker", f"{topics.WORKERS_GROUP}.{topics.REQUESTS_BULK.name}.3"),
        ("operator", "shelftalk-redrive"),
    ],
)
def test_a_transaction_of_ones_own_is_opened(closed: ClosedStack, role: Role, transactional_id: str) -> None:
    open_transaction(transactional_id)(closed.endpoints(role))


@pytest.mark.parametrize("role", RIGHTS)
def test_every_role_has_the_rights_that_it_needs(closed: ClosedStack, role: Role) -> None:
    require_rights(knock(closed.endpoints(role).kafka()), role)


def test_a_role_in_the_clothes_of_another_is_told_what_it_lacks(closed: ClosedStack) -> None:
    with pytest.raises(AccessRefused, match="what the worker needs: READ topic generation-requests"):
        require_rights(knock(closed.endpoints("streams").kafka()), "worker")


def test_securing_again_changes_nothing_and_repairs_what_was_changed_by_hand(closed: ClosedStack) -> None:
    assert secured(closed) == {"users": 0, "granted": 0, "revoked": 0}
    broker, lost, won = _tampered(closed)
    assert secured(closed) == {"users": 0, "granted": 1, "revoked": 1}
    rights = broker.rights()
    assert (lost in rights, won in rights) == (True, False)


def _tampered(closed: ClosedStack) -> tuple[Broker, AclBinding, AclBinding]:
    """Take a right away and give one that nobody should have."""
    broker = Broker(AdminClient(closed.admin.kafka()))
    lost = binding(user_of("reader"), RIGHTS["reader"][0])
    won = binding(user_of("reader"), Right("topic", topics.CONTENT_WITHHELD.name, "READ"))
    broker.revoke([lost])
    broker.grant([won])
    return broker, lost, won


def test_a_new_password_replaces_the_old_one(closed: ClosedStack) -> None:
    before = closed.endpoints("reader")
    assert secured(closed, rotate=("reader",))["users"] == 1
    wait_until(lambda: _is_refused(before), "the old password is refused")
    knock(closed.endpoints("reader").kafka())


def test_passwords_are_in_files_that_only_their_owner_reads(closed: ClosedStack) -> None:
    secrets = [*closed.users.glob("*.password"), *(closed.home / "stack" / "secrets").iterdir()]
    assert len(secrets) == len(RIGHTS) + 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in secrets} == {0o600}


def test_no_password_is_in_a_log_or_among_the_arguments_of_a_process(closed: ClosedStack) -> None:
    passwords = [file.read_bytes() for file in closed.home.rglob("*.password")]
    logs = [file.read_bytes() for file in closed.home.rglob("*.log")]
    arguments = Path(f"/proc/{closed.stack.pids().broker}/cmdline").read_bytes()
    assert passwords
    assert not [1 for password in passwords for seen in (*logs, arguments) if password in seen]


def _is_refused(endpoints: Endpoints) -> bool:
    try:
        knock(endpoints.kafka())
    except AccessRefused:
        return True
    return False


WRONG: dict[str, dict[str, str]] = {
    "a wrong password": {"KAFKA_SASL_PASSWORD_FILE": "", "KAFKA_SASL_PASSWORD": "a-guess"},
    "an unknown user": {"KAFKA_SASL_USER": "shelftalk-nobody"},
    "no authority's certificate": {"KAFKA_CA_FILE": ""},
}


@pytest.mark.parametrize("module", ["workers", "streams"])
@pytest.mark.parametrize("wrong", WRONG)
def test_a_process_that_is_refused_says_so_once_and_ends(
    closed: ClosedStack, module: str, wrong: str, tmp_path: Path
) -> None:
    role: Role = "worker" if module == "workers" else "streams"
    before = closed.refused_attempts()
    environment = closed.environment(role, tmp_path.name) | {"SHELFTALK_ENGINE": "fake"} | WRONG[wrong]
    with running(module, environment=environment, log=tmp_path / "log") as process:
        assert process.wait(timeout_seconds=120) == EX_REFUSED
    _require_one_clear_line(tmp_path / "log", "KAFKA_CA_FILE" if "certificate" in wrong else "KAFKA_SASL_USER")
    assert 1 <= closed.refused_attempts() - before <= _ATTEMPTS


@pytest.mark.parametrize("module", ["workers", "streams"])
def test_a_process_without_the_rights_says_which_and_ends(closed: ClosedStack, module: str, tmp_path: Path) -> None:
    environment = closed.environment("reader", tmp_path.name) | {"SHELFTALK_ENGINE": "fake"}
    with running(module, environment=environment, log=tmp_path / "log") as process:
        assert process.wait(timeout_seconds=120) == EX_REFUSED
    _require_one_clear_line(tmp_path / "log", "shelftalk secure")


def test_a_right_that_is_taken_away_ends_a_running_worker(closed: ClosedStack, tmp_path: Path) -> None:
    broker = Broker(AdminClient(closed.admin.kafka()))
    reading = binding(user_of("worker"), Right("topic", topics.REQUESTS_BULK.name, "READ"))
    environment = closed.environment("worker", tmp_path.name) | {"SHELFTALK_ENGINE": "fake"}
    with running("workers", environment=environment, log=tmp_path / "log") as process:
        wait_until(lambda: "partition opened" in (tmp_path / "log").read_text(), "at work", timeout_seconds=120)
        try:
            broker.revoke([reading])
            assert process.wait(timeout_seconds=120) == EX_REFUSED
        finally:
            secured(closed)
    assert "shelftalk secure" in (tmp_path / "log").read_text()


def _require_one_clear_line(log: Path, advice: str) -> None:
    lines = [line for line in log.read_text().splitlines() if '"level": "error"' in line]
    assert len(lines) == 1, lines
    assert "refused" in lines[0]
    assert advice in lines[0]
    assert "Traceback" not in log.read_text()


def test_a_command_that_is_refused_says_so_and_ends(
    closed: ClosedStack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (closed.environment("reader", "tail") | WRONG["a wrong password"]).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["shelftalk", "tail", "--timeout", "1"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == EX_REFUSED
    assert "KAFKA_SASL_PASSWORD_FILE" in capsys.readouterr().err


def test_an_event_becomes_copy_through_users_of_their_own(closed: ClosedStack, tmp_path: Path) -> None:
    fake = {"SHELFTALK_ENGINE": "fake", "SHELFTALK_WORKER_ID": "w1"}
    worker, streams = closed.environment("worker", "worker") | fake, closed.environment("streams", "streams")
    with (
        running("workers", environment=worker, log=tmp_path / "worker.log") as writes,
        running("streams", environment=streams, log=tmp_path / "streams.log") as asks,
    ):
        _feed(closed, "P-1", "P-2", "P-3")
        keys = _published(closed, count=3)
        assert (asks.terminate(timeout_seconds=60), writes.terminate(timeout_seconds=60)) == (0, 0)
    assert {key.decode().partition("|")[0] for key in keys} == {"P-1", "P-2", "P-3"}


def _feed(closed: ClosedStack, *ids: str) -> None:
    endpoints = closed.endpoints("catalogue")
    codec = Codec(endpoints.registry(timeout_seconds=60))
    producer = Producer(endpoints.kafka() | {"partitioner": "murmur2_random", "enable.idempotence": True})
    for name in ids:
        producer.produce(
            topics.PRODUCT_CREATED.name, codec.encode(topics.PRODUCT_CREATED, factories.product(name)), name
        )
    assert producer.flush(30) == 0


def _published(closed: ClosedStack, *, count: int) -> set[bytes]:
    """Read as a search indexer does: as a member of a group of its own."""
    group = {
        "group.id": "shelftalk-reader-search",
        "isolation.level": "read_committed",
        "auto.offset.reset": "earliest",
    }
    keys: set[bytes] = set()
    with closing(Consumer(closed.endpoints("reader").kafka() | group | {"error_cb": raise_refusal})) as consumer:
        consumer.subscribe([topics.PRODUCT_DESCRIPTIONS.name])
        deadline = time.monotonic() + 120
        while len(keys) < count and time.monotonic() < deadline:
            for message in consumer.consume(10, timeout=0.5):
                assert message.error() is None, message.error()
                keys.add(bytes(message.key()))
    return keys
