"""What a text claims, sentence by sentence, and which field of the record says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from schemas.provenance import Claim, Evidence
from workers.guard.assertion import Assertion, assertions
from workers.guard.coverage import says_included, word_claims
from workers.guard.denials import Scope, denials, denies_before
from workers.guard.facts import FactIndex, index
from workers.guard.gloss import read_row
from workers.guard.languages import lexicon_of
from workers.guard.lexicon import HARMLESS, NO_LEXICON, ONLY_IF_STATED, Lexicon, Occurrence
from workers.guard.names import name_claims
from workers.guard.negated import negated_words, value_negates
from workers.guard.open_words import plain
from workers.guard.origins import MADE_IN, made_where, places_of_making
from workers.guard.quantities import quantities
from workers.guard.quantity import COUNTED, Quantity
from workers.guard.statements import apart
from workers.guard.text import normalise, sentences
from workers.guard.tokens import Token, tokens
from workers.guard.values import one_claims, value_claims
from workers.guard.verdict import Grounds, Passage, Source
from workers.guard.wording import NO_WORDING, root

_EVIDENCE_CHARACTERS = 200
_LINKS = frozenset(["is", "are", "was", "were", "made", "of", "from", "in", "a", "an", "the", "fully", "entirely", ":"])
"""What may stand between a part and what is said of it: the handle is made of steel."""

_TURN_ROUND = frozenset(["once", "when", "if", "until", "unless", "after", "before", "more", "less", "better", "than"])
"""What follows these in a clause that denies may be affirmed: does not fold once assembled, nothing is more robust."""


@dataclass(frozen=True, slots=True)
class JudgedClaim:
    """One claim of a text: its kind, its words, how it is asserted, and the source that says so, if one does."""

    kind: str
    text: str
    assertion: Assertion
    source: Source | None


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a passage, in tokens, with its claims."""

    text: str
    row: tuple[Token, ...]
    claims: tuple[JudgedClaim, ...]


@dataclass(frozen=True, slots=True)
class PassageReading:
    """One passage: as it was written, normalised, and cut into sentences."""

    passage: Passage
    text: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A candidate text read once, for all rules. `common_words` are the language's, none where it has no vocabulary."""

    passages: tuple[PassageReading, ...]
    grounds: Grounds
    common_words: frozenset[str]
    facts: FactIndex
    by_kind: dict[str, list[JudgedClaim]]

    def claims(self, kind: str) -> list[JudgedClaim]:
        """Give every claim of one kind, in order."""
        return self.by_kind.get(kind, [])


def read(passages: tuple[Passage, ...], grounds: Grounds) -> Reading:
    """Read a candidate against its grounds."""
    words = lexicon_of(grounds.locale.split("-")[0].lower()) or NO_LEXICON
    facts = index(grounds, words)
    read_passages = tuple(_passage(passage, words, facts, grounds.locale) for passage in passages)
    by_kind: dict[str, list[JudgedClaim]] = defaultdict(list)
    for passage in read_passages:
        for sentence in passage.sentences:
            for claim in sentence.claims:
                by_kind[claim.kind].append(claim)
    return Reading(read_passages, grounds, words.words, facts, dict(by_kind))


def _passage(passage: Passage, words: Lexicon, facts: FactIndex, locale: str) -> PassageReading:
    text = normalise(passage.text)
    return PassageReading(passage, text, tuple(_sentence(one, words, facts, locale) for one in sentences(text)))


# The worker's ladder judges the same sentences again and again, among others and alone.
@lru_cache(maxsize=2_048)
def _sentence(text: str, words: Lexicon, facts: FactIndex, locale: str) -> Sentence:
    row = read_row(text, words.language, quotes=facts.quotes)
    found = tuple(words.find(row, in_record=False))
    scopes = denials(row)
    made = frozenset(one.first for one in places_of_making(row, found))
    said = assertions(row, found, in_record=False)
    if found and any(negated_words(row)):
        said = (_as_named(row, *one, words) for one in said)
    terms = [_term_claim(text, row, one, scopes, facts, made=one[0].first in made) for one in said]
    measured = quantities(text, locale=locale, found=row)
    told = [term for term in terms if term is not None]
    told += [
        JudgedClaim("number", one.text, "denied" if one.denied else "affirmed", facts.quantity(one)) for one in measured
    ]
    told += [JudgedClaim("number", one, "affirmed", by) for one, by in one_claims(text, row, scopes, facts)]
    told += [JudgedClaim("name", name, "affirmed", by) for name, by in name_claims(text, row, found, words, facts)]
    passed = {place for one in found if _is_idle_talk(one, facts) for place in range(one.first, one.last)}
    judged = {place for one in found for place in range(one.first, one.last)} - passed
    told += [JudgedClaim("value", value, "affirmed", by) for value, by in value_claims(text, row, judged, words, facts)]
    taken = _taken(row, found, measured, told)
    claims = (*told, *_open_claims(text, row, scopes, taken, passed, facts))
    # Rarely asked: only of sentences that would be refused.
    if any(claim.source is None for claim in claims) and (
        quoted := facts.quoted(text, row, (term for one in found for term in one.terms))
    ):
        claims = tuple(replace(claim, source=claim.source or quoted) for claim in claims)
    return Sentence(text, tuple(row), claims)


