"""A receiver for the postbacks of CPX Research, and the loop that holds it against the corpus of its contract.

    python3 check.py ../../tests/contracts/corpus/cpx.json             every verdict, and what is read
    python3 check.py ../../tests/contracts/corpus/cpx.json --reasons   the reasons of refusals as well
"""

import decimal
import hashlib
import hmac
import json
import re
import sys
from urllib.parse import urlsplit

# What is particular to the provider: contracts/cpx.toml says the same. Put your own here.
NETWORKS = {"188.40.3.73", "157.90.97.92", "2a01:4f8:d0a:30ff::2"}  # the addresses that it calls from
CAP = decimal.Decimal(10000)  # what is more than this waits for a person
AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,8})?")
KINDS = {"": "survey_completed", "complete": "survey_completed", "out": "survey_screened_out", "bonus": "bonus"}


class Refused(Exception):
    """The request is none of the provider's, or cannot be read. Its text is the reason."""


def decoded(text):
    """A name or a value of a query. urllib's own functions pass over what is wrong in it."""
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise Refused("undecodable")
    raw = re.sub(rb"%(..)", lambda hit: bytes([int(hit[1], 16)]), text.replace("+", " ").encode())
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Refused("undecodable") from None


def pairs(query):
    """The parameters of a query, as they are written."""
    return [pair.partition("=")[::2] for pair in query.split("&") if pair]


def unproved(query, name):
    """A parameter before anything is proved: nobody can say which of two counts, or what a broken one is."""
    values = [value for other, value in pairs(query) if other == name]
    if len(values) > 1:
        raise Refused("unauthenticated")
    try:
        return decoded(values[0]) if values else ""
    except Refused:
        raise Refused("unauthenticated") from None


def parameters(query):
    """All parameters, each of which may be there once."""
    fields = {}
    for name, value in pairs(query):
        name = decoded(name)
        if name in fields:
            raise Refused("repeated")
        fields[name] = decoded(value)
    return fields


def text(fields, name, longest):
    """A field that is there, is not too long and has no control characters."""
    value = fields.get(name, "")
    if not value:
        raise Refused("missing")
    if len(value) > longest or re.search(r"[\x00-\x1f\x7f-\x9f]", value):
        raise Refused("malformed")
    return value


def receive(path, request, keys, source_ip):
    """What a genuine request says. `keys` are the secrets that are valid now."""
    url = urlsplit(request["url"])
    if url.path != path:
        raise Refused("no_such_route")
    if request["method"] != "GET":
        raise Refused("wrong_method")
    if source_ip not in NETWORKS:
        raise Refused("foreign_network")

    # The proof comes first: nothing else is looked at before it.
    signature = unproved(url.query, "hash")
    if not re.fullmatch("[0-9A-Fa-f]{32}", signature):
        raise Refused("unauthenticated")
    signed = unproved(url.query, "trans_id")
    made = [hashlib.md5(f"{signed}-{secret}".encode()).hexdigest() for secret in keys]
    if not any([hmac.compare_digest(each, signature.lower()) for each in made]):
        raise Refused("unauthenticated")

    fields = parameters(url.query)
    status = text(fields, "status", 1)
    kind = KINDS.get(fields.get("type", ""))
    if status not in ("1", "2") or kind is None:
        raise Refused("malformed")
    paid = status == "1"
    trans_id = text(fields, "trans_id", 64)
    # Users have hyphens in their ids, transactions have none: the wall shows each browser md5("USER-SECRET").
    if "-" in trans_id:
        raise Refused("malformed")
    user = text(fields, "user_id", 128)
    # What is taken back is what was given, whatever the reversal says.
    amount = text(fields, "amount_local", 29) if paid else fields.get("amount_local", "")
    if (amount or paid) and not AMOUNT.fullmatch(amount) or paid and amount.startswith("-"):
        raise Refused("malformed")
    gives = paid and decimal.Decimal(amount) > 0
    effect = ("complete" if gives else "nothing") if paid else "reverse"
    return {
        "kind": kind if paid else "survey_reversed",
        "id_parts": [trans_id],
        "user": user,
        "amount": amount if gives else None,
        "unit": "points" if gives else None,
        "effect": effect,
        "of": None if effect == "nothing" else trans_id,
        "test": False,
        "held": "over_cap" if gives and decimal.Decimal(amount) > CAP else None,
    }


def record(seen, callback):
    """What your database does, in one statement with a unique key: the first one counts, once.

    A reversal has an identity of its own, because the provider gives it the id of what it takes back."""
    key = json.dumps([callback["effect"] == "reverse", callback["id_parts"]])
    content = json.dumps([callback["kind"], callback["user"], callback["amount"]])
    if key not in seen:
        seen[key] = content
        return "recorded"
    return "duplicate" if seen[key] == content else "conflict"


def differences(case, corpus, with_reasons):
    """What is not as the case says."""
    arguments = ("/" + corpus["contract"], case["request"], corpus["keys"].values(), case["source_ip"])
    try:
        callback = receive(*arguments)
    except Refused as refused:
        if case["verdict"] != "refused":
            return [f"refused, {refused}"]
        wrong = with_reasons and str(refused) != case["reason"]
        return [f"reason {refused}, not {case['reason']}"] if wrong else []
    if case["verdict"] != "recorded":
        return [f"recorded, and is to be refused: {case['reason']}"]
    wrong = []
    for name, found in callback.items():
        wanted = case[name]
        if name == "amount" and found and wanted:
            found, wanted = decimal.Decimal(found), decimal.Decimal(wanted)
        if found != wanted:
            wrong.append(f"{name} {found}, not {wanted}")
    seen = {}
    told = [record(seen, callback), record(seen, receive(*arguments))]
    return wrong if told == ["recorded", "duplicate"] else [*wrong, f"twice is {told}"]


def main(file, *options):
    with open(file, encoding="utf-8") as opened:
        corpus = json.load(opened)
    if corpus["version"] != 1 or not corpus["cases"]:
        sys.exit(f"{file}: not version 1, or without cases")
    failed = 0
    for case in corpus["cases"]:
        wrong = differences(case, corpus, "--reasons" in options)
        failed += bool(wrong)
        for each in wrong:
            print(f"{case['name']}: {each}")
    print(f"{corpus['contract']}: {len(corpus['cases'])} cases, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
