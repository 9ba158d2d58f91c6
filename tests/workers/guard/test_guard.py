"""The gate itself: it never raises, and an error is a no."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.guard.reading import JACKET, grounds, verdict
from workers.guard import guard as module
from workers.guard.claims import Reading
from workers.guard.guard import guard
from workers.guard.lexicon import VOCABULARY, WORD_LISTS, lexicon
from workers.guard.rules import RULES, RULESET_VERSION, Rule
from workers.guard.verdict import Grounds, Passage, Source

SOUP = st.text(alphabet=st.characters() | st.sampled_from("0123456789%-.,/x\u00bd'\"<|>[]{} abcABC"), max_size=80)


@given(SOUP, SOUP, SOUP)
def test_the_guard_never_raises(text: str, field: str, fact: str) -> None:
    facts = Grounds((Source(f"attributes.{field}", fact), Source("title", field)), "en")
    result = guard((Passage("body", text, 100),), facts)
    assert result.allowed is (result.hits == ())
    assert "guard-error" not in {hit.rule for hit in result.hits}


@given(st.sampled_from(["cotton", "waterproof", "5 kg", "Nike", "red"]), SOUP, SOUP)
def test_nothing_around_a_false_claim_makes_it_pass(claim: str, before: str, after: str) -> None:
    assert not verdict(f"{before} . {claim} . {after}").allowed


def test_an_error_in_a_rule_refuses_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(reading: Reading) -> Iterator[str]:
        raise RuntimeError(reading.grounds.locale)

    monkeypatch.setattr(module, "RULES", (*RULES, Rule("broken", "breaks", broken)))
    result = verdict("A soft navy jacket.")
    assert not result.allowed
    assert [hit.rule for hit in result.hits] == ["guard-error"]


def test_an_error_in_reading_refuses_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Reading:
        raise RecursionError

    monkeypatch.setattr(module, "read", broken)
    assert [hit.rule for hit in verdict("A soft navy jacket.").hits] == ["guard-error"]


def test_no_passages_at_all_are_refused() -> None:
    assert not guard((), grounds(JACKET)).allowed


def test_no_facts_at_all_support_no_claim() -> None:
    nothing = Grounds((), "en")
    assert not guard((Passage("body", "A navy jacket.", 80),), nothing).allowed
    assert guard((Passage("body", "Simply good.", 80),), nothing).allowed


def test_every_rule_has_an_id_of_its_own() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_every_vocabulary_has_a_rule_that_reads_it() -> None:
    kinds = {file.stem for file in VOCABULARY.glob("en/*.txt")} - {"harmless", *WORD_LISTS}
    assert kinds <= {rule.id.partition("-")[2] for rule in RULES}


def test_every_broader_term_exists() -> None:
    words = lexicon("en")
    assert words is not None
    terms = {form.term.key: form.term for forms in words.forms.values() for form in forms}
    assert {broader for term in terms.values() for broader in term.broader} <= terms.keys()


def test_a_verdict_names_the_rules_that_gave_it() -> None:
    assert verdict("A soft navy jacket.").ruleset_version == RULESET_VERSION
    assert RULESET_VERSION.startswith("guard-")


def test_language_folders_outside_the_vocabulary_are_not_read() -> None:
    assert lexicon("..") is None
    assert lexicon("en/../en") is None
