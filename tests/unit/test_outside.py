"""A log seen from outside: what holds is yielded, and whatever is changed in any file is seen where it is."""

import hashlib
from collections.abc import Sequence
from random import Random

import pytest

from ledger.errors import Gone, Inconclusive, InputError, Tampered
from ledger.outside import OutsideLog, open_outside
from ledger.tile_source import FileSource
from ledger.tlog.checkpoint import Checkpoint, cosign
from ledger.tlog.note import COSIGNATURE, Ed25519Signer, Note, format_note, parse_note, parse_vkey
from ledger.tlog.policy import parse_policy
from tests.tiles import Files, MemoryFiles, published_files, root_over, signed

ORIGIN = "ledger.example/shop"
SIGNER = Ed25519Signer(ORIGIN, bytes(range(32)))
KEYS = [SIGNER.verifier]
LARGE = 256 * 256
SIZES = (0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 600)
LARGE_SIZES = (LARGE - 1, LARGE, LARGE + 1)


def made(size: int) -> list[bytes]:
    return [b"entry %d" % number for number in range(size)]


async def opened(files: Files) -> OutsideLog:
    return await open_outside(FileSource(MemoryFiles(files)), KEYS)


async def read(log: OutsideLog, start: int = 0, end: int | None = None) -> list[bytes]:
    return [entry async for bundle in log.entries(start, log.size if end is None else end) for entry in bundle]


def checkpoint_of(entries: Sequence[bytes], origin: str = ORIGIN) -> Checkpoint:
    return Checkpoint(origin, len(entries), root_over(entries))


@pytest.mark.parametrize("size", SIZES)
async def test_every_part_of_a_log_is_read_as_it_was_written(size: int) -> None:
    entries = made(size)
    log = await opened(published_files(entries, SIGNER))
    assert (log.size, log.checkpoint.root) == (size, root_over(entries))
    assert await read(log) == entries
    assert sum([leaves async for leaves in log.tiles()]) == size
    random = Random(size)
    for start, end in [sorted(random.choices(range(size + 1), k=2)) for _ in range(20)]:
        assert await read(log, start, end) == entries[start:end]
    for position in random.choices(range(size), k=20) if size else ():
        assert await log.entry(position) == entries[position]


