"""Addresses: what is not on this machine is spoken to over TLS, or not at all unless somebody says so."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import BaseSettings

UNLESS_ALLOWED = "SHELFTALK_ALLOW_PLAINTEXT=true where the network protects it"


class OutsideSettings(BaseSettings):
    """Whether connections beyond this machine may do without TLS, for a network that protects them itself."""

    allow_plaintext: bool = Field(default=False, validation_alias="SHELFTALK_ALLOW_PLAINTEXT")


def is_this_machine(host: str) -> bool:
    """Tell whether a name or a number can only mean this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def require_protected(url: str, variable: str, *, allow_plaintext: bool) -> None:
    """Return when an HTTP address may be spoken to as it stands; raises ValueError that names its variable.

    Credentials in an address are refused with or without TLS, since addresses are shown and logged.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise ValueError(f"{variable} is not an address") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError(f"{variable} must begin with http:// or https:// and name a host")
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"{variable} has a user or a password in it: addresses are logged, secrets are set apart")
    if parts.scheme == "http" and not is_this_machine(host) and not allow_plaintext:
        raise ValueError(
            f"{variable}: {host} is not on this machine and would be spoken to without TLS: use https://, or "
            f"{UNLESS_ALLOWED}"
        )
