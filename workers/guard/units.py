"""Units of measure: each is an exact multiple of its dimension's base unit, so that 5 cm is 50 mm and nothing else."""

# ruff: noqa: SIM905  (look-alike letters are meant; word lists read best as lines)

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

from workers.guard.tokens import tokens


@dataclass(frozen=True, slots=True)
class Unit:
    """What a unit measures, how many base units it is, and where its zero lies (temperatures)."""

    dimension: str
    factor: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)

    def base(self, value: Fraction) -> Fraction:
        """Give the value in the dimension's base unit."""
        scaled = value if self.factor == 1 else value * self.factor
        return scaled + self.offset if self.offset else scaled


# dimension -> factor to the base unit -> the ways to write it. Definitions: BIPM SI brochure; NIST Handbook 44 (US).
_TABLE: Final[dict[str, dict[str, str]]] = {
    "length": {
        "1/1000000000": "nm nanometre nanometres nanometer nanometers",
        "1/1000000": "µm μm um micron microns micrometre micrometres micrometer micrometers",
        "1/1000": "mm millimetre millimetres millimeter millimeters",
        "1/100": "cm centimetre centimetres centimeter centimeters zentimeter",
        "1/10": "dm decimetre decimetres decimeter decimeters",
        "1": "m metre metres meter meters mtr",
        "1000": "km kilometre kilometres kilometer kilometers",
        "127/5000": "inch inches in. zoll",
        "381/1250": "ft feet foot ft.",
        "1143/1250": "yd yds yard yards",
        "201168/125": "mi mile miles",
    },
    "mass": {
        "1/1000000": "µg μg mcg microgram micrograms",
        "1/1000": "mg milligram milligrams milligramme milligrammes",
        "1": "g gr gram grams gramm gramme grammes",
        "1000": "kg kgs kilo kilos kilogram kilograms kilogramm kilogramme kilogrammes",
        "1000000": "tonne tonnes",
        "45359237/1600000": "oz oz. ounce ounces",
        "45359237/100000": "lb lbs lb. lbs. pound pounds",
    },
    "volume": {
        "1/1000": "ml mL millilitre millilitres milliliter milliliters cm3 cm^3 cc",
        "1/100": "cl cL centilitre centilitres centiliter centiliters",
        "1/10": "dl dL decilitre decilitres deciliter deciliters",
        "1": "l L litre litres liter liters ltr dm3 dm^3",
        "1000": "m3 m^3 cubic|metre cubic|metres cubic|meter cubic|meters",
        "55306341/1953125": "cu|ft cu.|ft. ft3 ft^3 cubic|foot cubic|feet",
        "2048383/125000000": "cu|in cu.|in. in3 in^3 cubic|inch cubic|inches",
        "473176473/16000000000": "fl|oz fl.|oz. fluid|ounce fluid|ounces",
        "473176473/1000000000": "pint pints pt",
        "473176473/500000000": "quart quarts qt",
        "473176473/125000000": "gal gallon gallons",
    },
    "area": {
        "1/10000": "cm2 cm^2 sq|cm square|centimetres square|centimeters",
        "1": "m2 m^2 sqm sq|m square|metre square|metres square|meter square|meters",
        "316160658/78125": "acre acres",
        "10000": "ha hectare hectares",
        "16129/25000000": "sq|in sq.|in. in2 in^2 square|inch square|inches",
        "145161/1562500": "sq|ft sq.|ft. ft2 ft^2 square|foot square|feet",
    },
    "time": {
        "1/1000": "ms millisecond milliseconds",
        "1": "s sec secs second seconds",
        "60": "min mins minute minutes minuten",
        "3600": "h hr hrs hour hours stunden",
        "86400": "day days",
        "604800": "week weeks wk",
    },
    "calendar": {"1": "month months mo", "12": "yr yrs year years"},
    "power": {"1/1000": "mW milliwatt milliwatts", "1": "W watt watts", "1000": "kW kilowatt kilowatts"},
    "horse power": {"1": "hp horsepower"},
    "heat": {"1": "BTU btu btus"},
    "apparent power": {"1": "VA", "1000": "kVA"},
    "resistance": {"1": "Ω ohm ohms", "1000": "kΩ"},
    "flow": {"1": "l/min lpm litres|per|minute liters|per|minute", "473176473/125000000": "gpm gallons|per|minute"},
    "energy": {"1": "Wh watt|hour watt|hours", "1000": "kWh kilowatt|hour kilowatt|hours"},
    "food energy": {"1": "kcal kilocalorie kilocalories calorie calories cal", "125/523": "kJ kilojoule kilojoules"},
    "charge": {"1": "mAh milliamp|hours milliampere|hours milliampere|hour", "1000": "Ah amp|hours"},
    "voltage": {"1/1000": "mV", "1": "V volt volts", "1000": "kV"},
    "current": {"1/1000": "mA milliamp milliamps", "1": "A amp amps ampere amperes"},
    "frequency": {"1": "Hz hertz", "1000": "kHz", "1000000": "MHz", "1000000000": "GHz"},
    "sound": {"1": "dB dB(A) dBA decibel decibels"},
    "light": {"1": "lm lumen lumens"},
    "illuminance": {"1": "lx lux"},
    "data": {
        "1": "kB KB kilobyte kilobytes",
        "1000": "MB megabyte megabytes",
        "1000000": "GB gigabyte gigabytes",
        "1000000000": "TB terabyte terabytes",
    },
    "byte rate": {"1": "MB/s MBps megabytes|per|second", "1000": "GB/s GBps gigabytes|per|second"},
    "data rate": {"1": "Mbps mbps Mbit/s megabits|per|second", "1000": "Gbps gbps Gbit/s"},
    "speed": {
        "1": "km/h kmh kph kilometres|per|hour kilometers|per|hour",
        "25146/15625": "mph miles|per|hour",
        "18/5": "m/s metres|per|second meters|per|second",
        "3429/3125": "ft/s feet|per|second",
    },
    "rotation": {"1": "rpm revolutions|per|minute"},
    "pressure": {
        "1": "bar bars",
        "1/1000": "mbar hPa millibar millibars",
        "1/100": "kPa kilopascal kilopascals",
        "10": "MPa",
        "6894757/100000000": "psi",
    },
    "water column": {"1": "mmH2O"},
    "fabric weight": {"1": "gsm g/m2 g/m^2 g/m²"},
    "yarn": {"1": "den denier deniers"},
    "warmth": {"1": "tog togs"},
    "torque": {"1": "Nm"},
    "resolution": {"1": "dpi ppi"},
    "pixels": {"1": "MP megapixel megapixels", "1/1000000": "px pixel pixels"},
    "angle": {"1": "°|- degree degrees"},
    "percent": {"1": "% percent per|cent"},
}

