"""The code in README.md and docs/ is executed as it stands on the page.

Each page is one program: its ```python blocks run in order, on one event loop and in one namespace, so that a page can
build on what it showed before. `await` is allowed outside functions. A block that calls `anyio.run`, `asyncio.run` or
`trio.run` is a whole program; it gets a thread, while what was set up goes on. What a page arranges out of the reader's
sight stands in HTML comments:

    <!-- setup
    server = await stack.enter_async_context(typedws.serve(handler, "127.0.0.1", 0))
    addresses["wss://api.example.com/feed"] = f"ws://127.0.0.1:{server.port}/"
    -->
        Runs at that place. `stack` is an `AsyncExitStack` that is left at the end of the page. In the blocks that
        follow, each key of `addresses` is replaced by its value.

    <!-- not run: why not -->
        The next ```python block is only compiled.

A block marked ```output is compared with what the block before it printed.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType

import anyio.to_thread
import pytest

import typedws

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]
MUST_EXIST = {"index", "tutorial", "sessions", "converters", "limits", "from-ktor", "design"}
BLOCK = re.compile(
    r"^<!-- (?P<comment>setup|not run:)(?P<hidden>.*?)-->$|^(?P<indent> *)```(?P<kind>\w+)\n(?P<code>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A piece of a page: `kind` is "python", "setup", "output" or "not run"."""

    page: Path
    kind: str
    line: int
    code: str

    def compiled(self, code: str) -> CodeType:
        """The code object; its line numbers are those of the page, so a traceback leads to the right place."""
        padded = "\n" * (self.line - 1) + code
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        compiled: CodeType = compile(padded, str(self.page), "exec", flags, dont_inherit=True)
        return compiled

    @property
    def is_program(self) -> bool:
        return re.search(r"^\s*(anyio|asyncio|trio)\.run\(", self.code, re.MULTILINE) is not None


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    run = True
    for found in BLOCK.finditer(text):
        line = text.count("\n", 0, found.start()) + 2  # the code begins behind the line that opens the block
        if found["comment"] == "not run:":
            assert found["hidden"].strip(), f"{page.name}, line {line - 1}: say why it is not run"
            run = False
        elif found["comment"] == "setup":
            yield Block(page, "setup", line, found["hidden"].lstrip("\n"))
        elif found["kind"] in {"python", "output"}:
            code = re.sub(f"^{found['indent']}", "", found["code"], flags=re.MULTILINE)
            yield Block(page, found["kind"] if run else "not run", line, code)
            run = True


async def execute(page: Path, module: ModuleType) -> int:
    """Runs a page and returns how many blocks ran."""
    ran = 0
    printed = io.StringIO()
    async with contextlib.AsyncExitStack() as stack:
        addresses: dict[str, str] = {}
        vars(module).update(stack=stack, addresses=addresses, typedws=typedws)
        for block in blocks(page):
            if block.kind == "output":
                assert printed.getvalue() == block.code, f"{page.name}, line {block.line}: prints something else"
                continue
            code = block.code
            if block.kind != "setup":
                for public, local in addresses.items():
                    code = code.replace(public, local)
            compiled = block.compiled(code)
            if block.kind == "not run":
                continue
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                if block.is_program:
                    await anyio.to_thread.run_sync(eval, compiled, vars(module))
                else:
                    result = eval(compiled, vars(module))
                    if inspect.iscoroutine(result):
                        await result
            ran += 1
    return ran


def test_the_pages_are_there() -> None:
    assert PAGES[0].exists()
    assert MUST_EXIST <= {page.stem for page in PAGES}


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
@pytest.mark.time_limit(60)
async def test_the_code_on_a_page_runs(page: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    module = ModuleType("__main__")  # a page is a program; and postponed annotations are looked up by this name
    monkeypatch.setitem(sys.modules, "__main__", module)
    await execute(page, module)


def test_the_readme_shows_code_that_runs() -> None:
    assert any(block.kind == "python" for block in blocks(PAGES[0]))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_inside_the_project_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [found.split("#")[0] for found in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in found]
    assert not [target for target in targets if target and not (page.parent / target).exists()]
