"""Connections are closed unless somebody says otherwise, and secrets are seen by nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from schemas.connection import OPEN, ConnectionSettings, wrong_settings

_SASL = {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SASL_USER": "worker", "KAFKA_SASL_PASSWORD": "hush-hush"}


def settings(**environment: str) -> ConnectionSettings:
    return ConnectionSettings.model_validate(environment)


def complaint(**environment: str) -> str:
    with pytest.raises(ValidationError) as found:
        settings(**environment)
    return wrong_settings(found.value)


@pytest.mark.parametrize("here", ["localhost:9092", "127.0.0.1:9092,127.0.0.2:9092", "[::1]:9092"])
def test_this_machine_is_spoken_to_without_ceremony(here: str) -> None:
    assert settings(KAFKA_BOOTSTRAP=here, SCHEMA_REGISTRY_URL="http://localhost:8081").security() == OPEN


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"KAFKA_BOOTSTRAP": "broker:9092"},
        {"KAFKA_BOOTSTRAP": "127.0.0.1:9092, 10.0.0.7:9092"},
        {"KAFKA_BOOTSTRAP": "127.0.0.1.example.com:9092"},
        {"KAFKA_BOOTSTRAP": "localhost.example.com:9092"},
        _SASL | {"KAFKA_BOOTSTRAP": "broker:9092", "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"},
        {"SCHEMA_REGISTRY_URL": "http://registry:8081"},
    ],
)
def test_what_is_elsewhere_is_not_spoken_to_without_tls_unless_told(elsewhere: dict[str, str]) -> None:
    assert "SHELFTALK_ALLOW_PLAINTEXT" in complaint(**elsewhere)
    assert settings(**elsewhere, SHELFTALK_ALLOW_PLAINTEXT="true").allow_plaintext


def test_a_user_comes_in_over_tls_with_scram() -> None:
    client = settings(**_SASL, KAFKA_BOOTSTRAP="broker:9093").security().client()
    assert client == {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "worker",
        "sasl.password": "hush-hush",
    }


def test_certificates_are_named_by_their_files(tmp_path: Path) -> None:
    files = {f"KAFKA_{name}_FILE": str(tmp_path / name) for name in ("CA", "CERTIFICATE", "KEY")}
    for file in files.values():
        Path(file).touch()
    client = settings(KAFKA_SECURITY_PROTOCOL="SSL", **files).security().client()
    assert [client[f"ssl.{name}.location"] for name in ("ca", "certificate", "key")] == list(files.values())


def test_a_secret_may_come_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from-a-file\n")
    given = {name: value for name, value in _SASL.items() if name != "KAFKA_SASL_PASSWORD"}
    client = settings(**given, KAFKA_SASL_PASSWORD_FILE=str(file)).security().client()
    assert client["sasl.password"] == "from-a-file"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (_SASL | {"KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"}, "KAFKA_SECURITY_PROTOCOL"),
        (_SASL | {"KAFKA_SECURITY_PROTOCOL": "SSL"}, "KAFKA_SECURITY_PROTOCOL"),
        (_SASL | {"KAFKA_SASL_USER": ""}, "KAFKA_SASL_USER"),
        (_SASL | {"KAFKA_SASL_PASSWORD": ""}, "KAFKA_SASL_PASSWORD"),
        (_SASL | {"KAFKA_SASL_PASSWORD_FILE": "/nowhere"}, "not both"),
        (_SASL | {"KAFKA_SASL_PASSWORD": "", "KAFKA_SASL_PASSWORD_FILE": "/nowhere"}, "cannot be read"),
        (_SASL | {"KAFKA_SASL_PASSWORD": "", "KAFKA_SASL_PASSWORD_FILE": "/dev/null"}, "is empty"),
        (_SASL | {"KAFKA_CA_FILE": "/nowhere"}, "/nowhere"),
        (_SASL | {"KAFKA_CERTIFICATE_FILE": "/dev/null"}, "KAFKA_KEY_FILE"),
        (_SASL | {"KAFKA_SASL_MECHANISM": "PLAIN", "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"}, "PLAIN"),
        ({"SCHEMA_REGISTRY_USER": "u"}, "SCHEMA_REGISTRY_PASSWORD"),
        ({"SCHEMA_REGISTRY_URL": "https://u:hush-hush@registry"}, "SCHEMA_REGISTRY_URL has a user or a password"),
        ({"SCHEMA_REGISTRY_URL": "registry:8081"}, "SCHEMA_REGISTRY_URL must begin with http"),
        ({"SCHEMA_REGISTRY_USER": "u", "SCHEMA_REGISTRY_PASSWORD": "p", "SCHEMA_REGISTRY_TOKEN": "t"}, "not both"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(wrong: dict[str, str], named: str) -> None:
    assert named in complaint(**wrong)


def test_no_secret_is_in_what_is_printed_or_complained_about() -> None:
    secrets = _SASL | {"SCHEMA_REGISTRY_USER": "u", "SCHEMA_REGISTRY_PASSWORD": "hush-hush"}
    good = settings(**secrets)
    with pytest.raises(ValidationError) as bad:
        settings(**secrets | {"KAFKA_BOOTSTRAP": "broker:1", "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"})
    seen = repr(good), repr(good.security()), repr(good.registry_access()), str(bad.value), wrong_settings(bad.value)
    assert "hush-hush" not in "".join(seen)
