"""What a text was written from, in 64 characters."""

from __future__ import annotations

import hashlib
import json

from schemas.record import Record


def fingerprint(facts: Record) -> str:
    """Give the SHA-256 of the facts as canonical JSON: the same facts give the same fingerprint, in any order of names.

    Fields at their default are left out, so that a new optional field in the contract rewrites nothing.
    """
    values = facts.model_dump(mode="json", exclude_defaults=True)
    canonical = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
