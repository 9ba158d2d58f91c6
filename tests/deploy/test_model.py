"""`shelftalk model`: where a model is, for what takes a folder."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from deploy.cli import app


def test_a_folder_is_given_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").touch()
    done = CliRunner().invoke(app, ["model", str(tmp_path)])
    assert (done.exit_code, done.stdout.strip()) == (0, str(tmp_path))
