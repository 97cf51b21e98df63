// Shows what comes as it comes. Rows are made by the server, which escapes whatever somebody sent.
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

function connected(is) {
  connection.textContent = is ? "Connected: what comes is shown at once" : "Not connected";
  connection.classList.toggle("on", is);
}

if (connection && requests) {
  const stream = new EventSource("/events");
  stream.addEventListener("open", () => connected(true));
  stream.addEventListener("error", () => connected(false));
  stream.addEventListener("missed", () => location.reload());
  stream.addEventListener("request", (message) => {
    const { row, outcome } = JSON.parse(message.data);
    count(outcome);
    if (requests.dataset.live !== "true") return;
    document.getElementById("none")?.remove();
    requests.insertAdjacentHTML("afterbegin", row);
    while (requests.children.length > MOST_ROWS) requests.lastElementChild.remove();
  });
}
