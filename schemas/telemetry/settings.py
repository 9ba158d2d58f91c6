"""What an operator may set about metrics, health and traces: the same for both processes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from schemas.address import OutsideSettings, is_this_machine, require_protected
from schemas.secret import read_secret
from schemas.telemetry.door import Address
from schemas.telemetry.otlp import span_writer
from schemas.telemetry.trace import Write

_SHORTEST_STALL_SECONDS = 5.0
_SHORTEST_TOKEN = 16


class TelemetrySettings(OutsideSettings):
    """Where a process says how it is, as `SHELFTALK_...`; nothing listens unless a port is named.

    `stall_seconds` 0 never ends a process that stands still.
    """

    model_config = SettingsConfigDict(env_prefix="SHELFTALK_", frozen=True, extra="ignore", env_ignore_empty=True)

    home: Path = Path("var")
    metrics_port: int | None = Field(default=None, ge=0, le=65_535)
    """0 takes any free port; which one stands in a file below `home/metrics`, as Prometheus's file discovery reads."""
    metrics_host: str = "127.0.0.1"
    metrics_token: SecretStr | None = None
    """Asked of everybody as `Authorization: Bearer TOKEN`; needed where others than this machine can come in. It has 16
    characters or more."""
    metrics_token_file: Path | None = None
    stall_seconds: float = Field(default=45.0, ge=0)
    """How long an engine or an agent with work in hand may do nothing before the process ends, to be started anew."""
    late_seconds: float = Field(default=300.0, gt=0)
    """How old work in flight and the last commit may be before the process says that it is not ready."""

    trace_ratio: float | None = Field(default=None, ge=0, le=1)
    """Whether spans are written, and which share of events that bring no trace begin one; unset writes none at all."""
    trace_endpoint: str | None = None
    """An OpenTelemetry collector (`http://127.0.0.1:4318`); without one spans go to a file below `home/traces`."""

    @model_validator(mode="after")
    def _closed_by_default(self) -> Self:
        token = self._token()
        if token is None and not is_this_machine(self.metrics_host):
            raise ValueError("metrics_host is open to others: set metrics_token or metrics_token_file as well")
        if token is not None and len(token.get_secret_value()) < _SHORTEST_TOKEN:
            raise ValueError(f"metrics_token must have {_SHORTEST_TOKEN} characters or more")
        if self.trace_endpoint:
            require_protected(self.trace_endpoint, "SHELFTALK_TRACE_ENDPOINT", allow_plaintext=self.allow_plaintext)
        return self

    @model_validator(mode="after")
    def _stall_is_told_from_a_pause(self) -> Self:
        if 0 < self.stall_seconds < _SHORTEST_STALL_SECONDS:
            raise ValueError(f"stall_seconds is 0 (off) or at least {_SHORTEST_STALL_SECONDS:.0f}")
        return self

    @property
    def metrics_address(self) -> Address | None:
        """Give where to listen, None for nowhere."""
        return None if self.metrics_port is None else Address(self.metrics_host, self.metrics_port, self._token())

    def span_writer(self, service: str) -> Write | None:
        """Give where spans go, None for nowhere."""
        if self.trace_ratio is None:
            return None
        return span_writer(self.trace_endpoint, self.home / "traces", service=service, pid=os.getpid())

    def _token(self) -> SecretStr | None:
        return read_secret("SHELFTALK_METRICS_TOKEN", self.metrics_token, self.metrics_token_file)
