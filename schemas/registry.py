"""The schema registry: the interface, the real one over HTTP, and a fake in memory."""

from __future__ import annotations

import itertools
import weakref
from typing import Protocol

import httpx2  # what confluent-kafka speaks HTTP with; its errors pass through its client
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from schemas.access import AccessRefused
from schemas.connection import ANYONE, RegistryAccess

_BAD_REQUEST = 400
_UNAUTHORISED, _FORBIDDEN = 401, 403
_NOT_FOUND = 404
_CONFLICT = 409
_UNPROCESSABLE = 422


class RegistryError(Exception):
    """Base of all registry errors, named by what a caller does about them.

    RegistryError
    ├── RegistryUnavailable   pause and try again: nothing is known about the message
    ├── RegistryRefused       who we are is refused: no patience helps, another user or password does
    ├── SchemaNotFound        there is no such schema: a decoder dead-letters, an encoder asks for provisioning
    └── SchemaIncompatible    the registry refused a schema: change it so that old readers and writers still fit
    """


class RegistryUnavailable(RegistryError):
    """The registry did not answer, or answered that it cannot (retryable)."""


class RegistryRefused(AccessRefused, RegistryError):
    """The registry answered that we may not (permanent)."""


class SchemaNotFound(RegistryError):
    """The registry answered that it has no such schema (permanent)."""


class SchemaIncompatible(RegistryError):
    """The registry refused a schema as incompatible with the versions it has (permanent)."""


class Registry(Protocol):
    """Knows schemas by id and by subject. Every call may raise RegistryUnavailable."""

    def schema_text(self, schema_id: int) -> str:
        """Give the schema registered under an id; raises SchemaNotFound."""
        ...

    def id_of(self, subject: str, schema: str) -> int:
        """Give the id of a schema already registered under a subject; raises SchemaNotFound."""
        ...

    def register(self, subject: str, schema: str) -> int:
        """Register a schema as the subject's next version with BACKWARD compatibility; raises SchemaIncompatible.

        Registering the same schema again gives the same id.
        """
        ...


class HttpRegistry:
    """A registry that speaks Confluent's API (Confluent, Apicurio under /apis/ccompat/v7, Karapace, Redpanda)."""

    def __init__(self, url: str, *, timeout_seconds: float = 5.0, access: RegistryAccess = ANYONE) -> None:
        basic = {"url": url, "timeout": timeout_seconds, "max.retries": 0}
        self._client = SchemaRegistryClient(basic | _credentials(access))
        weakref.finalize(self, self._client.close)  # its connections end with us, not whenever they are collected

    def schema_text(self, schema_id: int) -> str:
        """Give the schema registered under an id; raises SchemaNotFound."""
        try:
            text: str | None = self._client.get_schema(schema_id).schema_str
        except (SchemaRegistryError, httpx2.HTTPError, OSError) as error:
            if _is_no_id(error):
                raise SchemaNotFound(f"the registry takes {schema_id} for no schema's id") from error
            raise _translated(error) from error
        if text is None:
            raise SchemaNotFound(f"schema {schema_id} has no text")
        return text

    def id_of(self, subject: str, schema: str) -> int:
        """Give the id of a schema already registered under a subject; raises SchemaNotFound."""
        try:
            found: int | None = self._client.lookup_schema(subject, Schema(schema, "AVRO")).schema_id
        except (SchemaRegistryError, httpx2.HTTPError, OSError) as error:
            raise _translated(error) from error
        if found is None:
            raise SchemaNotFound(f"{subject} has no such schema")
        return found

    def register(self, subject: str, schema: str) -> int:
        """Register a schema as the subject's next version with BACKWARD compatibility; raises SchemaIncompatible."""
        try:
            # The rule before the schema: after a crash in between, no version can have slipped in unchecked.
            self._client.set_compatibility(subject, "BACKWARD")
            schema_id: int = self._client.register_schema(subject, Schema(schema, "AVRO"))
        except (SchemaRegistryError, httpx2.HTTPError, OSError) as error:
            raise _translated(error) from error
        return schema_id


def _credentials(access: RegistryAccess) -> dict[str, str]:
    """Give the client's settings that say who we are; never logged."""
    given = {"ssl.ca.location": str(access.ca_file)} if access.ca_file else {}
    if access.token:
        # The client demands a logical cluster, which only Confluent's cloud has; elsewhere its header says nothing.
        static = {"bearer.auth.credentials.source": "STATIC_TOKEN", "bearer.auth.logical.cluster": ""}
        return given | static | {"bearer.auth.token": access.token.get_secret_value()}
    if access.user and access.password:
        return given | {"basic.auth.user.info": f"{access.user}:{access.password.get_secret_value()}"}
    return given


def _is_no_id(error: Exception) -> bool:
    """Tell whether the registry refused the id itself, as some do with ids beyond their range."""
    return isinstance(error, SchemaRegistryError) and error.http_status_code in (_BAD_REQUEST, _UNPROCESSABLE)


def _translated(error: Exception) -> RegistryError:
    """Give the error as what a caller does about it."""
    if not isinstance(error, SchemaRegistryError):
        return RegistryUnavailable(f"the schema registry did not answer: {error!r}")
    if error.http_status_code in (_UNAUTHORISED, _FORBIDDEN):
        return RegistryRefused(
            f"the schema registry refuses us ({error.http_status_code}): see SCHEMA_REGISTRY_USER, "
            "SCHEMA_REGISTRY_PASSWORD_FILE or SCHEMA_REGISTRY_TOKEN_FILE"
        )
    if error.http_status_code == _NOT_FOUND:
        return SchemaNotFound(error.error_message)
    if error.http_status_code in (_CONFLICT, _UNPROCESSABLE):
        return SchemaIncompatible(error.error_message)
    return RegistryUnavailable(f"the schema registry answered {error.http_status_code}: {error.error_message}")


class FakeRegistry:
    """A registry in this process for unit tests; `away` makes every call raise RegistryUnavailable."""

    def __init__(self) -> None:
        self.away = False
        self._ids = itertools.count(1)
        self._texts: dict[int, str] = {}
        self._subjects: dict[tuple[str, str], int] = {}

    def schema_text(self, schema_id: int) -> str:
        """Give the schema registered under an id; raises SchemaNotFound."""
        self._answer()
        if schema_id not in self._texts:
            raise SchemaNotFound(f"no schema {schema_id}")
        return self._texts[schema_id]

    def id_of(self, subject: str, schema: str) -> int:
        """Give the id of a schema already registered under a subject; raises SchemaNotFound."""
        self._answer()
        if (subject, schema) not in self._subjects:
            raise SchemaNotFound(f"{subject} has no such schema")
        return self._subjects[subject, schema]

    def register(self, subject: str, schema: str) -> int:
        """Register a schema; checks no compatibility."""
        self._answer()
        if (subject, schema) not in self._subjects:
            known = next((number for number, text in self._texts.items() if text == schema), None)
            number = known if known is not None else next(self._ids)
            self._texts[number] = schema
            self._subjects[subject, schema] = number
        return self._subjects[subject, schema]

    def _answer(self) -> None:
        if self.away:
            raise RegistryUnavailable("the fake registry is away")