_CASE_MATTERS: Final = frozenset("W V A MP MB M VA".split())
"""Written small these are words or other units, so only their own case counts."""

_CURRENCIES: Final = {
    "USD": "$ USD US$ dollar dollars US|dollar US|dollars",
    "EUR": "€ EUR euro euros",
    "GBP": "£ GBP quid",
    "JPY": "¥ JPY yen",
    "CHF": "CHF francs",
    "CAD": "CAD C$ CA$ canadian|dollars",
    "AUD": "AUD A$ AU$ australian|dollars",
    "NZD": "NZD NZ$",
    "HKD": "HKD HK$",
    "SGD": "SGD S$",
    "MXN": "MXN MX$ pesos",
    "BRL": "BRL R$ reais",
    "CNY": "CNY RMB yuan",
    "SEK": "SEK",
    "DKK": "DKK",
    "NOK": "NOK",
    "PLN": "PLN zł",
    "INR": "INR ₹ rupees",
}


def _units() -> dict[str, Unit]:
    found: dict[str, Unit] = {}
    for dimension, by_factor in _TABLE.items():
        for factor, names in by_factor.items():
            unit = Unit(dimension, Fraction(factor))
            for name in names.split():
                found[name] = unit
    for currency, names in _CURRENCIES.items():
        found |= dict.fromkeys(names.split(), Unit(f"money:{currency}"))
    found |= dict.fromkeys(("¢", "cent", "cents"), Unit("money:USD", Fraction(1, 100)))
    for name in ("°C", "°c", "celsius", "centigrade", "degrees|celsius", "°|celsius", "degrees|c", "deg|c", "degc"):
        found[name] = Unit("temperature")
    for name in ("°F", "°f", "fahrenheit", "degrees|fahrenheit", "°|fahrenheit", "degrees|f", "deg|f", "degf"):
        found[name] = Unit("temperature", Fraction(5, 9), Fraction(-160, 9))
    for name, unit in tuple(found.items()):
        if name not in _CASE_MATTERS:
            found.setdefault(name.lower(), unit)
    return found


UNITS: Final[dict[str, Unit]] = _units()
"""Unit by the way it is written; words of a unit of several are joined by `|`."""

DOLLARS: Final = {
    "CA": UNITS["CAD"],
    "AU": UNITS["AUD"],
    "NZ": UNITS["NZD"],
    "HK": UNITS["HKD"],
    "SG": UNITS["SGD"],
    "MX": UNITS["MXN"],
}
"""What `$` alone means by the region of a locale; elsewhere it is the dollar of the United States."""

CELSIUS: Final = UNITS["celsius"]
FAHRENHEIT: Final = UNITS["fahrenheit"]
INCH: Final = UNITS["inch"]
FOOT: Final = UNITS["foot"]
PERCENT: Final = UNITS["%"]
LONGEST: Final = 5
"""The most tokens that one unit has: `g / m ^ 2`."""

LONG_STARTS: Final = frozenset(cut[0].text.lower() for name in UNITS if len(cut := tokens(name.replace("|", " "))) > 1)
"""The first tokens of units that have several, in lower case."""


@lru_cache(maxsize=16_384)
def unit_named(word: str) -> Unit | None:
    """Give the unit written so, its own case first, or None."""
    return UNITS.get(word) or (UNITS.get(word.lower()) if word not in _NOT_SMALL else None)


_NOT_SMALL: Final = frozenset({"M", "S", "L", "G", "H", "XL", "GR", "PT", "IN", "MS", "AM", "PM", "SEC", "DEN", "MO"})
"""Capitals that mean a size or a word, not the unit of the same letters."""
