"""The schemas of all types in a document, with one name for each class.

Types are added first, with whether they are read or written, and then named in the order in which they are asked for.
Names stay short: a second class of the same name gets the one around it, or its module, in front.
"""

from __future__ import annotations

from typing import Any, Final, get_args, get_origin

from typedws.converters.carrier import carrier_of
from typedws.errors import UnsupportedTypeError
from typedws.schema.exporting.forms import class_name
from typedws.schema.exporting.links import Link, Mode, Schema, is_array, is_object
from typedws.schema.exporting.structs import Structs

__all__ = ["Schemas"]

_REFERENCE: Final = "#/components/schemas/"


class Schemas:
    """The types of one document. What is read is to be added before what is written.

    Attributes:
        components: what goes to `components/schemas`; grows as schemas are asked for.
    """

    def __init__(self) -> None:
        self.components: dict[str, Schema] = {}
        self._structs = Structs(self._model)
        self._raw: dict[tuple[int, Mode], Schema] = {}
        self._forms: list[Any] = []  # kept, so that their ids stay theirs
        self._for_pydantic: list[tuple[int, Mode, Any]] = []
        self._models: dict[type, Mode] = {}
        self._mode: Mode = "validation"
        self._found: dict[Link, Schema] = {}
        self._classes: dict[Link, Any] = {}
        self._names: dict[Link, str] = {}

    def add(self, form: Any, mode: Mode) -> None:
        """Takes a type form into the document.

        Raises:
            Exception: it cannot be described; the error is that of a library, or of code in a class.
        """
        self._forms.append(form)
        if carrier_of(form).reads_with_adapter:
            self._add_model(id(form), mode, form)
        else:
            self._mode = mode
            self._raw[id(form), mode] = self._structs.schema(form)

    def add_union(self, form: Any, mode: Mode) -> None:
        """Notes what a whole union says about its members: which property tells them apart. Raises as `add`."""
        try:
            by_pydantic = carrier_of(form).reads_with_adapter
        except UnsupportedTypeError:
            return  # members of both libraries can be sent, though not read
        if by_pydantic:
            self._forms.append(form)
            self._add_model(id(form), mode, form)

    def _add_model(self, key: int, mode: Mode, form: Any) -> None:
        from typedws.schema.exporting.models import check_model

        check_model(form, mode)
        self._for_pydantic.append((key, mode, form))

    def _model(self, cls: type) -> Schema:
        # A Struct is described once, and with it the models in it: as they are read, if it is read anywhere.
        if cls not in self._models:
            self._add_model(id(cls), self._mode, cls)
            self._forms.append(cls)
            self._models[cls] = self._mode
        return {"$ref": Link("model", cls)}

    def settle(self) -> None:
        """Ends adding. pydantic describes all of its types at once, because they share classes."""
        self._found = {Link("msgspec", cls): schema for cls, schema in self._structs.components.items()}
        self._classes = {link: link.key for link in self._found}
        wanted: dict[tuple[int, Mode], tuple[int, Mode, Any]] = {}
        for key, mode, form in self._for_pydantic:
            wanted[key, mode] = (key, mode, form)
        for cls, mode in self._models.items():
            wanted[id(cls), mode] = (id(cls), mode, cls)
        if not wanted:
            return
        from typedws.schema.exporting.models import Models

        models = Models(list(wanted.values()))
        self._raw |= models.schemas
        for name, schema in models.components.items():
            link = Link("pydantic", name)
            self._found[link] = schema
            self._classes[link] = models.classes.get(name)

    def schema(self, form: Any, mode: Mode) -> Schema:
        """The schema of a form that was added, with its references; what they lead to is in `components` then."""
        written: Schema = self._written(self._raw[id(form), mode])
        return written

    def inline(self, form: Any, mode: Mode) -> Schema:
        """The same, without a reference at the top."""
        raw = self._raw[id(form), mode]
        while isinstance(raw.get("$ref"), Link):
            raw = self._follow(raw["$ref"])
        written: Schema = self._written(raw)
        return written

    def _follow(self, link: Link) -> Schema:
        if link.library == "model":
            return self._raw[id(link.key), self._models[link.key]]
        return self._found[link]

    def _written(self, raw: Any) -> Any:
        if is_array(raw):
            return [self._written(item) for item in raw]
        if not is_object(raw):
            return raw
        link = raw.get("$ref")
        if isinstance(link, Link):
            if link.library == "model":
                return self._written(self._follow(link))
            return {"$ref": _REFERENCE + self._name(link)}
        return {key: self._written(value) for key, value in raw.items()}

    def _name(self, link: Link) -> str:
        known = self._names.get(link)
        if known is not None:
            return known
        cls = self._classes[link]
        raw = self._found[link]
        for other, name in self._names.items():
            # An enum, say, that a Struct has and a model as well.
            if cls is not None and self._classes[other] is cls and self._found[other] == raw:
                self._names[link] = name
                return name
        name = self._free_name(link, cls)
        self._names[link] = name
        self.components[name] = {}
        self.components[name] = self._written(raw)
        return name

    def _free_name(self, link: Link, cls: Any) -> str:
        origin = get_origin(cls) or cls
        around: list[str] = []
        if cls is None:
            short = class_name(str(link.key).partition("-")[0].rpartition("__")[2])
        else:
            short = class_name(_spelled(cls))
            if str(link.key).endswith(("-Input", "-Output")):
                short += str(link.key).rpartition("-")[2]
            outer = [part for part in origin.__qualname__.split(".")[:-1] if part != "<locals>"]
            around = [*outer[-1:], origin.__module__.rpartition(".")[2].strip("_")]
        candidates = [short, *(class_name(f"{word[:1].upper()}{word[1:]}{short}") for word in around)]
        name = next((candidate for candidate in candidates if candidate and candidate not in self.components), "")
        number = 2
        while not name:
            numbered = f"{short or 'Type'}{number}"
            name = "" if numbered in self.components else numbered
            number += 1
        return name


def _spelled(form: Any) -> str:
    origin = get_origin(form)
    if origin is None:
        return getattr(form, "__name__", str(form))
    return "_".join((getattr(origin, "__name__", str(origin)), *map(_spelled, get_args(form))))
