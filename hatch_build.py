"""Compiles the modules on the path of a message, where there is a compiler; without one the package is plain Python.

The build goes on when compiling fails: the wheel is then a pure one, which runs everywhere, and a line says so.
`TYPEDWS_BUILD=plain` in the environment does not try; `TYPEDWS_BUILD=compiled` fails where it cannot be done.
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


def hot_modules() -> list[str]:
    """`HOT` of `typedws/protocol/__init__.py`, read without importing it."""
    tree = ast.parse((ROOT / "typedws/protocol/__init__.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "HOT" and node.value is not None:
            return list(ast.literal_eval(node.value))
    raise LookupError("typedws/protocol/__init__.py has no HOT")


def compile_in_place(scratch: Path) -> list[str]:
    """Compiles everything, and puts the results beside their sources. Returns their paths, relative to the root.

    Args:
        scratch: where files are put that are not needed afterwards.
    """
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension

    def extension(module: str, source: str) -> Extension:
        return Extension(module, [source], extra_compile_args=[] if os.name == "nt" else ["-O3"])

    modules = [extension(name, name.replace(".", "/") + ".py") for name in hot_modules()]
    extensions = cythonize(
        modules,
        build_dir=str(scratch / "c"),
        language_level=3,
        # Types are given in the .pxd files: the annotations say what a value is, not how it is kept.
        compiler_directives={"annotation_typing": False, "boundscheck": False, "wraparound": False},
        quiet=True,
    )
    extensions.append(extension("typedws.protocol._masking", "typedws/protocol/_masking.c"))
    command: Any = Distribution({"name": "typedws", "ext_modules": extensions}).get_command_obj("build_ext")
    command.build_lib = str(scratch / "lib")
    command.build_temp = str(scratch / "temp")
    command.ensure_finalized()
    command.run()
    built = []
    for output in command.get_outputs():
        target = Path(output).relative_to(scratch / "lib")
        shutil.copy2(output, ROOT / target)
        built.append(target.as_posix())
    return built


class CompiledForm(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        wanted = os.environ.get("TYPEDWS_BUILD", "")
        if self.target_name != "wheel" or wanted == "plain" or sys.implementation.name != "cpython":
            return
        scratch = ROOT / "build" / f"cython-{sys.implementation.cache_tag}"
        here = Path.cwd()
        os.chdir(ROOT)
        try:
            built = compile_in_place(scratch)
        except BaseException as error:
            if wanted == "compiled" or not isinstance(error, (Exception, SystemExit)):
                raise
            self.app.display_warning(f"typedws is built without its compiled form: {error}")
            return
        finally:
            os.chdir(here)
        build_data["artifacts"].extend(built)
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
