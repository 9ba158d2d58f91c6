"""Sixty products of an invented shop, sentences that are true of each, and sentences that get one fact wrong."""

# ruff: noqa: E501, SIM905  (one product is one line; lists of words read best as lines)

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from workers.guard.verdict import Grounds, Source

_ITEMS = """
Harbour Fleece Jacket|Northwind|jacket|fleece, polyester|navy|weight=420 g; pockets=2|breathable|waterproof|bluesign
Quay Rain Coat|Northwind|raincoat|polyester|yellow|weight=610 g; pockets=3|waterproof, windproof|insulated|OEKO-TEX
Ridge Parka|Northwind|parka|nylon, down|olive green|weight=1.2 kg; pockets=5|insulated, windproof|machine washable|RDS
Dune Linen Shirt|Solvei|shirt|linen|white|weight=180 g; buttons=7|breathable|stretch|GOTS
Meadow Tee|Solvei|t-shirt|cotton|sage green|weight=150 g; fabric_weight=160 gsm|organic|recycled|GOTS
Cove Beanie|Solvei|beanie|merino wool|burgundy|weight=70 g; height=22 cm|breathable|waterproof|RWS
Loop Scarf|Solvei|scarf|alpaca|grey|length=180 cm; width=30 cm|hand wash|machine washable|fair trade
Stride Leggings|Pacewell|leggings|polyamide, elastane|black|inseam=70 cm; pockets=1|moisture-wicking, stretch|insulated|bluesign
Tempo Running Shorts|Pacewell|shorts|polyester|coral|inseam=13 cm; pockets=2|quick-drying, lightweight|waterproof|OEKO-TEX
Sprint Tank|Pacewell|tank top|polyester|teal|weight=95 g|moisture-wicking|antibacterial|bluesign
Ease Hoodie|Pacewell|hoodie|cotton, polyester|charcoal|weight=540 g; pockets=1|hooded, machine washable|waterproof|OEKO-TEX
Trail Socks|Pacewell|socks|merino wool, polyamide|brown|pairs=3|cushioned|waterproof|RWS
Fell Hiking Boots|Corrie|boots|nubuck, rubber|brown|weight=1.1 kg; height=16 cm|waterproof, anti-slip|insulated|REACH compliant
Glen Sandals|Corrie|sandals|leather, cork|tan|weight=380 g; strap_width=25 mm|adjustable|waterproof|-
Brae Sneakers|Corrie|sneakers|canvas, rubber|white|weight=640 g|vegan|waterproof|fair trade
Pass Backpack|Corrie|backpack|polyester|forest green|capacity=28 l; pockets=6|water-resistant|waterproof|bluesign
Ferry Tote|Corrie|tote bag|canvas|beige|capacity=18 l; handle_length=60 cm|foldable|waterproof|GOTS
Pilot Messenger Bag|Corrie|messenger bag|leather|black|width=38 cm; height=28 cm|adjustable|waterproof|-
Slate Wallet|Corrie|wallet|leather|black|card_slots=8|handmade|zip|-
Kite Umbrella|Corrie|umbrella|polyester, steel|red|diameter=105 cm; weight=350 g|windproof, foldable|uv protection|-
Morning Mug|Kiln & Co|mug|stoneware|turquoise|capacity=350 ml; height=10 cm|dishwasher-safe, microwave-safe|insulated|-
Dawn Teapot|Kiln & Co|teapot|porcelain|white|capacity=1.2 l|dishwasher-safe|induction|-
Lake Dinner Plate|Kiln & Co|plate|stoneware|blue|diameter=27 cm|dishwasher-safe|oven-safe|-
Pond Bowl Set|Kiln & Co|bowl|porcelain|green|bowls=4; capacity=500 ml|microwave-safe, stackable|oven-safe|-
Peak Carafe|Kiln & Co|carafe|borosilicate glass|-|capacity=1 l; height=27 cm|heat-resistant|dishwasher-safe|-
Ember Frying Pan|Hearthline|frying pan|cast iron|black|diameter=28 cm; weight=2.4 kg|induction, oven-safe|dishwasher-safe|-
Glow Saucepan|Hearthline|saucepan|stainless steel|silver|capacity=2 l; diameter=18 cm|induction, dishwasher-safe|non-stick|-
Crumb Cutting Board|Hearthline|cutting board|acacia|brown|length=40 cm; width=28 cm|reversible|dishwasher-safe|FSC
Carve Chef's Knife|Hearthline|chef's knife|steel|-|blade_length=20 cm; weight=210 g|ergonomic|dishwasher-safe|-
Whirl Blender|Hearthline|blender|glass, steel|red|power=900 W; capacity=1.5 l|bpa-free|wireless|CE marked
Brew Kettle|Hearthline|kettle|stainless steel|silver|capacity=1.7 l; power=2200 W|auto shut-off|wireless|CE marked
Crisp Toaster|Hearthline|toaster|stainless steel|black|power=850 W; slots=2|removable|wireless|CE marked
Field Lunch Box|Hearthline|lunch box|stainless steel|mint green|capacity=900 ml; compartments=3|leakproof|microwave-safe|-
Spring Water Bottle|Hearthline|water bottle|steel|blue|capacity=750 ml; weight=290 g|double-walled, bpa-free|dishwasher-safe|-
Drift Bath Towel|Softwater|bath towel|cotton|white|length=140 cm; width=70 cm|organic|quick-drying|GOTS
Cloud Pillow|Softwater|pillow|memory foam|white|length=60 cm; height=12 cm|hypoallergenic|machine washable|OEKO-TEX
Nest Duvet|Softwater|duvet|down, cotton|white|length=200 cm; tog_rating=10.5 tog|washable|hypoallergenic|RDS
Hush Bed Sheet|Softwater|bed sheet|percale|ivory|thread_count=200|machine washable|stretch|OEKO-TEX
Hearth Blanket|Softwater|blanket|wool|mustard|length=180 cm; width=130 cm|hand wash|machine washable|RWS
Fern Cushion|Softwater|cushion|linen|green|width=45 cm|removable|waterproof|-
Path Rug|Softwater|rug|jute|beige|length=240 cm; width=170 cm|handmade|machine washable|fair trade
Spruce Candle|Softwater|candle|soy wax|white|burn_time=40 hours; weight=220 g|vegan|scented|-
Arch Floor Lamp|Lumen North|floor lamp|steel|black|height=155 cm; power=12 W|dimmable|rechargeable|CE marked
Bead Table Lamp|Lumen North|table lamp|ceramic|pink|height=38 cm|dimmable|wireless|CE marked
Ray Flashlight|Lumen North|flashlight|aluminium|black|length=13 cm; brightness=800 lm|rechargeable, waterproof|solar|CE marked
Oak Bookshelf|Holt|bookshelf|oak|-|height=180 cm; shelves=5|assembly|lockable|FSC
Birch Stool|Holt|stool|birch|white|height=45 cm; max_load=110 kg|stackable|adjustable|FSC
Nook Armchair|Holt|armchair|velvet, beech|emerald|width=78 cm; height=85 cm|padded|reversible|FSC
Pier Desk|Holt|desk|walnut, steel|-|width=140 cm; depth=70 cm|height-adjustable|foldable|FSC
Tide Earbuds|Aurel|earbuds|plastic|white|battery_life=7 hours; weight=48 g|bluetooth, noise-cancelling|waterproof|RoHS
Reef Headphones|Aurel|headphones|aluminium, leather|black|battery_life=30 hours; weight=260 g|wireless, foldable|waterproof|RoHS
Bay Speaker|Aurel|speaker|plastic|blue|battery_life=12 hours; power=20 W|bluetooth, waterproof|solar|CE marked
Volt Power Bank|Aurel|power bank|aluminium|grey|charge_capacity=10000 mAh; weight=220 g|fast charging|solar|CE marked
Note Keyboard|Aurel|keyboard|aluminium|silver|keys=78; weight=480 g|wireless, rechargeable|waterproof|CE marked
Flow Yoga Mat|Kestrel|yoga mat|natural rubber|purple|length=183 cm; thickness=5 mm|anti-slip|foldable|-
Lift Dumbbell|Kestrel|dumbbell|cast iron|black|weight=8 kg|ergonomic|adjustable|-
Camp Tent|Kestrel|tent|ripstop, aluminium|green|weight=2.8 kg; people=3|waterproof|fireproof|bluesign
Dusk Sleeping Bag|Kestrel|sleeping bag|polyester|blue|length=215 cm; weight=1.3 kg|insulated|waterproof|bluesign
Wheel Bike Helmet|Kestrel|bike helmet|polycarbonate|red|weight=290 g; vents=14|adjustable, reflective|waterproof|EN 1078
Paws Dog Bed|Kestrel|dog bed|cotton|grey|length=90 cm; width=60 cm|machine washable, removable|waterproof|OEKO-TEX
"""

