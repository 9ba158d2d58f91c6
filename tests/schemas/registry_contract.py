"""What every registry promises, the fake in memory like the real one over HTTP."""

from __future__ import annotations

import json
import uuid

import pytest

from schemas.registry import Registry, SchemaNotFound


def fixed(name: str, size: int = 3) -> str:
    """Give the text of a small schema."""
    return json.dumps({"type": "fixed", "name": name, "size": size})


class RegistryContract:
    """Inherit and give the fixture `registry`."""

    @pytest.fixture
    def name(self) -> str:
        """Give a name that is new to the registry."""
        return f"N{uuid.uuid4().hex}"

    def test_a_registered_schema_is_read_back_by_its_id(self, registry: Registry, name: str) -> None:
        schema_id = registry.register(f"{name}-value", fixed(name))
        assert json.loads(registry.schema_text(schema_id)) == json.loads(fixed(name))

    def test_a_registered_schema_has_the_same_id_when_asked_for(self, registry: Registry, name: str) -> None:
        assert registry.register(f"{name}-value", fixed(name)) == registry.id_of(f"{name}-value", fixed(name))

    def test_registering_again_gives_the_same_id(self, registry: Registry, name: str) -> None:
        first, second = (registry.register(f"{name}-value", fixed(name)) for _ in range(2))
        assert first == second

    def test_one_schema_has_one_id_under_two_subjects(self, registry: Registry, name: str) -> None:
        first, second = (registry.register(f"{name}-{end}-value", fixed(name)) for end in ("a", "b"))
        assert first == second

    def test_two_schemas_have_two_ids(self, registry: Registry, name: str) -> None:
        first, second = (registry.register(f"{name}-{end}-value", fixed(name + end)) for end in ("a", "b"))
        assert first != second

    @pytest.mark.parametrize("schema_id", [0, 2_000_000_000, 2**31, 2**32 - 1])
    def test_an_id_that_was_never_given_is_not_found(self, registry: Registry, schema_id: int) -> None:
        with pytest.raises(SchemaNotFound):
            registry.schema_text(schema_id)

    def test_a_subject_that_was_never_registered_is_not_found(self, registry: Registry, name: str) -> None:
        with pytest.raises(SchemaNotFound):
            registry.id_of(f"{name}-value", fixed(name))

    def test_another_schema_of_a_known_subject_is_not_found(self, registry: Registry, name: str) -> None:
        registry.register(f"{name}-value", fixed(name))
        with pytest.raises(SchemaNotFound):
            registry.id_of(f"{name}-value", fixed(name, size=4))
