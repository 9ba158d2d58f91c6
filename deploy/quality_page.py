"""`python -m deploy.quality_page FOLDER`: docs/quality.md out of a demo's files, unedited.

Which texts are shown is decided by the hash of their key, before anybody has read them: good and bad as they come.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from schemas.topics import CONTENT_WITHHELD, COPY
from training.nested_attributes import Json

SHOWN: Final = 10
_BESIDE: Final = frozenset({"locale", "provenance", "product_id", "user_id", "question_id", "review_id", "draft_id"})

_HEAD: Final = """# Quality: what comes out

**Promise.** Ten texts of each task as they were published in one run of `make demo` with the default model of 135
million parameters, on a CPU. Nobody chose or edited them: they are the first ten by the hash of their key. The page is
written by `python -m deploy.quality_page out/demo`.

`model` is the model's text as it wrote it, `repaired` its text with sentences left out or written again, `template`
facts in fixed sentences.
"""


@dataclass(frozen=True, slots=True)
class Text:
    """One published text: its key, what a reader reads, who wrote it, and the rules that refused earlier attempts."""

    key: str
    said: tuple[tuple[str, str], ...]
    origin: str
    reasons: tuple[str, ...]


def page(folder: Path) -> str:
    """Give the page for the files that a demo left in a folder."""
    by_topic = {topic.name: tuple(texts(folder / f"{topic.name}.jsonl")) for topic in COPY}
    sections = (_section(name, found) for name, found in by_topic.items() if found)
    return "\n".join((_HEAD, *_origins(by_topic), *sections, *_withheld(folder / f"{CONTENT_WITHHELD.name}.jsonl")))


def texts(file: Path) -> Iterator[Text]:
    """Give the newest text of each key in a file; what was withdrawn is left out."""
    newest = {str(each["key"]): each.get("value") for each in _messages(file)}
    for key, value in newest.items():
        if isinstance(value, dict):
            provenance = value.get("provenance")
            made = provenance if isinstance(provenance, dict) else {}
            reasons = made.get("reasons")
            told = tuple(map(str, reasons)) if isinstance(reasons, list) else ()
            yield Text(key, tuple(_said(value)), str(made.get("origin")), told)


def _messages(file: Path) -> Iterator[dict[str, Json]]:
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        yield json.loads(line)


def _said(value: dict[str, Json]) -> Iterator[tuple[str, str]]:
    for name, part in value.items():
        if name not in _BESIDE and part not in (None, [], "", False):
            yield name, " · ".join(_flat(part))


def _flat(value: Json) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _flat(one)
    elif isinstance(value, dict):
        yield " | ".join(text for one in value.values() for text in _flat(one))
    elif value is not None:
        yield str(value)


def _section(name: str, found: Iterable[Text]) -> str:
    first = sorted(found, key=lambda text: hashlib.sha256(text.key.encode()).digest())[:SHOWN]
    return "\n".join((f"## {name}\n", *map(_shown, first)))


def _shown(text: Text) -> str:
    refused = f"; refused before: {', '.join(text.reasons)}" if text.reasons else ""
    said = "\n".join(f"  - {name}: {_one_line(part)}" for name, part in text.said)
    return f"- **{text.key}** ({text.origin}{refused})\n{said}"


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("<", "\\<")


def _origins(by_topic: dict[str, tuple[Text, ...]]) -> Iterator[str]:
    yield "| topic | texts | model | repaired | template | in the model's words |\n|---|---|---|---|---|---|"
    for name, found in by_topic.items():
        if not found:
            continue
        origins = Counter(text.origin for text in found)
        words = 100 * (origins["model"] + origins["repaired"]) / len(found)
        counts = " | ".join(str(origins[origin]) for origin in ("model", "repaired", "template"))
        yield f"| {name} | {len(found)} | {counts} | {words:.0f} % |"
    yield ""
    yield "Why texts, or attempts at them, were refused:\n\n| rule | texts |\n|---|---|"
    rules = Counter(rule for found in by_topic.values() for text in found for rule in text.reasons)
    yield from (f"| `{rule}` | {count} |" for rule, count in rules.most_common())
    yield ""


def _withheld(file: Path) -> Iterator[str]:
    withheld = [value for each in _messages(file) if isinstance(value := each.get("value"), dict)]
    yield f"## Withheld\n\n{len(withheld)} texts were withheld."
    for value in withheld[:SHOWN]:
        hits = value.get("hits")
        rules = [str(hit.get("rule")) for hit in hits if isinstance(hit, dict)] if isinstance(hits, list) else []
        yield f"- **{value.get('subject')}** ({value.get('task')}): {', '.join(rules)}"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(page(Path(sys.argv[1])))
