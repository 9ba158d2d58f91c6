"""The values in a shop's files as ours.

Every reader raises Unreadable for a value that it cannot take.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from deploy.html_text import html_text
from deploy.shop_names import ACTIVITY_KINDS, Json, folded, is_empty
from schemas.events import Money
from schemas.record import unix_ms

_SYMBOLS = {"€": "EUR", "£": "GBP", "$": "USD"}
_PRICE = re.compile(r"(?P<before>[A-Z]{3}|[€£$])?\s*(?P<amount>\d[\d.,']*)\s*(?P<after>[A-Z]{3}|[€£$])?")
_RATING = re.compile(r"(\d+(?:\.0+)?)\s*(?:/\s*5|stars?)?", re.IGNORECASE)
_YES = frozenset(("yes", "true", "1", "y"))
_NO = frozenset(("no", "false", "0", "n", ""))
_SECONDS_END = 10**11
"""A smaller number is a time in seconds (until the year 5138), a larger one in milliseconds."""
_LATEST_MS = 2**53
_MAX_DIGITS = 100
_QUANTITY = ("value", "unit")
"""The keys of a value with its unit; what stands beside them is about the same attribute."""


class Unreadable(ValueError):
    """What stands in a shop's file is not what it should be; the message says what is wrong, in words."""


def parse(raw: bytes) -> dict[str, Json]:
    """Give the JSON object in a line; numbers keep their digits."""
    try:
        value: Json = json.loads(raw.decode(), parse_int=_integer, parse_float=Decimal, parse_constant=_no_constant)
        if b"\\u" in raw:
            # An escape can name half of a surrogate pair, which is no character and cannot be sent.
            json.dumps(value, ensure_ascii=False, default=str).encode()
    except (UnicodeDecodeError, UnicodeEncodeError) as error:
        raise Unreadable("not UTF-8") from error
    except json.JSONDecodeError as error:
        raise Unreadable(f"not JSON: {error.msg} at column {error.colno}") from error
    except RecursionError as error:
        raise Unreadable("nested too deeply") from error
    if not isinstance(value, dict):
        raise Unreadable("not a JSON object")
    return value


def identifier(value: Json) -> str | None:
    """Give an id: a text, or a whole number as one."""
    if isinstance(value, bool) or not isinstance(value, str | int | None):
        raise Unreadable(f"an id is a text or a whole number, not {_shown(value)}")
    return str(value).strip() or None if value is not None else None


def text(value: Json) -> str | None:
    """Give clean text; a list's entries on a line each; of an object the value of its `name`."""
    if isinstance(value, dict):
        value = value.get("name")
    return "\n".join(texts(value)) or None


def texts(value: Json) -> tuple[str, ...]:
    """Give the clean texts of a value or of a list's entries; a quantity `{value, unit}` is one text."""
    if isinstance(value, str):
        one = html_text(value)
        return (one,) if one else ()
    entries = value if isinstance(value, list) else [value]
    found = (html_text(_scalar(entry)) for entry in entries if not is_empty(entry))
    return tuple(each for each in found if each)


def attributes(value: Json) -> dict[str, tuple[str, ...]]:
    """Give attribute names with their values, out of an object or a list of `{name, value}`.

    Nested names are joined by dots; the objects of a list are numbered from 1. `{value, unit, more}` is the value of
    its own name, with its unit; `more` is nested in it.
    """
    if not isinstance(value, dict) and not _is_named_list(value):
        raise Unreadable("attributes are an object, or a list of names with values")
    return _flattened("", value)


def categories(value: Json) -> tuple[str, ...]:
    """Give category paths, levels joined by `/`: `"A > B"`, `"A/B"`, `["A/B", "C"]` and `[["A", "B"]]` are accepted."""
    entries = value if isinstance(value, list) else [value]
    paths = (" > ".join(texts(entry)) for entry in entries)
    joined = ("/".join(level.strip() for level in path.split(">") if level.strip()) for path in paths)
    return tuple(dict.fromkeys(path for path in joined if path))


def images(value: Json) -> tuple[str, ...]:
    """Give image addresses: texts, or objects with a `src` or `url`."""
    entries = value if isinstance(value, list) else [value]
    found = (entry.get("src") or entry.get("url") if isinstance(entry, dict) else entry for entry in entries)
    return tuple(each.strip() for each in found if isinstance(each, str) and each.strip())


def money(value: Json, currency: str) -> Money | None:
    """Give a price out of a number, a text such as `1,299.00 EUR`, or an object with amount and currency."""
    if isinstance(value, dict):
        amount = value.get("amount", value.get("value"))
        return money(amount, str(value.get("currency") or currency))
    if value is None or value == "":
        return None
    found = _PRICE.fullmatch(str(value).strip()) if not isinstance(value, bool | list) else None
    if found is None:
        raise Unreadable(f"price {_shown(value)} is not an amount")
    unit = found["before"] or found["after"] or currency
    return Money(amount=_amount(found["amount"]), currency=_SYMBOLS.get(unit, unit))


