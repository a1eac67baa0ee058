// Signed notes (C2SP signed-note) and checkpoints (C2SP tlog-checkpoint), read and verified with WebCrypto. No page is
// touched here: bytes in, values out, and `Refused` for what is none. The reader of `ledger.tlog.note`, in a browser.
import { decodeBase64, decodeHash, hex, readDecimal, Refused, sha256, utf8 } from "./bytes.js";

/** Type of a key that signs the text of a note: a log's. */
export const ED25519 = 1;
const KEY_ID_BYTES = 4;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** As Go's x/mod, from which the format comes: verifiers must accept 16. */
const SIGNATURES_MAX = 100;
const CHECKPOINT_LINES = 3; // origin, size, root
const LINE_START = "\u2014 ";
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;
/** What a key may not be called: no blanks (Unicode's), no `+`, and not nothing. */
const NO_NAME = /^$|[\s\u0085\u0000-\u0020+]/u;

/** The key that a vkey names: `<name>+<8 hex of key ID>+<base64 of type || public key>`; base64 has `+` itself. */
export async function readKey(text) {
  const found = /^([^+]*)\+([^+]*)\+(.*)$/s.exec(text.trim());
  if (!found || NO_NAME.test(found[1])) throw new Refused("no-key");
  const [, name, id, encoded] = found;
  let typed;
  try { typed = decodeBase64(encoded); } catch { throw new Refused("no-key"); }
  if (typed[0] !== ED25519 || typed.length !== 1 + KEY_BYTES) throw new Refused("key-type", { type: String(typed[0]) });
  const computed = hex((await sha256(utf8(name + "\n"), typed)).slice(0, KEY_ID_BYTES));
  if (computed !== id) throw new Refused("key-id", { computed, written: id });
  return { name, id, public: typed.slice(1) };
}

/** A note's text and signatures, [{name, id, value}]; nothing is verified by reading them. */
export function readNote(bytes) {
  let content;
  try { content = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes); } catch { throw new Refused("no-note"); }
  const blank = content.lastIndexOf("\n\n");
  const lines = content.slice(blank + 2);
  const text = content.slice(0, blank + 1);
  if (blank < 0 || CONTROL.test(text) || !lines.endsWith("\n")) throw new Refused("no-note");
  const signatures = lines.slice(0, -1).split("\n").map(readSignature);
  if (signatures.length > SIGNATURES_MAX) throw new Refused("no-note");
  return { text, signatures };
}

function readSignature(line) {
  const parts = line.startsWith(LINE_START) ? line.slice(LINE_START.length).split(" ") : [];
  if (parts.length !== 2 || NO_NAME.test(parts[0])) throw new Refused("no-note");
  let content;
  try { content = decodeBase64(parts[1]); } catch { throw new Refused("no-note"); }
  if (content.length <= KEY_ID_BYTES) throw new Refused("no-note");
  return { name: parts[0], id: hex(content.slice(0, KEY_ID_BYTES)), value: content.slice(KEY_ID_BYTES) };
}

/** What a note's text says as a checkpoint: origin, size (BigInt) and root (32 bytes). */
export function readCheckpoint(text) {
  const lines = text.replace(/\n$/, "").split("\n");
  if (!text.endsWith("\n") || lines.length < CHECKPOINT_LINES || lines.includes("")) throw new Refused("no-checkpoint");
  try {
    return { origin: lines[0], size: readDecimal(lines[1]), root: decodeHash(lines[2]) };
  } catch { throw new Refused("no-checkpoint"); }
}

/**
 * Return if every signature on a note by this key holds, and there is one. Of a key's name and ID others' signatures are
 * passed over, as the specification asks. Throws Refused("other-key"), ("signature"), or ("no-ed25519") where the
 * browser cannot tell.
 */
export async function checkSignature(note, key) {
  const own = note.signatures.filter((one) => one.name === key.name && one.id === key.id);
  const signers = note.signatures.map((one) => `${one.name} ${one.id}`).join(", ");
  if (own.length === 0) throw new Refused("other-key", { signers, key: `${key.name} ${key.id}` });
  for (const one of own) {
    if (one.value.length !== SIGNATURE_BYTES || !(await signed(key.public, one.value, utf8(note.text)))) {
      throw new Refused("signature", { key: `${key.name} ${key.id}` });
    }
  }
}

async function signed(publicKey, signature, message) {
  let key;
  try {
    key = await crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
  } catch (error) {
    if (error.name === "NotSupportedError") throw new Refused("no-ed25519");
    return false; // 32 bytes that are no point of the curve sign nothing
  }
  return crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
}

/** The checkpoint of a note that the log itself signed with this key. The log's key bears the name of its origin. */
export async function openCheckpoint(bytes, key) {
  const note = readNote(bytes);
  const checkpoint = readCheckpoint(note.text);
  if (checkpoint.origin !== key.name) throw new Refused("other-origin", { origin: checkpoint.origin, key: key.name });
  await checkSignature(note, key);
  return checkpoint;
}

