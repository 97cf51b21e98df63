// A receiver for the postbacks of CPX Research, and the loop that holds it against the corpus of its contract.
//
//     node check.mjs ../../tests/contracts/corpus/cpx.json             every verdict, and what is read
//     node check.mjs ../../tests/contracts/corpus/cpx.json --reasons   the reasons of refusals as well

import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";

// What is particular to the provider: contracts/cpx.toml says the same. Put your own here.
const NETWORKS = new Set(["188.40.3.73", "157.90.97.92", "2a01:4f8:d0a:30ff::2"]); // the addresses that it calls from
const CAP = "10000"; // what is more than this waits for a person
const AMOUNT = /^-?[0-9]{1,20}(\.[0-9]{1,8})?$/;
const KINDS = { "": "survey_completed", complete: "survey_completed", out: "survey_screened_out", bonus: "bonus" };

// The request is none of the provider's, or cannot be read. Its message is the reason.
class Refused extends Error {}

// A name or a value of a query. URLSearchParams passes over what is wrong in it.
function decoded(text) {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new Refused("undecodable");
  }
}

// The parameters of a query, as they are written.
function pairs(query) {
  return query.split("&").filter(Boolean).map((pair) => {
    const at = pair.includes("=") ? pair.indexOf("=") : pair.length;
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
}

// A parameter before anything is proved: nobody can say which of two counts, or what a broken one is.
function unproved(query, name) {
  const values = pairs(query).filter(([other]) => other === name);
  try {
    if (values.length <= 1) return decoded(values[0]?.[1] ?? "");
  } catch {
    // It is as good as none.
  }
  throw new Refused("unauthenticated");
}

// All parameters, each of which may be there once.
function parameters(query) {
  const fields = new Map();
  for (const [encoded, value] of pairs(query)) {
    const name = decoded(encoded);
    if (fields.has(name)) throw new Refused("repeated");
    fields.set(name, decoded(value));
  }
  return fields;
}

// A field that is there, is not too long and has no control characters.
function text(fields, name, longest) {
  const value = fields.get(name) ?? "";
  if (value === "") throw new Refused("missing");
  if ([...value].length > longest || /[\u0000-\u001f\u007f-\u009f]/.test(value)) throw new Refused("malformed");
  return value;
}

// An amount as a whole number of hundred-millionths: a float would lose digits.
function exact(amount) {
  const [whole, part = ""] = amount.split(".");
  return BigInt(whole + part.padEnd(8, "0"));
}

// What a genuine request says. `keys` are the secrets that are valid now.
function receive(path, request, keys, sourceIp) {
  const [before, query = ""] = request.url.split(/\?(.*)/s);
  if (before.replace(/^https?:\/\/[^/]*/, "") !== path) throw new Refused("no_such_route");
  if (request.method !== "GET") throw new Refused("wrong_method");
  if (!NETWORKS.has(sourceIp)) throw new Refused("foreign_network");

  // The proof comes first: nothing else is looked at before it.
  const signature = unproved(query, "hash");
  if (!/^[0-9A-Fa-f]{32}$/.test(signature)) throw new Refused("unauthenticated");
  const signed = unproved(query, "trans_id");
  const given = Buffer.from(signature, "hex");
  const made = keys.map((secret) => createHash("md5").update(`${signed}-${secret}`).digest());
  if (!made.filter((each) => timingSafeEqual(each, given)).length) throw new Refused("unauthenticated");

  const fields = parameters(query);
  const status = text(fields, "status", 1);
  const type = fields.get("type") ?? "";
  if (!["1", "2"].includes(status) || !Object.hasOwn(KINDS, type)) throw new Refused("malformed");
  const paid = status === "1";
  const transId = text(fields, "trans_id", 64);
  // Users have hyphens in their ids, transactions have none: the wall shows each browser md5("USER-SECRET").
  if (transId.includes("-")) throw new Refused("malformed");
  const user = text(fields, "user_id", 128);
  // What is taken back is what was given, whatever the reversal says.
  const amount = paid ? text(fields, "amount_local", 29) : (fields.get("amount_local") ?? "");
  if ((amount || paid) && !AMOUNT.test(amount)) throw new Refused("malformed");
  if (paid && amount.startsWith("-")) throw new Refused("malformed");
  const gives = paid && exact(amount) > 0n;
  const effect = paid ? (gives ? "complete" : "nothing") : "reverse";
  return {
    kind: paid ? KINDS[type] : "survey_reversed",
    id_parts: [transId],
    user,
    amount: gives ? amount : null,
    unit: gives ? "points" : null,
    effect,
    of: effect === "nothing" ? null : transId,
    test: false,
    held: gives && exact(amount) > exact(CAP) ? "over_cap" : null,
  };
}

// What your database does, in one statement with a unique key: the first one counts, once. A reversal has an
// identity of its own, because the provider gives it the id of what it takes back.
function record(seen, callback) {
  const key = JSON.stringify([callback.effect === "reverse", callback.id_parts]);
  const content = JSON.stringify([callback.kind, callback.user, callback.amount]);
  if (!seen.has(key)) {
    seen.set(key, content);
    return "recorded";
  }
  return seen.get(key) === content ? "duplicate" : "conflict";
}

// What is not as the case says.
function differences(testCase, corpus, withReasons) {
  const secrets = Object.values(corpus.keys);
  const received = () => receive(`/${corpus.contract}`, testCase.request, secrets, testCase.source_ip);
  let callback;
  try {
    callback = received();
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    if (testCase.verdict !== "refused") return [`refused, ${refused.message}`];
    const wrong = withReasons && refused.message !== testCase.reason;
    return wrong ? [`reason ${refused.message}, not ${testCase.reason}`] : [];
  }
  if (testCase.verdict !== "recorded") return [`recorded, and is to be refused: ${testCase.reason}`];
  const wrong = [];
  for (const [name, found] of Object.entries(callback)) {
    const wanted = testCase[name];
    const same =
      name === "amount" && found !== null && wanted !== null
        ? exact(found) === exact(wanted)
        : JSON.stringify(found) === JSON.stringify(wanted);
    if (!same) wrong.push(`${name} ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
  }
  const seen = new Map();
  const told = `${record(seen, callback)}, ${record(seen, received())}`;
  return told === "recorded, duplicate" ? wrong : [...wrong, `twice is ${told}`];
}

const [file, ...options] = process.argv.slice(2);
const corpus = JSON.parse(readFileSync(file, "utf8"));
if (corpus.version !== 1 || !corpus.cases.length) {
  console.error(`${file}: not version 1, or without cases`);
  process.exit(1);
}
let failed = 0;
for (const testCase of corpus.cases) {
  const wrong = differences(testCase, corpus, options.includes("--reasons"));
  failed += wrong.length ? 1 : 0;
  for (const each of wrong) console.log(`${testCase.name}: ${each}`);
}
console.log(`${corpus.contract}: ${corpus.cases.length} cases, ${failed} failed`);
process.exit(failed ? 1 : 0);
