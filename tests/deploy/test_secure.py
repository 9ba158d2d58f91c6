"""Users and rights are made what the list says, no more and no less, and nothing that is somebody else's is touched."""

from __future__ import annotations

import stat
from pathlib import Path

from confluent_kafka.admin import AclBinding
from pydantic import SecretStr

from deploy.endpoints import Endpoints
from deploy.secure import Broker, binding, carry_out, password_file, plan_for, rights_rows, told
from schemas.connection import Login, Security, Tls
from schemas.rights import RIGHTS, Right, user_of
from tests.integration.forbidden import FORBIDDEN

ALL = frozenset(binding(user_of(role), right) for role, rights in RIGHTS.items() for right in rights)
USERS = frozenset(map(user_of, RIGHTS))
_STRAY = binding(user_of("reader"), Right("topic", "content-withheld", "READ"))
_THEIRS = binding("shelftalk-of-another-team", Right("topic", "orders", "READ"))


class FakeBroker(Broker):
    """Users and rights in memory."""

    def __init__(self) -> None:
        self.passwords: dict[str, str] = {}
        self.rules: set[AclBinding] = set()

    def set_password(self, user: str, password: str) -> None:
        self.passwords[user] = password

    def grant(self, rights: object) -> None:
        self.rules |= set(rights)  # type: ignore[call-overload]

    def revoke(self, rights: object) -> None:
        self.rules -= set(rights)  # type: ignore[call-overload]


def endpoints() -> Endpoints:
    login = Login("admin", SecretStr("hush-hush"))
    return Endpoints("localhost:1", "http://localhost", Security(Tls(Path("/etc/ca.pem")), login))


def secured(folder: Path) -> FakeBroker:
    broker = FakeBroker()
    carry_out(plan_for(folder, [], users=(), rights=()), broker, folder, endpoints())
    return broker


def test_a_bare_broker_gets_every_user_and_every_right(tmp_path: Path) -> None:
    broker = secured(tmp_path)
    assert broker.passwords == {user_of(role): password_file(tmp_path, role).read_text() for role in RIGHTS}
    assert len(set(broker.passwords.values())) == len(RIGHTS)
    assert broker.rules == ALL


def test_where_all_is_as_it_must_be_nothing_is_done(tmp_path: Path) -> None:
    secured(tmp_path)
    plan = plan_for(tmp_path, [], users=USERS, rights=ALL)
    assert plan.is_empty
    assert list(told(plan, dry_run=True)) == ["nothing to do: users and rights are what the list says"]


def test_a_right_of_ours_that_is_not_in_the_list_is_taken_away_and_others_rights_stay(tmp_path: Path) -> None:
    plan = plan_for(tmp_path, [], users=USERS, rights={*ALL, _STRAY, _THEIRS})
    assert (plan.grant, plan.revoke) == ((), (_STRAY,))


def test_a_user_that_the_broker_lost_gets_the_password_of_its_file_again(tmp_path: Path) -> None:
    before = secured(tmp_path).passwords
    assert secured(tmp_path).passwords == before


def test_a_user_whose_password_is_not_here_is_left_to_a_person(tmp_path: Path) -> None:
    plan = plan_for(tmp_path, [], users={user_of("worker")}, rights=ALL)
    assert plan.users.lost == ("worker",)
    assert any("--rotate worker" in line for line in told(plan, dry_run=False))


def test_a_new_password_is_made_only_for_whom_it_is_asked(tmp_path: Path) -> None:
    secured(tmp_path)
    before = password_file(tmp_path, "reader").read_text()
    plan, broker = plan_for(tmp_path, ["reader"], users=USERS, rights=ALL), FakeBroker()
    carry_out(plan, broker, tmp_path, endpoints())
    assert set(broker.passwords) == {user_of("reader")}
    assert broker.passwords[user_of("reader")] == password_file(tmp_path, "reader").read_text() != before


def test_the_variables_hold_no_secret_and_the_passwords_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "users"
    passwords = secured(folder).passwords.values()
    variables = "".join(file.read_text() for file in folder.glob("*.env"))
    assert "KAFKA_CA_FILE=/etc/ca.pem" in variables
    assert not [1 for password in (*passwords, "hush-hush") if password in variables]
    modes = {stat.S_IMODE(file.stat().st_mode) for file in folder.glob("*.password")}
    assert (modes, stat.S_IMODE(folder.stat().st_mode)) == ({0o600}, 0o700)


def test_the_list_is_in_the_documentation_as_it_is_shown() -> None:
    page = (Path(__file__).parents[2] / "docs" / "security.md").read_text()
    rows = [f"| {user} | {may} | {kind} | {named} |" for user, may, kind, named in rights_rows()]
    documented = [line for line in page.splitlines() if line.startswith("| shelftalk-")]
    assert documented == rows


def test_every_forbidden_act_is_in_the_documentation_with_its_answer() -> None:
    page = (Path(__file__).parents[2] / "docs" / "security.md").read_text()
    acts = [f"| {act} | `{answer}` |" for act, (_, _, answer) in FORBIDDEN.items()]
    assert [line for line in page.splitlines() if line.endswith("_AUTHORIZATION_FAILED` |")] == acts
