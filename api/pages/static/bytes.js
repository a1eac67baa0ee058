// Bytes, hashes and what stands in the lines of notes and proofs, each written in exactly one way (see
// `ledger.tlog.line_values`). No page is touched here.

/** Bytes of a SHA-256. */
export const HASH_BYTES = 32;
const SIZE_MAX = 2n ** 64n - 1n;

/** What does not hold: `reason` is a code that pages have words for, `values` what they put into them. */
export class Refused extends Error {
  constructor(reason, values = {}) {
    super(reason);
    this.reason = reason;
    this.values = values;
  }
}

/** A text as UTF-8. */
export const utf8 = (text) => new TextEncoder().encode(text);

/** Bytes as lower-case hexadecimal digits. */
export const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Several arrays of bytes as one. */
export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Whether two arrays hold the same bytes. Nothing here is secret, so how long it takes does not matter. */
export const equalBytes = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

/** The SHA-256 of these bytes, one after the other. */
export const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));

/** What base64 with padding (RFC 4648 section 4) says; Refused("no-base64") for what is written otherwise. */
export function decodeBase64(text) {
  let decoded;
  try { decoded = atob(text); } catch { throw new Refused("no-base64"); }
  if (btoa(decoded) !== text) throw new Refused("no-base64");
  return Uint8Array.from(decoded, (character) => character.charCodeAt(0));
}

/** A hash of 32 bytes out of base64. */
export function decodeHash(text) {
  const bytes = decodeBase64(text);
  if (bytes.length !== HASH_BYTES) throw new Refused("no-hash");
  return bytes;
}

/** A number of entries, or an entry's index: digits without a leading zero, below 2^64, as a BigInt. */
export function readDecimal(text) {
  if (!/^(0|[1-9][0-9]{0,19})$/.test(text) || BigInt(text) > SIZE_MAX) throw new Refused("no-number");
  return BigInt(text);
}