@pytest.mark.parametrize("size", [*SIZES, *LARGE_SIZES])
async def test_a_log_is_known_to_have_grown_from_what_it_was_at_any_size(size: int) -> None:
    entries = made(size)
    log = await opened(published_files(entries, SIGNER))
    for old in {*range(min(size, 4)), size // 2, max(size - 1, 0), size, 256 * (size // 256)}:
        assert await log.root_at(old) == root_over(entries[:old])
        await log.check_grown_from(checkpoint_of(entries[:old]))
        if old:
            with pytest.raises(Tampered, match=f"the first {old} entries: are not those of the trusted checkpoint"):
                await log.check_grown_from(checkpoint_of([*entries[: old - 1], b"another"]))


async def test_a_log_that_is_shorter_than_it_was_or_another_is_refused() -> None:
    log = await opened(published_files(made(300), SIGNER))
    with pytest.raises(Tampered, match="checkpoint: is signed for 300 entries, and there were 301"):
        await log.check_grown_from(checkpoint_of(made(301)))
    with pytest.raises(InputError, match=r"the trusted checkpoint is of ledger\.example/other"):
        await log.check_grown_from(checkpoint_of(made(300), "ledger.example/other"))


async def everything(files: Files) -> None:
    log = await opened(files)
    await read(log)


async def test_any_bit_that_is_flipped_in_any_file_is_seen() -> None:
    whole = published_files(made(66_000), SIGNER)
    random = Random(7)
    for path in [
        *(p for p in whole if not p.startswith(("tile/0/", "tile/entries/"))),
        *random.sample(list(whole), 40),
    ]:
        at, bit = random.randrange(len(whole[path])), 1 << random.randrange(8)
        content = bytearray(whole[path])
        content[at] ^= bit
        with pytest.raises(Tampered):
            await few_of({**whole, path: bytes(content)}, path)


async def few_of(files: Files, path: str) -> None:
    """Read what stands on a file: its bundle or tile, or a bundle under it."""
    log = await opened(files)
    parts = path.removesuffix(f".p/{path.rpartition('/')[2]}").replace("x", "").split("/")[2:]
    under = int("".join(parts) or 0)
    index = under if path.startswith(("tile/0/", "tile/entries/")) else under * 256
    await read(log, index * 256, min(log.size, (index + 1) * 256))


async def test_what_is_wrong_is_told_where_it_is() -> None:
    entries = made(70_000)
    whole = published_files(entries, SIGNER)
    edited = entries[513:514] = [b"edited"]
    assert edited
    other = published_files(entries, SIGNER)
    bundle, leaves, above = "tile/entries/002", "tile/0/002", "tile/1/001.p/17"
    with pytest.raises(Tampered, match=r"^position 513: "):
        await everything({**whole, bundle: other[bundle]})
    with pytest.raises(Tampered, match=r"^tile 0/2: "):
        await everything({**whole, bundle: other[bundle], leaves: other[leaves]})
    with pytest.raises(Tampered, match=r"^tile 1/0: "):
        await everything({**whole, **{path: other[path] for path in (bundle, leaves, "tile/1/000")}})
    with pytest.raises(Tampered, match=r"^tiles of the right edge: "):
        await everything({**other, "checkpoint": whole["checkpoint"]})
    with pytest.raises(Tampered, match=r"^tiles of the right edge: "):
        await everything({**whole, above: hashlib.sha256(b"").digest() * 17})


async def test_a_checkpoint_that_no_known_key_signed_for_this_log_is_refused() -> None:
    entries = made(5)
    stranger = Ed25519Signer(ORIGIN, bytes(32))
    other = Ed25519Signer("ledger.example/other", bytes(range(32)))
    for signer in (stranger, other):
        with pytest.raises(Tampered, match=r"^checkpoint: no signature is of a key that is known here"):
            await opened(published_files(entries, signer))
    with pytest.raises(Tampered, match=r"^checkpoint: "):
        await opened({**published_files(entries, SIGNER), "checkpoint": b"no note"})


def cosigned(note: bytes, *witnesses: Ed25519Signer) -> bytes:
    """Return a checkpoint with the cosignatures of witnesses."""
    opened = parse_note(note)
    return format_note(
        Note(opened.text, (*opened.signatures, *(cosign(one, opened.text, 1_800_000_000) for one in witnesses)))
    )


async def test_a_quorum_of_witnesses_is_there_or_nothing_is_known_and_a_false_cosignature_is_refused() -> None:
    one, two = (Ed25519Signer(f"{name}.example", name.encode() * 16, COSIGNATURE) for name in ("w1", "w2"))
    files = published_files(made(3), SIGNER)
    lines = f"witness one {one.verifier}\nwitness two {two.verifier}\ngroup both all one two\n"
    both, either = parse_policy(f"{lines}quorum both\n"), parse_policy(f"{lines}quorum two\n")
    for witnesses, policy, few in (
        ((), both, "by none of its witnesses"),
        ((one,), both, r"by w1\.example"),
        ((one, one), both, r"by w1\.example"),
        ((one,), either, r"by w1\.example"),
    ):
        log = await opened({**files, "checkpoint": cosigned(files["checkpoint"], *witnesses)})
        with pytest.raises(Inconclusive, match=f"not cosigned as the policy asks: {few};"):
            log.check_cosigned(policy)
    log = await opened({**files, "checkpoint": cosigned(files["checkpoint"], two, one)})
    assert (log.check_cosigned(both), log.check_cosigned(either)) == (["w1.example", "w2.example"],) * 2
    assert (await opened(files)).check_cosigned(parse_policy("quorum none\n")) == []
    false = parse_note(cosigned(signed(made(4), SIGNER), one)).signatures[1:]
    note = parse_note(cosigned(files["checkpoint"], two))
    log = await opened({**files, "checkpoint": format_note(Note(note.text, (*note.signatures, *false)))})
    with pytest.raises(Tampered, match=r"^checkpoint: .*'w1\.example', key [0-9a-f]{8}, does not hold"):
        log.check_cosigned(either)


async def test_the_beginning_of_a_full_tile_serves_where_the_partial_one_is_gone() -> None:
    entries = made(66_000)
    log = await opened({**published_files(entries, SIGNER), "checkpoint": signed(entries[:300], SIGNER)})
    assert await read(log) == entries[:300]


async def test_a_file_that_is_not_there_tells_neither_good_nor_bad() -> None:
    whole = published_files(made(600), SIGNER)
    for path in whole:
        with pytest.raises(Gone):
            await everything({name: content for name, content in whole.items() if name != path})


async def test_each_file_is_read_once_and_only_what_is_new_after_a_trusted_checkpoint() -> None:
    entries = made(70_000)
    files = MemoryFiles(published_files(entries, SIGNER))
    log = await open_outside(FileSource(files), [parse_vkey(str(SIGNER.verifier))])
    await read(log)
    assert sorted(files.asked) == sorted(files.files)
    files.asked.clear()
    log = await open_outside(FileSource(files), KEYS)
    await log.check_grown_from(checkpoint_of(entries[:69_000]))
    assert await read(log, 69_000) == entries[69_000:]
    bundles = [path for path in files.asked if path.startswith("tile/entries/")]
    assert bundles == [
        "tile/entries/269",
        "tile/entries/270",
        "tile/entries/271",
        "tile/entries/272",
        "tile/entries/273.p/112",
    ]
    assert len(files.asked) < 20
