"""Where Kafka and the schema registry are and who we are to them, read once from the environment or from files.

Closed by default: what is not on this machine is spoken to over TLS, or not at all unless somebody says so. A secret
comes in a variable or in a file that a variable names (`..._FILE`); none is ever on a command line or in a log.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import SettingsConfigDict

from schemas.address import UNLESS_ALLOWED, OutsideSettings, is_this_machine, require_protected
from schemas.secret import read_secret

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"]


@dataclass(frozen=True, slots=True)
class Tls:
    """How the other side is believed, and where it asks for it our own certificate; files are PEM.

    Without a CA file the system's authorities are believed.
    """

    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    key_password: SecretStr | None = None


@dataclass(frozen=True, slots=True)
class Login:
    """A user of the broker."""

    user: str
    password: SecretStr
    mechanism: Mechanism = "SCRAM-SHA-512"


@dataclass(frozen=True, slots=True)
class Security:
    """How a client of the broker protects its connections and proves who it is; the default does neither."""

    tls: Tls | None = None
    login: Login | None = None

    @property
    def protocol(self) -> Protocol:
        """Give what Kafka calls the combination."""
        if self.login:
            return "SASL_SSL" if self.tls else "SASL_PLAINTEXT"
        return "SSL" if self.tls else "PLAINTEXT"

    def client(self) -> dict[str, str]:
        """Give librdkafka's settings; they hold the password, so they are never logged."""
        given: dict[str, str] = {"security.protocol": self.protocol}
        if self.tls:
            given |= _present("ssl.ca.location", self.tls.ca_file)
            given |= _present("ssl.certificate.location", self.tls.certificate_file)
            given |= _present("ssl.key.location", self.tls.key_file)
            given |= _present("ssl.key.password", _revealed(self.tls.key_password))
        if self.login:
            given |= {
                "sasl.mechanism": self.login.mechanism,
                "sasl.username": self.login.user,
                "sasl.password": self.login.password.get_secret_value(),
            }
        return given


OPEN: Final = Security()
"""No protection and no proof: for a broker on this machine."""


@dataclass(frozen=True, slots=True)
class RegistryAccess:
    """How the schema registry is believed, and who we are to it: a user with a password, a token, or nobody."""

    ca_file: Path | None = None
    user: str | None = None
    password: SecretStr | None = None
    token: SecretStr | None = None


ANYONE: Final = RegistryAccess()
"""Nobody in particular: for a registry on this machine."""


def _nothing_for_empty(given: object) -> object:
    """Take an empty variable for one that is not set."""
    return None if given == "" else given


_Text = Annotated[str | None, BeforeValidator(_nothing_for_empty)]
_File = Annotated[Path | None, BeforeValidator(_nothing_for_empty)]
_Secret = Annotated[SecretStr | None, BeforeValidator(_nothing_for_empty)]