def _open_claims(
    text: str, row: list[Token], scopes: list[Scope], taken: set[int], passed: set[int], facts: FactIndex
) -> Iterator[JudgedClaim]:
    """Give the claims of the words that nothing else judges; none in a language without lists of open words."""
    if facts.wording.language == NO_WORDING.language:
        return
    for claim in word_claims(row, scopes, taken, passed, facts.wording, facts.open_words):
        written = text[row[claim.first].start : row[claim.last - 1].end]
        yield JudgedClaim("word", written, claim.assertion, claim.source)


def _taken(
    row: list[Token], found: tuple[Occurrence, ...], measured: tuple[Quantity, ...], told: list[JudgedClaim]
) -> set[int]:
    """Give the tokens that are judged: terms, measures with their units, and names that are refused."""
    taken = {place for one in found for place in range(one.first, one.last)}
    for one in measured:
        if one.dimension not in COUNTED:
            last = one.start + len(one.text)
            taken.update([place for place, token in enumerate(row) if one.start <= token.start < last])
    if refused := {word for claim in told if claim.source is None for word in claim.text.split()}:
        taken.update([place for place, token in enumerate(row) if token.text in refused])
    return taken


def _is_dated(row: list[Token], found: Occurrence) -> bool:
    """Say whether a number follows: made in 2019 says when, not where."""
    return found.last < len(row) and row[found.last].kind == "n"


def _is_denied_alike(row: list[Token], found: Occurrence, scopes: list[Scope], facts: FactIndex) -> bool:
    """Say whether the text denies a term with no words between but such as the record denies too."""
    for first, last in scopes:
        if first <= found.first and found.last <= last:
            said = [plain(token) for token in row[first : found.first] if token.kind == "w"]
            if not _TURN_ROUND.isdisjoint(said):
                return False
            weighty = (word for word in said if not facts.wording.is_idle(word) or facts.wording.is_quality(word))
            between = (root(word, facts.wording.language) for word in weighty)
            return all(one in facts.open_words.denied for one in between)
    return False


def _as_named(row: list[Token], found: Occurrence, how: Assertion, words: Lexicon) -> tuple[Occurrence, Assertion]:
    """Give a term as denied that is named to say that it is not there: `the lining is unlined`."""
    base = value_negates(row, found.last) if how == "affirmed" else ""
    absent = {term.key for one in words.find(tokens(base), in_record=True) for term in one.terms} if base else ()
    return found, "denied" if any(term.key in absent for term in found.terms) else how


def _is_idle_talk(found: Occurrence, facts: FactIndex) -> bool:
    kind = found.terms[0].kind
    return kind in ONLY_IF_STATED and kind not in facts.stated


def _term_claim(
    text: str,
    row: list[Token],
    said: tuple[Occurrence, Assertion],
    scopes: list[Scope],
    facts: FactIndex,
    *,
    made: bool,
) -> JudgedClaim | None:
    """Give the claim of a term; `made` says that it is the place where the thing is said to be made."""
    found, how = said
    kind = found.terms[0].kind
    if how == "affirmed" and _is_denied_alike(row, found, scopes, facts):
        how = "denied"
    if how == "companion" or kind == HARMLESS or _is_idle_talk(found, facts):
        return None
    if found.terms[0].key == MADE_IN and (_is_dated(row, found) or facts.term(found.terms, "mentioned")):
        return None
    written = text[row[found.first].start : row[found.last - 1].end]
    return JudgedClaim(kind, written, how, _source(row, found, how, scopes, facts, made=made))


def _source(
    row: list[Token], found: Occurrence, how: Assertion, scopes: list[Scope], facts: FactIndex, *, made: bool
) -> Source | None:
    """Give the source of a term: for a place of making one that says it of that, for what is apart one that does."""
    if made and how == "affirmed":
        places = (made_where(term.key) for term in found.terms)
        return next((facts.affirmed[place] for place in places if place in facts.affirmed), None)
    comes_apart = next((facts.denied[one] for term in found.terms if (one := apart(term.key)) in facts.denied), None)
    if comes_apart and how == "affirmed" and not scopes and says_included(row):
        return None
    source = facts.part_term(_part(row, found, facts), found.terms, how)
    if source is None and how == "denied" and denies_before(row, scopes, found.first, found.last):
        return comes_apart
    return source


def _part(row: list[Token], found: Occurrence, facts: FactIndex) -> str:
    """Give the part that a term is said of, if the record has such a part: `steel handle`, `the handle is of steel`."""
    parts = {part for part, kind in facts.parts if kind == found.terms[0].kind} if facts.parts else ()
    if not parts:
        return ""
    after = next((token for token in row[found.last : found.last + 2] if token.text != "-"), None)
    if after is not None and after.fold in parts:
        return after.fold
    before = (
        token for token in reversed(row[max(0, found.first - 5) : found.first]) if token.text.lower() not in _LINKS
    )
    nearest = next(before, None)
    return nearest.fold if nearest is not None and nearest.fold in parts else ""


def evidence(reading: Reading) -> tuple[Evidence, ...]:
    """Give each sentence with its claims that the record supports and where."""
    return tuple(
        Evidence(sentence=sentence.text, claims=tuple(_proven(sentence.claims)))
        for passage in reading.passages
        for sentence in passage.sentences
    )


def _proven(claims: tuple[JudgedClaim, ...]) -> Iterator[Claim]:
    for claim in claims:
        if claim.source is not None:
            value = claim.source.text[:_EVIDENCE_CHARACTERS]
            yield Claim(text=claim.text, kind=claim.kind, source=claim.source.field, value=value)
