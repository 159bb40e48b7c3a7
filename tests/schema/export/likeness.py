"""Whether two schemas, in two documents, say the same about values."""

from __future__ import annotations

from typing import Any

IGNORED = {"title", "description", "default", "examples", "deprecated", "discriminator", "contentEncoding"}
"""What is told to people, or follows from the rest."""

WRITTEN_ONLY = {"decimal", "duration"}
"""Formats that a generated class leaves as the strings that they are."""


def unlike(
    left: Any, right: Any, documents: tuple[Any, Any], *, loose: bool, seen: frozenset[tuple[str, str]] = frozenset()
) -> str:
    """What is different, or "".

    Args:
        left: a schema of the first document.
        right: one of the second.
        documents: the two.
        loose: whether something that may be absent may as well be null, as it must in a model of pydantic's.
        seen: pairs of references that are being compared.
    """
    references = (reference_of(left), reference_of(right))
    if all(references):
        if references in seen:
            return ""
        seen |= {references}
    left, right = followed(left, documents[0]), followed(right, documents[1])
    lefts, rights = alternatives(left, documents[0]), alternatives(right, documents[1])
    if len(lefts) != len(rights):
        return f"{len(lefts)} alternatives are {len(rights)}: {left} and {right}"
    if len(lefts) > 1:
        for one in lefts:
            if all(unlike(one, other, documents, loose=loose, seen=seen) for other in rights):
                return f"{one} is in {left}, but not in {right}"
        return ""
    if lefts[0] is not left or rights[0] is not right:
        return unlike(lefts[0], rights[0], documents, loose=loose, seen=seen)
    if left.keys() != right.keys():
        return f"{left} and {right}"
    for key in left:
        if key == "properties":
            problem = unlike_properties(left, right, documents, loose=loose, seen=seen)
        elif key == "items" and isinstance(left[key], list):
            pairs = list(zip(left[key], right[key], strict=False))
            problem = "" if len(left[key]) == len(right[key]) else f"{left[key]} and {right[key]}"
            problem = problem or next(
                filter(None, (unlike(*pair, documents, loose=loose, seen=seen) for pair in pairs)), ""
            )
        elif key in ("items", "additionalProperties") and isinstance(left[key], dict):
            problem = unlike(left[key], right[key], documents, loose=loose, seen=seen)
        elif key in ("enum", "required"):
            problem = "" if set(map(repr, left[key])) == set(map(repr, right[key])) else f"{left} and {right}"
        else:
            problem = "" if left[key] == right[key] else f"{key}: {left[key]} and {right[key]}"
        if problem:
            return problem
    return ""


def unlike_properties(left: Any, right: Any, documents: tuple[Any, Any], *, loose: bool, seen: Any) -> str:
    if left["properties"].keys() != right["properties"].keys():
        return f"{list(left['properties'])} and {list(right['properties'])}"
    for name, one in left["properties"].items():
        other = right["properties"][name]
        if loose and name not in left.get("required", ()):
            one, other = without_null(one, documents[0]), without_null(other, documents[1])
        problem = unlike(one, other, documents, loose=loose, seen=seen)
        if problem:
            return f"{name}: {problem}"
    return ""


def reference_of(schema: Any) -> str:
    """What it refers to, with or without words around it; empty where it is no reference."""
    while len(schema.get("allOf", ())) == 1:
        schema = schema["allOf"][0]
    return str(schema.get("$ref", ""))


def followed(schema: Any, document: Any) -> Any:
    """The schema behind references, with what is said around them."""
    while "$ref" in schema or len(schema.get("allOf", ())) == 1:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        else:
            schema = {**schema["allOf"][0], **{key: value for key, value in schema.items() if key != "allOf"}}
    made = {key: value for key, value in schema.items() if key not in IGNORED}
    if "const" in made:
        made["enum"] = [made.pop("const")]
    if "enum" in made:
        made.pop("type", None)
    if made.get("format") in WRITTEN_ONLY:
        del made["format"]
    if made.get("additionalProperties") in (True, False, {}):
        del made["additionalProperties"]  # a client puts up with what a newer server adds
    for key in ("items", "minItems", "minLength", "minProperties"):
        if made.get(key) in ({}, 0):
            del made[key]
    if made.get("required") == []:
        del made["required"]
    return made


def alternatives(schema: Any, document: Any) -> list[Any]:
    """The members of a union, not nested; records stay references."""
    options = schema.get("anyOf", schema.get("oneOf"))
    if options is None:
        return [schema]
    flat: list[Any] = []
    for option in options:
        behind = followed(option, document)
        flat += alternatives(behind, document) if "anyOf" in behind or "oneOf" in behind else [option]
    return flat


def without_null(schema: Any, document: Any) -> Any:
    behind = followed(schema, document)
    if "anyOf" not in behind and "oneOf" not in behind:
        return schema
    kept = [one for one in alternatives(behind, document) if one != {"type": "null"}]
    return kept[0] if len(kept) == 1 else {"anyOf": kept}
