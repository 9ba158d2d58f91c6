"""Text out of a shop's HTML: what a reader would see, without markup and without anything that could run."""

from __future__ import annotations

import html
import re

_MARKUP = re.compile(
    r"""<!--.*?(?:-->|\Z)                                       # a comment, or the rest of the text
      | <(?P<unseen>script|style|template)\b.*?(?:</(?P=unseen)\s*>|\Z)
      | <[/!?]?(?P<tag>[a-z][^\s<>/"']*)(?:[^<>"']|"[^"]*"|'[^']*')*+>
      | <[/!?]?[a-z][^<>]*>                                     # a tag whose quotes do not match
      | <!\[[^<>]*>                                             # a conditional section of a word processor""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_BREAK = re.compile("address|blockquote|br|d[dlt]|div|h[1-6r]|li|ol|p|section|table|tr|ul")
_CELL = re.compile("t[dh]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_SPACES = re.compile(r"[^\S\n]+")
_LINE_ENDS = re.compile(r" ?(?:\n ?)+")
_MAX_PASSES = 4
"""Shops escape their HTML once or twice too often; beyond this the text is left as it stands."""


def html_text(source: str) -> str:
    """Give the text of an HTML fragment, or plain text as it is but for its white space.

    Entities are decoded, tags are taken out, breaks, paragraphs and list items begin a new line, what stands in
    scripts, styles and comments is dropped. `a < b` and `<|token|>` are no tags and stay.
    """
    text = source
    if text.isprintable() and "<" not in text and "&" not in text:
        return " ".join(text.split())
    for _ in range(_MAX_PASSES):
        text, before = html.unescape(_MARKUP.sub(_replacement, text)), text
        if text == before:
            break
    text = _SPACES.sub(" ", _CONTROLS.sub("", text))
    return _LINE_ENDS.sub("\n", text).strip()


def _replacement(found: re.Match[str]) -> str:
    tag = (found["tag"] or "").lower()
    if _BREAK.fullmatch(tag):
        return "\n"
    return " " if _CELL.fullmatch(tag) else ""