_OTHER = {
    "material": "bamboo silk cashmere titanium copper neoprene hemp marble".split(),
    "colour": "orange magenta lilac cyan maroon".split(),
    "kind": "piano, ladder, toothbrush, surfboard, bikini".split(", "),
    "certification": "Energy Star, Leaping Bunny, halal, Blue Angel".split(", "),
    "brand": "Zephyrion, Nike, Sony, CoolTech, IKEA".split(", "),
    "feature": "gluten-free, glow in the dark, touchscreen, kosher, wi-fi".split(", "),
}
_UNITS = {"g": "kg", "kg": "g", "cm": "mm", "mm": "cm", "l": "ml", "ml": "l", "W": "kW", "hours": "minutes"}
_CONVERTED = {"g": ("kg", 0.001), "kg": ("g", 1000), "cm": ("mm", 10), "l": ("ml", 1000), "ml": ("l", 0.001)}
_SHORT_OF_PLURAL = frozenset("boots sandals socks sneakers shorts leggings earbuds headphones".split())

FLUFF = (
    "Made for slow mornings and long weekends.",
    "A quiet favourite that goes with everything you own.",
    "Simple, honest and easy to live with.",
    "It feels good from the very first day.",
    "Take it along wherever the day leads you.",
    "You will reach for it again and again.",
    "The perfect choice when you want something that simply works.",
    "Comfortable, stylish and thoughtfully designed.",
    "Keep it close, use it often, enjoy it for years to come.",
    "Ideal as a gift for someone who notices the details.",
    "A reliable companion for everyday life, at home or on the road.",
    "Good looks meet practical thinking.",
    "Whether you are out for a walk or staying in, it fits right in.",
    "Bring a little calm to a busy day.",
    "An effortless way to make every day a bit nicer.",
    "Soft to the touch and easy on the eye.",
    "Nothing you do not need, everything you do.",
    "Durable enough for daily use.",
)


