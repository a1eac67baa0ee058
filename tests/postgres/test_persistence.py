"""`ledger.persistence`, judged by the library's own recorder tests and by an application that knows nothing of us."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import eventsourcing.cryptography
import msgspec
import pytest
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    Cipher,
    DataError,
    DatetimeAsISO,
    DecimalAsStr,
    InfrastructureFactory,
    InfrastructureFactoryError,
    IntegrityError,
    JSONTranscoder,
    Mapper,
    MapperDeserialisationError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    StoredEvent,
    Tracking,
    UUIDAsHex,
)
from eventsourcing.utils import Environment, clear_topic_cache, register_topic

from ledger.bridge import Bridge
from ledger.database import open_database
from ledger.domain.application import STATE_MAX_BYTES
from ledger.intake import Author, EventData, check_event
from ledger.persistence import JejakFactory, StructMapper
from ledger.server.embedded import EmbeddedServer
from ledger.settings import read_settings
from ledger.statements import Statements
from ledger.store import create_log, read_entries, read_heads
from ledger.verify import LogVerifier
from tests.conftest import execute
from tests.postgres.applications import (
    ArrayEvent,
    PointAccounts,
    PointsAdded,
    PointsAddedNow,
    SnapshotAccounts,
    Source,
    TextEvent,
)

# The library's tests want its cipher on pycryptodome; it has the same one on `cryptography`, which is what we have.
sys.modules.setdefault("eventsourcing.cipher", eventsourcing.cryptography)
import eventsourcing.tests.persistence as library  # noqa: E402 - it needs the line above

ROOT = Path(__file__).parents[2]
CHILD_SECONDS = 60

MakeFactory = Callable[..., JejakFactory]


@pytest.fixture
async def application_url(server: EmbeddedServer, template: str) -> AsyncGenerator[str]:
    name = f"test_{uuid4().hex}"
    await execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.url(name)
    await execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def environment(application_url: str) -> dict[str, str]:
    return {"PERSISTENCE_MODULE": "ledger.persistence", "JEJAK_DATABASE_URL": application_url}


@pytest.fixture
def make_factory(environment: dict[str, str]) -> Generator[MakeFactory]:
    """Yield what makes factories, each as a process of its own would; they are closed after the test."""
    made: list[JejakFactory] = []

    def make(name: str = "", **changes: str) -> JejakFactory:
        factory = InfrastructureFactory[Any].construct(Environment(name, {**environment, **changes}))
        assert isinstance(factory, JejakFactory)
        made.append(factory)
        return factory

    yield make
    for factory in made:
        factory.close()


class OverTheLedger:
    """What the library's test cases need of us: a factory for each test."""

    ids = "uuid"
    factory: JejakFactory

    @pytest.fixture(autouse=True)
    def _make(self, make_factory: MakeFactory) -> None:
        self.factory = make_factory(ORIGINATOR_ID_TYPE=self.ids)


class TestAggregateRecorder(OverTheLedger, library.AggregateRecorderTestCase):
    def create_recorder(self) -> AggregateRecorder:
        return self.factory.aggregate_recorder()


class TestAggregateRecorderOfText(TestAggregateRecorder):
    INITIAL_VERSION = 0
    ids = "text"

    def new_originator_id(self) -> str:
        return f"the account of “{uuid4()}”"


class TestSnapshotRecorder(OverTheLedger, library.AggregateRecorderTestCase):
    def create_recorder(self) -> AggregateRecorder:
        return self.factory.aggregate_recorder(purpose="snapshots")


class TestApplicationRecorder(OverTheLedger, library.ApplicationRecorderTestCase):
    def create_recorder(self) -> ApplicationRecorder:
        return self.factory.application_recorder()

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestNonInterleavingNotificationIDs(OverTheLedger, library.NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self) -> ApplicationRecorder:
        return self.factory.application_recorder()


def stored(originator_id: UUID | str, version: int, topic: str = "topic", state: bytes = b"state") -> StoredEvent:
    return StoredEvent(originator_id=originator_id, originator_version=version, topic=topic, state=state)


def versions(events: Sequence[StoredEvent]) -> list[int]:
    return [event.originator_version for event in events]


