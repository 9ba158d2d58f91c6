"""What stands on a topic, for eyes and for other programs."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import singledispatch
from textwrap import shorten

from rich.console import Group
from rich.panel import Panel
from rich.text import Text

from schemas.codec import Undecodable
from schemas.outputs import (
    AdCopy,
    CitedStatement,
    ImageText,
    ProductDescription,
    Recommendation,
    ReviewDraft,
    ReviewSummary,
    SocialPosts,
    SupportReply,
)
from schemas.provenance import Copy, Provenance
from schemas.record import Record

_VALUE_SHOWN = 60
"""So many characters of a field's value are shown beside what was said from it."""

_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Shown:
    """One message as it was read: its place, its key, and its record. None is a tombstone: withdrawn."""

    topic: str
    partition: int
    offset: int
    timestamp_unix_ms: int
    key: str
    record: Record | Undecodable | None


def json_line(shown: Shown) -> str:
    """Give a message as one line of JSON: place, key and value; bytes in it are base64, amounts are texts."""
    place = {
        "topic": shown.topic,
        "partition": shown.partition,
        "offset": shown.offset,
        "timestamp_unix_ms": shown.timestamp_unix_ms,
        "key": shown.key,
    }
    if isinstance(shown.record, Undecodable):
        place |= {"error_class": shown.record.error_class.value, "error": shown.record.detail}
    value = shown.record.model_dump() if isinstance(shown.record, Record) else None
    return json.dumps(place | {"value": value}, ensure_ascii=False, default=_plain)


def panel(shown: Shown) -> Panel:
    """Give a message as a panel for the terminal: the text, who wrote it, and the evidence for its claims.

    Nothing in a text can move the cursor, colour the screen or turn the direction of writing.
    """
    match shown.record:
        case None:
            return _panel(shown, Text("withdrawn", style="italic"), style="yellow")
        case Undecodable() as bad:
            return _panel(shown, safe_text(f"{bad.error_class}: {bad.detail}"), style="red")
        case Copy() as copy:
            return _panel(shown, *_copy_lines(copy), *_provenance_lines(copy.provenance), style="green")
        case record:
            return _panel(
                shown, safe_text(json.dumps(record.model_dump(), ensure_ascii=False, default=_plain)), style="blue"
            )


@singledispatch
def _copy_lines(copy: Copy) -> list[Text]:
    return [safe_text(json.dumps(copy.model_dump(exclude={"provenance"}), ensure_ascii=False, default=_plain))]


@_copy_lines.register
def _(copy: ProductDescription) -> list[Text]:
    bullets = [safe_text(f"\u2022 {bullet}") for bullet in copy.bullets]
    meta = safe_text(copy.meta_description, "dim italic")
    return [safe_text(copy.headline, "bold"), safe_text(copy.body), *bullets, meta]


@_copy_lines.register
def _(copy: AdCopy) -> list[Text]:
    return [safe_text(f"{ad.channel}: {ad.headline} | {ad.description}") for ad in copy.variants]


@_copy_lines.register
def _(copy: SocialPosts) -> list[Text]:
    return [
        safe_text(" ".join((f"{post.network}: {post.text}", *(f"#{each}" for each in post.hashtags))))
        for post in copy.posts
    ]


@_copy_lines.register
def _(copy: ImageText) -> list[Text]:
    return [safe_text(copy.alt_text), safe_text(f"{copy.image}, from the {copy.based_on}", "dim italic")]


@_copy_lines.register
def _(copy: ReviewDraft) -> list[Text]:
    stars = f" ({copy.rating} of 5)" if copy.rating else ""
    return [safe_text(f"{copy.title}{stars}", "bold"), safe_text(copy.body)]


@_copy_lines.register
def _(copy: ReviewSummary) -> list[Text]:
    head = safe_text(f"{copy.average_rating:.1f} of 5 in {copy.review_count} reviews", "bold")
    return [head, safe_text(copy.summary), *_cited("+", copy.pros), *_cited("-", copy.cons)]


@_copy_lines.register
def _(copy: Recommendation) -> list[Text]:
    return [safe_text(copy.text), *(safe_text(f"\u2022 {item.title}: {item.reason}") for item in copy.items)]


@_copy_lines.register
def _(copy: SupportReply) -> list[Text]:
    handover = [safe_text(f"handed over: {copy.handover_reason}", "yellow")] if copy.handover else []
    return [safe_text(copy.text), *handover]


def _cited(sign: str, statements: tuple[CitedStatement, ...]) -> list[Text]:
    return [safe_text(f"{sign} {each.text} ({', '.join(each.review_ids)})") for each in statements]


def _provenance_lines(provenance: Provenance) -> list[Text]:
    refused = f", after {', '.join(provenance.reasons)}" if provenance.reasons else ""
    return [
        safe_text(f"by {provenance.origin} ({provenance.model}){refused}", "cyan"),
        *(safe_text(f"  {line}", "dim") for line in _evidence_lines(provenance)),
    ]


def _evidence_lines(provenance: Provenance) -> list[str]:
    """Give a line for each field that bears the text out, with everything that the text says from it, once."""
    said: dict[str, dict[str, str]] = {}
    for claim in (claim for evidence in provenance.evidence for claim in evidence.claims):
        field = f"{claim.source}: {shorten(claim.value, _VALUE_SHOWN, placeholder=' ...')}"
        said.setdefault(field, {}).setdefault(claim.text.casefold(), claim.text)
    return [f"{', '.join(map(repr, texts.values()))} <- {field}" for field, texts in said.items()]


def _panel(shown: Shown, *lines: Text, style: str) -> Panel:
    title = safe_text(f"{shown.topic}  {shown.key}")
    return Panel(Group(*lines), title=title, title_align="left", border_style=style)


def safe_text(text: str, style: str = "") -> Text:
    """Give a text from outside for the terminal: nothing in it can move the cursor or turn the direction of writing."""
    return Text(_CONTROLS.sub("", text), style=style)


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"a record holds no {type(value).__name__}. This is a bug.")
