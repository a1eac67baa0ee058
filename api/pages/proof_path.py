"""The proof of an entry as a path to be drawn: from its leaf, past a sibling at each level, to the signed root.

Pure. What is drawn is worked out here from the receipt (C2SP tlog-proof) and the entry; nothing is called proved by it:
that is for the reader's own browser to find (`static/verify.js`).
"""

from typing import Literal

from msgspec import Struct

from ledger.tlog.checkpoint import parse_checkpoint
from ledger.tlog.merkle import leaf_hash, node_hash
from ledger.tlog.note import parse_note
from ledger.tlog.proof import Part, inclusion_nodes
from ledger.tlog.receipt import parse_proof


class Rung(Struct, frozen=True, kw_only=True):
    """One level of the path: the sibling, on which side it stands, the entries `first` to `last` that it is made of.

    `node` is the hash of both, the next step on the way. Hashes are hex.
    """

    level: int
    side: Literal["left", "right"]
    sibling: str
    first: int
    last: int
    node: str


class ProofPath(Struct, frozen=True, kw_only=True):
    """The whole path: position of the entry, its leaf hash, the rungs from there on, and what the checkpoint says.

    `signers` are names and key ids. The path leads to `root`; where nothing is wrong that is `signed_root`.
    """

    index: int
    leaf: str
    rungs: list[Rung]
    root: str
    origin: str
    size: int
    signed_root: str
    signers: list[str]
    checkpoint: str


def path_of(receipt: bytes, entry: bytes) -> ProofPath:
    """Return the path that a receipt gives for an entry. Raises ValueError for a receipt that is none."""
    proof = parse_proof(receipt)
    note = parse_note(proof.checkpoint)
    checkpoint = parse_checkpoint(note.text)
    leaf = leaf_hash(entry)
    parts = inclusion_nodes(proof.index, checkpoint.size)
    rungs, root = _rungs(proof.index, leaf, parts, proof.hashes)
    return ProofPath(
        index=proof.index,
        leaf=leaf.hex(),
        rungs=rungs,
        root=root.hex(),
        origin=checkpoint.origin,
        size=checkpoint.size,
        signed_root=checkpoint.root.hex(),
        signers=[f"{signature.name} {signature.key_id.hex()}" for signature in note.signatures],
        checkpoint=proof.checkpoint.decode(),
    )


def _rungs(index: int, leaf: bytes, parts: list[Part], hashes: tuple[bytes, ...]) -> tuple[list[Rung], bytes]:
    """Return the rungs, and the hash to which they lead. Raises ValueError for another number of hashes."""
    rungs: list[Rung] = []
    node = leaf
    for level, (part, sibling) in enumerate(zip(parts, hashes, strict=True)):
        first = part[0].index << part[0].level
        last = (part[-1].index + 1 << part[-1].level) - 1
        node = node_hash(sibling, node) if last < index else node_hash(node, sibling)
        rungs.append(
            Rung(
                level=level,
                side="left" if last < index else "right",
                sibling=sibling.hex(),
                first=first,
                last=last,
                node=node.hex(),
            )
        )
    return rungs, node
