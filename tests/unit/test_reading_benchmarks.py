"""What the benchmarks of reading ask, how two sides are compared, and that a cut export is none."""

from asyncio import StreamReader, StreamWriter, start_server
from datetime import UTC, datetime

import pytest

from ledger.tlog.note import VerifierKey
from ledger.tlog.note_key import ED25519
from tests.benchmarks import counting, listing, proof
from tests.benchmarks.client import RequestFailed
from tests.benchmarks.downloading import Downloaded, download
from tests.benchmarks.listing import PAGE_ITEMS, Places
from tests.benchmarks.proof import Signed
from tests.benchmarks.sides import Round, compared, percentile

WHOLE = b'{"id":"e1"}\n{"complete":true,"events":1}\n'
HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


async def downloaded(answer: bytes) -> Downloaded:
    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        assert b"Bearer t0ken\r\n" in await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await start_server(serve, "127.0.0.1", 0) as server:
        return await download(server.sockets[0].getsockname()[1], "t0ken", "/v1/export")


@pytest.mark.parametrize("last", [b'{"complete":true,"events":12}\n', b"#complete,12,,,\r\n"])
async def test_a_whole_export_says_how_many_events_it_holds(last: bytes) -> None:
    body = chunked(b"first\n" * 1_000, b"second\r\n", last)
    found = await downloaded(HEAD + body)
    assert (found.events, found.bytes) == (12, len(body))


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + chunked(b'{"id":"e1"}\n'),
        HEAD + chunked(WHOLE).removesuffix(b"0\r\n\r\n"),
        HEAD + chunked(b'{"id":"{\\"complete\\":true,\\"events\\":1}"}\n'),
        b"HTTP/1.1 503 Busy\r\n\r\n" + chunked(b"\n", WHOLE),
    ],
)
async def test_an_export_that_was_cut_or_refused_is_none(answer: bytes) -> None:
    with pytest.raises(RequestFailed):
        await downloaded(answer)


def test_sides_are_compared_by_the_median_of_the_rounds_ninety_ninth_percentiles() -> None:
    few = [number / 1_000 for number in range(1, 101)]
    rounds = [Round(small={"page": few}, large={"page": [one * times for one in few]}) for times in (3, 1, 2)]
    ratios, figures = compared(rounds, "list")
    assert ratios == {"list_page_p99": 2.0}
    assert figures["list_page_p99"] == {"median": 2.0, "min": 1.0, "max": 3.0}
    assert percentile(few, 99) == pytest.approx(99.99)


def test_both_logs_are_asked_for_as_many_pages_of_each_place() -> None:
    small, large = ({name: Places(middle=[f"m{n}"], last=[f"l{n}"]) for name in listing.LISTS} for n in (1, 2))
    asked = listing.asked(small, large, 3, 1)
    assert asked == listing.asked(small, large, 3, 1)
    assert asked.keys() == listing.LISTS.keys()
    first = "/v1/listings?limit=100"
    pairs = [(first, first), (f"{first}&cursor=m1", f"{first}&cursor=m2"), (f"{first}&cursor=l1", f"{first}&cursor=l2")]
    assert PAGE_ITEMS == 100
    assert asked["listings"] == 3 * pairs


def test_proofs_are_asked_for_under_each_logs_own_newest_size() -> None:
    key = VerifierKey("log", ED25519, bytes(32))
    small, large = (Signed(path="/v1/logs/b", size=size, root=b"", key=key, events=[("e:1", b"")]) for size in (9, 90))
    asked = proof.asked((small, large), 4, 1)
    receipt = "/v1/logs/b/events/e%3A1/proof?size="
    assert asked["receipt"] == 4 * [(f"{receipt}9", f"{receipt}90")]
    assert len(asked["growth"]) == 4
    assert all(one.endswith("&to=9") and other.endswith("&to=90") for one, other in asked["growth"])


def test_a_count_is_asked_as_of_a_date() -> None:
    date = datetime(2025, 3, 1, tzinfo=UTC)
    assert counting.address(counting.LISTS["listings_restricted"], date) == (
        "/v1/listings?restricted=true&as_of=2025-03-01T00%3A00%3A00.000000Z&count=true"
    )


def test_rates_of_counting_are_of_all_dates_together() -> None:
    counted = counting.Round(items={"a": [10, 30]}, seconds={"a": [1.0, 3.0]}, rows={"a": 60}, row_seconds={"a": 2.0})
    assert counted.ratio("a") == pytest.approx(1 / 3)
