"""The smallest JSON document that a schema allows, always the same one."""

from __future__ import annotations

import json
from typing import TypeAlias

from workers.engines.engine import PromptRejected

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
_FILLER = "Sample text. "


def sample_json(schema: str) -> str:
    """Give the smallest document that the JSON schema allows. Raises PromptRejected for what it cannot satisfy.

    Understands what our own schemas use: objects, arrays, strings, numbers with bounds, enum, const, anyOf, $ref.
    """
    try:
        root = json.loads(schema)
    except ValueError as error:
        raise PromptRejected("the schema is not JSON") from error
    if not isinstance(root, dict):
        raise PromptRejected("the schema is not a JSON object")
    return json.dumps(_sample(root, root), ensure_ascii=False)


def _sample(node: dict[str, Json], root: dict[str, Json]) -> Json:
    """Give a value for one part of the schema."""
    if "const" in node:
        return node["const"]
    for choices in (node.get("enum"), node.get("anyOf"), node.get("oneOf")):
        if isinstance(choices, list) and choices:
            return _sample(choices[0], root) if isinstance(choices[0], dict) else choices[0]
    if isinstance(reference := node.get("$ref"), str):
        return _sample(_resolve(reference, root), root)
    return _sample_of_type(node, root)


def _sample_of_type(node: dict[str, Json], root: dict[str, Json]) -> Json:
    match node.get("type"):
        case "object":
            required = node.get("required")
            return {name: _sample(_part(node, name), root) for name in _names(required)}
        case "array":
            items = node.get("items")
            return (
                [_sample(items, root) for _ in range(_number(node, "minItems", 0))] if isinstance(items, dict) else []
            )
        case "string" if "pattern" not in node:
            shortest = max(_number(node, "minLength", 0), len(_FILLER) - 1)
            return _text(min(shortest, _number(node, "maxLength", shortest)))
        case "integer" | "number":
            return _number(node, "minimum", min(0, _number(node, "maximum", 0)))
        case "boolean":
            return False
        case "null":
            return None
        case other:
            raise PromptRejected(f"the fake engine cannot write a value of type {other!r}")


def _text(length: int) -> str:
    return (_FILLER * (length // len(_FILLER) + 1))[:length]


def _names(required: Json) -> list[str]:
    return [name for name in required if isinstance(name, str)] if isinstance(required, list) else []


def _part(node: dict[str, Json], name: str) -> dict[str, Json]:
    properties = node.get("properties")
    part = properties.get(name) if isinstance(properties, dict) else None
    if not isinstance(part, dict):
        raise PromptRejected(f"the schema requires {name!r} and does not describe it")
    return part


def _number(node: dict[str, Json], name: str, default: int) -> int:
    value = node.get(name, default)
    return int(value) if isinstance(value, (int, float)) else default


def _resolve(reference: str, root: dict[str, Json]) -> dict[str, Json]:
    found: Json = root
    for step in reference.removeprefix("#/").split("/"):
        found = found.get(step) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        raise PromptRejected(f"the schema refers to {reference!r}, which it does not define")
    return found
