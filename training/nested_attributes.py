"""Attributes as nested data, in JSON without quotes around its keys, flattened as a catalogue shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

_TOKEN: Final = re.compile(r"\s*(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[{}\[\]:;,]|[^{}\[\]:;,\s]+)")
_NUMBER: Final = re.compile(r"-?\d+\.?\d*(?:[eE][-+]?\d+)?|-?\.\d+")
_VALUES: Final = ("value", "string_value", "decimal_value")
"""Keys that name nothing: what stands there is the value of what is around it."""


def parse(text: str) -> list[Json]:
    """Read `{ unit:inches, value:13.6 }; { value:"x" }`; what cannot be read ends the list."""
    row = [found[1] for found in _TOKEN.finditer(text)]
    found: list[Json] = []
    at = 0
    while at < len(row):
        value, at = _value(row, at)
        found.append(value)
        at += at < len(row) and row[at] in ";,"
    return found


def _value(row: list[str], at: int) -> tuple[Json, int]:
    if row[at] == "{":
        return _object(row, at + 1)
    if row[at] == "[":
        return _list(row, at + 1)
    return _scalar(row[at]), at + 1


def _object(row: list[str], at: int) -> tuple[Json, int]:
    found: dict[str, Json] = {}
    while at + 2 < len(row) and row[at] != "}":
        key = row[at].strip("\"'")
        if row[at + 1] != ":":
            at += 1
            continue
        found[key], at = _value(row, at + 2)
        at += at < len(row) and row[at] in ",;"
    return found, at + 1


def _list(row: list[str], at: int) -> tuple[Json, int]:
    found: list[Json] = []
    while at < len(row) and row[at] != "]":
        value, at = _value(row, at)
        found.append(value)
        at += at < len(row) and row[at] in ",;"
    return found, at + 1


def _scalar(word: str) -> Json:
    if word[0] in "\"'":
        return word[1:-1].replace('\\"', '"').replace("\\'", "'")
    if word in ("true", "false"):
        return word == "true"
    if _NUMBER.fullmatch(word):
        return float(word)
    return word.replace("_", " ")


def flat(value: Json, name: str = "") -> dict[str, tuple[str, ...]]:
    """Give each attribute's values as text, names joined by dots: a number with the unit beside it, yes and no."""
    if isinstance(value, list):
        return _joined(flat(one, name) for one in value)
    if not isinstance(value, dict):
        return {name: (_shown(value),)} if value not in (None, "") else {}
    units = {key.removesuffix("unit"): str(one) for key, one in value.items() if key.endswith("unit")}
    found: list[dict[str, tuple[str, ...]]] = []
    for key, one in value.items():
        if not key.endswith("unit") and not (key == "decimal_value" and "string_value" in value):
            inner = name if key in (*_VALUES, "normalized_value") else f"{name}.{key}" if name else key
            unit = units.get(key.rpartition("_")[0] + "_" if "_" in key else "") or units.get("")
            found.append(flat(_with_unit(one, unit), inner))
    return _joined(found)


def _with_unit(value: Json, unit: str | None) -> Json:
    if unit is None or isinstance(value, bool | list | dict | None):
        return value
    shown = _shown(value)
    return f"{shown} {unit}" if _NUMBER.fullmatch(shown) else value


def _joined(parts: Iterable[dict[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for part in parts:
        for name, values in part.items():
            found[name] = tuple(dict.fromkeys((*found.get(name, ()), *values)))
    return found


def _shown(value: Json) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)