class ConnectionSettings(OutsideSettings):
    """The variables that say where the broker and the registry are and who we are to them; the same for every process.

    `KAFKA_SECURITY_PROTOCOL` is one of Kafka's four.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, populate_by_name=True)

    kafka_bootstrap: str | None = Field(default=None, validation_alias="KAFKA_BOOTSTRAP")
    schema_registry_url: str | None = Field(default=None, validation_alias="SCHEMA_REGISTRY_URL")

    kafka_security_protocol: Protocol = Field(default="PLAINTEXT", validation_alias="KAFKA_SECURITY_PROTOCOL")
    kafka_ca_file: _File = Field(default=None, validation_alias="KAFKA_CA_FILE")
    kafka_certificate_file: _File = Field(default=None, validation_alias="KAFKA_CERTIFICATE_FILE")
    kafka_key_file: _File = Field(default=None, validation_alias="KAFKA_KEY_FILE")
    kafka_key_password: _Secret = Field(default=None, validation_alias="KAFKA_KEY_PASSWORD")
    kafka_key_password_file: _File = Field(default=None, validation_alias="KAFKA_KEY_PASSWORD_FILE")
    kafka_sasl_mechanism: Mechanism = Field(default="SCRAM-SHA-512", validation_alias="KAFKA_SASL_MECHANISM")
    kafka_sasl_user: _Text = Field(default=None, validation_alias="KAFKA_SASL_USER")
    kafka_sasl_password: _Secret = Field(default=None, validation_alias="KAFKA_SASL_PASSWORD")
    kafka_sasl_password_file: _File = Field(default=None, validation_alias="KAFKA_SASL_PASSWORD_FILE")

    schema_registry_ca_file: _File = Field(default=None, validation_alias="SCHEMA_REGISTRY_CA_FILE")
    schema_registry_user: _Text = Field(default=None, validation_alias="SCHEMA_REGISTRY_USER")
    schema_registry_password: _Secret = Field(default=None, validation_alias="SCHEMA_REGISTRY_PASSWORD")
    schema_registry_password_file: _File = Field(default=None, validation_alias="SCHEMA_REGISTRY_PASSWORD_FILE")
    schema_registry_token: _Secret = Field(default=None, validation_alias="SCHEMA_REGISTRY_TOKEN")
    schema_registry_token_file: _File = Field(default=None, validation_alias="SCHEMA_REGISTRY_TOKEN_FILE")

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        """Refuse what cannot be meant, before the first connection; raises ValueError without any secret in it."""
        _require_closed(self)
        self.security()
        self.registry_access()
        return self

    def security(self) -> Security:
        """Give how the broker is spoken to; reads the files that hold secrets."""
        return Security(_tls(self), _login(self))

    def registry_access(self) -> RegistryAccess:
        """Give how the registry is spoken to; reads the files that hold secrets."""
        password = read_secret(
            "SCHEMA_REGISTRY_PASSWORD", self.schema_registry_password, self.schema_registry_password_file
        )
        token = read_secret("SCHEMA_REGISTRY_TOKEN", self.schema_registry_token, self.schema_registry_token_file)
        if (self.schema_registry_user is None) != (password is None):
            raise ValueError("SCHEMA_REGISTRY_USER and SCHEMA_REGISTRY_PASSWORD (or ..._FILE) belong together")
        if token and password:
            raise ValueError("set SCHEMA_REGISTRY_TOKEN or SCHEMA_REGISTRY_USER, not both")
        return RegistryAccess(self.schema_registry_ca_file, self.schema_registry_user, password, token)


def _require_closed(given: ConnectionSettings) -> None:
    """Return when nothing unprotected leaves this machine, or when that is allowed."""
    if given.schema_registry_url:
        require_protected(given.schema_registry_url, "SCHEMA_REGISTRY_URL", allow_plaintext=given.allow_plaintext)
    servers = [server.strip() for server in (given.kafka_bootstrap or "").split(",") if server.strip()]
    elsewhere = [server for server in servers if not is_this_machine(_host(server))]
    is_open = given.kafka_security_protocol not in ("SSL", "SASL_SSL")
    if elsewhere and is_open and not given.allow_plaintext:
        raise ValueError(
            f"{elsewhere[0]} is not on this machine and would be spoken to without TLS: set "
            f"KAFKA_SECURITY_PROTOCOL=SASL_SSL (or SSL), or {UNLESS_ALLOWED}"
        )


def _host(server: str) -> str:
    """Give the host of a `host:port`; an IPv6 number stands in brackets."""
    return urlsplit(f"//{server}").hostname or ""


def _tls(given: ConnectionSettings) -> Tls | None:
    files = given.kafka_ca_file, given.kafka_certificate_file, given.kafka_key_file
    password = read_secret("KAFKA_KEY_PASSWORD", given.kafka_key_password, given.kafka_key_password_file)
    if given.kafka_security_protocol not in ("SSL", "SASL_SSL"):
        if any(files):
            raise ValueError(f"certificates are named and KAFKA_SECURITY_PROTOCOL={given.kafka_security_protocol}")
        return None
    if (given.kafka_certificate_file is None) != (given.kafka_key_file is None):
        raise ValueError("KAFKA_CERTIFICATE_FILE and KAFKA_KEY_FILE belong together")
    for file in files:
        if file and not file.is_file():
            raise ValueError(f"there is no file {file}")
    return Tls(*files, password)


def _login(given: ConnectionSettings) -> Login | None:
    password = read_secret("KAFKA_SASL_PASSWORD", given.kafka_sasl_password, given.kafka_sasl_password_file)
    if given.kafka_security_protocol not in ("SASL_SSL", "SASL_PLAINTEXT"):
        if given.kafka_sasl_user or password:
            raise ValueError(f"a user is named and KAFKA_SECURITY_PROTOCOL={given.kafka_security_protocol}")
        return None
    if not given.kafka_sasl_user or not password:
        raise ValueError("KAFKA_SASL_USER and KAFKA_SASL_PASSWORD (or KAFKA_SASL_PASSWORD_FILE) are needed")
    if given.kafka_sasl_mechanism == "PLAIN" and given.kafka_security_protocol != "SASL_SSL":
        raise ValueError("KAFKA_SASL_MECHANISM=PLAIN would send the password readable: use it with SASL_SSL only")
    return Login(given.kafka_sasl_user, password, given.kafka_sasl_mechanism)


def _present(name: str, value: Path | str | None) -> dict[str, str]:
    return {} if value is None else {name: str(value)}


def _revealed(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


def wrong_settings(error: ValidationError) -> str:
    """Say what is wrong with the environment, each variable by its name and none by its value."""
    found = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(": ".join((*map(str, each["loc"]), each["msg"].removeprefix("Value error, "))) for each in found)
