"""The Autobahn test suite: where it is, and how it gets there.

It is a program for Python 2.7. It is kept outside of the checkout, in `$XDG_CACHE_HOME/typedws/autobahn`, and made
there the first time that it is asked for: a virtual environment for Python 2.7, by the last line of virtualenv that can
make one, and in it the suite from PyPI. A `wstest` that TYPEDWS_WSTEST names is used as it is instead.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

VERSION = "25.10.1"
PATIENCE = 120
"""Seconds that one step of the installation may take."""


class UnavailableError(Exception):
    """There is no test suite on this machine, and none can be made; the text says why."""


def find_or_install(say: Callable[[str], None]) -> Path:
    """The path of `wstest`.

    Args:
        say: told before what takes long.

    Raises:
        UnavailableError: there is none.
    """
    named = os.environ.get("TYPEDWS_WSTEST")
    if named:
        return Path(named)
    if sys.platform == "win32":
        raise UnavailableError("the Autobahn test suite is not installed on Windows")
    import fcntl

    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "typedws" / "autobahn"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wstest = cache / "suite" / "bin" / "wstest"
        complete = cache / f"complete-{VERSION}"
        if not (complete.exists() and wstest.exists()):
            python = next(pythons(), None)
            if python is None:
                raise UnavailableError("the Autobahn test suite needs Python 2.7, and none was found")
            say(f"installing the Autobahn test suite {VERSION} for {python} into {cache} (a minute)")
            install(cache, python)
            complete.touch()
    return wstest


def pythons() -> Iterator[str]:
    """Every Python 2.7 that runs."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    on_path = [path for path in (shutil.which("python2.7"), shutil.which("python2")) if path is not None]
    for python in [*(str(path) for path in sorted(pyenv.glob("2.7*/bin/python2.7"))), *on_path]:
        probe = [python, "-c", "import sys, ssl, zlib; sys.exit(sys.version_info[:2] != (2, 7))"]
        if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            yield python


def install(cache: Path, python: str) -> None:
    """Makes the suite's environment anew.

    Raises:
        UnavailableError: a step failed.
    """
    for name in ("tools", "suite"):
        shutil.rmtree(cache / name, ignore_errors=True)
    tools, suite = cache / "tools" / "bin", cache / "suite" / "bin"
    quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    steps = [
        [sys.executable, "-m", "venv", str(cache / "tools")],
        [str(tools / "python"), *quiet, "virtualenv<20.22"],
        [str(tools / "virtualenv"), "--quiet", "--python", python, str(cache / "suite")],
        [str(suite / "python"), *quiet, f"autobahntestsuite=={VERSION}"],
        [str(suite / "wstest"), "--autobahnversion"],
    ]
    for step in steps:
        try:
            subprocess.run(step, capture_output=True, check=True, timeout=PATIENCE, text=True)
        except subprocess.CalledProcessError as error:
            last = (error.stderr or error.stdout).strip().splitlines()[-1:]
            raise UnavailableError(f"the Autobahn test suite could not be installed: {' '.join(last)}") from error
        except subprocess.TimeoutExpired as error:
            raise UnavailableError(f"the Autobahn test suite could not be installed: {error}") from error
