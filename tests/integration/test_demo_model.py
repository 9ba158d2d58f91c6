"""The demo as a newcomer runs it: vLLM with the real model, on the first products of the demo shop."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.demo_command import demo_command, log_of, nothing_runs, summary_of
from workers.model import DEFAULT_CACHE, DEFAULT_MODEL, prepare_model

_SECONDS = 560

pytestmark = [pytest.mark.integration, pytest.mark.model, pytest.mark.timeout(_SECONDS + 30)]


def test_the_real_model_writes_copy_that_passes_the_guard_and_is_accounted_for(tmp_path: Path) -> None:
    models = prepare_model(DEFAULT_MODEL, DEFAULT_CACHE).parent
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models").symlink_to(models.absolute())
    with demo_command(tmp_path, "--limit", "5") as process:
        assert process.wait(_SECONDS) == 0, log_of(tmp_path)
    summary = summary_of(tmp_path)
    assert summary.adds_up
    assert (summary.engine, summary.model) == ("vllm", DEFAULT_MODEL)
    descriptions = summary.tasks["product-description"]
    assert descriptions.model + descriptions.template + descriptions.withheld >= 5
    assert summary.own_share is not None
    assert summary.own_share >= 0.6
    assert summary.output_tokens > 0
    assert "evidence" in log_of(tmp_path)
    assert nothing_runs(tmp_path)
