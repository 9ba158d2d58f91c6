"""What closes a local broker: a certificate, and the password of its first user, made once and kept in files of 0600.

The authority that signs the certificate signs nothing else: its key is forgotten before its certificate is written.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pydantic import SecretStr

from deploy.local.ports import LOOPBACK
from schemas.connection import Login, Security, Tls

BROKER_NAME: Final = "shelftalk-broker"
"""Who the broker is to itself, by its certificate."""

ADMIN: Final = "admin"
"""The user that a closed broker is born with; it may do everything, and makes the others."""

_VALID = timedelta(days=825)
_PASSWORD_BYTES = 32


@dataclass(frozen=True, slots=True)
class Locks:
    """The files that close a home's broker, all in one folder of 0700."""

    folder: Path

    @property
    def ca_file(self) -> Path:
        """Give the certificate by which clients believe the broker."""
        return self.folder / "ca.pem"

    @property
    def broker_file(self) -> Path:
        """Give the broker's key and certificate."""
        return self.folder / "broker.pem"

    @property
    def password_file(self) -> Path:
        """Give the file that holds the first user's password alone."""
        return self.folder / f"{ADMIN}.password"

    def admin(self) -> Security:
        """Give how the first user comes in."""
        return Security(Tls(self.ca_file), Login(ADMIN, SecretStr(self.password_file.read_text())))


def locks_of(home: Path) -> Locks | None:
    """Give a home's locks; None where its broker is open."""
    locks = Locks(home / "secrets")
    return locks if locks.folder.is_dir() else None


def make_locks(home: Path) -> Locks:
    """Give a home's locks, made where there are none; all files are there or no folder is."""
    if (known := locks_of(home)) is not None:
        return known
    locks = Locks(home / "secrets")
    home.mkdir(parents=True, exist_ok=True)
    draft = Locks(Path(tempfile.mkdtemp(prefix=".secrets-", dir=home)))  # made with 0700
    try:
        authority, broker = _certificates()
        write_secret(draft.ca_file, authority)
        write_secret(draft.broker_file, broker)
        write_secret(draft.password_file, new_password())
        draft.folder.rename(locks.folder)
    finally:
        shutil.rmtree(draft.folder, ignore_errors=True)
    return locks


def new_password() -> str:
    """Give a password that nobody can guess: 256 bits, in letters that need no quoting anywhere."""
    return secrets.token_urlsafe(_PASSWORD_BYTES)


def write_secret(file: Path, text: str) -> None:
    """Write a new file that only its owner may read, from its first moment on; raises FileExistsError."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)


def _certificates() -> tuple[str, str]:
    """Give the authority's certificate, and the broker's key and certificate, as PEM."""
    authority_key, broker_key = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
    authority_name = _name("shelftalk-local-authority")
    is_authority = x509.BasicConstraints(ca=True, path_length=0)
    authority = _certificate(authority_name, authority_name, authority_key).add_extension(is_authority, critical=True)
    here = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address(LOOPBACK))])
    # Both sides of a connection, since the broker also speaks to itself.
    both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    broker = _certificate(_name(BROKER_NAME), authority_name, broker_key)
    broker = broker.add_extension(here, critical=False).add_extension(both, critical=False)
    key = broker_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    signed = [each.sign(authority_key, SHA256()).public_bytes(Encoding.PEM) for each in (authority, broker)]
    return signed[0].decode(), (key + signed[1]).decode()


def _certificate(subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _VALID)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
