"""The worker's settings, read once from the environment in `workers.__main__`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class WorkerSettings(BaseSettings):
    """What an operator may set. `KAFKA_BOOTSTRAP` and `SCHEMA_REGISTRY_URL` as they are, the rest as `SHELFTALK_...`.

    `worker_id` names this worker across restarts: with it a restart within 6 s keeps its partitions; two running
    workers must not share one. `engine_patience_seconds` 0 waits for ever.
    """

    model_config = SettingsConfigDict(env_prefix="SHELFTALK_", frozen=True, extra="ignore", env_ignore_empty=True)

    kafka_bootstrap: str = Field(default="127.0.0.1:9092", validation_alias="KAFKA_BOOTSTRAP")
    schema_registry_url: str = Field(
        default="http://127.0.0.1:8081/apis/ccompat/v7", validation_alias="SCHEMA_REGISTRY_URL"
    )
    worker_id: str | None = None
    home: Path = Path("var")

    engine: Literal["vllm", "openai", "fake"] = "vllm"
    engine_process: Literal["auto", "thread", "process"] = "auto"
    engine_url: str = "http://127.0.0.1:8000/v1"
    engine_api_key: SecretStr | None = None
    engine_patience_seconds: float = Field(default=120.0, ge=0)
    model: str = "smollm2-135m-instruct"

    max_in_flight: int = Field(default=64, ge=2, le=1_000)
    interactive_reserve: int = Field(default=4, ge=0)
    commit_interval_seconds: float = Field(default=0.1, ge=0.01, le=5.0)
    drain_seconds: float = Field(default=30.0, ge=0)
    recalled_requests: int = Field(default=10_000, ge=0)
    """How many requests below the committed offset are read back, so that repeated ones are dropped."""
