"""Compiles the modules on the path of a message, where there is a C compiler; without one the package is plain Python.

The build goes on when compiling fails: the wheel is then a pure one, which runs everywhere, and a line says so.
`TYPEDWS_BUILD=plain` in the environment does not try; `TYPEDWS_BUILD=compiled` fails where it cannot be done.

A wheel is made without touching the checkout. For an editable installation the modules are put beside their sources,
and `python hatch_build.py` does the same; what an earlier compilation left there does not outlive one that fails.
"""

from __future__ import annotations

import ast
import os
import shutil
import sys
import sysconfig
import zlib
from importlib import metadata
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from textwrap import shorten
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent


def named_modules(name: str) -> list[str]:
    """`HOT` or `IN_C` of `typedws/protocol/__init__.py`, read without importing it."""
    tree = ast.parse((ROOT / "typedws/protocol/__init__.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == name and node.value is not None:
            return list(ast.literal_eval(node.value))
    raise LookupError(f"typedws/protocol/__init__.py has no {name}")


def compile_all() -> dict[str, Path]:
    """Compiles what has changed, in `build/`. Returns each result, under the place beside its source where it belongs.

    The current directory must be the root.
    """
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension

    # What another Python, another Cython or another compiler has made is of no use, and an unchanged source would hide
    # that.
    compiler = zlib.crc32(repr([os.environ.get(name) for name in ("CC", "CFLAGS", "LDFLAGS")]).encode())
    kind = f"{sysconfig.get_config_var('SOABI')}-cython-{metadata.version('cython')}-{compiler:08x}"
    scratch = ROOT / "build" / f"compiled-{kind}"
    # Most Pythons hand their own `-g` on, which makes a wheel four times as large. Who sets CFLAGS has a say.
    flags = [] if os.name == "nt" else ["-O3", "-Wno-unused-function", *([] if "CFLAGS" in os.environ else ["-g0"])]

    def extension(module: str, suffix: str) -> Extension:
        return Extension(
            module,
            [module.replace(".", "/") + suffix],
            extra_compile_args=flags,
            include_dirs=["typedws/protocol"],
            depends=["typedws/protocol/_framing.h"],
        )

    def build(extensions: list[Extension]) -> dict[str, Path]:
        command: Any = Distribution({"name": "typedws", "ext_modules": extensions}).get_command_obj("build_ext")
        command.build_lib = str(scratch / "lib")
        command.build_temp = str(scratch / "temp")
        command.ensure_finalized()
        command.run()
        outputs = [Path(output) for output in command.get_outputs()]
        return {output.relative_to(scratch / "lib").as_posix(): output for output in outputs}

    # The small ones first: they soon show that there is no compiler, and Cython would take its time before.
    built = build([extension(module, ".c") for module in named_modules("IN_C")])
    generated = cythonize(
        [extension(module, ".py") for module in named_modules("HOT")],
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
    return built | build(generated)


def compile_if_possible() -> dict[str, Path]:
    """As `compile_all`; where it cannot be done, nothing, unless `TYPEDWS_BUILD` says that it must.

    Raises:
        Exception: it must, and cannot be done; or `TYPEDWS_BUILD` is not a word that is known.
    """
    wanted = os.environ.get("TYPEDWS_BUILD", "")
    if wanted not in ("", "plain", "compiled"):
        raise ValueError(f"TYPEDWS_BUILD is {wanted!r}: it may be 'plain' or 'compiled', or not be set")
    if wanted == "plain":
        return {}
    before = Path.cwd()
    os.chdir(ROOT)
    try:
        if sys.implementation.name != "cpython":
            raise NotImplementedError(f"{sys.implementation.name} runs the plain form faster")
        return compile_all()
    except (Exception, SystemExit) as error:  # a compiler that is missing makes setuptools exit
        if wanted == "compiled":
            raise
        reason = shorten(str(error), 200)
        print(f"typedws is built in its plain form, as it could not be compiled: {reason}", file=sys.stderr)
        return {}
    finally:
        os.chdir(before)


def compile_in_place() -> list[str]:
    """Puts the compiled modules beside their sources, all of them or none. Returns their paths, relative to the root.

    Raises:
        Exception: as `compile_if_possible`.
    """
    built: dict[str, Path] = {}
    try:
        built = compile_if_possible()
    finally:
        for module in (*named_modules("IN_C"), *named_modules("HOT")):
            for suffix in EXTENSION_SUFFIXES:
                target = module.replace(".", "/") + suffix
                if target not in built:
                    (ROOT / target).unlink(missing_ok=True)
    for target, output in built.items():
        fresh = shutil.copy(output, ROOT / f"{target}.new")
        os.replace(fresh, ROOT / target)  # a program that runs keeps the one that it has loaded
    return sorted(built)


class CompiledForm(BuildHookInterface[Any]):
    """Adds the compiled modules to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            compile_in_place()
            return
        built = compile_if_possible()
        if built:
            build_data["force_include"].update({str(output): target for target, output in built.items()})
            build_data["pure_python"] = False
            build_data["infer_tag"] = True


if __name__ == "__main__":
    for path in compile_in_place():
        print(path)
