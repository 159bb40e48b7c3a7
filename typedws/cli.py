"""The command line: `typedws generate`, `export`, `lint` and `mock`.

Results go to standard output, everything else to standard error. The exit code is 0; 1 where a check failed (`generate
--check`, `lint`); 2 where the command could not be carried out.
"""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from typedws import __version__
from typedws.errors import SchemaError

if TYPE_CHECKING:
    from typedws.schema.document.findings import Finding
    from typedws.schema.generating import Generated

__all__ = ["main"]

_SHOWN = 10
"""Findings that `generate` prints; `lint` prints all."""

_PERSPECTIVE = (
    "whose `send` the document speaks of: the client's or the server's. Published documents are split on this; auto, "
    "the default, finds out, and warns where it is not certain"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        arguments: those of the command line, without the program's name; `sys.argv` unless given.

    Returns:
        the exit code.
    """
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except SchemaError as error:
        print(f"typedws: error: {error}", file=sys.stderr)
    except BrokenPipeError:
        # Whoever read has read enough; what is left in the buffer has nowhere to go.
        sys.stdout = open(os.devnull, "w")
        return 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"typedws: error: {where}{error.strerror or error}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="typedws", description="Typed clients from AsyncAPI documents, and documents from typed Python."
    )
    parser.add_argument("--version", action="version", version=f"typedws {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    generate = commands.add_parser(
        "generate",
        help="write the typed client of an AsyncAPI document",
        description="Writes one Python module with the messages of an API as types, and a class for each connection "
        "with a method for each operation. The same document and options make the same module on every machine. A "
        "typedws.toml in the document's folder can override names, perspective and discriminators.",
    )
    generate.add_argument("document", metavar="DOC", help="an AsyncAPI 2.x or 3.x document, JSON or YAML")
    generate.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="the module to write; standard output unless given. "
        "The classes of a module that is there already keep their names",
    )
    generate.add_argument(
        "--models",
        choices=("msgspec", "pydantic"),
        default="msgspec",
        help="what messages are: Structs of msgspec (the default) or models of pydantic",
    )
    generate.add_argument("--perspective", choices=("auto", "client", "server"), default="auto", help=_PERSPECTIVE)
    generate.add_argument(
        "--name",
        metavar="CLASS",
        default="",
        help="the name of the connection class; made of the document's title unless given",
    )
    generate.add_argument(
        "--check",
        action="store_true",
        help="write nothing; print how FILE differs from what would be written, and exit with 1 if it does",
    )
    generate.set_defaults(run=_generate)

    export = commands.add_parser(
        "export",
        help="write the AsyncAPI document of typed Python",
        description="Writes the AsyncAPI 3.1 document of a typedws.schema.Api: its channels, their message types, "
        "replies, subprotocols and bindings.",
    )
    export.add_argument(
        "target",
        metavar="MODULE:OBJECT",
        help="the module and the Api in it, as in shop.channels:api; the only Api of a module needs no name",
    )
    export.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="the document to write, .yaml, .yml or .json; YAML to standard output unless given",
    )
    export.set_defaults(run=_export)

    lint = commands.add_parser(
        "lint",
        help="say what is wrong with an AsyncAPI document",
        description="Prints what the generator had to put up with, and which messages nothing tells apart, as "
        "FILE:LINE with a suggested fix. Exits with 1 if there is an error, and with 0 if there are warnings only.",
    )
    lint.add_argument("document", metavar="DOC", help="an AsyncAPI 2.x or 3.x document, JSON or YAML")
    lint.add_argument("--perspective", choices=("auto", "client", "server"), default="auto", help=_PERSPECTIVE)
    lint.set_defaults(run=_lint)

    mock = commands.add_parser(
        "mock",
        help="serve an API from its AsyncAPI document",
        description="Serves the API from its document: checks what clients send, answers requests, and streams "
        "subscriptions from the document's examples or from made-up values. Ctrl+C or SIGTERM ends it.",
    )
    mock.add_argument("document", metavar="DOC", help="an AsyncAPI 2.x or 3.x document, JSON or YAML")
    mock.add_argument("--host", default="127.0.0.1", help="the address to listen on; 127.0.0.1 unless given")
    mock.add_argument("--port", type=_port, default=0, metavar="N", help="the TCP port; a free one unless given")
    mock.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="what made-up values grow from; with one seed they are always the same",
    )
    mock.add_argument(
        "--interval",
        type=_seconds,
        default=1.0,
        metavar="SECONDS",
        help="between two updates of a subscription; 1 unless given",
    )
    mock.add_argument("--perspective", choices=("auto", "client", "server"), default="auto", help=_PERSPECTIVE)
    mock.add_argument("--no-greeting", action="store_true", help="send nothing that nobody asked for")
    mock.add_argument("--quiet", action="store_true", help="print where it listens, and no line for each message")
    mock.set_defaults(run=_mock)
    return parser


# The commands. What they need is imported when they run: `--help` should not wait for it.


def _generate(options: argparse.Namespace) -> int:
    from typedws.schema.generating import generate

    output = None if options.output is None else Path(options.output)
    if options.check and output is None:
        raise SchemaError("--check compares with a file: say which with -o FILE")
    previous = _previous(output, check=options.check) if output is not None else ""
    _say(f"reading {options.document}")
    try:
        made = generate(
            options.document,
            models=options.models,
            perspective=options.perspective,
            name=options.name,
            previous=previous,
        )
    except ValueError as error:
        raise SchemaError(str(error)) from error
    _report(made, options.document)
    if options.check:
        assert output is not None
        return _compare(previous, made.text, output)
    if output is None:
        sys.stdout.write(made.text)
    else:
        output.write_text(made.text, encoding="utf-8", newline="\n")
        _say(f"wrote {output}: {_summary(made)}")
    return 0


def _previous(output: Path, *, check: bool) -> str:
    """The module that is there already; empty where there is none. What is no module of ours is left alone."""
    if not output.exists():
        if check:
            raise SchemaError(f"{output} does not exist, so there is nothing to compare with")
        if not output.parent.exists():
            raise SchemaError(f"{output} cannot be written: there is no folder {output.parent}")
        return ""
    if output.is_dir():
        raise SchemaError(f"{output} is a folder; name the file to write")
    try:
        text = output.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        text = "?"
    if text.strip() and "\nGenerated by typedws " not in text:
        raise SchemaError(f"{output} is no module that typedws generated; it is left as it is")
    return text


def _compare(previous: str, text: str, output: Path) -> int:
    if previous == text:
        _say(f"{output} is up to date")
        return 0
    lines = difflib.unified_diff(
        previous.splitlines(keepends=True),
        text.splitlines(keepends=True),
        fromfile=str(output),
        tofile=f"{output} (generated)",
    )
    sys.stdout.writelines(lines)
    _say(f"{output} is not what the document says; generate it again")
    return 1


def _summary(made: Generated) -> str:
    connections = made.contract.connections
    messages = {one.name for each in connections for way in (each.incoming, each.outgoing) for one in way.messages}
    operations = sum(len(each.operations) for each in connections)
    subscriptions = sum(len(each.subscriptions) for each in connections)
    parts = [(len(connections), "connection"), (len(messages), "message"), (operations, "operation")]
    if subscriptions:
        parts.append((subscriptions, "subscription"))
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in parts)


def _report(made: Generated, document: str) -> None:
    """Prints the first findings, errors before warnings."""
    findings = sorted(made.findings, key=lambda found: found.severity != "error")
    for finding in findings[:_SHOWN]:
        _say(_placed(finding, document))
    if len(findings) > _SHOWN:
        _say(f"... and {len(findings) - _SHOWN} more: typedws lint {document}")
    _say(f"read as written by the {made.contract.perspective}")


def _export(options: argparse.Namespace) -> int:
    from typedws.schema.exporting.command import export_command

    text = export_command(options.target, options.output)
    if options.output is None:
        sys.stdout.write(text)
    else:
        _say(f"wrote {options.output}")
    return 0


def _lint(options: argparse.Namespace) -> int:
    from typedws.schema.linting import lint

    if not os.path.isfile(options.document):
        what = "this is a folder; name the document" if os.path.isdir(options.document) else "there is no such file"
        raise SchemaError(f"{options.document}: {what}")
    findings = lint(options.document, perspective=options.perspective)
    for finding in findings:
        print(_placed(finding, options.document))
    errors = sum(finding.severity == "error" for finding in findings)
    warnings = len(findings) - errors
    _say(f"{errors} error{'' if errors == 1 else 's'}, {warnings} warning{'' if warnings == 1 else 's'}")
    return 1 if errors else 0


def _mock(options: argparse.Namespace) -> int:
    from typedws.schema.mocking.command import run_mock

    return run_mock(
        options.document,
        host=options.host,
        port=options.port,
        seed=options.seed,
        interval=options.interval,
        greeting=not options.no_greeting,
        perspective=None if options.perspective == "auto" else options.perspective,
        quiet=options.quiet,
    )


def _placed(finding: Finding, document: str) -> str:
    """A finding with its file as it can be opened from here."""
    folder = os.path.dirname(document)
    own = os.path.basename(document) if finding.document == os.path.basename(document) else finding.document
    return str(finding).replace(finding.document, os.path.join(folder, own), 1)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {number}")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"a positive number of seconds, not {text}")
    return number
