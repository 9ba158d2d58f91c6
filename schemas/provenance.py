"""What is needed to answer for a published text."""

from __future__ import annotations

from typing import Literal

from schemas.record import Identifier, Locale, Record, UnixMs, Version

Origin = Literal["model", "repaired", "template"]

TRAINED_ALGORITHMIC_MEDIA = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
ALGORITHMIC_MEDIA = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
"""IPTC digital source types: written by a trained model, and by a fixed algorithm (our templates)."""


class Claim(Record):
    """One fact that a text states, and where the shop's record says so.

    `source` names a field (`title`, `attributes.material`, `review:R17`); `value` is what stands there.
    """

    text: str
    kind: str
    source: str
    value: str


class Evidence(Record):
    """One sentence of a text with the claims it makes; a sentence without claims has none."""

    sentence: str
    claims: tuple[Claim, ...] = ()


class Provenance(Record):
    """Who wrote a text from what, and which checks it passed.

    `reasons` are the rules that refused earlier candidates for this text, empty when the first one passed.
    """

    request_id: Identifier
    task: str
    origin: Origin
    model: str
    model_revision: str
    adapter: str | None = None
    template_version: int
    ruleset_version: str
    source_version: Version
    fingerprint: str
    reasons: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    prompt_tokens: int = 0
    output_tokens: int = 0
    generated_unix_ms: UnixMs
    machine_generated: bool = True
    digital_source_type: str = TRAINED_ALGORITHMIC_MEDIA


class Copy(Record):
    """What every published text has."""

    locale: Locale
    provenance: Provenance
