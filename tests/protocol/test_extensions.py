"""Extensions: the grammar of their field, and what client and server agree on for permessage-deflate (RFC 7692)."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typedws.protocol.deflate import Deflate, DeflateParameters
from typedws.protocol.extensions import Extension, accept_answer, answer_offers, deflate_offer, parse_extensions
from typedws.protocol.head import BadHandshakeError

NAME = "permessage-deflate"


def agreed_by_client(answer: str, *offers: Deflate) -> DeflateParameters:
    return accept_answer(parse_extensions(answer), offers or [Deflate()])[1]


def answered_by_server(offers: str, *supported: Deflate) -> tuple[str, DeflateParameters] | None:
    answer = answer_offers(parse_extensions(offers), supported or [Deflate()])
    return None if answer is None else (str(answer[0]), answer[1])


# The grammar.


@pytest.mark.parametrize(
    ("value", "extensions"),
    [
        ("foo", [Extension("foo")]),
        ("foo, bar", [Extension("foo"), Extension("bar")]),
        ("foo,foo", [Extension("foo"), Extension("foo")]),
        (", ,foo,\t, bar ,", [Extension("foo"), Extension("bar")]),
        ("foo; a; b=1", [Extension("foo", (("a", None), ("b", "1")))]),
        (" foo\t;a;\tb = 1 ,bar;c", [Extension("foo", (("a", None), ("b", "1"))), Extension("bar", (("c", None),))]),
        ('foo; a="10"', [Extension("foo", (("a", "10"),))]),
        ('foo; a="1\\0"; b', [Extension("foo", (("a", "10"), ("b", None)))]),
        ("foo; a=1; a=2", [Extension("foo", (("a", "1"), ("a", "2")))]),
    ],
)
def test_a_field_is_read(value: str, extensions: list[Extension]) -> None:
    assert parse_extensions(value) == extensions


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        ",",
        ";",
        "=",
        "; a",
        "foo;",
        "foo; ",
        "foo; ;",
        "foo; a;",
        "foo; a=",
        "foo; =1",
        "foo; a=1=2",
        "foo; a==1",
        "foo=1",
        "foo bar",
        "foo; a b",
        "foo; a=1 2",
        'foo; a="',
        'foo; a="1',
        'foo; a="1\\"',
        'foo; a=""',
        'foo; a="1 2"',
        'foo; a="1,2"',
        'foo; a="1"2',
        'foo; a=1"2"',
        '"foo"',
        "f(o",
        "foo; a(=1",
        "foo; a=(1",
        "foo, ;",
        "föo",
    ],
)
def test_a_field_that_breaks_the_grammar_is_refused(value: str) -> None:
    with pytest.raises(BadHandshakeError, match="Sec-WebSocket-Extensions"):
        parse_extensions(value)


def test_an_extension_is_written_as_it_is_read() -> None:
    extension = Extension("foo", (("a", None), ("b", "1")))
    assert str(extension) == "foo; a; b=1"
    assert parse_extensions(str(extension)) == [extension]


@pytest.mark.parametrize("piece", ["a;", "a; b=1;", ";", ", ", "a ", '"', 'a; b="', "\\", "a; b=c ", "a ;", "\t"])
def test_reading_takes_linear_time_whatever_stands_there(piece: str) -> None:
    """Patterns that go back on themselves take minutes for 16 KiB."""
    began = time.process_time()
    for begin in ("", "a; b=", 'a; b="', "a; "):
        try:
            parse_extensions(begin + piece * (16384 // len(piece)))
        except BadHandshakeError:
            continue
    assert time.process_time() - began < 2


@settings(deadline=None)
@given(st.text(alphabet='ab1;,="\\ \té', max_size=30))
def test_any_text_is_a_field_or_an_error_of_ours(value: str) -> None:
    try:
        extensions = parse_extensions(value)
    except BadHandshakeError:
        return
    assert parse_extensions(", ".join(map(str, extensions))) == extensions


# What a client offers.


@pytest.mark.parametrize(
    ("deflate", "offer"),
    [
        (Deflate(), f"{NAME}; client_max_window_bits"),
        (Deflate(client_max_window_bits=10), f"{NAME}; client_max_window_bits"),
        (Deflate(server_max_window_bits=10), f"{NAME}; server_max_window_bits=10; client_max_window_bits"),
        (
            Deflate(server_no_context_takeover=True, client_no_context_takeover=True),
            f"{NAME}; server_no_context_takeover; client_no_context_takeover; client_max_window_bits",
        ),
    ],
)
def test_a_client_offers_what_it_demands_and_no_number_for_its_own_window(deflate: Deflate, offer: str) -> None:
    assert str(deflate_offer(deflate)) == offer


# What a client takes from the answer.


@pytest.mark.parametrize(
    ("answer", "deflate", "agreed"),
    [
        (NAME, Deflate(), DeflateParameters(send_window_bits=12, receive_window_bits=15)),
        (NAME, Deflate(client_max_window_bits=9), DeflateParameters(send_window_bits=9)),
        (NAME, Deflate(client_max_window_bits=15), DeflateParameters(send_window_bits=15)),
        (f"{NAME}; client_max_window_bits=10", Deflate(), DeflateParameters(send_window_bits=10)),
        (f"{NAME}; client_max_window_bits=15", Deflate(), DeflateParameters(send_window_bits=12)),
        (
            f"{NAME}; server_max_window_bits=9",
            Deflate(),
            DeflateParameters(send_window_bits=12, receive_window_bits=9),
        ),
        (
            f"{NAME}; server_max_window_bits=9",
            Deflate(server_max_window_bits=10),
            DeflateParameters(send_window_bits=12, receive_window_bits=9),
        ),
        (
            f"{NAME}; server_no_context_takeover",
            Deflate(),
            DeflateParameters(send_window_bits=12, receive_no_context_takeover=True),
        ),
        (
            f"{NAME}; client_no_context_takeover",
            Deflate(),
            DeflateParameters(send_window_bits=12, send_no_context_takeover=True),
        ),
        (
            NAME,
            Deflate(client_no_context_takeover=True),
            DeflateParameters(send_window_bits=12, send_no_context_takeover=True),
        ),
        (
            NAME,
            Deflate(level=1, mem_level=9, min_size=0),
            DeflateParameters(send_window_bits=12, level=1, mem_level=9, min_size=0),
        ),
    ],
)
def test_a_client_takes_a_valid_answer(answer: str, deflate: Deflate, agreed: DeflateParameters) -> None:
    assert agreed_by_client(answer, deflate) == agreed


@pytest.mark.parametrize("bits", range(9, 16))
def test_every_window_from_9_to_15_can_be_agreed(bits: int) -> None:
    for value in (f"{bits}", f'"{bits}"'):
        agreed = agreed_by_client(f"{NAME}; server_max_window_bits={value}; client_max_window_bits={value}")
        assert (agreed.receive_window_bits, agreed.send_window_bits) == (bits, min(bits, 12))


BAD_BITS = ["", "=", "=abc", "=8", "=7", "=0", "=-9", "=16", "=99", "=010", "=+10", "=1e1", '="8"', "=１０"]


@pytest.mark.parametrize("name", ["server_max_window_bits", "client_max_window_bits"])
@pytest.mark.parametrize("value", BAD_BITS)
def test_a_client_refuses_a_bad_window(name: str, value: str) -> None:
    with pytest.raises(BadHandshakeError):
        agreed_by_client(f"{NAME}; {name}{value}")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("permessage-foo", "permessage-foo, which was not offered"),
        ("Permessage-Deflate", "not offered"),
        (f"{NAME}, {NAME}", "more extensions"),
        (f"{NAME}, foo", "more extensions"),
        (f"foo, {NAME}", "not offered"),
        (f"{NAME}; foo", "unknown parameter foo"),
        (f"{NAME}; foo=1", "unknown parameter foo"),
        (f"{NAME}; Server_No_Context_Takeover", "unknown parameter"),
        (f"{NAME}; client_no_context_takeover=1", "takes none"),
        (f"{NAME}; server_no_context_takeover=true", "takes none"),
        (f"{NAME}; server_no_context_takeover; server_no_context_takeover", "twice"),
        (f"{NAME}; client_no_context_takeover; client_no_context_takeover", "twice"),
        (f"{NAME}; server_max_window_bits=10; server_max_window_bits=10", "twice"),
        (f"{NAME}; client_max_window_bits=10; client_max_window_bits=11", "twice"),
    ],
)
def test_a_client_refuses_an_answer_that_is_none_to_its_offer(answer: str, says: str) -> None:
    with pytest.raises(BadHandshakeError, match=says):
        agreed_by_client(answer)


def test_a_client_that_offered_nothing_refuses_any_extension() -> None:
    with pytest.raises(BadHandshakeError, match="not offered"):
        accept_answer(parse_extensions(NAME), [])


@pytest.mark.parametrize(
    ("answer", "deflate", "says"),
    [
        (NAME, Deflate(server_no_context_takeover=True), "server_no_context_takeover"),
        (NAME, Deflate(server_max_window_bits=10), "server_max_window_bits=10 or less"),
        (f"{NAME}; server_max_window_bits=11", Deflate(server_max_window_bits=10), "server_max_window_bits=10 or less"),
    ],
)
def test_a_client_fails_where_its_demand_was_not_heard(answer: str, deflate: Deflate, says: str) -> None:
    with pytest.raises(BadHandshakeError, match=says):
        agreed_by_client(answer, deflate)


def test_an_answer_may_fit_a_later_offer() -> None:
    strict = Deflate(server_max_window_bits=10, level=1)
    plain = Deflate(level=9)

    assert agreed_by_client(f"{NAME}; server_max_window_bits=9", strict, plain).level == 1
    assert agreed_by_client(NAME, strict, plain).level == 9
    assert agreed_by_client(f"{NAME}; server_max_window_bits=14", strict, plain).receive_window_bits == 14


# What a server answers.


@pytest.mark.parametrize(
    ("offer", "deflate", "answer", "agreed"),
    [
        (NAME, Deflate(), NAME, DeflateParameters(send_window_bits=12, receive_window_bits=15)),
        (
            f"{NAME}; client_max_window_bits",
            Deflate(),
            f"{NAME}; client_max_window_bits=12",
            DeflateParameters(send_window_bits=12, receive_window_bits=12),
        ),
        (
            f"{NAME}; client_max_window_bits",
            Deflate(client_max_window_bits=15),
            f"{NAME}; client_max_window_bits=15",
            DeflateParameters(send_window_bits=12, receive_window_bits=15),
        ),
        (
            f"{NAME}; client_max_window_bits=10",
            Deflate(),
            f"{NAME}; client_max_window_bits=10",
            DeflateParameters(send_window_bits=12, receive_window_bits=10),
        ),
        (
            f"{NAME}; client_max_window_bits=8",
            Deflate(),
            f"{NAME}; client_max_window_bits=8",
            DeflateParameters(send_window_bits=12, receive_window_bits=9),
        ),
        (
            f"{NAME}; server_max_window_bits=10",
            Deflate(),
            f"{NAME}; server_max_window_bits=10",
            DeflateParameters(send_window_bits=10),
        ),
        (
            f'{NAME}; server_max_window_bits="15"',
            Deflate(),
            f"{NAME}; server_max_window_bits=12",
            DeflateParameters(send_window_bits=12),
        ),
        (
            NAME,
            Deflate(server_max_window_bits=9),
            f"{NAME}; server_max_window_bits=9",
            DeflateParameters(send_window_bits=9),
        ),
        (
            f"{NAME}; server_no_context_takeover; client_no_context_takeover",
            Deflate(),
            f"{NAME}; server_no_context_takeover; client_no_context_takeover",
            DeflateParameters(send_window_bits=12, send_no_context_takeover=True, receive_no_context_takeover=True),
        ),
        (
            NAME,
            Deflate(server_no_context_takeover=True),
            f"{NAME}; server_no_context_takeover",
            DeflateParameters(send_window_bits=12, send_no_context_takeover=True),
        ),
        (
            NAME,
            Deflate(client_no_context_takeover=True),
            f"{NAME}; client_no_context_takeover",
            DeflateParameters(send_window_bits=12, receive_no_context_takeover=True),
        ),
        (
            NAME,
            Deflate(level=1, mem_level=9, min_size=0),
            NAME,
            DeflateParameters(send_window_bits=12, level=1, mem_level=9, min_size=0),
        ),
    ],
)
def test_a_server_answers_an_offer(offer: str, deflate: Deflate, answer: str, agreed: DeflateParameters) -> None:
    assert answered_by_server(offer, deflate) == (answer, agreed)


@pytest.mark.parametrize(
    "offer",
    [
        "foo",
        f"{NAME}; foo",
        f"{NAME}; server_no_context_takeover=1",
        f"{NAME}; client_no_context_takeover; client_no_context_takeover",
        f"{NAME}; server_max_window_bits",
        f"{NAME}; server_max_window_bits=8",
        f"{NAME}; server_max_window_bits=7",
        f"{NAME}; server_max_window_bits=16",
        f"{NAME}; server_max_window_bits=010",
        f"{NAME}; client_max_window_bits=7",
        f"{NAME}; client_max_window_bits=abc",
        f"{NAME}; client_max_window_bits; client_max_window_bits=10",
    ],
)
def test_a_server_declines_an_offer_that_it_cannot_take(offer: str) -> None:
    assert answered_by_server(offer) is None


def test_a_server_takes_the_first_offer_that_it_can() -> None:
    offers = f"foo, {NAME}; bar, {NAME}; server_max_window_bits=8, {NAME}; server_max_window_bits=11, {NAME}"
    answer = answered_by_server(offers)
    assert answer is not None
    assert answer[0] == f"{NAME}; server_max_window_bits=11"


def test_a_server_without_the_extension_declines() -> None:
    assert answer_offers(parse_extensions(NAME), []) is None


WINDOWS = [None, 9, 12, 15]
SETTINGS = [
    Deflate(
        client_max_window_bits=client_bits,
        server_max_window_bits=server_bits,
        client_no_context_takeover=client_takeover,
        server_no_context_takeover=server_takeover,
    )
    for client_bits, server_bits in itertools.product(WINDOWS, WINDOWS)
    for client_takeover, server_takeover in itertools.product((False, True), repeat=2)
]


def test_our_two_ends_agree_whatever_each_is_set_to() -> None:
    for client, server in itertools.product(SETTINGS, SETTINGS):
        answer = answer_offers([deflate_offer(client)], [server])
        assert answer is not None
        extension, at_server = answer
        _, at_client = accept_answer([extension], [client])

        assert at_client.send_window_bits <= at_server.receive_window_bits
        assert at_server.send_window_bits <= at_client.receive_window_bits
        # Whoever keeps its window talks to somebody who keeps it too.
        assert at_client.send_no_context_takeover or not at_server.receive_no_context_takeover
        assert at_server.send_no_context_takeover or not at_client.receive_no_context_takeover
        if client.server_max_window_bits is not None:
            assert at_server.send_window_bits <= client.server_max_window_bits
        if server.client_max_window_bits is not None:
            assert at_client.send_window_bits <= server.client_max_window_bits