@dataclass(frozen=True, slots=True)
class Item:
    """One product, in parts that sentences are made of."""

    title: str
    brand: str
    kind: str
    materials: tuple[str, ...]
    colour: str
    measures: tuple[tuple[str, str], ...]
    features: tuple[str, ...]
    lacks: str
    certification: str

    def grounds(self) -> Grounds:
        """Give the product as its shop's record has it."""
        named = [(f"attributes.{name}", value) for name, value in self.measures]
        named += [("attributes.material", material) for material in self.materials]
        named += [(f"attributes.{feature.replace('-', '_').replace(' ', '_')}", "Yes") for feature in self.features]
        named += [(f"attributes.{self.lacks.replace('-', '_').replace(' ', '_')}", "No")]
        named += [("attributes.colour", self.colour)] if self.colour != "-" else []
        named += [("attributes.certification", self.certification)] if self.certification != "-" else []
        fixed = [("title", self.title), ("brand", self.brand), ("categories", f"Shop/{self.kind}")]
        return Grounds(tuple(Source(field, value) for field, value in fixed + named), "en")


def items() -> tuple[Item, ...]:
    """Give the sixty products."""
    return tuple(_item(line) for line in _ITEMS.strip().splitlines())


def _item(line: str) -> Item:
    title, brand, kind, materials, colour, measures, features, lacks, certification = line.split("|")
    pairs = tuple(tuple(one.strip().split("=")) for one in measures.split(";"))
    return Item(
        title,
        brand,
        kind,
        tuple(materials.split(", ")),
        colour,
        tuple((name, value) for name, value in pairs),
        tuple(features.split(", ")),
        lacks,
        certification,
    )