def root_of(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 section 2.1, as it stands there."""
    if len(leaves) == 1:
        return leaves[0]
    middle = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\x01" + root_of(leaves[:middle]) + root_of(leaves[middle:])).digest()


def test_an_application_saves_its_aggregates_and_another_reads_them(environment: dict[str, str]) -> None:
    with PointAccounts(environment) as application:
        account = application.open_account(40)
        application.add(account, 2)
    with PointAccounts(environment) as application:
        found = application.points(account), application.points(account, version=1)
        notified = [item.id for item in application.notification_log.select(start=None, limit=10)]
    assert (found, notified) == ((42, 40), [1, 2])


async def test_the_entries_of_an_application_recompute(environment: dict[str, str]) -> None:
    with PointAccounts(environment) as application:
        for points in range(150):
            application.add(application.open_account(points), 1)
    async with await open_database(
        read_settings({"JEJAK_DATABASE_URL": environment["JEJAK_DATABASE_URL"]})
    ) as database:
        pool = database.pool("reader")
        (head,) = await read_heads(pool)
        entries = [one async for page in read_entries(pool, head.log.log_id, 0, head.size) for one in page]
        verified = await LogVerifier(pool, head.log).verify()
    leaves = [sha256(b"\x00" + one.entry).digest() for one in entries]
    assert (head.log.slug, head.log.kind, head.log.data_class) == ("point-accounts", "APPLICATION", "CONFIDENTIAL")
    assert [one.leaf_hash for one in entries] == leaves
    assert (len(leaves), root_of(leaves)) == (300, head.root)
    assert verified.findings == []


def test_a_batch_with_a_version_that_is_there_is_stored_not_at_all(make_factory: MakeFactory) -> None:
    recorder = make_factory().application_recorder()
    one, other = uuid4(), uuid4()
    recorder.insert_events([stored(one, 1)])
    with pytest.raises(IntegrityError, match="position 0"):
        recorder.insert_events([stored(other, 1), stored(one, 1, state=b"another")])
    assert (recorder.select_events(other), recorder.max_notification_id()) == ([], 1)


def test_one_of_many_that_store_the_same_version_wins(make_factory: MakeFactory) -> None:
    recorders = [make_factory().application_recorder() for _ in range(3)]
    barrier = Barrier(len(recorders) * 2)
    account = uuid4()
    outcomes: list[str] = []

    def insert(recorder: ApplicationRecorder) -> None:
        barrier.wait()
        try:
            recorder.insert_events([stored(account, 1)])
        except IntegrityError:
            outcomes.append("refused")
        else:
            outcomes.append("stored")

    threads = [Thread(target=insert, args=(recorder,)) for recorder in recorders for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused"] * 5 + ["stored"]
    assert [versions(recorder.select_events(account)) for recorder in recorders] == [[1]] * 3


def test_events_are_read_in_order_of_their_versions_however_they_came(make_factory: MakeFactory) -> None:
    recorder = make_factory().aggregate_recorder()
    account = uuid4()
    recorder.insert_events([stored(account, version) for version in (7, 2**53, 0)])
    recorder.insert_events([stored(account, version) for version in (3, 10)])
    assert versions(recorder.select_events(account)) == [0, 3, 7, 10, 2**53]
    assert versions(recorder.select_events(account, desc=True, limit=2)) == [2**53, 10]
    assert versions(recorder.select_events(account, lte=9, desc=True, limit=1)) == [7]
    assert versions(recorder.select_events(account, gt=0, lte=10, limit=2)) == [3, 7]
    assert versions(recorder.select_events(account, gt=-5, lte=2**60)) == [0, 3, 7, 10, 2**53]
    assert recorder.select_events(account, lte=-1) == recorder.select_events(account, limit=0) == []


def test_a_long_aggregate_is_read_page_by_page(make_factory: MakeFactory) -> None:
    recorder = make_factory().application_recorder()
    account = uuid4()
    recorder.insert_events([stored(account, version) for version in range(2_500)])
    assert versions(recorder.select_events(account)) == list(range(2_500))
    assert versions(recorder.select_events(account, desc=True, limit=1_001)) == list(range(2_499, 1_498, -1))
    assert [item.id for item in recorder.select_notifications(1, 2_200)] == list(range(1, 2_201))


def test_no_aggregate_reads_the_events_of_one_whose_id_begins_like_its_own(make_factory: MakeFactory) -> None:
    recorder = make_factory(ORIGINATOR_ID_TYPE="text").aggregate_recorder()
    ids = ["a", "a:0000000000000001", "a:1", "A", "a b", "", "sha256:" + sha256(b"a b").hexdigest(), "ä", "x" * 1_000]
    recorder.insert_events([stored(name, version) for name in ids for version in (1, 2)])
    assert [recorder.select_events(name, desc=True, limit=3) for name in ids] == [
        [stored(name, 2), stored(name, 1)] for name in ids
    ]


async def test_an_aggregate_is_read_by_the_index_of_ids(environment: dict[str, str], make_factory: MakeFactory) -> None:
    make_factory().aggregate_recorder().insert_events([stored(uuid4(), version) for version in range(10)])
    connection = await asyncpg.connect(environment["JEJAK_DATABASE_URL"])
    plans: list[str] = []
    for name in ("read_aggregate", "read_aggregate_backwards"):
        await connection.execute("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off")
        rows = await connection.fetch("EXPLAIN " + Statements("ledger")(name), 1, "a", "b", 1)
        plans.append("\n".join(row[0] for row in rows))
    await connection.close()
    assert ["one_event_for_each_id" in plan for plan in plans] == [True, True]
    assert ["Sort" in plan for plan in plans] == [False, False]
    assert ["Backward" in plan for plan in plans] == [False, True]


def test_topics_are_looked_for_over_many_pages(make_factory: MakeFactory) -> None:
    recorder = make_factory().application_recorder()
    account = uuid4()
    recorder.insert_events([stored(account, number, f"topic{number % 1_100}") for number in range(2_300)])
    found = recorder.select_notifications(1, 10, topics=["topic5", "topic1099"])
    assert [item.id for item in found] == [6, 1100, 1106, 2200, 2206]
    assert [item.id for item in recorder.select_notifications(7, 2, topics=["topic5", "topic1099"])] == [1100, 1106]


def test_a_subscription_sees_what_another_process_stores_and_ends_with_the_factory(make_factory: MakeFactory) -> None:
    factory, others = make_factory(), make_factory()
    recorder, other = factory.application_recorder(), others.application_recorder()
    account = uuid4()
    with recorder.subscribe(topics=["wanted"]) as subscription:
        other.insert_events([stored(account, 1, "other"), stored(account, 2, "wanted")])
        assert next(subscription).id == 2
        other.insert_events([stored(account, 3, "wanted")])
        assert next(subscription).id == 3
        closing = Thread(target=factory.close)
        closing.start()
        with pytest.raises(OperationalError):
            next(subscription)
        closing.join()


def test_snapshots_stand_in_a_log_of_their_own(environment: dict[str, str]) -> None:
    with SnapshotAccounts(environment) as application:
        account = application.open_account(1)
        for _ in range(5):
            application.add(account, 1)
        application.take_snapshot(account)
        application.take_snapshot(account, version=3)
        assert application.snapshots is not None
        taken = [snapshot.originator_version for snapshot in application.snapshots.get(account)]
        newest = [snapshot.originator_version for snapshot in application.snapshots.get(account, desc=True, limit=1)]
        assert (taken, newest, application.points(account)) == ([3, 6], [6], 6)
        assert application.recorder.max_notification_id() == 6
        with pytest.raises(IntegrityError):
            application.take_snapshot(account)


def test_the_librarys_compressor_and_cipher_stand_before_the_log(environment: dict[str, str]) -> None:
    key = eventsourcing.cryptography.AESCipher.create_key(16)
    secret = {"CIPHER_TOPIC": "eventsourcing.cryptography:AESCipher", "CIPHER_KEY": key, "COMPRESSOR_TOPIC": "zlib"}
    with PointAccounts({**environment, **secret}) as application:
        account = application.open_account(42)
        assert application.points(account) == 42
        (kept,) = application.recorder.select_events(account)
    assert b"points" not in kept.state


def test_what_others_append_to_the_log_is_passed_over(environment: dict[str, str], make_factory: MakeFactory) -> None:
    recorder = make_factory(ORIGINATOR_ID_TYPE="text").application_recorder()
    recorder.insert_events([stored("a", 1)])
    bridge = Bridge(read_settings({"JEJAK_DATABASE_URL": environment["JEJAK_DATABASE_URL"]}))
    log = bridge.settle_log("application", "APPLICATION", "CONFIDENTIAL")
    author = Author(authid="another", authrole="PLATFORM_WRITER")
    others = [
        foreign("listing:shop:1", "ListingWithdrawn", "a:0000000000000002", b"{}"),
        foreign(
            "aggregate:b",
            "ApplicationEventStored",
            "a:0000000000000003",
            b'{"originator_id":"b","originator_version":1,"topic":"topic","state":"c3RhdGU="}',
        ),
    ]
    receipts = bridge.append(log, [check_event(event, log, author) for event in others])
    bridge.close()
    recorder.insert_events([stored("a", 4)])
    assert [receipt.position for receipt in receipts] == [1, 2]
    assert versions(recorder.select_events("a")) == [1, 4]
    assert versions(recorder.select_events("a", desc=True, limit=2)) == [4, 1]
    found = recorder.select_notifications(None, 10)
    assert [(item.id, item.originator_id, item.originator_version) for item in found] == [
        (1, "a", 1),
        (3, "b", 1),
        (4, "a", 4),
    ]
    assert [item.id for item in recorder.select_notifications(None, 2)] == [1, 3]


def foreign(subject: str, event_type: str, event_id: str, data: bytes) -> EventData:
    return EventData(
        specversion="1.0",
        id=event_id,
        source="/tests",
        type=event_type,
        subject=subject,
        time=datetime(2026, 1, 1, tzinfo=UTC),
        data=msgspec.Raw(data),
    )


NAME = "the name of an aggregate"
UNFIT: dict[str, tuple[StoredEvent, str]] = {
    "too large a state": (stored(NAME, 1, state=bytes(STATE_MAX_BYTES + 1)), "length"),
    "too large an entry": (stored("\1" * 1_000, 1, "\1" * 1_000, bytes(STATE_MAX_BYTES)), "65535"),
    "too long an id": (stored("x" * 1_001, 1), "length"),
    "too long a topic": (stored(NAME, 1, "x" * 1_001), "length"),
    "a version below 0": (stored(NAME, -1), ">= 0"),
    "a version past 2^53": (stored(NAME, 2**53 + 1), "<= "),
    "U+0000 in an id": (stored("a\0b", 1), "U\\+0000"),
    "U+0000 in a topic": (stored(NAME, 1, "a\0b"), "U\\+0000"),
    "half a character in an id": (stored("a\ud800b", 1), "Unicode"),
    "half a character in a topic": (stored(NAME, 1, "a\ud800b"), "Unicode"),
    "a topic like ciphertext": (stored(NAME, 1, "enc:v1"), "enc:"),
}


def test_what_cannot_be_stored_is_a_data_error_and_nothing_is_stored(make_factory: MakeFactory) -> None:
    recorder = make_factory(ORIGINATOR_ID_TYPE="text").application_recorder()
    for what, (event, detail) in UNFIT.items():
        with pytest.raises(DataError, match=detail):
            recorder.insert_events([stored("good", 1), event])
        assert (what, recorder.max_notification_id()) == (what, None)
    with pytest.raises(DataError, match="at most 10000"):
        recorder.insert_events([stored(NAME, version) for version in range(10_001)])
    fits = stored(NAME, 1, "x" * 1_000, bytes(range(250)) * (STATE_MAX_BYTES // 250))
    recorder.insert_events([fits])
    assert recorder.select_events(NAME) == [fits]


def test_an_id_that_is_no_uuid_is_refused_unless_ids_are_text(make_factory: MakeFactory) -> None:
    recorder = make_factory().aggregate_recorder()
    with pytest.raises(DataError, match="ORIGINATOR_ID_TYPE"):
        recorder.insert_events([stored("account-1", 1)])
    account = uuid4()
    recorder.insert_events([stored(str(account).upper(), 1)])
    assert recorder.select_events(account) == [stored(account, 1)]


def test_tracking_is_refused_and_its_recorders_are_not_offered(make_factory: MakeFactory) -> None:
    factory = make_factory()
    recorder = factory.application_recorder()
    with pytest.raises(NotSupportedError):
        recorder.insert_events([stored(uuid4(), 1)], tracking=Tracking("upstream", 1))
    with pytest.raises(InfrastructureFactoryError, match="offers no TrackingRecorder"):
        factory.tracking_recorder()
    with pytest.raises(InfrastructureFactoryError, match="offers no ProcessRecorder"):
        factory.process_recorder()
    assert recorder.max_notification_id() is None


WRONG: list[tuple[dict[str, str], str]] = [
    ({"JEJAK_LOG": "Log"}, "small letters"),
    ({"JEJAK_LOG": "x" * 64}, "small letters"),
    ({"JEJAK_LOG": "shop-"}, "small letters"),
    ({"ORIGINATOR_ID_TYPE": "int"}, "ORIGINATOR_ID_TYPE"),
    ({"JEJAK_LOGS": "x"}, "unknown variable JEJAK_LOGS"),
    ({"JEJAK_DATABASE_URL": "mysql://"}, "JEJAK_DATABASE_URL"),
]


@pytest.mark.parametrize(("changes", "detail"), WRONG, ids=[detail for _, detail in WRONG])
def test_a_wrong_variable_is_told_when_the_factory_is_made(
    make_factory: MakeFactory, changes: dict[str, str], detail: str
) -> None:
    with pytest.raises(InfrastructureFactoryError, match=detail):
        make_factory(**changes)


def test_the_application_names_its_log_or_its_environment_does(make_factory: MakeFactory) -> None:
    account = uuid4()
    for name, changes in (
        ("BankAccounts", {}),
        ("bank_accounts", {}),
        ("other", {"JEJAK_LOG": "bank-accounts"}),
        ("Other", {"OTHER_JEJAK_LOG": "bank-accounts"}),
    ):
        recorder = make_factory(name, **changes).application_recorder()
        recorder.insert_events([stored(account, (recorder.max_notification_id() or 0) + 1)])
    assert versions(make_factory("BankAccounts").aggregate_recorder().select_events(account)) == [1, 2, 3, 4]


async def test_a_log_of_another_kind_is_refused(environment: dict[str, str], make_factory: MakeFactory) -> None:
    async with await open_database(
        read_settings({"JEJAK_DATABASE_URL": environment["JEJAK_DATABASE_URL"]})
    ) as database:
        await create_log(database.pool("keeper"), "shop", "PLATFORM", "UTC", None, "INTERNAL", "a/shop")
    with pytest.raises(InfrastructureFactoryError, match="PLATFORM"):
        make_factory(JEJAK_LOG="shop").application_recorder()


def test_a_database_that_cannot_be_reached_is_told(make_factory: MakeFactory) -> None:
    factory = make_factory(JEJAK_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(InfrastructureFactoryError, match="cannot connect"):
        factory.application_recorder()


def test_a_closed_recorder_says_so(make_factory: MakeFactory) -> None:
    factory = make_factory()
    recorder = factory.application_recorder()
    factory.close()
    factory.close()
    with pytest.raises(OperationalError, match="closed"):
        recorder.insert_events([stored(uuid4(), 1)])
    with pytest.raises(OperationalError, match="closed"):
        recorder.max_notification_id()


def test_what_was_being_stored_when_the_factory_closed_is_stored_or_not_at_all(make_factory: MakeFactory) -> None:
    factory = make_factory()
    recorder = factory.application_recorder()
    accounts = [uuid4() for _ in range(8)]
    barrier = Barrier(len(accounts) + 1)
    answered: set[UUID] = set()

    def insert(account: UUID) -> None:
        barrier.wait()
        try:
            recorder.insert_events([stored(account, version) for version in range(200)])
        except OperationalError:
            return
        answered.add(account)

    threads = [Thread(target=insert, args=(account,)) for account in accounts]
    for thread in threads:
        thread.start()
    barrier.wait()
    factory.close()
    for thread in threads:
        thread.join()
    found = make_factory().aggregate_recorder()
    counts = {account: len(found.select_events(account)) for account in accounts}
    assert {account for account, count in counts.items() if count} >= answered
    assert set(counts.values()) <= {0, 200}


def test_an_application_that_nobody_closes_ends_and_leaves_its_embedded_server(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JEJAK_")}
    command = [sys.executable, "-W", "error", "-m", "tests.postgres.applications"]
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env={**environment, "JEJAK_DATA": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        timeout=CHILD_SECONDS,
        check=False,
    )
    left = (tmp_path / "data" / "postgres" / "postmaster.pid").exists()
    assert (ended.returncode, ended.stdout, ended.stderr, left) == (0, "42\n", "", False)


def test_an_embedded_server_that_was_killed_comes_back_with_all_that_was_answered(
    tmp_path: Path, make_factory: MakeFactory
) -> None:
    factory = make_factory(JEJAK_DATABASE_URL="", JEJAK_DATA=str(tmp_path / "data"))
    recorder = factory.application_recorder()
    account = uuid4()
    recorder.insert_events([stored(account, 1)])
    postmaster = int((tmp_path / "data" / "postgres" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    deadline = time.monotonic() + CHILD_SECONDS
    found: list[int] = []
    while time.monotonic() < deadline and not found:
        try:
            with contextlib.suppress(IntegrityError):  # an attempt before, of unknown outcome, had stored it
                recorder.insert_events([stored(account, 2)])
            found = versions(recorder.select_events(account))
        except OperationalError:
            continue  # nothing was stored, or it is not known: the same again settles it
    assert found == [1, 2]


def make_mapper(cipher: Cipher | None = None) -> StructMapper[Any]:
    transcoder = JSONTranscoder()
    for transcoding in (UUIDAsHex(), DecimalAsStr(), DatetimeAsISO()):
        transcoder.register(transcoding)
    return StructMapper(transcoder, cipher=cipher)


@pytest.fixture
def renamed() -> Generator[Callable[[], None]]:
    """Yield what a new release does: the stored name now means the new class."""
    clear_topic_cache()

    def release() -> None:
        clear_topic_cache()
        register_topic(PointsAdded.TOPIC, PointsAddedNow)

    yield release
    clear_topic_cache()


def test_a_struct_event_is_stored_and_read_in_its_newest_shape(
    make_factory: MakeFactory, renamed: Callable[[], None]
) -> None:
    factory = make_factory()
    store = factory.event_store(mapper=make_mapper())
    account = uuid4()
    first = PointsAdded(originator_id=account, originator_version=1, amount=40, source=Source("shop"))
    store.put([first])
    assert list(store.get(account)) == [first]
    (kept,) = store.recorder.select_events(account)
    assert (kept.topic, msgspec.json.decode(kept.state)) == (
        "tests.PointsAdded",
        {"amount": 40, "source": {"name": "shop", "reference": None}},
    )
    renamed()
    second = PointsAddedNow(originator_id=account, originator_version=2, points=2, sources=())
    store.put([second])
    upcast = PointsAddedNow(originator_id=account, originator_version=1, points=40, sources=(Source("shop"),))
    assert list(store.get(account)) == [upcast, second]


def test_a_struct_with_a_text_id_passes_cipher_and_compressor() -> None:
    cipher = eventsourcing.cryptography.AESCipher(
        Environment(env={"CIPHER_KEY": eventsourcing.cryptography.AESCipher.create_key(16)})
    )
    mapper = make_mapper(cipher=cipher)
    event = TextEvent(originator_id="account 1", originator_version=0, note="a secret")
    kept = mapper.to_stored_event(event)
    assert b"secret" not in kept.state
    assert mapper.to_domain_event(kept) == event


def test_a_struct_that_is_no_object_is_refused() -> None:
    with pytest.raises(ProgrammingError, match="array_like"):
        make_mapper().to_stored_event(ArrayEvent(originator_id="a", originator_version=1))


@pytest.mark.parametrize("state", [b"", b"[]", b'{"note":1}', b"{}", b'{"note":"a","class_version":"x"}'])
def test_a_state_that_is_not_what_its_topic_says_is_told(state: bytes) -> None:
    topic = f"{TextEvent.__module__}:{TextEvent.__qualname__}"
    with pytest.raises(MapperDeserialisationError, match="version 1 of a"):
        make_mapper().to_domain_event(StoredEvent("a", 1, topic, state))


def test_the_factory_gives_the_mapper_that_is_named_or_ours(make_factory: MakeFactory) -> None:
    named: Mapper[UUID] = make_factory(MAPPER_TOPIC="eventsourcing.persistence:Mapper").mapper()
    ours: Mapper[UUID] = make_factory().mapper()
    assert [type(ours).__name__, type(named).__name__] == ["StructMapper", "Mapper"]


def test_notification_ids_of_one_batch_follow_each_other(make_factory: MakeFactory) -> None:
    recorder = make_factory().application_recorder()
    ids = [
        number for _ in range(3) for number in recorder.insert_events([stored(uuid4(), 1), stored(uuid4(), 1)]) or ()
    ]
    assert [later - earlier for earlier, later in pairwise(ids)] == [1] * 5
    assert recorder.insert_events([]) == []
