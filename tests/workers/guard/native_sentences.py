"""Sentences in German, French, Spanish and Chinese about an invented shop: written by hand, and made by patterns."""

# ruff: noqa: RUF001  (Chinese punctuation is meant)

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

from tests.workers.guard.records import Item
from workers.guard.glossary import Glossary, glossary
from workers.guard.verdict import Grounds, Source
from workers.phrases.facts import native_name, native_value

LANGUAGES = ("de", "fr", "es", "zh")

RECORDS = {
    "jacket": """
title=Harbour Jacket|brand=Northwind|categories=Shop/jacket|material=Cotton|colour=Navy|weight=1.3 kg
pockets=2|waterproof=No|windproof=Yes|certification=OEKO-TEX""",
    "bottle": """
title=Spring Water Bottle|brand=Hearthline|categories=Shop/water bottle|material=Stainless steel
capacity=750 ml|height_cm=24.5|bpa_free=Yes|dishwasher_safe=No|colour=Blue""",
    "lamp": """
title=Arch Floor Lamp|brand=Lumen North|categories=Lighting/Floor lamps|price=189 EUR|material=Steel
shade_material=Linen|colour=Black|height=155 cm|power=12 W|cable_length=2.5 m|dimmable=Yes
remote_control=No|bulb_included=No|warranty=2 years|origin=Portugal""",
    "pillow": """
title=Cloud Pillow|brand=Softwater|categories=Bedding/Pillows|price=39.90 EUR
material=80% Cotton, 20% Polyester|filling=Memory foam|colour=White|dimensions=60 x 40 cm|weight=850 g
washable_at=60 °C|hypoallergenic=Yes|machine_washable=No|removable_cover=Yes|age=from 3 years
description=A white pillow with memory foam for side sleepers. Not suitable for children under 3 years.""",
    "earbuds": """
title=Tide Earbuds|brand=Aurel|categories=Audio/Earbuds|price=79 EUR|color=White|battery_life=7 hours
charging_time=90 minutes|weight=48 g|bluetooth=Yes|noise_cancelling=Yes|water_resistance=IPX4
wireless_charging=No|microphones=2
description=In-ear earbuds with Bluetooth and active noise cancelling. Not suitable for swimming.""",
}
"""English records: `field=value` by field, attributes by their names alone."""

_FIELDS = frozenset(("title", "brand", "categories", "price", "description"))

TRUE = Path(__file__).with_name("native_true.txt")
"""Sentences that those records support, or that claim nothing: `language record sentence` a line."""

FALSE = Path(__file__).with_name("native_false.txt")
"""Sentences with something that those records do not say, or that no text may say."""

_MADE = {"de": "Das Material ist {0}.", "fr": "La matière est : {0}.", "es": "El material es {0}.", "zh": "材质是{0}。"}
_COLOURED = {"de": "Die Farbe ist {0}.", "fr": "La couleur est {0}.", "es": "El color es {0}.", "zh": "颜色是{0}。"}
_IS = {"de": "Eigenschaft: {0}.", "fr": "Propriété : {0}.", "es": "Propiedad: {0}.", "zh": "特点是{0}。"}
_IS_NOT = {"de": "Nicht {0}.", "fr": "Pas {0}.", "es": "No {0}.", "zh": "不{0}。"}
_MEASURES = {"de": "{0}: {1}.", "fr": "{0} : {1}.", "es": "{0}: {1}.", "zh": "{0}：{1}。"}

_WRONG = {
    "material": ("bamboo", "silk", "titanium", "neoprene", "marble"),
    "colour": ("orange", "magenta", "cyan", "lilac"),
    "feature": ("gluten-free", "touchscreen", "lactose-free", "solar"),
}


def grounds(record: str, language: str) -> Grounds:
    """Give one of the English records that the sentences by hand are about."""
    pairs = (one.split("=") for one in RECORDS[record].strip().replace("\n", "|").split("|"))
    sources = (Source(name if name in _FIELDS else f"attributes.{name}", value) for name, value in pairs)
    return Grounds(tuple(sources), language)


def cases(file: Path) -> list[tuple[str, str, str]]:
    """Give (language, record, sentence) of a file's lines."""
    rows = (line.split(" ", 2) for line in file.read_text(encoding="utf-8").splitlines())
    return [(language, record, sentence) for language, record, sentence in rows]


def native_truths(item: Item, language: str) -> Iterator[str]:
    """Give sentences of patterns that are true of a product with an English record, as far as its words are known."""
    words = _words(language)
    yield from (_MADE[language].format(native_value(one, language)) for one in item.materials)
    if item.colour != "-":
        yield _COLOURED[language].format(native_value(item.colour, language, name="colour"))
    yield from (_IS[language].format(native) for one in item.features if (native := words.native(one)))
    if lacks := words.native(item.lacks):
        yield _IS_NOT[language].format(lacks)
    yield from (_measured(name, value, language) for name, value in item.measures)


def native_lies(item: Item, language: str, random: Random) -> Iterator[str]:
    """Give sentences of patterns that get one fact wrong."""
    words = _words(language)
    for kind, pattern in (("material", _MADE), ("colour", _COLOURED), ("feature", _IS)):
        yield pattern[language].format(words.native(random.choice(_WRONG[kind]), kind))
    if lacks := words.native(item.lacks):
        yield _IS[language].format(lacks)
    yield from (_IS_NOT[language].format(native) for one in item.features if (native := words.native(one)))
    for name, value in item.measures:
        number, _, unit = value.partition(" ")
        yield _measured(name, f"{float(number) * random.choice((1.5, 3, 7)):g} {unit}".strip(), language)


def _measured(name: str, value: str, language: str) -> str:
    spoken = native_name(name.replace("_", " "), language)
    return _MEASURES[language].format(spoken[:1].upper() + spoken[1:], native_value(value, language))


def _words(language: str) -> Glossary:
    found = glossary(language)
    assert found is not None
    return found
