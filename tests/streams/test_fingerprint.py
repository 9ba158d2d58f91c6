"""The same facts have the same fingerprint, other facts another one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from schemas.events import ProductFacts
from schemas.request import Facts
from streams.fingerprint import fingerprint
from tests.factories import facts_of, product

_names = st.text(min_size=1, max_size=8)
_attributes = st.dictionaries(_names, st.lists(_names, max_size=3).map(tuple), max_size=5)


def _facts(attributes: dict[str, tuple[str, ...]]) -> Facts:
    return Facts(product=ProductFacts(product_id="P1", title="A jacket", attributes=attributes))


@given(_attributes)
def test_the_order_of_attributes_does_not_matter(attributes: dict[str, tuple[str, ...]]) -> None:
    backwards = dict(reversed(attributes.items()))
    assert fingerprint(_facts(attributes)) == fingerprint(_facts(backwards))


@given(_attributes, _attributes)
def test_different_attributes_have_different_fingerprints(
    one: dict[str, tuple[str, ...]], other: dict[str, tuple[str, ...]]
) -> None:
    assert (fingerprint(_facts(one)) == fingerprint(_facts(other))) == (one == other)


def test_a_value_does_not_slip_from_one_field_into_another() -> None:
    one = _facts({"a": ("b", "c")})
    assert len({fingerprint(each) for each in (one, _facts({"a": ("b",), "c": ()}), _facts({"a": ("bc",)}))}) == 3


def test_a_new_optional_field_at_its_default_changes_nothing() -> None:
    plain = Facts(product=facts_of(product(), "title"))
    assert fingerprint(plain) == fingerprint(plain.model_copy(update={"reviews": ()}))


def test_a_fingerprint_stays_what_it_is_from_release_to_release() -> None:
    jacket = Facts(product=ProductFacts(product_id="P1", title="A jacket"))
    assert fingerprint(jacket) == "421e31b34716399e47144a27e06bed74b610d7ddc629c49ee6d7e9ea50f43a8f"