def truths(item: Item, random: Random) -> Iterator[str]:
    """Give sentences that are true of the product, in several wordings, and some that claim nothing."""
    this = "are a pair of" if item.kind in _SHORT_OF_PLURAL else "is a"
    yield f"The {item.title} by {item.brand} {this} {'' if item.colour == '-' else item.colour + ' '}{item.kind}."
    yield f"Made of {' and '.join(item.materials)}, this {item.kind} is built to please."
    yield f"It is {' and '.join(item.features)}."
    yield f"Please note that it is not {item.lacks}."
    yield from (_measured(name, value, random) for name, value in item.measures)
    if item.certification != "-":
        yield f"It carries the {item.certification} label."
    yield from random.sample(FLUFF, 3)


def _measured(name: str, value: str, random: Random) -> str:
    number, _, unit = value.partition(" ")
    words = name.replace("_", " ")
    if not unit:
        return f"It has {number} {words}."
    if unit in _CONVERTED and random.random() < 0.5:
        other, factor = _CONVERTED[unit]
        number, unit = f"{round(float(number) * factor, 6):g}", other
    return random.choice(
        (f"Its {words} is {number} {unit}.", f"The {words}: {number} {unit}.", f"{number}{unit} {words}")
    )


def lies(item: Item, random: Random) -> Iterator[tuple[str, str]]:
    """Give sentences that get exactly one fact wrong, each with the kind of the wrong fact."""
    pick = {kind: random.choice(others) for kind, others in _OTHER.items()}
    yield "material", f"The {item.title} is made of {pick['material']}."
    yield "material", f"A {item.kind} of {item.materials[0]} with a touch of {pick['material']}."
    yield "colour", f"This {item.kind} comes in {pick['colour']}."
    yield "product", f"The {item.title} is a {pick['kind']} for every day."
    yield "certification", f"It carries the {pick['certification']} label."
    yield "brand or name", f"The {item.kind} is made by {pick['brand']}."
    yield "brand or name", f"{pick['brand']} brings you this {item.kind}."
    yield "feature", f"It is {item.features[0]} and {pick['feature']}."
    yield "feature", f"It is {item.lacks}."
    yield "feature", f"Of course this {item.kind} is {item.lacks} too."
    yield "feature", f"It is not {item.features[0]}."
    for name, value in item.measures:
        right = {other.partition(" ")[0] for _, other in item.measures}
        factors = [factor for factor in (2, 3, 0.5, 1.1) if f"{float(value.partition(' ')[0]) * factor:g}" not in right]
        yield from (("number", text) for text in _mismeasured(name, value, random.choice(factors)))


def _mismeasured(name: str, value: str, factor: float) -> Iterator[str]:
    number, _, unit = value.partition(" ")
    words = name.replace("_", " ")
    wrong = f"{float(number) * factor:g}"
    yield f"Its {words} is {wrong} {unit}." if unit else f"It has {wrong} {words}."
    if unit in _UNITS:
        yield f"Its {words} is {number} {_UNITS[unit]}."
        yield f"At {wrong}{unit}, it is just right."
    if not unit:
        yield f"It has {number} rabbits."
        yield f"It has {int(number) + 1} {words}."
