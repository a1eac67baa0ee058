// The event page: fetches the entry, its proof and, where they do not agree, the log's leaf, has them verified, and says
// of each step what came of it. What is verified, and how, is in verify.js; the words are the page's own.
import { HASH_BYTES, Refused } from "./bytes.js";
import { hasCrypto, leafTile, verdictOf, verify } from "./verify.js";

const form = document.getElementById("verify");
const steps = document.getElementById("steps");
const verdict = document.getElementById("verdict");
const words = document.getElementById("verify-words").content;
const language = document.documentElement.lang;

/** A text of the page, with values put in; numbers as its language writes them. */
function word(name, values = {}) {
  const text = words.querySelector(`[data-name="${name}"]`) ?? words.querySelector('[data-name="failed"]');
  return text.textContent.replace(/\{(\w+)\}/g, (_, key) => {
    const value = values[key];
    return typeof value === "number" || typeof value === "bigint" ? value.toLocaleString(language) : String(value ?? "");
  });
}

async function fetched(address) {
  const response = await fetch(address, { credentials: "same-origin", cache: "no-store" });
  if (!response.ok) throw new Refused("not_fetched", { address, status: response.status });
  return new Uint8Array(await response.arrayBuffer());
}

async function leafOfLog(index, size) {
  const { path, at } = leafTile(index, size);
  return (await fetched(`${form.dataset.tiles}/${path}`)).slice(at, at + HASH_BYTES);
}

function tell(state, text) {
  verdict.dataset.state = state;
  verdict.textContent = text;
  document.querySelector("figure.path")?.setAttribute("data-state", state);
}

function tellStep({ name, state, reason, values }) {
  const line = steps.querySelector(`[data-step="${name}"]`);
  line.dataset.state = state;
  line.querySelector(".state").textContent = word(`state_${state}`);
  line.querySelector(".told").textContent = word(reason === "failed" ? "failed" : `${name}.${reason}`, values);
}

async function run() {
  if (!hasCrypto()) return tell("untold", word("no_crypto"));
  const { id, log } = form.dataset;
  const shown = document.getElementById("exact").textContent;
  try {
    const [entry, proof] = await Promise.all([fetched(form.dataset.entry), fetched(form.dataset.proof)]);
    const told = await verify({ entry, proof, key: form.elements.vkey.value, asked: { id, log, shown }, leafOfLog });
    told.forEach(tellStep);
    steps.hidden = false;
    const bad = told.find((one) => one.state === "wrong");
    const said = bad ? steps.querySelector(`[data-step="${bad.name}"] .told`).textContent : "";
    const worst = told.find((one) => one.reason === "changed-entry") ? word("path.changed-entry") : said;
    tell(verdictOf(told), word(`verdict_${verdictOf(told)}`, { why: worst }));
  } catch (error) {
    steps.hidden = true;
    tell("untold", error instanceof Refused ? word(error.reason, error.values) : word("failed", { error: String(error) }));
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try { await run(); } finally { button.disabled = false; }
  button.focus();
});