def moment(value: Json) -> int | None:
    """Give a time in Unix milliseconds: ISO 8601, UTC where no zone is given, or seconds or milliseconds."""
    if value is None:
        return None
    if isinstance(value, str) and not value.strip().lstrip("-").isdigit():
        try:
            found = datetime.fromisoformat(value.strip())
        except ValueError as error:
            raise Unreadable(f"time {_shown(value)} is not ISO 8601") from error
        return unix_ms(found if found.tzinfo else found.replace(tzinfo=UTC))
    if isinstance(value, bool | list | dict):
        raise Unreadable(f"time {_shown(value)} is neither ISO 8601 nor a number")
    number = Decimal(value)
    if abs(number) > _LATEST_MS:
        raise Unreadable(f"time {_shown(value)} is out of range")
    return int(number * 1000 if number < _SECONDS_END else number)


def whole(value: Json) -> int | None:
    """Give a whole number."""
    if value is None:
        return None
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,19}", str(value).strip()):
        raise Unreadable(f"{_shown(value)} is not a whole number")
    return int(str(value))


def rating(value: Json) -> int | None:
    """Give a number of stars: `4`, `4.0`, `"4"`, `"4/5"` and `"4 stars"` are accepted."""
    if value is None:
        return None
    found = _RATING.fullmatch(str(value).strip()) if not isinstance(value, bool | list | dict) else None
    if found is None or not 1 <= Decimal(found[1]) <= 5:
        raise Unreadable(f"rating {_shown(value)} is not a whole number of stars from 1 to 5")
    return int(Decimal(found[1]))


def flag(value: Json) -> bool:
    """Give yes or no; what is missing is no."""
    word = "" if value is None else str(value).strip().lower()
    if word not in _YES | _NO:
        raise Unreadable(f"{_shown(value)} is neither yes nor no")
    return word in _YES


def activity_kind(value: Json) -> str:
    """Give our name for a kind of activity."""
    word = folded(str(value))
    for kind, accepted in ACTIVITY_KINDS.items():
        if word in accepted:
            return kind
    raise Unreadable(f"kind {_shown(value)} is none of {', '.join(ACTIVITY_KINDS)}")


def _is_quantity(value: Json) -> bool:
    """Tell whether a value is one text: `{value}` or `{value, unit}`."""
    return isinstance(value, dict) and not value.keys() - set(_QUANTITY) and _has_own_value(value)


def _has_own_value(value: dict[str, Json]) -> bool:
    return not is_empty(value.get("value")) and not isinstance(value["value"], dict | list)


def _flattened(name: str, value: Json) -> dict[str, tuple[str, ...]]:
    inner = _inner(value)
    if inner is None:
        found = texts(value)
        return {name: found} if found else {}
    flat: dict[str, tuple[str, ...]] = {}
    if name and isinstance(value, dict) and _has_own_value(value):
        flat[name] = texts({key: value[key] for key in _QUANTITY if key in value})
        inner = {key: each for key, each in inner.items() if key not in _QUANTITY}
    for key, each in inner.items():
        flat |= _flattened(f"{name}.{key}" if name else key, each)
    return flat


def _inner(value: Json) -> dict[str, Json] | None:
    """Give what is nested in a value by name; None when it is one value, or a list of such."""
    if isinstance(value, dict):
        return None if _is_quantity(value) else value
    if not isinstance(value, list) or not any(isinstance(entry, list | dict) for entry in value):
        return None
    if _is_named_list(value):
        return dict(_named(entry) for entry in value if isinstance(entry, dict))
    if all(_is_quantity(entry) for entry in value):
        return None
    return {str(number): entry for number, entry in enumerate(value, 1)}


_NAME_KEYS = ("name", "attribute_code", "code", "label", "key")


def _is_named_list(value: Json) -> bool:
    return isinstance(value, list) and all(
        isinstance(entry, dict) and "value" in entry and any(key in entry for key in _NAME_KEYS) for entry in value
    )


def _named(entry: dict[str, Json]) -> tuple[str, Json]:
    return str(next(entry[key] for key in _NAME_KEYS if key in entry)), entry["value"]


def _scalar(value: Json) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dict) and _is_quantity(value):
        unit = value.get("unit")
        return str(value["value"]) if is_empty(unit) else f"{value['value']} {unit}"
    if isinstance(value, list | dict):
        raise Unreadable(f"a list or an object where a text is expected: {_shown(value)}")
    return str(value)


def _amount(digits: str) -> Decimal:
    """Read `1,299.00`, `1.299,00`, `1'299`, `57,5`: the last of two marks is decimal, and a comma before 1-2 digits."""
    plain = digits.replace("'", "")
    decimal_comma = "," in plain and (
        plain.rfind(",") > plain.rfind(".") if "." in plain else bool(re.fullmatch(r"\d+,\d{1,2}", plain))
    )
    if decimal_comma:
        plain = plain.replace(".", "").replace(",", ".")
    try:
        return Decimal(plain.replace(",", ""))
    except InvalidOperation as error:
        raise Unreadable(f"price {_shown(digits)} is not an amount") from error


def _shown(value: Json) -> str:
    return repr(str(value) if isinstance(value, Decimal) else value)[:60]


def _no_constant(name: str) -> Json:
    raise Unreadable(f"{name} is not JSON")


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise Unreadable(f"a number of {len(digits)} digits")
    return int(digits)
