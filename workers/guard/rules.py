"""All rules of the guard, each with an id that stays, what it means, and its check."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from workers.guard import form
from workers.guard.claims import JudgedClaim, Reading
from workers.guard.language import language

GUARD_ERROR: Final = "guard-error"
"""The id of the hit that stands for an error in the guard itself: what was not checked is not allowed."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that the guard checks; `check` gives a detail for each fault, none for a text without one.

    A rule about one `kind` of claims has nothing to say of a text that makes none.
    """

    id: str
    meaning: str
    check: Callable[[Reading], Iterator[str]]
    kind: str = ""


def _unsupported(kind: str, reading: Reading) -> Iterator[str]:
    """Give each claim of a kind that no source makes, in words that a model can act on."""
    said: set[str] = set()
    for claim in reading.claims(kind):
        if claim.source is None and claim.text.lower() not in said:
            said.add(claim.text.lower())
            yield _why(claim)


def _why(claim: JudgedClaim) -> str:
    if claim.assertion == "denied":
        return f"that it has no '{claim.text}' is not in the facts"
    return f"'{claim.text}' is not in the facts"


def _banned(kind: str, reading: Reading) -> Iterator[str]:
    """Give each claim of a kind that copy may not make, whatever the record says."""
    for text in dict.fromkeys(claim.text for claim in reading.claims(kind) if claim.assertion != "denied"):
        yield f"'{text}' may not be claimed"


def _facts(kind: str, meaning: str) -> Rule:
    return Rule(f"unsupported-{kind}", f"{meaning} that the record does not state", partial(_unsupported, kind), kind)


def _bans(kind: str, meaning: str) -> Rule:
    return Rule(f"banned-{kind}", meaning, partial(_banned, kind), kind)


RULES: Final[tuple[Rule, ...]] = (
    _facts("number", "a number, with its unit or what it counts,"),
    _facts("material", "a material"),
    _facts("colour", "a colour"),
    _facts("product", "a kind of product that this one is said to be"),
    _facts("food", "a food or drink that it is said to be or contain"),
    _facts("feature", "a feature that a thing has or has not"),
    _facts("value", "a value of one of the record's attributes"),
    _facts("season", "a season or weather other than those"),
    _facts("activity", "a use other than those"),
    _facts("certification", "a mark, norm, test or award"),
    _facts("origin", "a place or way of making"),
    _facts("audience", "whom it is made for"),
    _facts("offer", "a promise about price, delivery, stock or service"),
    _facts("green", "an environmental claim"),
    _facts("brand", "a well-known brand, look-alike letters included,"),
    _facts("name", "a name, capitalised or of mixed case,"),
    _facts("word", "an open word, affirmed or denied, in its or another form, or in other words,"),
    _bans("superlative", "a top position: the best, #1, unmatched"),
    _bans("comparison", "a comparison with other sellers' goods"),
    _bans("health", "a health claim"),
    _bans("absolute", "an absolute promise: risk-free, never breaks"),
    Rule("markup", "HTML, Markdown or an escape sequence", form.markup),
    Rule("link", "a web address", form.link),
    Rule("personal-data", "an e-mail address, handle, telephone, account or card number", form.personal_data),
    Rule("special-token", "a control token of a language model", form.special_token),
    Rule("placeholder", "a place left to fill in, or filler text", form.placeholder),
    Rule("refusal", "the model speaking of itself or declining", form.refusal),
    Rule("residue", "the prompt or the answer's frame instead of the text", form.residue),
    Rule("canary", "the mark of a prompt", form.canary),
    Rule("invisible-character", "characters that cannot be seen", form.invisible),
    Rule("mixed-script", "a word that mixes alphabets", form.mixed_script),
    Rule("length", "a passage longer or shorter than its place", form.length),
    Rule("repetition", "the same thing said twice", form.repetition),
    Rule("language", "another language than the one asked for, or one that cannot be checked", language),
)


def _ruleset_version() -> str:
    """Give a name for exactly this code and these vocabularies: no change to a rule can keep the old name."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for file in sorted((*folder.glob("*.py"), *folder.glob("vocabulary/**/*.txt"))):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return f"guard-{digest.hexdigest()[:12]}"


RULESET_VERSION: Final = _ruleset_version()
