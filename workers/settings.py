"""The worker's settings, read once from the environment in `workers.process`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, FilePath, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from schemas.address import require_protected
from schemas.connection import ConnectionSettings
from schemas.flood import FloodLimits
from schemas.secret import read_secret
from schemas.telemetry.settings import TelemetrySettings
from workers.engines.build import EngineChoice
from workers.engines.fake import FakeSettings
from workers.engines.openai import OpenAiSettings
from workers.engines.vllm_request import VllmSettings
from workers.kafka import GroupProtocol, KafkaConfig
from workers.model import DEFAULT_MODEL
from workers.rules import Patience, Rules
from workers.schedule import Limits


class WorkerSettings(ConnectionSettings, TelemetrySettings):
    """What an operator may set: the connections, and as `SHELFTALK_...` the rest.

    `worker_id` names this worker across restarts: with it a restart within 6 s keeps its partitions; two running
    workers must not share one. `engine_patience_seconds` 0 waits for ever.
    """

    model_config = SettingsConfigDict(env_prefix="SHELFTALK_", env_nested_delimiter="__", env_ignore_empty=True)

    kafka_bootstrap: str = Field(default="127.0.0.1:9092", validation_alias="KAFKA_BOOTSTRAP")
    schema_registry_url: str = Field(
        default="http://127.0.0.1:8081/apis/ccompat/v7", validation_alias="SCHEMA_REGISTRY_URL"
    )
    worker_id: str | None = None

    engine: Literal["vllm", "openai", "fake"] = "vllm"
    engine_process: Literal["auto", "thread", "process"] = "auto"
    engine_url: str = "http://127.0.0.1:8000/v1"
    engine_api_key: SecretStr | None = None
    engine_api_key_file: Path | None = None
    engine_ca_file: FilePath | None = None
    """Whom to believe at `engine_url`, PEM; without it the usual authorities."""
    images_below: Annotated[str, Field(pattern=r"^https?://.+/$")] | None = None
    """Where the shop's pictures are (`https://shop.example/media/`): the model behind `engine_url` sees images."""
    engine_patience_seconds: float = Field(default=120.0, ge=0)
    model: str = DEFAULT_MODEL
    max_adapters: int = Field(default=0, ge=0, le=64)
    """Released LoRA adapters that are served at once beside the model, where the engine has a process of its own."""
    max_adapter_rank: Literal[8, 16, 32, 64, 128, 256] = 32
    fake: FakeSettings = FakeSettings()
    """For rehearsals without a model: `SHELFTALK_FAKE__MEDIAN_SECONDS=0.3` and so on."""

    candidates: int = Field(default=1, ge=1, le=8)
    """Texts that the model writes for one request at first; the guard chooses. Each costs as much as the first."""
    max_in_flight: int = Field(default=64, ge=2, le=1_000)
    interactive_reserve: int = Field(default=4, ge=0)
    group_protocol: GroupProtocol = "classic"
    """`consumer` (KIP-848) rebalances less, but moves a dead worker's partitions after the broker's 45 s, not 6 s."""
    max_poll_interval_seconds: float = Field(default=60.0, ge=6.0, le=86_400.0)
    """How long the reading thread may be stuck before the group takes this worker for dead; no generation counts."""
    broker_patience_seconds: float = Field(default=120.0, ge=10.0)
    """After so long without one transaction for a partition that is ours, the process ends (75), to be started anew."""
    flood_consecutive: int = Field(default=100, ge=0)
    flood_ratio: float = Field(default=0.5, ge=0)
    """So many dead letters in a row, or a larger share of a partition's last 1,000 messages, end the worker (65)."""
    commit_interval_seconds: float = Field(default=0.1, ge=0.01, le=5.0)
    drain_seconds: float = Field(default=30.0, ge=0)
    check_published: bool = True
    """Whether a partition whose committed offset lies before what was published is refused; false for one start, after
    offsets were set back on purpose."""
    recalled_requests: int = Field(default=10_000, ge=0)
    """How many requests below the committed offset are read back, so that repeated ones are dropped."""

    @model_validator(mode="after")
    def _engine_is_closed(self) -> Self:
        require_protected(self.engine_url, "SHELFTALK_ENGINE_URL", allow_plaintext=self.allow_plaintext)
        self._engine_key()
        return self

    @model_validator(mode="after")
    def _reserve_fits(self) -> Self:
        if self.interactive_reserve >= self.max_in_flight:
            raise ValueError("interactive_reserve must be smaller than max_in_flight")
        return self

    def kafka(self, group: str) -> KafkaConfig:
        """Give where the broker is and who we are in the group."""
        return KafkaConfig(
            self.kafka_bootstrap,
            group,
            self.worker_id,
            security=self.security(),
            protocol=self.group_protocol,
            max_poll_interval_seconds=self.max_poll_interval_seconds,
        )

    def rules(self, owner: str) -> Rules:
        """Give what the worker abides by; `owner` names this process and no other."""
        return Rules(
            owner,
            limits=Limits(in_flight=self.max_in_flight, interactive_reserve=self.interactive_reserve),
            patience=self._patience(),
            flood_limits=FloodLimits(consecutive=self.flood_consecutive, ratio=self.flood_ratio),
            commit_interval_seconds=self.commit_interval_seconds,
        )

    def _patience(self) -> Patience:
        return Patience(
            engine_seconds=self.engine_patience_seconds or None,
            drain_seconds=self.drain_seconds,
            broker_seconds=self.broker_patience_seconds,
            stall_seconds=self.stall_seconds,
            late_seconds=self.late_seconds,
        )

    def engine_choice(self) -> EngineChoice:
        """Give which engine to build; vLLM decodes together what the schedule starts together."""
        key = self._engine_key()
        served = None if self.model == DEFAULT_MODEL else self.model
        return EngineChoice(
            kind=self.engine,
            vllm_runs_in=self.engine_process,
            vllm=VllmSettings(
                model=self.model,
                cache=self.home / "models",
                max_running=self.max_in_flight,
                max_adapters=self.max_adapters,
                max_adapter_rank=self.max_adapter_rank,
            ),
            openai=OpenAiSettings(
                base_url=self.engine_url,
                model=served,
                api_key=key.get_secret_value() if key else None,
                ca_file=self.engine_ca_file,
                images_below=self.images_below,
            ),
            fake=self.fake,
        )

    def _engine_key(self) -> SecretStr | None:
        return read_secret("SHELFTALK_ENGINE_API_KEY", self.engine_api_key, self.engine_api_key_file)
