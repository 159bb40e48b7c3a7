"""Compiles the modules on the path of a message, where there is a C compiler; without one the package is plain Python.

The build goes on when compiling fails: the wheel is then a pure one, which runs everywhere, and a line says so.
`TYPEDWS_BUILD=plain` in the environment does not try; `TYPEDWS_BUILD=compiled` fails where it cannot be done.

`python hatch_build.py` compiles in the checkout, for an editable installation.
"""

from __future__ import annotations

import ast
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
IN_C = ("_landing", "_masking")


def hot_modules() -> list[str]:
    """`HOT` of `typedws/protocol/__init__.py`, read without importing it."""
    tree = ast.parse((ROOT / "typedws/protocol/__init__.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "HOT" and node.value is not None:
            return list(ast.literal_eval(node.value))
    raise LookupError("typedws/protocol/__init__.py has no HOT")


def compile_in_place() -> list[str]:
    """Compiles what has changed, and puts the results beside their sources. Returns the paths of all of them, relative
    to the root. What they are made from lies in `build/`."""
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension

    def extension(module: str, source: str) -> Extension:
        return Extension(module, [source], extra_compile_args=[] if os.name == "nt" else ["-O3"])

    scratch = ROOT / "build" / f"compiled-{sys.implementation.cache_tag}"
    extensions = cythonize(
        [extension(name, name.replace(".", "/") + ".py") for name in hot_modules()],
        build_dir=str(scratch / "c"),
        # Types are given in the .pxd files: the annotations say what a value is, not how it is kept.
        compiler_directives={
            "language_level": 3,
            "annotation_typing": False,
            "boundscheck": False,
            "wraparound": False,
        },
        quiet=True,
    )
    extensions += [extension(f"typedws.protocol.{name}", f"typedws/protocol/{name}.c") for name in IN_C]
    command: Any = Distribution({"name": "typedws", "ext_modules": extensions}).get_command_obj("build_ext")
    command.build_lib = str(scratch / "lib")
    command.build_temp = str(scratch / "temp")
    command.ensure_finalized()
    command.run()
    built = []
    for output in command.get_outputs():
        target = Path(output).relative_to(scratch / "lib")
        fresh = shutil.copy(output, ROOT / f"{target}.new")
        os.replace(fresh, ROOT / target)  # a program that runs keeps the one that it has loaded
        built.append(target.as_posix())
    return built


def compile_if_possible() -> list[str]:
    """As `compile_in_place`; where it cannot be done, nothing, unless `TYPEDWS_BUILD` says that it must.

    Raises:
        Exception: it must, and cannot be done.
    """
    wanted = os.environ.get("TYPEDWS_BUILD", "")
    if wanted == "plain":
        return []
    before = Path.cwd()
    os.chdir(ROOT)
    try:
        return compile_in_place()
    except (Exception, SystemExit) as error:  # a compiler that is missing makes setuptools exit
        if wanted == "compiled":
            raise
        print(f"typedws is built in its plain form, without a compiled one: {error}", file=sys.stderr)
        return []
    finally:
        os.chdir(before)


class CompiledForm(BuildHookInterface[Any]):
    """Adds the compiled modules to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or sys.implementation.name != "cpython":
            return
        built = compile_if_possible()
        if built:
            build_data["artifacts"].extend(built)
            build_data["pure_python"] = False
            build_data["infer_tag"] = True


if __name__ == "__main__":
    for path in compile_if_possible():
        print(path)
