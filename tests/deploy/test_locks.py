"""What closes a local broker is made once, for its owner's eyes, and nobody can sign a second certificate."""

from __future__ import annotations

import ssl
import stat
from pathlib import Path

import pytest
from cryptography import x509

from deploy.local.errors import BrokerIsOpen
from deploy.local.locks import BROKER_NAME, locks_of, make_locks, write_secret
from deploy.local.stack import LocalStack


def test_a_home_is_open_until_it_is_closed_and_stays_as_it_was_closed(tmp_path: Path) -> None:
    assert locks_of(tmp_path) is None
    locks = make_locks(tmp_path)
    before = {file.name: file.read_bytes() for file in locks.folder.iterdir()}
    assert make_locks(tmp_path) == locks_of(tmp_path) == locks
    assert {file.name: file.read_bytes() for file in locks.folder.iterdir()} == before


def test_only_the_owner_may_look(tmp_path: Path) -> None:
    locks = make_locks(tmp_path)
    assert stat.S_IMODE(locks.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in locks.folder.iterdir()} == {0o600}


def test_the_brokers_certificate_is_for_this_machine_and_the_authoritys_key_is_nowhere(tmp_path: Path) -> None:
    locks = make_locks(tmp_path)
    certificate = x509.load_pem_x509_certificate(locks.broker_file.read_bytes())
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(locks.ca_file.read_bytes()))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert certificate.subject.rfc4514_string() == f"CN={BROKER_NAME}"
    assert [file.name for file in locks.folder.iterdir() if "PRIVATE KEY" in file.read_text()] == ["broker.pem"]
    ssl.create_default_context(cafile=locks.ca_file)


def test_a_secret_never_overwrites_a_file(tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    with pytest.raises(FileExistsError):
        write_secret(tmp_path / "there", "x")


def test_a_broker_that_was_made_open_is_not_called_closed(tmp_path: Path) -> None:
    (tmp_path / "kafka" / "data").mkdir(parents=True)
    (tmp_path / "kafka" / "data" / "meta.properties").touch()
    with pytest.raises(BrokerIsOpen, match="SHELFTALK_HOME"):
        LocalStack(tmp_path, tmp_path / "cache").up(closed=True)
    assert locks_of(tmp_path) is None
