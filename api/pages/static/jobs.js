// The jobs page: while a job is under way, the list is asked for again and shown in place. What is focused stays so, and
// only a change of how many are under way is read out.
import { show } from "./live.js";

const EVERY_MS = 1000;

async function refresh() {
  if (!document.hidden && document.querySelector("[data-under-way]")) {
    const focused = document.activeElement?.id;
    const before = document.getElementById("count")?.textContent;
    await show(location.pathname).catch(() => {}); // a ledger that is away for a moment is asked again
    if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
    const after = document.getElementById("count")?.textContent;
    if (after !== undefined && after !== before) document.getElementById("spoken").textContent = after;
  }
  setTimeout(refresh, EVERY_MS);
}

setTimeout(refresh, EVERY_MS);
