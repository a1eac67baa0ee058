"""The page's own verifier (`verify.js`, `note.js`) against others' vectors, and against the ledger's, in a browser."""

import base64
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from playwright.async_api import Page

from ledger.tlog.merkle import Node, leaf_hash, node_hash, range_nodes, range_root
from ledger.tlog.proof import prove_inclusion
from tests.merkle_vectors import vectors
from tests.shared import needs_shared, shared_path

ROOTS = """async (cases) => {
  const { rootOf } = await import("/workbench/static/verify.js");
  const { decodeBase64, equalBytes } = await import("/workbench/static/bytes.js");
  const proved = async ({ leaf, index, size, hashes, root }) => {
    try {
      const found = await rootOf(decodeBase64(leaf), BigInt(index), BigInt(size), hashes.map(decodeBase64));
      return equalBytes(found, decodeBase64(root));
    } catch (error) { if (!error.reason) throw error; return false; }
  };
  return Promise.all(cases.map(proved));
}"""
"""Of each proof, whether it holds."""
REASONS = """async ([module, name, texts]) => {
  const found = (await import(`/workbench/static/${module}.js`))[name];
  const asked = (text) => module === "note" && name === "readKey" ? text : new TextEncoder().encode(text);
  const reason = async (text) => {
    try { await found(asked(text)); return null; } catch (error) { return error.reason ?? String(error); }
  };
  return Promise.all(texts.map(reason));
}"""
"""Of each text, why a reader of the verifier refuses it; null where it does not."""
SIGNED = """async (notes) => {
  const { readKey, readNote, checkSignature } = await import("/workbench/static/note.js");
  const said = async ({ vkey, note }) => {
    try { await checkSignature(readNote(new TextEncoder().encode(note)), await readKey(vkey)); return null; }
    catch (error) { return error.reason ?? String(error); }
  };
  return Promise.all(notes.map(said));
}"""
"""Of each note, why it is not signed by its key; null where it is."""
TREES = 24
"""Leaves of the largest tree of which every proof is checked."""


@pytest.fixture
async def own(page: Page) -> Page:
    """Return a page of the workbench, from whose address its modules are loaded."""
    await page.goto("/workbench/search")
    return page


def base64_of(value: bytes) -> str:
    return base64.b64encode(value).decode()


@cache
def hash_of(node: Node) -> bytes:
    """Return the hash of a node over the leaves `0`, `1`, `2` ..."""
    if node.level == 0:
        return leaf_hash(str(node.index).encode())
    return node_hash(hash_of(Node(node.level - 1, 2 * node.index)), hash_of(Node(node.level - 1, 2 * node.index + 1)))


def proof_of(index: int, size: int) -> dict[str, Any]:
    """Return a proof of this ledger's, as the module takes it."""
    return {
        "leaf": base64_of(hash_of(Node(0, index))),
        "index": str(index),
        "size": str(size),
        "hashes": [base64_of(value) for value in prove_inclusion(index, size, hash_of)],
        "root": base64_of(range_root([hash_of(node) for node in range_nodes(0, size)])),
    }


def notes() -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads(shared_path("vectors/signed-notes.json").read_text())
    return found


async def test_every_proof_of_small_trees_holds_and_none_of_another_leaf_or_for_another_place(own: Page) -> None:
    proofs = [proof_of(index, size) for size in range(1, TREES) for index in range(size)]
    assert await own.evaluate(ROOTS, proofs) == [True] * len(proofs)
    other = base64_of(leaf_hash(b"another"))
    assert not any(await own.evaluate(ROOTS, [{**proof, "leaf": other} for proof in proofs]))
    moved = [{**proof, "index": str(int(proof["index"]) + 1)} for proof in proofs]
    assert not any(await own.evaluate(ROOTS, moved))


async def test_a_proof_in_the_largest_tree_is_worked_out_with_whole_numbers(own: Page) -> None:
    huge = {**proof_of(0, 1), "index": str(2**64 - 2), "size": str(2**64 - 1)}
    assert await own.evaluate(ROOTS, [huge]) == [False]
    sides = "async ([index, size]) => (await import('/workbench/static/verify.js')).sides(BigInt(index), BigInt(size))"
    assert await own.evaluate(sides, [str(2**63), str(2**64 - 1)]) == [False] * 63 + [True]


@needs_shared
async def test_others_inclusion_proofs_are_judged_as_they_say(own: Page) -> None:
    cases = [vector for _, vector in vectors("inclusion")]
    given: list[dict[str, Any]] = [
        {
            "leaf": case["leafHash"] or "",
            "index": str(case["leafIdx"]),
            "size": str(case["treeSize"]),
            "hashes": case["proof"] or [],
            "root": case["root"] or "",
        }
        for case in cases
    ]
    assert len(cases) == 98
    assert await own.evaluate(ROOTS, given) == [not case["wantErr"] for case in cases]


@needs_shared
async def test_others_notes_are_verified_and_malformed_ones_and_keys_refused(own: Page) -> None:
    found = notes()
    assert await own.evaluate(SIGNED, found["valid"]) == [None] * len(found["valid"])
    tampered = [{**one, "note": one["note"].replace("\n", "!\n", 1)} for one in found["valid"]]
    assert await own.evaluate(SIGNED, tampered) == ["signature"] * len(tampered)
    malformed = found["malformed_notes"]
    assert await own.evaluate(REASONS, ["note", "readNote", malformed]) == ["no-note"] * len(malformed)
    keys = [*found["bad_vkeys"], *(one["vkey"] for kind in ("ecdsa_type2", "rfc6962_type5") for one in found[kind])]
    reasons = await own.evaluate(REASONS, ["note", "readKey", keys])
    assert set(reasons) <= {"no-key", "key-type", "key-id"}


@needs_shared
async def test_others_proofs_are_read_and_what_is_none_is_refused(own: Page) -> None:
    found = json.loads(shared_path("vectors/tlog-proof-format.json").read_text())
    good, bad = [one["text"] for one in found["marshal"]], found["reject"]
    assert await own.evaluate(REASONS, ["verify", "readProof", good]) == [None] * len(good)
    assert await own.evaluate(REASONS, ["verify", "readProof", bad]) == ["no-proof"] * len(bad)


@needs_shared
async def test_others_checkpoint_is_opened_by_its_key_and_no_other(own: Page) -> None:
    keys = json.loads(shared_path("vectors/tessera-testdata-keys.json").read_text())
    checkpoint = shared_path("vectors/tessera-testdata-log/checkpoint.15").read_text()
    opened = """async ([text, key]) => {
      const { openCheckpoint, readKey } = await import("/workbench/static/note.js");
      const found = await openCheckpoint(new TextEncoder().encode(text), await readKey(key));
      return [found.origin, String(found.size)];
    }"""
    assert await own.evaluate(opened, [checkpoint, keys["vkey"]]) == ["example.com/log/testdata", "15"]
