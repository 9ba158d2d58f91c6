"""The real registry over HTTP keeps the registries' contract."""

from __future__ import annotations

import pytest

from deploy.local.stack import LocalStack
from schemas.registry import HttpRegistry, Registry, RegistryUnavailable
from tests.schemas.registry_contract import RegistryContract


@pytest.mark.integration
class TestHttpRegistry(RegistryContract):
    """The promises over Apicurio."""

    @pytest.fixture
    def registry(self, stack: LocalStack) -> Registry:
        """Give the shared stack's."""
        return HttpRegistry(stack.registry_url)

    def test_an_address_beside_the_registry_s_api_says_nothing_about_an_id(self, stack: LocalStack) -> None:
        for elsewhere in (stack.registry_url.partition("/apis")[0], f"{stack.registry_url}/elsewhere"):
            with pytest.raises(RegistryUnavailable):
                HttpRegistry(elsewhere).schema_text(1)
