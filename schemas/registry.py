"""The schema registry: the interface, the real one over HTTP, and a fake in memory."""

from __future__ import annotations

import itertools
import json
import ssl
from base64 import b64encode
from collections.abc import Mapping
from http.client import HTTPException
from types import MappingProxyType
from typing import Protocol
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, Request, build_opener

from schemas.access import AccessRefused
from schemas.connection import ANYONE, RegistryAccess

_UNAUTHORISED, _FORBIDDEN = 401, 403
_NO_SUBJECT, _NO_VERSION, _NO_SCHEMA = 40401, 40402, 40403
"""The registry's own error codes. A 404 without one is a proxy's, or that of an address beside the registry."""

_LARGEST_ID = 2**31 - 1
"""Ids are Java's integers; the wire format has room for larger ones, which some registries take for no id at all."""


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
    """A registry that speaks Confluent's API (Confluent, Apicurio under /apis/ccompat/v7, Karapace, Redpanda).

    Confluent's own client is not used: it brings OAuth, which takes as long to import as a worker takes to join.
    Source: https://docs.confluent.io/platform/current/schema-registry/develop/api.html
    """

    def __init__(self, url: str, *, timeout_seconds: float = 5.0, access: RegistryAccess = ANYONE) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError(f"the schema registry's address {url!r} does not begin with http:// or https://")
        self._url = url.rstrip("/")
        self._timeout_seconds = timeout_seconds
        self._headers = {"Content-Type": "application/vnd.schemaregistry.v1+json"} | _credentials(access)
        tls = ssl.create_default_context(cafile=access.ca_file) if self._url.startswith("https:") else None
        self._opener = build_opener(ProxyHandler({}), HTTPSHandler(context=tls), _StaysHere())  # by no detour

    def schema_text(self, schema_id: int) -> str:
        """Give the schema registered under an id; raises SchemaNotFound."""
        permanent = _NO_ID if schema_id > _LARGEST_ID else {}
        return str(self._ask("GET", f"/schemas/ids/{schema_id}", "schema", permanent=permanent))

    def id_of(self, subject: str, schema: str) -> int:
        """Give the id of a schema already registered under a subject; raises SchemaNotFound."""
        return int(self._ask("POST", f"/subjects/{quote(subject, safe='')}", "id", _avro(schema)))

    def register(self, subject: str, schema: str) -> int:
        """Register a schema as the subject's next version with BACKWARD compatibility; raises SchemaIncompatible."""
        named = quote(subject, safe="")
        # The rule before the schema: after a crash in between, no version can have slipped in unchecked.
        self._ask("PUT", f"/config/{named}", "compatibility", {"compatibility": "BACKWARD"}, permanent=_UNFIT)
        return int(self._ask("POST", f"/subjects/{named}/versions", "id", _avro(schema), permanent=_UNFIT))

    def _ask(
        self,
        method: str,
        path: str,
        wanted: str,
        given: Mapping[str, str] | None = None,
        *,
        permanent: Mapping[int, type[RegistryError]] = MappingProxyType({}),
    ) -> str | int:
        """Give one field of the registry's answer; `permanent` says what its refusals by HTTP status mean for good."""
        data = json.dumps(given).encode() if given else None
        request = Request(self._url + path, data, self._headers, method=method)  # noqa: S310 - http or https
        try:
            with self._opener.open(request, timeout=self._timeout_seconds) as answer:
                told: str | int = json.load(answer)[wanted]
        except HTTPError as error:
            raise _translated(error, permanent) from error
        except (OSError, HTTPException, ValueError, LookupError, TypeError) as error:
            raise RegistryUnavailable(f"the schema registry did not answer: {error!r}") from error
        return told


_NO_ID = dict.fromkeys((400, 404, 422), SchemaNotFound)
_UNFIT = dict.fromkeys((409, 422), SchemaIncompatible)


class _StaysHere(HTTPRedirectHandler):
    """Follows no redirection: who we are would be told to whoever is named there."""

    def redirect_request(self, *_: object) -> None:
        """Take the redirection for a failure."""


def _avro(schema: str) -> dict[str, str]:
    return {"schema": schema, "schemaType": "AVRO"}


def _credentials(access: RegistryAccess) -> dict[str, str]:
    """Give the header that says who we are; never logged."""
    if access.token:
        return {"Authorization": f"Bearer {access.token.get_secret_value()}"}
    if access.user and access.password:
        pair = f"{access.user}:{access.password.get_secret_value()}"
        return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
    return {}


def _translated(error: HTTPError, permanent: Mapping[int, type[RegistryError]]) -> RegistryError:
    """Give the refusal as what a caller does about it; only the registry's own word is for good."""
    if error.code in (_UNAUTHORISED, _FORBIDDEN):
        return RegistryRefused(
            f"the schema registry refuses us ({error.code}): see SCHEMA_REGISTRY_USER, "
            "SCHEMA_REGISTRY_PASSWORD_FILE or SCHEMA_REGISTRY_TOKEN_FILE"
        )
    code, message = _word(error)
    told = f"the schema registry answered {error.code}: {message}"
    if code in (_NO_SUBJECT, _NO_VERSION, _NO_SCHEMA):
        return SchemaNotFound(told)
    if code is not None and error.code in permanent:
        return permanent[error.code](told)
    return RegistryUnavailable(told)


def _word(error: HTTPError) -> tuple[int | None, str]:
    """Give the registry's own code and words; no code and HTTP's words where somebody else answered."""
    try:
        body = json.load(error)
        return int(body["error_code"]), str(body["message"])
    except (OSError, HTTPException, ValueError, LookupError, TypeError):
        return None, str(error.reason)


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
