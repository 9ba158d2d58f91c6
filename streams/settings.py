"""What the streams are told from outside, read once in `__main__`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from schemas.connection import ConnectionSettings
from schemas.flood import FloodLimits
from schemas.record import Locale
from schemas.telemetry.settings import TelemetrySettings


class StreamsSettings(ConnectionSettings, TelemetrySettings):
    """What an operator may set: the connections, and as `SHELFTALK_...` the rest.

    `streams_data` (default: `streams` below the home) holds the tables and the catalogue; two processes never share
    it. `shop` is the shop's own file (`streams.shop`). `locales` are the languages that copy is asked for in,
    `localise_to` those that published descriptions are said again in, separated by commas; the shop's file goes before
    both. A summary of reviews is written from `min_reviews` reviews on. `flood_consecutive` bad messages in a row in
    one topic, or a larger share than `flood_ratio` of its last 1,000, end the process; 0 turns either off.
    """

    model_config = SettingsConfigDict(env_prefix="SHELFTALK_", env_ignore_empty=False)

    kafka_bootstrap: str = Field(default="127.0.0.1:9092", validation_alias="KAFKA_BOOTSTRAP")
    schema_registry_url: str = Field(
        default="http://127.0.0.1:8081/apis/ccompat/v7", validation_alias="SCHEMA_REGISTRY_URL"
    )
    streams_data: Path | None = None
    shop: Path | None = None
    locales: Annotated[tuple[Locale, ...], NoDecode, Field(min_length=1)] = ("en",)
    localise_to: Annotated[tuple[Locale, ...], NoDecode] = ()
    min_reviews: Annotated[int, Field(ge=1)] = 3
    flood_consecutive: Annotated[int, Field(ge=0)] = 100
    flood_ratio: Annotated[float, Field(ge=0)] = 0.5
    log_level: str = "INFO"

    @field_validator("locales", "localise_to", mode="before")
    @classmethod
    def _from_commas(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        return tuple(part.strip() for part in given.split(",")) if given.strip() else ()

    @property
    def flood_limits(self) -> FloodLimits:
        """Give from when on bad messages are too many."""
        return FloodLimits(consecutive=self.flood_consecutive, ratio=self.flood_ratio)

    @property
    def data_folder(self) -> Path:
        """Give the folder that this process alone writes to."""
        return (self.streams_data or self.home / "streams").absolute()
