// Whether a log holds an entry, worked out in the browser from three things that anybody may have: the entry's bytes, its
// proof (C2SP tlog-proof) and the log's public key. No page is touched here. The checks of `ledger.tlog.proof` and
// `ledger.tlog.receipt`, with WebCrypto.
import { decodeHash, equalBytes, HASH_BYTES, hex, readDecimal, Refused, sha256 } from "./bytes.js";
import { openCheckpoint, readCheckpoint, readKey, readNote } from "./note.js";

const HEADER = "c2sp.org/tlog-proof@v1";
/** Hashes of a proof in the largest tree, of 2^64 - 1 leaves. */
const PROOF_MAX = 64;
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The leaf hash of an entry: SHA-256 of 0x00 and its bytes (RFC 6962 section 2.1). */
export const leafHash = (entry) => sha256(LEAF, entry);

/** The hash of the node over two others: SHA-256 of 0x01 and both (RFC 6962 section 2.1). */
export const nodeHash = (left, right) => sha256(NODE, left, right);

/**
 * On which side of the path each sibling of a proof stands, the leaf's first: true for the left. RFC 9162 section 2.1.3.2
 * in the form that counts first; index and size are BigInts. Refused("not-included") where the tree has no such leaf.
 */
export function sides(index, size) {
  if (index < 0n || index >= size) throw new Refused("not-included", { index, size });
  const found = [];
  for (let at = index, last = size - 1n; last > 0n; at >>= 1n, last >>= 1n) {
    if (at & 1n) found.push(true);
    else if (at !== last) found.push(false); // the last node of a level that has none beside it goes up as it is
  }
  return found;
}

/** The root to which a proof leads from a leaf. Refused("proof-length") where the path has another number of hashes. */
export async function rootOf(leaf, index, size, hashes) {
  const onLeft = sides(index, size);
  if (hashes.length !== onLeft.length) throw new Refused("proof-length", { given: hashes.length, needed: onLeft.length });
  if ([leaf, ...hashes].some((hash) => hash.length !== HASH_BYTES)) throw new Refused("no-hash");
  let root = leaf;
  for (const [level, sibling] of hashes.entries()) {
    root = onLeft[level] ? await nodeHash(sibling, root) : await nodeHash(root, sibling);
  }
  return root;
}

/** What a tlog-proof says, unchecked: index, hashes (the leaf's sibling first), and the checkpoint's bytes. */
export function readProof(bytes) {
  const text = new TextDecoder("latin1").decode(bytes); // a character for each byte: what follows the head is a note
  const blank = text.indexOf("\n\n");
  const [header, ...lines] = text.slice(0, Math.max(blank, 0)).split("\n");
  if (header !== HEADER) throw new Refused("no-proof");
  try {
    if (lines[0]?.startsWith("extra ")) atob(lines.shift().slice("extra ".length)); // nothing vouches for it
    if (!lines[0]?.startsWith("index ")) throw new Refused("no-proof");
    const index = readDecimal(lines.shift().slice("index ".length));
    if (lines.length > PROOF_MAX) throw new Refused("no-proof");
    return { index, hashes: lines.map(decodeHash), checkpoint: bytes.slice(blank + 2) };
  } catch { throw new Refused("no-proof"); }
}

/** Where a log shows the leaf hash of an entry: the path of its tile below the log's own, and its place there. */
export function leafTile(index, size) {
  const number = index >> 8n;
  const width = number < size >> 8n ? 256n : size & 255n;
  const digits = number.toString().padStart(Math.ceil(number.toString().length / 3) * 3, "0").match(/\d{3}/g);
  const path = digits.map((three, at) => (at < digits.length - 1 ? "x" + three : three)).join("/");
  return { path: `tile/0/${path}${width < 256n ? `.p/${width}` : ""}`, at: Number(index & 255n) * HASH_BYTES };
}

/** Refused unless an entry is of the event that was asked for, and is the one that the page shows. */
export function checkEntry(entry, asked) {
  let text, event;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(entry);
    event = JSON.parse(text);
  } catch { throw new Refused("no-entry"); }
  if (event.id !== asked.id || event.log !== asked.log) throw new Refused("other-event", { id: String(event.id) });
  if (asked.shown !== undefined && text !== asked.shown) throw new Refused("not-shown");
  return { bytes: entry.length, sequence: event.sequence };
}

/**
 * Refused unless the path from this leaf leads to the checkpoint's root. `leafOfLog` answers the leaf hash that the log
 * itself shows: asked only where it does not, to tell a changed entry from a changed proof.
 */
export async function checkPath(leaf, proof, checkpoint, leafOfLog) {
  const root = await rootOf(leaf, proof.index, checkpoint.size, proof.hashes);
  if (equalBytes(root, checkpoint.root)) return root;
  const values = { computed: hex(root), signed: hex(checkpoint.root) };
  const shown = await leafOfLog(proof.index, checkpoint.size).catch(() => undefined);
  if (shown === undefined || equalBytes(shown, leaf)) throw new Refused("other-root", values);
  const proved = equalBytes(await rootOf(shown, proof.index, checkpoint.size, proof.hashes), checkpoint.root);
  throw new Refused(proved ? "changed-entry" : "other-root", values);
}

/**
 * Verify an entry; return the steps in order, [{name, state: "ok" | "wrong" | "untold", reason, values}]: `entry`,
 * `leaf`, `path`, `key`, `checkpoint`. `given` has the bytes of `entry` and `proof`, the `key` as text, what was `asked`
 * ({id, log, shown}) and `leafOfLog`. A step that needs one that is wrong is untold, and so is what a browser cannot do.
 */
export async function verify({ entry, proof, key, asked, leafOfLog }) {
  const steps = [];
  const step = async (name, work) => {
    try {
      const values = await work();
      steps.push({ name, state: "ok", reason: "ok", values });
    } catch (error) {
      const { reason, values } = error instanceof Refused ? error : new Refused("failed", { error: String(error) });
      steps.push({ name, state: reason === "no-ed25519" || reason === "needs" ? "untold" : "wrong", reason, values });
    }
  };
  const found = {};
  const need = (name) => { if (found[name] === undefined) throw new Refused("needs"); return found[name]; };
  await step("entry", () => checkEntry(entry, asked));
  await step("leaf", async () => ({ leaf: hex((found.leaf = await leafHash(entry))) }));
  await step("path", async () => {
    found.proof = readProof(proof);
    found.checkpoint = readCheckpoint(readNote(found.proof.checkpoint).text);
    const root = await checkPath(need("leaf"), found.proof, found.checkpoint, leafOfLog);
    return { root: hex(root), index: found.proof.index, size: found.checkpoint.size, levels: found.proof.hashes.length };
  });
  await step("key", async () => {
    found.key = await readKey(key);
    return { name: found.key.name, id: found.key.id };
  });
  await step("checkpoint", async () => {
    const checkpoint = await openCheckpoint(need("proof").checkpoint, need("key"));
    return { origin: checkpoint.origin, size: checkpoint.size };
  });
  return steps;
}

/** Whether WebCrypto is here at all: browsers have it on https, and on http of their own machine only. */
export const hasCrypto = () => globalThis.crypto?.subtle !== undefined;

/** The whole verdict on steps: "ok", "wrong" if any is, else "untold". */
export const verdictOf = (steps) =>
  steps.some((one) => one.state === "wrong") ? "wrong" : steps.every((one) => one.state === "ok") ? "ok" : "untold";
