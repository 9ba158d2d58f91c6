"""The name of a locale's language, as a prompt says it."""

from __future__ import annotations

_NAMES = {
    "de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "ja": "Japanese",
    "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "sv": "Swedish", "zh": "Chinese",
}  # fmt: skip


def language_name(locale: str) -> str:
    """Give the English name of a locale's language; one without a name here is called by its tag."""
    return _NAMES.get(locale.partition("-")[0].lower(), locale)


def is_english(locale: str) -> bool:
    """Say whether a locale's texts are English: the language of what is known of questions, reviews and voices."""
    return locale.partition("-")[0].lower() == "en"
