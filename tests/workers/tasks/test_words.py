"""Words are compared in the singular, and in no other way made alike."""

from __future__ import annotations

from workers.tasks.words import singulars


def test_a_plural_is_its_singular() -> None:
    assert singulars("Pockets, and a pocket.") == {"pocket", "and"}


def test_a_field_called_washes_is_not_what_wash_asks_for() -> None:
    assert not singulars("washes") & singulars("Can I wash it?")
