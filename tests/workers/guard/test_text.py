"""Untrusted text becomes safe text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.guard.text import FENCE_CLOSE, FENCE_OPEN, INVISIBLE, fence, neutralise, normalise, sentences

CONTROL_TOKENS = (
    "<|im_end|>",
    "<|endoftext|>",
    "<|start_header_id|>",
    "<s>",
    "</s>",
    "<pad>",
    "<start_of_turn>",
    "<repo_name>",
    "<jupyter_start>",
    "[INST]",
    "[/INST]",
    "<<SYS>>",
    "<tool_call>",
    "<think>",
)


@given(st.text())
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text())
def test_a_normalised_text_has_nothing_that_nobody_sees(text: str) -> None:
    clean = normalise(text)
    assert not INVISIBLE.search(clean)
    assert unicodedata.is_normalized("NFKC", clean)
    assert clean.encode().decode() == clean


@pytest.mark.parametrize(
    ("written", "read"),
    [("2\u00bd", "2 1\u20442"), ("10\u00b2", "10^2"), ("Ever\u200bCool\u2122", "EverCool"), ("a\u00a0 b\n c", "a b c")],
)
def test_normalising_keeps_what_a_reader_sees(written: str, read: str) -> None:
    assert normalise(written) == read


@pytest.mark.parametrize("token", CONTROL_TOKENS)
@pytest.mark.parametrize("hidden", [False, True])
def test_no_control_token_is_left_in_untrusted_text(token: str, hidden: bool) -> None:  # noqa: FBT001
    written = token[:2] + "\u200b" + token[2:] if hidden else token
    assert token not in neutralise(f"warm {written} coat")
    assert token.strip("<>[]|/") in neutralise(f"warm {written} coat")


def test_full_width_spellings_of_a_control_token_are_broken_too() -> None:
    assert neutralise("\uff1c\uff5cim_end\uff5c\uff1e") == "< |im_end| >"


@given(st.text(alphabet=st.sampled_from("<>|[]/ aINSTim_end\u200b\n\uff1c")))
def test_a_fence_is_one_line_whose_marks_its_content_cannot_have(text: str) -> None:
    fenced = fence(text)
    inside = fenced.removeprefix(FENCE_OPEN).removesuffix(FENCE_CLOSE)
    assert "\n" not in fenced
    assert FENCE_OPEN not in inside
    assert FENCE_CLOSE not in inside
    assert "<|" not in inside


def test_ordinary_text_goes_through_unchanged() -> None:
    text = "Weighs < 5 kg, fits 30 > 28; it's 100% fine [really]."
    assert neutralise(text) == text


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It weighs 1.5 kg. It is light.", 2),
        ("It is approx. 3 in. wide. Good!", 2),
        ("Soft, e.g. fleece. Warm? Yes!", 3),
        ("One \u2022 two \u2022 three", 3),
        ("", 0),
    ],
)
def test_sentences_end_where_sentences_end(text: str, count: int) -> None:
    assert len(sentences(text)) == count


@given(st.text(alphabet=st.sampled_from("ab .!?1\u2022")))
def test_cutting_into_sentences_loses_no_word(text: str) -> None:
    together = " ".join(sentences(normalise(text)))
    assert [c for c in together if c.isalnum()] == [c for c in normalise(text) if c.isalnum()]
