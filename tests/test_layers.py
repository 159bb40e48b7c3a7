"""The house that docs/design.md draws: imports go downward only, and the two columns meet at the top. The left column
never sees a socket, the right column never sees a model."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "typedws").rglob("*.py"))
MAX_LINES = 400

LEVELS = [
    {"call", "close", "config", "ending", "errors", "frames", "novalue", "redaction"},
    {"converters", "protocol"},
    {"transport"},
    {"inbox", "keepalive", "link", "outbox", "reading", "session", "session_link", "session_state", "streams", "wire"},
    # "" is typedws/__init__.py
    {"admission", "client", "client_options", "lifetime", "opening", "reconnect", "retry", "server", ""},
    {"schema", "testing"},
    {"__main__", "cli"},
]
LEVEL = {part: level for level, parts in enumerate(LEVELS) for part in parts}

LEFT = {"converters", "reading", "session", "session_link", "session_state", "streams"}
"""Frames and values."""
RIGHT = {"inbox", "keepalive", "link", "outbox", "protocol", "transport", "wire"}
"""Bytes and frames."""
NETWORK = RIGHT - {"protocol"}
PURE = {"converters", "protocol"}

MODELS = {"cbor2", "msgspec", "pydantic"}
SOCKETS = {"select", "selectors", "socket", "ssl"}
EVENT_LOOPS = {"anyio", "asyncio", "sniffio", "trio", "uvloop"}

FOR_TYPES_ONLY = {("errors", "call"), ("errors", "frames")}
"""An error carries evidence of these types, and still stands below them."""


@dataclass(frozen=True)
class Import:
    """`module` imports `target`, both dotted names, in `line`."""

    module: str
    target: str
    line: int
    for_types_only: bool

    @property
    def is_own(self) -> bool:
        return self.target.split(".")[0] == "typedws"

    def leads_to(self, parts: set[str], libraries: set[str]) -> bool:
        """Whether the target is in one of these parts of the house, or one of these libraries."""
        return part(self.target) in parts if self.is_own else self.target.split(".")[0] in libraries

    def __str__(self) -> str:
        return f"{self.module}, line {self.line}, imports {self.target}"


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {dotted(path): path for path in MODULES}


def part(module: str) -> str:
    """The part of the house that a module belongs to: `typedws.protocol.codec` is in `protocol`."""
    return module.split(".")[1] if "." in module else ""


def level(module: str) -> int:
    assert part(module) in LEVEL, f"{module} has no place in the house: put {part(module)!r} into LEVELS of {__file__}"
    return LEVEL[part(module)]


def is_type_checking(test: ast.expr) -> bool:
    return "TYPE_CHECKING" in (getattr(test, "id", None), getattr(test, "attr", None))


def imports_in(node: ast.AST, module: str, for_types_only: bool = False) -> Iterator[Import]:
    """Every import below `node`, those inside functions as well: a late import is an import."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(module, alias.name, child.lineno, for_types_only)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{module}, line {child.lineno}: relative import"
            assert child.module is not None
            for alias in child.names:
                submodule = f"{child.module}.{alias.name}"
                yield Import(module, submodule if submodule in NAMES else child.module, child.lineno, for_types_only)
        elif isinstance(child, ast.If) and is_type_checking(child.test):
            for statement in child.body:
                yield from imports_in(ast.Module([statement], []), module, True)
            for statement in child.orelse:
                yield from imports_in(ast.Module([statement], []), module, for_types_only)
        else:
            yield from imports_in(child, module, for_types_only)


TREES = {name: ast.parse(path.read_text(encoding="utf-8"), str(path)) for name, path in NAMES.items()}
IMPORTS = [found for name, tree in TREES.items() for found in imports_in(tree, name)]
OWN = [found for found in IMPORTS if found.is_own]


def test_there_is_a_house_to_look_at() -> None:
    assert {"typedws.frames", "typedws.errors", "typedws.converters.base"} <= NAMES.keys()
    assert any(found.module == "typedws.frames" and found.target == "typedws.close" for found in OWN)


@pytest.mark.parametrize("module", NAMES)
def test_every_module_has_a_place(module: str) -> None:
    level(module)


@pytest.mark.parametrize("module", NAMES)
def test_imports_go_downward_only(module: str) -> None:
    upward = [str(found) for found in OWN if found.module == module and level(found.target) > level(module)]
    assert not upward


def test_imports_for_types_go_downward_too() -> None:
    """Beside the modules of one part, and the exceptions that are named above."""
    sideways = {
        (part(found.module), part(found.target))
        for found in OWN
        if found.for_types_only and level(found.module) == level(found.target)
        if part(found.module) != part(found.target)
    }
    assert sideways <= FOR_TYPES_ONLY


def test_no_module_imports_itself_by_a_detour() -> None:
    graph: dict[str, set[str]] = {name: set() for name in NAMES}
    for found in OWN:
        if not found.for_types_only:
            graph[found.module].add(found.target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"import cycle: {' <- '.join(error.args[1])}")


def test_the_session_never_sees_a_socket() -> None:
    assert not [str(found) for found in IMPORTS if part(found.module) in LEFT and found.leads_to(NETWORK, SOCKETS)]


def test_the_wire_never_sees_a_model() -> None:
    assert not [str(found) for found in IMPORTS if part(found.module) in RIGHT and found.leads_to(LEFT, MODELS)]


def test_converters_and_protocol_know_neither_an_event_loop_nor_each_other() -> None:
    pure = [found for found in IMPORTS if part(found.module) in PURE]
    assert not [
        str(found)
        for found in pure
        if found.leads_to(PURE | NETWORK, SOCKETS | EVENT_LOOPS) and part(found.target) != part(found.module)
    ]


SCHEMA = [
    {"decisions"},
    {"runtime"},
    {"contract"},
    {"document"},
    {"building"},
    {"emit", "exporting", "samples"},
    {"generating", "linting", "mocking"},
    {""},
]
"""The floors inside of `schema`; "" is its `__init__`, which imports what is above the runtime only when it is used."""


def floor(module: str) -> int:
    name = module.removeprefix("typedws.schema").removeprefix(".").split(".")[0]
    return next(number for number, names in enumerate(SCHEMA) if name in names)


@pytest.mark.parametrize("module", [name for name in NAMES if part(name) == "schema"])
def test_imports_inside_of_the_schema_tools_go_downward(module: str) -> None:
    upward = [
        str(found)
        for found in OWN
        if found.module == module and part(found.target) == "schema" and floor(found.target) > floor(module)
    ]
    assert not upward


def test_a_generated_client_needs_none_of_the_tools() -> None:
    """Only the runtime: neither what reads documents nor what writes modules."""
    needed = [found for found in OWN if part(found.module) == "schema" and floor(found.module) <= 1]
    assert not [str(found) for found in needed if part(found.target) == "schema" and floor(found.target) > 1]


@pytest.mark.parametrize("module", NAMES)
def test_a_module_is_one_idea_that_has_a_name(module: str) -> None:
    lines = len(NAMES[module].read_text(encoding="utf-8").splitlines())
    assert NAMES[module].stem not in {"utils", "util", "helpers", "common", "misc"}
    assert lines <= MAX_LINES, f"{lines} lines: split it where the second topic begins"


@pytest.mark.parametrize("module", NAMES)
def test_a_module_opens_by_saying_what_it_is(module: str) -> None:
    statements = TREES[module].body
    assert ast.get_docstring(TREES[module])
    if len(statements) > 1:
        assert isinstance(statements[1], ast.ImportFrom)
        assert statements[1].module == "__future__"
