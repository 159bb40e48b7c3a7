"""From typed Python to an AsyncAPI document: a declaration of channels and their types, written down as AsyncAPI 3.1.

api           Api
declaration   Server, Variable, Security
channel       Channel, Reply, Message; a channel can be served
forms         which messages a type form stands for
schemas       the JSON Schemas of all types in a document, by msgspec and by pydantic
document      export: the document, as plain data
text          the document as YAML or JSON
command       what `typedws export` does
"""

from __future__ import annotations

from typedws.schema.exporting.api import Api
from typedws.schema.exporting.channel import Channel, Message, Reply
from typedws.schema.exporting.declaration import Security, Server, Variable
from typedws.schema.exporting.document import export
from typedws.schema.exporting.text import to_json, to_yaml

__all__ = ["Api", "Channel", "Message", "Reply", "Security", "Server", "Variable", "export", "to_json", "to_yaml"]
