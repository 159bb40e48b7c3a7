"""What the user says of things in the document: where it belongs, and whether there are such things."""

from __future__ import annotations

from typedws.schema.building.messages import payload_place
from typedws.schema.building.names import ClassNames
from typedws.schema.building.options import FILE, BuildOptions
from typedws.schema.building.places import place_of
from typedws.schema.document.findings import Finding
from typedws.schema.document.objects import Document

__all__ = ["chosen_names", "report_unused"]


def chosen_names(document: Document, options: BuildOptions) -> dict[str, str]:
    """The names that the user chose, by place; a name for a message is one for its payload."""
    main = document.node.source.name
    chosen = dict(options.names)
    for channel in document.channels:
        for entry in channel.messages:
            name = options.names.get(place_of(entry.node, main))
            if name is not None:
                chosen.setdefault(place_of(payload_place(entry), main), name)
    return chosen


def report_unused(document: Document, options: BuildOptions, names: ClassNames) -> None:
    """Tells the user what they said of things that there are not."""
    main = document.node.source.name
    messages = {place_of(entry.node, main) for channel in document.channels for entry in channel.messages}
    for place in options.names:
        if place not in messages and not names.has(place):
            document.findings.add(_unused(f"[names] has {place!r}, and no class is made for that place"))
    keys = {channel.key for channel in document.channels}
    for key in options.discriminators:
        if key not in keys and key.removesuffix(".incoming").removesuffix(".outgoing") not in keys:
            document.findings.add(_unused(f"[discriminators] has {key!r}, and there is no such channel"))


def _unused(message: str) -> Finding:
    return Finding(code="unused-override", message=message, suggestion="correct it or leave it out", document=FILE)
