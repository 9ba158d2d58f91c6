"""Where ads and posts are shown, and how long they may be there, in characters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Channel:
    """One place for ads. An ad that is longer than this is refused there, so both limits are hard."""

    name: str
    max_headline: int
    max_description: int


SEARCH: Final = Channel("search", max_headline=30, max_description=90)
DISPLAY: Final = Channel("display", max_headline=30, max_description=90)
SOCIAL: Final = Channel("social", max_headline=40, max_description=125)
SHOPPING: Final = Channel("shopping", max_headline=150, max_description=500)
"""A listing: its title names the product as the record does, by brand, title and telling attributes."""

CHANNELS: Final = (SEARCH, DISPLAY, SOCIAL, SHOPPING)


@dataclass(frozen=True, slots=True)
class Network:
    """One network for posts: how long a post may be, its hashtags included, and how many of those are usual there."""

    name: str
    max_characters: int
    max_hashtags: int
    counts_wide_twice: bool = False

    def limit(self, locale: str) -> int:
        """Give how many characters of a language fit: some networks count a Chinese or Japanese one as two."""
        is_wide = locale.partition("-")[0].lower() in _WIDE_LANGUAGES
        return self.max_characters // 2 if self.counts_wide_twice and is_wide else self.max_characters


_WIDE_LANGUAGES: Final = frozenset(("zh", "ja", "ko"))

NETWORKS: Final = (
    Network("x", max_characters=280, max_hashtags=2, counts_wide_twice=True),
    Network("instagram", max_characters=2200, max_hashtags=5),
    Network("facebook", max_characters=2000, max_hashtags=2),
    Network("linkedin", max_characters=3000, max_hashtags=3),
)
