// Counts, asked of the API by the links that lead to them: those marked `data-count` at once, a few at a time, and those
// marked `data-count-on-demand`, which are much work, when they are followed. Without this script they are plain links.
const AT_ONCE = 3;

let asking = new AbortController();

async function put(link, signal) {
  const response = await fetch(link.href, { headers: { Accept: "application/json" }, credentials: "same-origin", signal });
  if (!response.ok) return;
  const { count } = await response.json();
  if (count !== null) link.textContent = new Intl.NumberFormat(document.documentElement.lang).format(count);
}

async function fill() {
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  const waiting = [...document.querySelectorAll("a[data-count]")];
  const work = async () => {
    for (let link = waiting.shift(); link; link = waiting.shift()) {
      try { await put(link, signal); } catch { return; } // overtaken by newer times, or nobody answers
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

document.addEventListener("shown", fill);
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-count-on-demand]");
  if (!link) return;
  event.preventDefault();
  link.setAttribute("aria-busy", "true");
  put(link).finally(() => link.removeAttribute("aria-busy"));
});
fill();
