"""The files of a document, and the references between them. Nothing is ever fetched from a network."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from typedws.errors import SchemaError
from typedws.schema.document.content import decoded, read_bytes
from typedws.schema.document.findings import Finding, Findings
from typedws.schema.document.json_text import parse_json
from typedws.schema.document.kinds import is_array, is_object
from typedws.schema.document.limits import (
    MAX_BYTES,
    MAX_FILES,
    MAX_REFERENCES,
    MAX_TOTAL_BYTES,
    MAX_YAML_BYTES,
)
from typedws.schema.document.node import Node, pointer_of
from typedws.schema.document.places import Complaint, Parsed, line_at
from typedws.schema.document.references import parse_reference, walk
from typedws.schema.document.yaml_text import EventBudget, parse_yaml

__all__ = ["Files", "Source"]

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")


class Source:
    """A file, read."""

    def __init__(self, files: Files, name: str, path: str, parsed: Parsed) -> None:
        self.name = name
        self.path = path
        self._files = files
        self._parsed = parsed
        for remark in parsed.remarks:
            Node(None, self, remark.path).warn(remark.code, remark.message, suggestion=remark.suggestion)

    def __repr__(self) -> str:
        return f"<{self.name}>"

    @property
    def root(self) -> Node:
        """The whole file."""
        return Node(self._parsed.value, self)

    def line(self, path: tuple[str | int, ...]) -> int | None:
        """The line of a place, counted from 1."""
        return line_at(self._parsed.places(), path)

    def report(self, finding: Finding) -> None:
        """Notes a finding."""
        self._files.findings.add(finding)

    def follow(self, node: Node) -> Node:
        """The node that a reference leads to, through any number of further ones.

        Raises:
            SchemaError: the reference leads nowhere, or round in a circle of nothing but references.
        """
        return self._files.follow(node)[-1]

    def chain(self, node: Node) -> tuple[Node, ...]:
        """The node, and what it refers to, step by step; the last one is no reference.

        Raises:
            SchemaError: the reference leads nowhere, or round in a circle of nothing but references.
        """
        return self._files.follow(node)


class _Unresolved(Exception):
    """Why a reference leads nowhere."""


class Files:
    """All files of a document, each read once."""

    def __init__(self, main: str) -> None:
        self.findings = Findings()
        self._main = os.path.abspath(main)
        self._sources: dict[str, Source | SchemaError] = {}
        self._contents: dict[str, bytes] = {}
        self._bytes = 0
        self._yaml_bytes = 0
        self._budget = EventBudget()
        self._followed: dict[Node, tuple[Node, ...] | str] = {}
        self._following: set[Node] = set()

    @property
    def digest(self) -> str:
        """SHA-256 over the bytes of every file that was read, in the order of their names."""
        digest = hashlib.sha256()
        for _, content in sorted(self._contents.items()):
            digest.update(content)
        return digest.hexdigest()

    def read_main(self, content: bytes | None) -> Source:
        """Reads the main file, or takes its content.

        Raises:
            SchemaError: it cannot be read.
        """
        return self._source(self._main, content)

    def read_all(self, start: Source) -> None:
        """Reads every file that is referred to, so that the digest covers them; a failure is kept until it matters."""
        todo = [start]
        while todo:
            source = todo.pop()
            for file in _files_in(source.root.value):
                known = len(self._sources)
                try:
                    found = self._referred(source, file)
                except (_Unresolved, SchemaError):
                    continue
                if len(self._sources) > known:
                    todo.append(found)

    def follow(self, node: Node) -> tuple[Node, ...]:
        """The node, and what it refers to, step by step.

        Raises:
            SchemaError: the reference leads nowhere, or round in a circle of nothing but references.
        """
        try:
            return self._steps(node)
        except _Unresolved as reason:
            raise node.error(str(reason)) from None

    def _steps(self, node: Node) -> tuple[Node, ...]:
        steps: list[Node] = []
        try:
            while node.is_reference and node not in self._followed:
                written = _shown(node.value["$ref"])
                if node in self._following:
                    raise _Unresolved(f"the reference {written} leads back to itself and to nothing else")
                if len(self._following) >= MAX_REFERENCES:
                    raise _Unresolved(f"the reference {written} leads through more than {MAX_REFERENCES} others")
                self._following.add(node)
                steps.append(node)
                node = self._step(node)
            known = self._followed.get(node, (node,))
            if isinstance(known, str):
                raise _Unresolved(known)
        except _Unresolved as reason:
            # All that lead there lead nowhere.
            self._followed.update(dict.fromkeys(steps, str(reason)))
            raise
        finally:
            self._following.difference_update(steps)
        for step in reversed(steps):
            known = self._followed[step] = (step, *known)
        return known

    def _step(self, node: Node) -> Node:
        text: str = node.value["$ref"]
        written = _shown(text)
        reference = parse_reference(text.strip())
        assert isinstance(node.source, Source)
        source = node.source if not reference.file else self._referred(node.source, reference.file)
        parts = reference.parts
        if parts is None:
            raise _Unresolved(f"the reference {written} has no JSON pointer behind its '#'")
        at = source.root
        while True:
            found = walk(at.value, parts)
            at = Node(found.value, at.source, (*at.path, *found.path))
            if found.joined and not found.rest:
                node.warn(
                    "unescaped-slash",
                    f"the reference {written} has a key with a '/' that is not escaped",
                    suggestion=f"write {pointer_of(at.path)}",
                )
            if not found.rest:
                return at
            if not at.is_reference:
                where = "" if at.source is node.source else f" of {at.source.name}"
                last = _shown(found.rest[0])
                raise _Unresolved(f"the reference {written} leads nowhere: {at.pointer}{where} has no {last}")
            # By RFC 6901 there is nothing behind a reference; authors mean what it refers to.
            node.warn(
                "reference-through-reference",
                f"the reference {written} leads through another one at {at.pointer}, which is followed",
            )
            at, parts = self._steps(at)[-1], found.rest

    def _referred(self, source: Source, file: str) -> Source:
        """The file that a reference names.

        Raises:
            _Unresolved: it is no file that could be read.
            SchemaError: it is one, and cannot be used.
        """
        scheme = _SCHEME.match(file)
        if scheme is not None or file.startswith("//"):
            if scheme is None or scheme[1].lower() in ("http", "https"):
                raise _Unresolved(
                    f"the reference {_shown(file)} leads into the network, where nothing is fetched from; download "
                    "the file and refer to it by a relative path"
                )
            raise _Unresolved(f"the reference {_shown(file)} is no path of a file; write one that is relative")
        if "\0" in file or "%00" in file:
            raise _Unresolved(f"the reference {_shown(file)} is no path of a file")
        if os.path.isabs(file):
            raise _Unresolved(
                f"the reference {_shown(file)} is an absolute path, which leads elsewhere on every machine; write one "
                "that is relative"
            )
        folder = os.path.dirname(source.path)
        path = os.path.join(folder, file)
        if "%" in file and not os.path.exists(path):
            path = os.path.join(folder, unquote(file))
        path = os.path.abspath(path)
        if path not in self._sources and not os.path.exists(path):
            raise _Unresolved(f"the reference {_shown(file)} leads nowhere: there is no file {self._name(path)}")
        return self._source(path, None)

    def _source(self, path: str, content: bytes | None) -> Source:
        known = self._sources.get(path)
        if known is None:
            name = self._name(path)
            try:
                known = self._read(path, name, content)
            except Complaint as complaint:
                place = name if complaint.line is None else f"{name}:{complaint.line}"
                known = SchemaError(f"{place}: {complaint.message}", document=name, pointer="#", line=complaint.line)
            self._sources[path] = known
        if isinstance(known, SchemaError):
            raise known
        return known

    def _read(self, path: str, name: str, content: bytes | None) -> Source:
        if len(self._sources) >= MAX_FILES:
            raise Complaint(f"the document has more than {MAX_FILES} files")
        content = read_bytes(path) if content is None else content
        if len(content) > MAX_BYTES:
            raise Complaint(f"the file has more than {MAX_BYTES >> 20} MiB")
        self._bytes += len(content)
        if self._bytes > MAX_TOTAL_BYTES:
            raise Complaint(f"the files of the document have more than {MAX_TOTAL_BYTES >> 20} MiB together")
        self._contents[name] = content
        return Source(self, name, path, self._parse(decoded(content), name))

    def _parse(self, text: str, name: str) -> Parsed:
        is_json = text.lstrip()[:1] in ("{", "[")
        if is_json:
            try:
                return parse_json(text)
            except Complaint:
                # YAML may begin with a brace as well.
                if name.lower().endswith(".json"):
                    raise
        self._yaml_bytes += len(text)
        if self._yaml_bytes > MAX_YAML_BYTES:
            raise Complaint(
                f"there are more than {MAX_YAML_BYTES >> 20} MiB of YAML; convert the files to JSON, which is read "
                "much faster"
            )
        return parse_yaml(text, self._budget)

    def _name(self, path: str) -> str:
        try:
            name = os.path.relpath(path, os.path.dirname(self._main))
        except ValueError:  # on another drive
            name = path
        return Path(name).as_posix()


def _files_in(value: Any) -> Iterator[str]:
    """The files in the references of a value, each once."""
    found: dict[str, None] = {}
    seen: set[int] = set()
    todo: list[Any] = [value]
    while todo:
        each = todo.pop()
        if is_object(each):
            if id(each) not in seen:
                seen.add(id(each))
                reference = each.get("$ref")
                if isinstance(reference, str) and (file := reference.strip().partition("#")[0]):
                    found.setdefault(file)
                todo += each.values()
        elif is_array(each) and id(each) not in seen:
            seen.add(id(each))
            todo += each
    yield from reversed(found)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 120 else text[:117] + "...")
