"""What logs and witnesses send each other: one form for each request and answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.tlog.merkle import MAX_SIZE
from ledger.tlog.witness_protocol import (
    AddCheckpoint,
    RequestError,
    format_add_checkpoint,
    format_cosigned_size,
    parse_add_checkpoint,
    parse_cosigned_size,
)

HASHES = st.binary(min_size=32, max_size=32)
REQUESTS = st.builds(
    AddCheckpoint, st.integers(0, MAX_SIZE), st.lists(HASHES, max_size=63).map(tuple), st.binary(max_size=80)
)


@given(REQUESTS)
def test_a_request_is_parsed_to_what_it_was_formatted_from(request: AddCheckpoint) -> None:
    assert parse_add_checkpoint(format_add_checkpoint(request)) == request


@given(st.binary(max_size=80) | st.from_regex(rb"old [0-9 ]{1,4}\n([A-Za-z=]{0,3}\n){0,2}\n.*"))
def test_any_bytes_are_the_one_form_of_a_request_or_a_request_error(data: bytes) -> None:
    try:
        request = parse_add_checkpoint(data)
    except RequestError:
        return
    assert format_add_checkpoint(request) == data


def test_the_example_of_the_specification_is_read() -> None:
    proof = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\njrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
    request = parse_add_checkpoint(f"old 20852014\n{proof}\na note\n\n— of its own".encode())
    assert (request.old_size, request.checkpoint) == (20852014, "a note\n\n— of its own".encode())
    assert [value.hex()[:8] for value in request.proof] == ["3e544d0a", "8eb2590e"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\nnote",
        b"old 1\n",
        b"old 1\nnote",
        b"old 01\n\nnote",
        b"old\n\nnote",
        b"old  1\n\nnote",
        b"Old 1\n\nnote",
        b"old -1\n\nnote",
        b"old 18446744073709551616\n\nnote",
        b"old 1\nAAAA\n\nnote",
        b"old 1\n\xff\n\nnote",
    ],
)
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(RequestError):
        parse_add_checkpoint(data)


def test_a_request_past_its_bounds_is_refused() -> None:
    assert len(parse_add_checkpoint(format_add_checkpoint(AddCheckpoint(1, (bytes(32),) * 63, b""))).proof) == 63
    with pytest.raises(RequestError, match="at most 63 lines, and this 64"):
        parse_add_checkpoint(format_add_checkpoint(AddCheckpoint(1, (bytes(32),) * 64, b"")))
    with pytest.raises(RequestError, match="at most 1004096 bytes"):
        parse_add_checkpoint(bytes(1_004_097))


def test_a_size_is_one_line_and_everything_else_an_alarm() -> None:
    for size in (0, 20852014, MAX_SIZE):
        assert parse_cosigned_size(format_cosigned_size(size)) == size
    for body in (b"", b"7", b"07\n", b"7\n7\n", b"7\n\n", b"seven\n", b"\xff\n", b"-1\n"):
        with pytest.raises(RequestError):
            parse_cosigned_size(body)
