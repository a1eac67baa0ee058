// Forms marked `data-live` answer in place: the page is asked for again, and every part marked `data-part` is replaced by
// what came. Without this script the same form is sent by its button.
const WAIT_MS = 80;
const DAY_MS = 24 * 60 * 60 * 1000;

document.documentElement.classList.add("scripted");

/** The date so many days after another: `2021-09-01`. */
export function dayAfter(first, days) {
  return new Date(Date.parse(first + "T00:00:00Z") + days * DAY_MS).toISOString().slice(0, 10);
}

/** How many days a date is after another; null for what does not begin with a date. */
export function daysFrom(first, text) {
  const found = /^\d{4}-\d{2}-\d{2}/.exec(text);
  return found ? Math.round((Date.parse(found[0] + "T00:00:00Z") - Date.parse(first + "T00:00:00Z")) / DAY_MS) : null;
}

/** A form's query without its empty fields. */
function queryOf(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== "") query.append(name, value);
  return query.toString();
}

let asked = 0;

/** Show a page of ours in place: its parts, its presets, its address. A newer question overtakes an older one. */
export async function show(address, focus) {
  const turn = ++asked;
  const main = document.getElementById("content");
  main.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(address, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (response.redirected) { location.assign(response.url); return; }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (turn !== asked) return;
    const parts = [...document.querySelectorAll("[data-part]")];
    if (!response.ok || parts.some((part) => !page.getElementById(part.id))) { location.assign(address); return; }
    for (const part of parts) part.replaceWith(page.getElementById(part.id));
    const presets = page.getElementById("presets");
    if (presets) document.getElementById("presets")?.replaceWith(presets);
    history.replaceState(null, "", address);
    const spoken = document.querySelector("[data-spoken]"); // its part stands there by now
    if (spoken) document.getElementById("spoken").textContent = spoken.textContent;
    document.dispatchEvent(new CustomEvent("shown"));
  } finally {
    if (turn === asked) main.removeAttribute("aria-busy");
  }
  if (focus) focus.focus();
}

function addressOf(form) {
  const query = queryOf(form);
  return form.getAttribute("action") + (query ? "?" + query : "");
}

/** Fetch the parts that were not there at once, and put them in their places: those around a `data-later`. */
async function fetchLater() {
  const marks = [...document.querySelectorAll("[data-later]")];
  const turn = asked;
  for (const address of new Set(marks.map((mark) => mark.dataset.later))) {
    const response = await fetch(address, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!response.ok || turn !== asked) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const mark of marks.filter((one) => one.dataset.later === address)) {
      const part = mark.closest("[data-part]");
      const whole = part && page.getElementById(part.id);
      if (whole && part.isConnected) part.replaceWith(whole);
    }
  }
}

document.addEventListener("shown", fetchLater);
fetchLater();

let waiting;

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-live]");
  if (!form) return;
  const slider = event.target.closest("input[data-days-of]");
  if (slider) {
    const days = Number(slider.value);
    form.elements[slider.dataset.daysOf].value = days === Number(slider.max) ? "" : dayAfter(slider.dataset.first, days);
    slider.setAttribute("aria-valuetext", form.elements[slider.dataset.daysOf].value || "now");
  } else {
    const own = form.querySelector(`input[data-days-of="${event.target.name}"]`);
    const days = own && daysFrom(own.dataset.first, event.target.value);
    if (own) own.value = days === null ? own.max : String(days);
    if (event.target.matches("input:not([type]), input[type=search]")) return; // a text is whole when it is left or sent
  }
  clearTimeout(waiting);
  waiting = setTimeout(() => show(addressOf(form)), WAIT_MS);
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-live]");
  if (form && event.target.matches("input:not([type]), input[type=search]")) show(addressOf(form));
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-live]");
  if (!form || form.method !== "get") return;
  event.preventDefault();
  clearTimeout(waiting);
  show(addressOf(form));
});
