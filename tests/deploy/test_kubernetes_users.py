"""The users of a Strimzi cluster: what is written down is what the table says."""

from __future__ import annotations

import yaml

from deploy.kubernetes_users import users
from schemas.rights import RIGHTS, user_of
from tests.deploy.manifests import KUBERNETES, Document

NAMES = {"Read": "READ", "Write": "WRITE", "Create": "CREATE", "Describe": "DESCRIBE",
         "DescribeConfigs": "DESCRIBE_CONFIGS", "AlterConfigs": "ALTER_CONFIGS"}  # fmt: skip


def test_the_users_that_are_written_down_are_those_of_the_table() -> None:
    assert (KUBERNETES / "strimzi" / "users.yaml").read_text() == users()


def test_a_user_may_do_what_its_role_may_and_nothing_else() -> None:
    given = {each["metadata"]["name"]: each["spec"] for each in yaml.safe_load_all(users())}
    assert set(given) == {user_of(role) for role in RIGHTS}
    for role, rights in RIGHTS.items():
        rules = given[user_of(role)]["authorization"]["acls"]
        assert {one for rule in rules for one in _rights(rule)} == {
            (right.kind.replace("transactional id", "transactionalId"), right.name, right.operation, right.prefixed)
            for right in rights
        }


def _rights(rule: Document) -> set[tuple[str, str, str, bool]]:
    what = rule["resource"]
    assert rule.keys() == {"resource", "operations"}  # no `deny`, no `host`
    return {
        (what["type"], what["name"], NAMES[operation], what["patternType"] == "prefix")
        for operation in rule["operations"]
    }


def test_every_user_proves_who_it_is_with_a_password_that_is_not_written_down() -> None:
    specs = [each["spec"] for each in yaml.safe_load_all(users())]
    assert [spec["authentication"] for spec in specs] == [{"type": "scram-sha-512"}] * len(RIGHTS)
    assert {spec["authorization"]["type"] for spec in specs} == {"simple"}
