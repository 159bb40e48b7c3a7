"""What `typedws export MODULE:OBJECT [-o FILE]` does, without the command line."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from typedws.errors import SchemaError
from typedws.schema.exporting.api import Api
from typedws.schema.exporting.document import export
from typedws.schema.exporting.text import to_json, to_yaml

__all__ = ["export_command", "find_api"]


def export_command(target: str, output: str | os.PathLike[str] | None = None) -> str:
    """Writes the document of an `Api` in a module.

    Args:
        target: `package.module:name`, where the name is that of an `Api`, or of a function without arguments that makes
            one; without a name, the only `Api` of the module. Modules are looked for in the current directory too.
        output: the file to write: JSON where its name ends in `.json`, YAML for `.yaml` and `.yml`. None writes none.

    Returns:
        the text of the document; YAML where there is no file.

    Raises:
        SchemaError: there is no such module or object, a type cannot be described, or the file cannot be written.
    """
    ending = "" if output is None else Path(output).suffix.lower()
    if ending not in ("", ".json", ".yaml", ".yml") or (output is not None and not ending):
        raise SchemaError(f"{os.fspath(output or '')}: a document is a .yaml, .yml or .json file")
    document = export(find_api(target))
    text = to_json(document) if ending == ".json" else to_yaml(document)
    if output is not None:
        try:
            Path(output).write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise SchemaError(f"{os.fspath(output)}: it cannot be written: {error.strerror or error}") from error
    return text


def find_api(target: str) -> Api:
    """The `Api` that `target` names; see `export_command`.

    Raises:
        SchemaError: there is none, or the module cannot be imported.
    """
    name, _, path = target.partition(":")
    if name.endswith(".py") or "/" in name or not all(part.isidentifier() for part in name.split(".")):
        raise SchemaError(f"{target!r} is no place: give MODULE:OBJECT, as in shop.channels:api for shop/channels.py")
    module = _import(name)
    if not path:
        return _only_api(module)
    found: Any = module
    for part in path.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            others = _apis(module)
            hint = f"; it has {', '.join(others)}" if others else ""
            raise SchemaError(f"the module {name} has no {path!r}{hint}") from None
    if callable(found) and not isinstance(found, Api | type):
        try:
            found = found()
        except Exception as error:
            raise SchemaError(f"{target}() failed with {type(error).__name__}: {error}") from error
    if not isinstance(found, Api):
        raise SchemaError(
            f"{target} is no Api, but of type {type(found).__name__}: declare Api(title, version, channels=...)"
        )
    return found


def _import(name: str) -> ModuleType:
    directory = os.getcwd()
    added = directory not in sys.path and "" not in sys.path
    if added:
        sys.path.insert(0, directory)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            raise SchemaError(
                f"there is no module {error.name}: run this where Python finds it, as in {directory}"
            ) from error
        raise SchemaError(f"importing {name} failed: {error}") from error
    except Exception as error:  # a module runs any code
        raise SchemaError(f"importing {name} failed with {type(error).__name__}: {error}") from error
    finally:
        if added:
            sys.path.remove(directory)


def _apis(module: ModuleType) -> list[str]:
    return [name for name, value in vars(module).items() if isinstance(value, Api)]


def _only_api(module: ModuleType) -> Api:
    names = _apis(module)
    if len(names) != 1:
        has = f"has {', '.join(names)}: name one, as in {module.__name__}:{names[0]}" if names else "has no Api"
        raise SchemaError(f"the module {module.__name__} {has}")
    api: Api = getattr(module, names[0])
    return api
