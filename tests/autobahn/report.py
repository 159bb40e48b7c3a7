"""The page docs/conformance.md: what a full run came to."""

from __future__ import annotations

import datetime
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import typedws
from tests.autobahn.suite import VERSION
from tests.autobahn.verdicts import Verdicts, table

TEXT = """\
# Conformance

The [Autobahn test suite](https://github.com/crossbario/autobahn-testsuite) plays the other end of a WebSocket in 517
cases, and judges what the end under test does: framing, fragments, UTF-8, pings, closing, large messages, and
permessage-deflate with many parameters. It has judged both the client and the server of typedws, on {loops},
with the protocol {forms}.

{table}

Every case has to be OK, but for two kinds. In three cases the suite only notes what was done, which it calls
INFORMATIONAL: 7.1.6, 7.13.1 and 7.13.2. And without permessage-deflate, which is off unless it is asked for, its 216
cases are UNIMPLEMENTED. NON-STRICT, the verdict on an end that fails a connection rightly but at the wrong moment, is
not good enough.

This was on {date}, with typedws {typedws}, Python {python}, {dependencies},
and release {suite} of the suite. `scripts/autobahn full` repeats it, and writes this page anew. `scripts/autobahn` runs
the 247 cases that take seconds, and so does every run of the tests. Both need a Python 2.7, which the suite is written
in, and say so where there is none.

The suite does not look at the opening handshake, TLS, limits, deadlines, cancellation, or control frames between the
fragments of compressed messages. Tests of our own do.
"""

FORMS = {"compiled": "compiled", "plain": "in plain Python"}
"""What the forms are called on the page."""


def write_page(page: Path, runs: Mapping[str, Verdicts]) -> None:
    """Writes the page for these runs. The section that begins with `<!-- load -->`, which others write, stays."""
    before = page.read_text(encoding="utf-8") if page.exists() else ""
    _, marker, load = before.partition("<!-- load -->")
    loops = dict.fromkeys(name.split(", ")[1] for name in runs)
    forms = dict.fromkeys(FORMS[name.split(", ")[2]] for name in runs)
    page.write_text(
        TEXT.format(
            loops=" and ".join(loops),
            forms=" and ".join(forms),
            table="\n".join(table(runs)),
            date=datetime.datetime.now(datetime.UTC).strftime("%-d %B %Y"),
            typedws=typedws.__version__,
            python=platform.python_version(),
            dependencies=", ".join(f"{name} {version(name)}" for name in ("anyio", "trio", "wsproto")),
            suite=VERSION,
        )
        + (f"\n{marker}{load}" if marker else ""),
        encoding="utf-8",
    )
