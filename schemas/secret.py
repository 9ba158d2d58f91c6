"""Secrets come in a variable or in a file that a variable names (`..._FILE`), as Docker and Kubernetes mount them."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr


def read_secret(variable: str, given: SecretStr | None, file: Path | None) -> SecretStr | None:
    """Give a secret out of its variable or its file; a final line end in a file does not belong to it.

    Raises ValueError that names the variable, never the secret.
    """
    if file is None:
        return given
    if given is not None:
        raise ValueError(f"set {variable} or {variable}_FILE, not both")
    try:
        read = file.read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{variable}_FILE cannot be read: {type(error).__name__}") from None
    if not read:
        raise ValueError(f"{variable}_FILE is empty")
    return SecretStr(read)
