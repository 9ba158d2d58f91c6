"""The real registry over HTTP keeps the registries' contract."""

from __future__ import annotations

import pytest

from deploy.local.stack import LocalStack
from schemas.registry import HttpRegistry, Registry
from tests.schemas.registry_contract import RegistryContract


@pytest.mark.integration
class TestHttpRegistry(RegistryContract):
    """The promises over Apicurio."""

    @pytest.fixture
    def registry(self, stack: LocalStack) -> Registry:
        """Give the shared stack's."""
        return HttpRegistry(stack.registry_url)
