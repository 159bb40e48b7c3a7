"""The catalogue: each case, where its rows are, and what is tested elsewhere or promised otherwise.

The letters are those of the ids of the rows: H for the opening handshake, F for frames and messages, M for masks, C for
compression, P for control frames and liveness, K for closing, R for reconnecting, D for decoding.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.catalogue.answer_rows import ANSWERS, Answer
from tests.catalogue.close_rows import CLOSE_ROWS
from tests.catalogue.control_rows import CONTROL_ROWS
from tests.catalogue.decoding_rows import DECODING_ROWS, Decoding
from tests.catalogue.deflate_rows import DEFLATE_ROWS
from tests.catalogue.frame_rows import FRAME_ROWS
from tests.catalogue.request_rows import REQUESTS, Asked
from tests.catalogue.rows import Row

STREAM_ROWS: list[Row] = [*FRAME_ROWS, *CONTROL_ROWS, *DEFLATE_ROWS, *CLOSE_ROWS]

TABLES: dict[str, Sequence[Row | Answer | Asked | Decoding]] = {
    "streams": STREAM_ROWS,
    "answers": ANSWERS,
    "requests": REQUESTS,
    "decoding": DECODING_ROWS,
}

CASES: dict[str, str] = {
    "H1": "a server accepts TCP and says nothing",
    "H2": "an answer drips for ever",
    "H3": "header fields without end",
    "H5": "a line without end",
    "H6": "a page instead of an upgrade, without end",
    "H7": "redirects",
    "H8": "other refusals",
    "H10": "other versions of HTTP, and lines that are none",
    "H11": "a wrong answer to the key, or a wrong key",
    "H13": "Upgrade and Connection",
    "H15": "subprotocols that were not offered, or are none",
    "H16": "no subprotocol though some were offered",
    "H17": "extensions that were not offered, or are none",
    "H19": "parameters of extensions",
    "H24": "sizes of windows",
    "H26": "bytes that may not stand in a header",
    "H28": "frames in the segment of the answer, cut anywhere",
    "H29": "TLS where HTTP was expected, and the other way round",
    "H30": "certificates",
    "H31": "line ends in the arguments of a caller",
    "H32": "fields that the handshake writes itself",
    "H33": "two hosts, two lengths, bodies",
    "H34": "the connection ends in the middle of the answer",
    "H35": "proxies",
    "H36": "name lookup and addresses",
    "H37": "cancelling at every step",
    "H38": "the answer comes with the deadline",
    "H39": "long lists in header fields",
    "F1": "a mask too many, or none",
    "F2": "reserved bits that no extension uses",
    "F3": "unknown opcodes",
    "F4": "the bit of compression where it may not stand",
    "F5": "control frames that are too long",
    "F6": "control frames in fragments",
    "F7": "fragments out of place",
    "F9": "lengths that are written wrongly",
    "F10": "lengths over the limit",
    "F11": "a large frame that does not come",
    "F12": "frames at the limit",
    "F13": "fragments at the limit",
    "F14": "tiny fragments without end",
    "F16": "65,536 fragments of 64 bytes",
    "F17": "a large frame in single bytes",
    "F19": "text that is no UTF-8",
    "F20": "code points over fragments",
    "F21": "text that ends inside a code point",
    "F23": "control frames between fragments",
    "F24": "bytes at random",
    "F25": "streams cut anywhere",
    "M1": "our masks",
    "C1": "bombs",
    "C2": "bombs in fragments",
    "C3": "many messages that inflate to large ones",
    "C5": "what is no DEFLATE data",
    "C6": "what is cut off",
    "C8": "control frames between compressed fragments",
    "C9": "control frames before the first compressed message",
    "C11": "a window that was to be forgotten",
    "C12": "plain messages between compressed ones",
    "C14": "inflated text that is no UTF-8",
    "C15": "code points over compressed fragments",
    "C16": "memory of idle connections",
    "C17": "messages behind one that cannot be inflated",
    "P1": "pings, and floods of them",
    "P2": "pings of a peer that does not read",
    "P4": "pongs that nobody asked for",
    "P5": "a peer that answers no ping and talks on",
    "P6": "a peer that answers pings and says nothing else",
    "P7": "a peer behind a network that swallows everything",
    "P8": "a peer that stops to read",
    "P9": "a program that stops to receive",
    "P10": "a message that drips",
    "P11": "clocks that jump",
    "P12": "a peer that is stopped",
    "K1": "an ordinary Close",
    "K2": "a Close without a code",
    "K4": "codes that may not be sent",
    "K5": "all of the codes that may",
    "K6": "messages of a Close that are no UTF-8",
    "K8": "what follows a Close",
    "K10": "a Close of ours that is not answered",
    "K13": "no Close at all",
    "K14": "TLS that is cut off",
    "K15": "both close at once",
    "K17": "closing beside other calls, and twice",
    "K18": "blocks that are left by an exception",
    "R1": "a server that accepts and closes, for ever",
    "R2": "a server that asks to wait for ever",
    "R3": "endings that are final",
    "R4": "a crowd that comes back",
    "R5": "replies that come late",
    "R6": "requests on their way when the connection is lost",
    "D1": "what is no JSON",
    "D2": "other types",
    "D3": "what only looks like an int",
    "D4": "keys of JSON that come twice",
    "D6": "keys that nobody asked for",
    "D7": "ints beyond 64 bits",
    "D8": "ints of many digits",
    "D9": "numbers beyond every float",
    "D10": "NaN and infinity",
    "D11": "floats of many digits",
    "D12": "text of a value that is no UTF-8",
    "D14": "text of a key that is no UTF-8",
    "D16": "control characters and surrogates in text",
    "D17": "nesting that is deep",
    "D18": "nesting that is too deep",
    "D19": "unknown tags of unions",
    "D21": "tags that come last",
    "D22": "secrets, and many errors",
    "D23": "many small objects",
    "D25": "keys that collide",
    "D26": "patterns that backtrack",
    "D27": "Decimals",
    "D28": "dates that are none",
    "D30": "text in a frame that is no text",
    "D31": "binary formats: what is cut off",
    "D32": "binary formats: what follows the value",
    "D33": "binary formats: keys that come twice",
    "D34": "CBOR: text that is no UTF-8",
    "D35": "binary formats: lengths beyond the data",
    "D37": "binary formats: bytes that mean nothing",
    "D38": "binary formats: nesting that is too deep",
    "D39": "CBOR: ints of many bytes",
    "D40": "CBOR: Decimals and exponents",
    "D41": "binary formats: dates and ids that are none",
    "D42": "CBOR: references, cycles",
    "D44": "CBOR: texts by reference",
    "D45": "tags and extensions that are not read",
    "D46": "binary formats: keys that are no text",
    "D48": "binary formats: NaN and infinity",
    "D49": "CBOR: undefined and simple values",
    "D50": "CBOR: many small objects",
    "D51": "binary formats: longer than needed",
    "D52": "CBOR: hooks that raise",
    "D53": "frames of the other kind",
}

ELSEWHERE: dict[str, tuple[str, ...]] = {
    "H1": (
        "promises/test_the_handshake_on_a_socket.py::test_a_server_that_says_nothing_is_left_at_the_open_timeout",
        "promises/test_long_deadlines_on_trio.py::test_an_unanswered_handshake_takes_the_open_timeout",
        "server/test_refusals.py::test_a_client_that_does_not_ask_in_time_is_dropped",
    ),
    "H2": ("promises/test_the_handshake_on_a_socket.py::test_a_server_that_drips_has_the_same_time_in_all",),
    "H29": (
        "transport/test_tls.py::test_wss_to_a_plain_port_says_so",
        "transport/test_tls.py::test_ws_to_a_tls_port_says_so",
    ),
    "H30": (
        "transport/test_tls.py::test_a_self_signed_certificate_is_refused",
        "transport/test_tls.py::test_an_expired_certificate_is_refused",
        "transport/test_tls.py::test_a_certificate_for_another_host_is_refused",
    ),
    "H31": (
        "catalogue/test_callers.py::test_h31_no_character_in_a_header_writes_another_one",
        "catalogue/test_callers.py::test_h31_no_control_character_in_a_url_is_dropped_or_sent",
        "catalogue/test_callers.py::test_h31_the_same_goes_for_a_proxy",
        "catalogue/test_callers.py::test_h31_a_servers_own_fields_are_checked_as_well",
    ),
    "H32": ("catalogue/test_callers.py::test_h32_what_the_handshake_writes_itself_is_not_for_callers",),
    "H34": (
        "promises/test_the_handshake_on_a_socket.py::test_a_connection_that_ends_during_the_handshake_is_a_connect_error",
    ),
    "H35": (
        "client/test_proxy.py::test_a_bad_answer_is_the_proxys_fault",
        "client/test_proxy.py::test_a_proxy_that_takes_its_time_is_left_after_open_timeout",
        "client/test_proxy.py::test_the_certificate_must_be_that_of_the_server",
    ),
    "H36": (
        "transport/test_dialing.py::test_a_name_lookup_that_hangs",
        "transport/test_dialing.py::test_a_name_that_does_not_exist_says_so",
        "transport/test_dialing.py::test_the_next_address_is_tried_when_the_first_does_not_answer",
    ),
    "H37": (
        "client/test_cancellation.py::test_a_scope_may_be_cancelled_at_every_step",
        "client/test_cancellation.py::test_a_task_may_be_cancelled_at_every_step",
    ),
    "H38": (
        "promises/test_the_handshake_on_a_socket.py"
        "::test_an_answer_at_the_deadline_gives_a_session_or_a_timeout_and_never_a_socket",
    ),
    "H39": ("catalogue/test_answers.py::test_h39_long_lists_take_linear_time",),
    "F11": (
        "catalogue/test_deadlines.py::test_f11_a_frame_that_does_not_come_to_its_end_is_given_up",
        "promises/test_memory_is_bounded.py::test_a_declared_length_takes_no_memory_before_its_bytes_come",
    ),
    "F16": ("promises/test_memory_is_bounded.py::test_a_message_in_65536_fragments_of_64_bytes_passes",),
    "F17": ("protocol/test_connection_end.py::test_a_big_frame_in_single_bytes_takes_little_memory_and_linear_time",),
    "F24": (
        "promises/test_no_foreign_exception.py::test_any_bytes_end_a_session_with_errors_of_ours",
        "properties/test_any_cut.py::test_any_bytes_are_frames_or_a_violation_and_never_an_exception",
    ),
    "F25": ("properties/test_any_cut.py::test_it_does_not_matter_how_a_stream_is_cut",),
    "M1": (
        "protocol/test_masking.py::test_every_bit_of_a_key_is_as_often_set_as_not",
        "promises/test_send_is_all_or_nothing.py::test_every_frame_has_a_key_of_its_own",
    ),
    "C1": ("protocol/test_deflate.py::test_a_bomb_costs_no_more_than_the_limit",),
    "C3": ("catalogue/test_floods.py::test_c3_no_more_is_inflated_than_the_queue_may_hold",),
    "C16": ("protocol/test_deflate.py::test_an_idle_pair_takes_no_memory_of_zlib",),
    "C17": ("protocol/test_deflate.py::test_after_an_error_nothing_is_inflated",),
    "P1": ("promises/test_memory_is_bounded.py::test_a_ping_flood_does_not_hold_up_data",),
    "P2": (
        "promises/test_memory_is_bounded.py::test_pings_are_answered_in_bounded_memory_while_the_peer_reads_nothing",
        "promises/test_dead_peers_are_noticed.py::test_a_peer_that_stops_reading_is_given_up",
    ),
    "P5": (
        "catalogue/test_deadlines.py::test_p5_messages_are_no_answer_to_a_ping",
        "promises/test_dead_peers_are_noticed.py::test_a_peer_that_sends_data_but_never_a_pong_is_given_up_too",
    ),
    "P6": ("promises/test_long_deadlines_on_trio.py::test_a_quiet_connection_stays_open_for_a_day",),
    "P7": (
        "promises/test_dead_peers_are_noticed.py::test_a_peer_that_does_not_answer_is_given_up_within_interval_and_timeout",
    ),
    "P8": (
        "promises/test_dead_peers_are_noticed.py::test_a_peer_that_stops_reading_is_given_up",
        "promises/test_closing_beside_other_calls.py::test_a_close_while_a_send_is_blocked_is_over_by_the_deadline",
    ),
    "P9": (
        "promises/test_pings_are_answered.py::test_a_ping_behind_a_full_queue_is_answered_when_reading_goes_on",
        "promises/test_slow_programs_lose_nothing.py::test_a_full_queue_does_not_end_a_healthy_connection_and_loses_nothing",
    ),
    "P10": (
        "catalogue/test_deadlines.py"
        "::test_p10_a_message_of_a_byte_in_19_seconds_is_awaited_as_long_as_pings_are_answered",
    ),
    "P11": (
        "test_keepalive.py::test_a_loop_that_was_blocked_gets_the_time_that_it_missed_once_more",
        "promises/test_slow_programs_lose_nothing.py"
        "::test_an_event_loop_that_is_blocked_beyond_the_deadline_does_not_end_a_healthy_connection",
    ),
    "P12": ("promises/test_dead_peers_are_noticed.py::test_a_dead_peer_is_noticed_while_nobody_receives",),
    "K10": ("catalogue/test_deadlines.py::test_k10_a_peer_that_does_not_answer_our_close_is_left_at_the_deadline",),
    "K13": ("promises/test_the_peer_closes.py::test_a_reset_is_1006_and_the_cause_is_the_systems_error",),
    "K14": ("transport/test_tls.py::test_a_cut_before_the_close_frames_is_a_loss",),
    "K15": ("promises/test_we_close.py::test_when_both_close_at_once_there_is_one_close_each_way",),
    "K17": (
        "promises/test_closing_beside_other_calls.py::test_ten_tasks_that_close_send_one_close",
        "promises/test_closing_beside_other_calls.py::test_a_receive_that_waits_is_told_of_our_close",
        "promises/test_closing_beside_other_calls.py::test_a_cancelled_close_goes_on_by_itself",
    ),
    "K18": (
        "promises/test_exceptions_leave_as_themselves.py"
        "::test_an_exception_leaves_as_itself_and_the_peer_gets_its_code",
    ),
    "R1": (
        "reconnect/test_failed_attempts.py::test_a_server_that_accepts_and_closes_at_once_is_asked_less_and_less_often",
    ),
    "R2": ("test_retry.py::test_a_server_cannot_hold_a_client_off_for_ever",),
    "R3": (
        "reconnect/test_lost_connections.py::test_a_final_close_is_raised_as_itself",
        "reconnect/test_failed_attempts.py::test_a_final_refusal_is_raised_as_itself",
    ),
    "R4": ("test_retry.py::test_a_crowd_returns_without_a_spike",),
    "R5": ("schema/runtime/test_requests.py::test_no_reply_in_time_is_a_timeout_and_a_late_one_an_event",),
    "R6": ("schema/runtime/test_reconnect.py::test_requests_on_their_way_fail_and_nothing_is_sent_again",),
    "D25": (
        "converters/test_cbor.py::test_keys_that_collide_do_not_stop_us",
        "converters/test_msgpack.py::test_arrays_as_keys_do_not_stop_us",
    ),
    "D52": ("converters/test_cbor.py::test_what_a_tag_hook_raises_is_behind_the_error",),
}
"""What needs more than a row, by the tests that do it, below `tests/`."""

NOT_PROMISED: dict[str, str] = {
    "D23": "objects take more memory than their text: `max_message_size` bounds the text, and so the factor times it",
    "D26": "a pattern is the program's own, and Python's `re` matches it as it is written",
    "D50": "as D23; bytes of CBOR take the most",
}
"""What is the program's to decide."""
