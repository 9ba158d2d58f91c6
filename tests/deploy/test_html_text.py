"""What a reader would see of a shop's HTML."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.html_text import html_text

_HTML_LIKE = st.text(alphabet="<>&;/!-'\"= \n\tabcpscriptltgamq#[]|\u00a0\u2028", max_size=60)


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("plain text, 5 cm", "plain text, 5 cm"),
        ("Lycra&reg; &amp; &frac14; zip", "Lycra® & ¼ zip"),
        ("<p>One.</p><p>Two.</p>", "One.\nTwo."),
        ("a<br/>b<BR>c", "a\nb\nc"),
        ("<ul><li>x</li><li>y</li></ul>", "x\ny"),
        ("<td>width</td><td>3 cm</td>", "width 3 cm"),
        ("so<b>ft</b> and <a href='http://x/?a>b'>warm</a>", "soft and warm"),
        ("<script>alert('</p>')</script>after<style>p{}</style>", "after"),
        ("before<script>never closed", "before"),
        ("a<!-- <b>hidden</b> -->b", "ab"),
        ("<p title='open>text", "text"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;escaped twice: &amp;amp;", "escaped twice: &"),
        ("weighs < 2 kg, > 1 kg", "weighs < 2 kg, > 1 kg"),
        ("Nice.<|im_end|>", "Nice.<|im_end|>"),
        ("<![if !mso]>word", "word"),
        ("a\u00a0 b \r\n\r\n c\x00", "a b\nc"),
        ("", ""),
    ],
)
def test_text_is_what_a_reader_would_see(source: str, seen: str) -> None:
    assert html_text(source) == seen


@given(_HTML_LIKE)
def test_no_tag_is_left_however_broken_the_markup(source: str) -> None:
    text = html_text(source)
    assert "<script>" not in text
    assert "<p>" not in text


@given(st.text(alphabet=st.characters(exclude_characters="<&", exclude_categories=["Cc", "Cs", "Z"]), max_size=60))
def test_text_without_markup_stays_as_it_is(source: str) -> None:
    assert html_text(source) == source


@pytest.mark.parametrize(
    "unit", ["<a", '<a "', "<a '", "<!--", "<script", "&amp;", "&", " \n", " ", "<![", "<p title='"]
)
def test_no_source_takes_long(unit: str) -> None:
    began = time.process_time()
    html_text(unit * (200_000 // len(unit)))
    assert time.process_time() - began < 5
