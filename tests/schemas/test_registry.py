"""The fake registry keeps the registries' contract; a registry that is away is called unavailable."""

from __future__ import annotations

import pytest

from deploy.local.ports import free_ports
from schemas.registry import FakeRegistry, HttpRegistry, Registry, RegistryUnavailable
from tests.schemas.registry_contract import RegistryContract, fixed


class TestFakeRegistry(RegistryContract):
    """The promises over the fake."""

    @pytest.fixture
    def registry(self) -> Registry:
        """Give an empty one."""
        return FakeRegistry()


def _away() -> list[Registry]:
    fake = FakeRegistry()
    fake.away = True
    return [fake, HttpRegistry(f"http://127.0.0.1:{free_ports(1)[0]}", timeout_seconds=1)]


@pytest.mark.parametrize("registry", _away(), ids=["fake", "http"])
def test_a_registry_that_is_away_is_unavailable_whatever_is_asked(registry: Registry) -> None:
    with pytest.raises(RegistryUnavailable):
        registry.schema_text(1)
    with pytest.raises(RegistryUnavailable):
        registry.id_of("a-value", fixed("A"))
    with pytest.raises(RegistryUnavailable):
        registry.register("a-value", fixed("A"))
