"""The operator's settings, read once from the environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from schemas.connection import ConnectionSettings


class Settings(ConnectionSettings):
    """Where the broker and the registry are, and where this machine keeps things.

    `KAFKA_BOOTSTRAP` and `SCHEMA_REGISTRY_URL` name services that are already there: what they name is never started
    here. `SHELFTALK_HOME` holds data, logs and state, `SHELFTALK_CACHE` what was fetched and can be fetched again.
    """

    model_config = SettingsConfigDict(env_ignore_empty=True)

    home: Path = Field(default=Path("var"), validation_alias="SHELFTALK_HOME")
    cache: Path = Field(default=Path("~/.cache/shelftalk"), validation_alias="SHELFTALK_CACHE")

    @property
    def home_folder(self) -> Path:
        """Give the data folder as an absolute path."""
        return self.home.expanduser().resolve()

    @property
    def cache_folder(self) -> Path:
        """Give the cache folder as an absolute path."""
        return self.cache.expanduser().resolve()
