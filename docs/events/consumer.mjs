// Keeps users' balances, by the events of the bus. Reads events, one a line, and prints what came of them.
//
// An event may come twice, and in another order: each is done once, by its event_id, and of two balances the one with
// more entries is the later one. Keep both in your own database, and write them in one transaction.

import { readFileSync } from "node:fs";
import { argv } from "node:process";
import { pathToFileURL } from "node:url";

/** Whether the event is one that changes a balance and was not done before; then it is. */
export function consume({ detail }, done, balances) {
  if (!detail.balance || done.has(detail.event_id)) return false;
  done.add(detail.event_id);
  const account = `${detail.provider} ${detail.user} ${detail.unit}`;
  if (detail.balance.entries > (balances[account]?.entries ?? 0)) balances[account] = detail.balance;
  return true;
}

if (import.meta.url === pathToFileURL(argv[1]).href) {
  const done = new Set();
  const balances = {};
  const lines = readFileSync(0, "utf8").trim().split("\n");
  const told = lines.filter((line) => consume(JSON.parse(line), done, balances)).length;
  console.log(JSON.stringify({ balances, told }));
}
