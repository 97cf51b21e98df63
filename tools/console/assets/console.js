// Shows what comes as it comes. Rows and pages are made by the server, which escapes whatever somebody sent.
"use strict";

const connection = document.getElementById("connection");
const requests = document.getElementById("requests");
const counts = document.getElementById("counts");
const MOST_ROWS = 1000;

function count(outcome) {
  let item = [...counts.children].find((it) => it.dataset.outcome === outcome);
  if (!item) {
    item = document.createElement("li");
    item.dataset.outcome = outcome;
    const link = document.createElement("a");
    link.href = "/?outcome=" + encodeURIComponent(outcome);
    link.textContent = outcome;
    const number = document.createElement("span");
    number.className = "count";
    number.textContent = "0";
    item.append(link, " ", number);
    counts.append(item);
  }
  const number = item.querySelector(".count");
  number.textContent = String(Number(number.textContent) + 1);
}

// How long this page leaves what may have changed as it is.
const PATIENCE_MS = Number(document.body.dataset.patienceMs);

// How many records wait, some time after something happened: what happens meanwhile is asked for once.
const standing = later(PATIENCE_MS, async () => {
  if (!document.getElementById("standing")) return;
  const answer = await fetch("/standing.json");
  if (!answer.ok) return;
  const now = await answer.json();
  const text = (number) => (number < 100 ? String(number) : "100+");
  document.getElementById("attention-count").textContent = text(now.attention);
  document.getElementById("retrying-count").textContent = text(now.retrying);
});

// How much came since the page was loaded.
let came = 0;

// The parts of this page that change, anew: what somebody has typed into a form stays.
const refresh = later(300, async () => {
  if (!document.querySelector("[data-fresh]")) return;
  const before = came;
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-fresh]")) {
    const now = page.getElementById(part.id);
    const inputs = [...part.querySelectorAll("input, select, textarea")];
    if (inputs.some((it) => it.value !== (it.defaultValue ?? it.value) || it.checked !== (it.defaultChecked ?? it.checked))) continue;
    if (now) part.replaceChildren(...now.childNodes);
  }
  countDown();
  showCopies();
  // What came meanwhile may be missing.
  if (came !== before) refresh();
});

// Has a filter offer what came just now.
function offer(name, value) {
  const select = document.querySelector(`select[name="${name}"]`);
  if (!select || !value || [...select.options].some((it) => it.value === value)) return;
  select.append(new Option(value, value));
}

// `action`, so many milliseconds after it was asked for, once however often that was.
function later(milliseconds, action) {
  let timer = null;
  return () => {
    timer ??= setTimeout(() => {
      timer = null;
      action().catch(() => {});
    }, milliseconds);
  };
}

function countDown() {
  for (const due of document.querySelectorAll("time.due")) {
    const seconds = Math.round((Date.parse(due.dateTime) - Date.now()) / 1000);
    if (Number.isNaN(seconds)) continue;
    const [number, unit] =
      seconds < 90 ? [seconds, "s"] : seconds < 5400 ? [Math.round(seconds / 60), "min"] : [Math.round(seconds / 3600), "h"];
    due.textContent = seconds > 0 ? `in ${number} ${unit} (${due.dateTime})` : `now (${due.dateTime})`;
  }
}

function connected(is) {
  connection.textContent = is ? "Connected: what comes is shown at once" : "Not connected";
  connection.classList.toggle("on", is);
}

// Listens to what comes, as long as somebody can see it: a browser has six connections to this page in all.
let stream = null;
let opened = 0;

function listen() {
  if (document.hidden) {
    stream?.close();
    stream = null;
    return;
  }
  if (stream) return;
  const own = () => document.getElementById("live")?.dataset.record;
  stream = new EventSource("/events");
  stream.addEventListener("open", () => {
    connected(true);
    opened += 1;
    // With what came before it was open. Of a stack on AWS that was asked for a moment ago.
    if (opened > 1 || PATIENCE_MS < 5000) refresh();
  });
  stream.addEventListener("error", () => connected(false));
  stream.addEventListener("missed", () => {
    came += 1;
    refresh();
  });
  stream.addEventListener("problem", refresh);
  stream.addEventListener("record", (message) => {
    came += 1;
    standing();
    if (own() === JSON.parse(message.data).record) refresh();
  });
  stream.addEventListener("request", (message) => {
    came += 1;
    const { number, row, outcome, provider, record } = JSON.parse(message.data);
    standing();
    if (record && own() === record) refresh();
    if (!requests) return;
    offer("outcome", outcome);
    offer("provider", provider);
    if (requests.dataset.live !== "true") return refresh();
    if (requests.querySelector(`[data-number="${Number(number)}"]`)) return;
    count(outcome);
    document.getElementById("none").replaceChildren();
    requests.insertAdjacentHTML("afterbegin", row);
    while (requests.children.length > MOST_ROWS) requests.lastElementChild.remove();
  });
}

listen();
document.addEventListener("visibilitychange", listen);
// Nothing tells what happens to a record on AWS.
if (PATIENCE_MS > 5000) setInterval(() => document.hidden || refresh(), PATIENCE_MS);

// Copying needs a script, and so does the button for it.
function showCopies() {
  for (const button of document.querySelectorAll("button.copy")) button.hidden = !navigator.clipboard;
}

document.addEventListener("click", async ({ target: button }) => {
  if (!button.matches?.("button.copy")) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  button.textContent = "Copied";
});

showCopies();
countDown();
setInterval(countDown, 1000);
