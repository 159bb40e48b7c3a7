"""What `typedws lint` says about a document: everything that the generator had to put up with or could not express."""

from __future__ import annotations

import os

from typedws.errors import SchemaError
from typedws.schema.document.findings import Finding
from typedws.schema.generating import Perspective, generate

__all__ = ["lint"]


def lint(
    source: str | os.PathLike[str], *, text: str | bytes | None = None, perspective: Perspective = "auto"
) -> tuple[Finding, ...]:
    """Looks for what is wrong with an AsyncAPI document, or keeps its messages from being told apart.

    Args:
        source: the document, JSON or YAML.
        text: its text, where it is known already; `source` is its name then.
        perspective: whose `send` the document speaks of; "auto" finds out.

    Returns:
        the findings, by file and line. One that makes the document unusable is the only one, with the severity "error".

    Raises:
        ValueError: `perspective` is none of these.
    """
    try:
        findings = generate(source, text=text, perspective=perspective).findings
    except SchemaError as error:
        place = f"{error.document}:{error.line}: " if error.line is not None else f"{error.document}: "
        message = str(error).removeprefix(place).removesuffix(f" (at {error.pointer})")
        return (
            Finding(
                code="unusable",
                message=message,
                severity="error",
                document=error.document or os.fspath(source),
                pointer=error.pointer or "",
                line=error.line,
            ),
        )
    return tuple(sorted(findings, key=lambda found: (found.document, found.line or 0)))
