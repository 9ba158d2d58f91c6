"""What the demo leaves on disk: every output topic as JSON lines, and the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from deploy.demo.seen import place_of
from deploy.demo.summary import Summary
from deploy.show import Shown, json_line
from schemas import topics

WRITTEN = (*topics.COPY, *topics.LEDGER)


def write_files(folder: Path, messages: Sequence[Shown], summary: Summary) -> None:
    """Write `TOPIC.jsonl` for every output topic, one message a line as `shelftalk tail --json` gives it.

    What may hold refused or personal text is readable by its owner alone. `summary.json` comes last: where it is, the
    rest is whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "summary.json").unlink(missing_ok=True)
    for topic in WRITTEN:
        found = sorted((each for each in messages if each.topic == topic.name), key=place_of)
        path = folder / f"{topic.name}.jsonl"
        path.touch()
        path.chmod(0o600 if topic.restricted else 0o644)
        path.write_text("".join(f"{json_line(each)}\n" for each in found), encoding="utf-8")
    (folder / "summary.json").write_text(summary.model_dump_json(indent=2) + "\n", encoding="utf-8")
