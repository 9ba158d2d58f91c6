"""What a reader reads of a published record: the text that is compared with people's."""

from __future__ import annotations

from schemas.outputs import AdCopy, ProductDescription, ReviewSummary, SocialPosts, SupportReply
from schemas.provenance import Copy


def text_of(copy: Copy) -> str:
    """Give a record's running text, without what is computed beside it (bullets, points, numbers)."""
    match copy:
        case ProductDescription():
            return copy.body
        case AdCopy():
            return " ".join(f"{one.headline} {one.description}" for one in copy.variants)
        case SocialPosts():
            return " ".join(one.text for one in copy.posts)
        case ReviewSummary():
            return copy.summary
        case SupportReply():
            return copy.text
    raise ValueError(f"no running text in a {type(copy).__name__}")
