"""Verify this evidence pack: `python3 verify.py [KEY ...]`.

It needs Python 3.9 and nothing else: nothing of who made the pack, and no network. Every entry is proved to stand in
its log, under a checkpoint that the log has signed (RFC 6962, RFC 8032; C2SP signed-note, tlog-checkpoint, tlog-proof).
KEY are the public keys of the logs (vkeys) that you have from somebody you trust; without, those in the pack are used,
which proves only that the pack agrees with itself. Exit code 0: verified, 1: not, 2: what is said of KEY is no key.
"""

import base64
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, PRIME - 2, PRIME) % PRIME
ROOT_OF_MINUS_ONE = pow(2, (PRIME - 1) // 4, PRIME)
KEY_BYTES, SIGNATURE_BYTES, ED25519 = 32, 64, 1
DASH = "\u2014"
LISTED = ("log", "id", "type", "subject", "recordedtime")
"""What pack.json repeats of an entry."""
Point = tuple[int, int, int, int]


class Bad(Exception):
    """Something is not as it must be; the text says what."""


class Key(NamedTuple):
    """A public key, its id, and the name under which it signs: the origin of a log."""

    name: str
    key_id: bytes
    public: bytes


def add(p: Point, q: Point) -> Point:
    """Return the sum of two points of the curve, in extended coordinates. RFC 8032 section 5.1.4."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % PRIME, (p[1] + p[0]) * (q[1] + q[0]) % PRIME
    c, d = 2 * p[3] * q[3] * D % PRIME, 2 * p[2] * q[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def multiply(scalar: int, point: Point) -> Point:
    """Return a multiple of a point."""
    result: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


def decompress(encoded: bytes) -> Point:
    """Return the point that 32 bytes mean. RFC 8032 section 5.1.3."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, PRIME - 2, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * ROOT_OF_MINUS_ONE % PRIME
    if y >= PRIME or (x * x - square) % PRIME or (x == 0 and sign):
        raise Bad("a key or a signature is no point of the curve")
    x = PRIME - x if x & 1 != sign else x
    return x, y, 1, x * y % PRIME


BASE = decompress((4 * pow(5, PRIME - 2, PRIME) % PRIME).to_bytes(KEY_BYTES, "little"))


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether a signature is this public key's, of this message. RFC 8032 section 5.1.7."""
    scalar = int.from_bytes(signature[KEY_BYTES:], "little")
    if len(signature) != SIGNATURE_BYTES or scalar >= ORDER:
        return False
    digest = hashlib.sha512(signature[:KEY_BYTES] + public + message).digest()
    challenge = int.from_bytes(digest, "little") % ORDER
    p = multiply(scalar, BASE)
    q = add(decompress(signature[:KEY_BYTES]), multiply(challenge, decompress(public)))
    return (p[0] * q[2] - q[0] * p[2]) % PRIME == 0 and (p[1] * q[2] - q[1] * p[2]) % PRIME == 0


def read_key(text: str) -> Key:
    """Return a key from its line (a vkey): name, 8 hex digits of its id, and base64 of type and key. ValueError."""
    name, key_id, encoded = text.split("+", 2)
    key = base64.b64decode(encoded, validate=True)
    expected = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    if key[:1] != bytes([ED25519]) or len(key) != KEY_BYTES + 1 or expected.hex() != key_id:
        raise ValueError(f"{text} is no key of a log")
    return Key(name, expected, key[1:])


def open_checkpoint(note: str, keys: Sequence[Key]) -> tuple[str, int, bytes]:
    """Return origin, size and root of a checkpoint, if its log has signed it with one of the keys. Raises Bad."""
    body, _, signatures = note.partition("\n\n")
    text = body + "\n"
    origin, size, root = text.split("\n")[:3]
    for line in signatures.splitlines():
        dash, name, encoded = line.split(" ")
        value = base64.b64decode(encoded)
        named = [key for key in keys if dash == DASH and (name, origin, value[:4]) == (key.name, key.name, key.key_id)]
        if any(is_signed(key.public, text.encode(), value[4:]) for key in named):
            return origin, int(size), base64.b64decode(root)
    raise Bad(f"the checkpoint of {origin} is signed by none of the keys")


def root_of(node: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root to which an inclusion proof leads from a leaf hash. RFC 9162 section 2.1.3.2. Raises Bad."""
    first, last = index, size - 1
    for sibling in path:
        if last == 0:
            raise Bad("the proof is too long")
        if first & 1 or first == last:
            node = hashlib.sha256(b"\1" + sibling + node).digest()
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            node = hashlib.sha256(b"\1" + node + sibling).digest()
        first, last = first >> 1, last >> 1
    if last:
        raise Bad("the proof is too short")
    return node


def check_event(folder: Path, event: Any, note: str, size: int, root: bytes) -> None:  # noqa: ANN401 - decoded JSON
    """Raise Bad unless an event of pack.json is proved, by its entry's bytes, under the checkpoint of its log."""
    entry = (folder / event["entry"]).read_bytes()
    head, _, proved_under = (folder / event["receipt"]).read_text("utf-8").partition("\n\n")
    version, index, *path = head.split("\n")
    if version != "c2sp.org/tlog-proof@v1" or index != f"index {event['position']}" or proved_under != note:
        raise Bad("the receipt is of another entry, or under another checkpoint")
    leaf = hashlib.sha256(b"\0" + entry).digest()
    if root_of(leaf, event["position"], size, [base64.b64decode(line) for line in path]) != root:
        raise Bad("the log does not hold this entry")
    said = json.loads(entry)
    changed = [name for name in LISTED if said[name] != event[name]]
    if changed or int(said["sequence"]) != event["position"]:
        raise Bad(f"the entry says otherwise than pack.json: {', '.join(changed) or 'position'}")


def check_log(folder: Path, slug: str, pack: Any, keys: Sequence[Key]) -> int:  # noqa: ANN401 - decoded JSON
    """Return how many entries of a log are proved. Raises Bad, and what reading a broken file raises."""
    note = (folder / pack["logs"][slug]["checkpoint"]).read_text("utf-8")
    origin, size, root = open_checkpoint(note, keys)
    path, _, last = origin.rpartition("/")
    if last != slug and not (last.isdecimal() and path.endswith(f"/{slug}")):  # a reopened log has a number at its end
        raise Bad(f"the checkpoint is of another log: {origin}")
    events = [event for event in pack["events"] if event["log"] == slug]
    for event in events:
        try:
            check_event(folder, event, note, size, root)
        except Bad as error:
            raise Bad(f"entry {event['position']}, {event['id']}: {error}") from error
    return len(events)


def main(folder: Path, given: Sequence[str]) -> int:
    """Verify the pack in a folder, say what was, and return the exit code."""
    pack = json.loads((folder / "pack.json").read_text("utf-8"))
    try:
        lines = given or [line for log in pack["logs"].values() for line in (folder / log["keys"]).read_text().split()]
        keys = [read_key(line) for line in lines]
    except ValueError as error:
        print(f"no key: {error}", file=sys.stderr)  # noqa: T201
        return 2
    proved = 0
    for slug in sorted(pack["logs"]):
        try:
            proved += check_log(folder, slug, pack, keys)
        except (Bad, ValueError, KeyError, IndexError, OSError) as error:
            print(f"log {slug}: {error}", file=sys.stderr)  # noqa: T201
            return 1
    if proved != len(pack["events"]):
        print("pack.json lists events of a log that it does not name", file=sys.stderr)  # noqa: T201
        return 1
    by = "the keys given" if given else "the keys in the pack alone: compare them with what you have from others"
    print(f"verified: {proved} entries of {', '.join(sorted(pack['logs']))}, by {by}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent, sys.argv[1:]))
