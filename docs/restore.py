#!/usr/bin/env python3
"""What restoring a table takes beside AWS's own commands; docs/restore.md says when. Needs boto3, and the usual AWS
credentials and region. Reads whole tables by Scan, a read unit for each 8 KB.

    python docs/restore.py copy --from OLD --to RESTORED --since 2026-11-26T10:00:00Z
    python docs/restore.py compare --callbacks RESTORED --ledger RESTORED_LEDGER

`copy` puts what was received since then into the restored callbacks table, as if it had just come, where it is not
there already. `compare` holds balances against their entries, and entries against their callbacks, and ends with 1 where
they differ.
"""

import argparse
import sys
from collections import defaultdict
from decimal import Decimal, localcontext

import boto3
from botocore.exceptions import ClientError

# The states of a record that the ledger may have had a part in. It is to be settled anew, because the restored ledger
# knows nothing of it; what is in another state stays as it is.
ANEW = {"recorded", "retrying", "waiting", "credited", "debited", "reversed", "redeemed"}
# What receiving and a person's decision put on a record (the crate `tables`, `callbacks::record`).
RECEIVED = {
    *("id", "provider", "kind", "user", "effect", "effect_of", "settler", "amount", "unit", "test", "received_at"),
    *("fingerprint", "key_id", "writer", "payload", "state", "held", "conflicts_with", "conflicts", "conflicts_not_kept"),
    *("day", "expires_at", "decisions", "accepted_at"),
}
# The states of a record that an entry in the ledger belongs to.
BOOKED = {"credited", "debited", "reversed"}


def items(dynamodb, table):
    """All items of a table."""
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]


def text(item, name):
    return next(iter(item[name].values())) if name in item else None


def as_received(item):
    """A record as it was before anything was settled, if it is to be settled anew."""
    if text(item, "state") not in ANEW:
        return item
    return {name: value for name, value in item.items() if name in RECEIVED} | {"state": {"S": "recorded"}}


def copy(dynamodb, old, restored, since):
    copied = there = 0
    for item in items(dynamodb, old):
        # Both are in UTC and of the same form up to the second.
        if text(item, "received_at") < since.removesuffix("Z"):
            continue
        try:
            dynamodb.put_item(TableName=restored, Item=as_received(item), ConditionExpression="attribute_not_exists(id)")
            copied += 1
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            there += 1
    print(f"{copied} copied, {there} there already")


def compare(dynamodb, callbacks, ledger):
    """Says what does not fit, and how often it was looked."""
    sums, counts, balances, entries = defaultdict(Decimal), defaultdict(int), {}, set()
    for item in items(dynamodb, ledger):
        key = tuple(text(item, name) for name in ("user", "provider", "unit"))
        sort = text(item, "entry")
        if sort.startswith("balance#"):
            balances[key] = (Decimal(text(item, "amount")), int(text(item, "entries")))
        # An entry's sort key begins with its time; others are claims, offers and the schedule's watermark.
        elif sort[0].isdigit():
            sums[key] += Decimal(text(item, "amount"))
            counts[key] += 1
            entries.add(text(item, "callback"))
    problems = []
    for key in sorted(balances.keys() | sums.keys()):
        is_, should = balances.get(key, (Decimal(0), 0)), (sums[key], counts[key])
        if is_ != should:
            problems.append(f"{' '.join(key)}: the balance is {is_[0]} of {is_[1]} entries, and the entries are {should[0]} of {should[1]}")
    states = {text(item, "id"): text(item, "state") for item in items(dynamodb, callbacks)}
    for id_ in sorted(entries - states.keys()):
        problems.append(f"{id_}: there is an entry, and no callback")
    for id_ in sorted(id_ for id_, state in states.items() if state in BOOKED and id_ not in entries):
        problems.append(f"{id_}: it is {states[id_]}, and there is no entry")
    for problem in problems:
        print(problem)
    print(f"{len(balances)} balances, {len(entries)} callbacks with entries, {len(states)} callbacks: {len(problems)} problems")
    return not problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    copying = commands.add_parser("copy")
    for name, into in (("--from", "old"), ("--to", "restored"), ("--since", "since")):
        copying.add_argument(name, dest=into, required=True)
    comparing = commands.add_parser("compare")
    for name in ("--callbacks", "--ledger"):
        comparing.add_argument(name, required=True)
    words = parser.parse_args()
    dynamodb = boto3.client("dynamodb")
    with localcontext() as context:
        # More digits than DynamoDB's 38, so that nothing is rounded.
        context.prec = 80
        if words.command == "copy":
            copy(dynamodb, words.old, words.restored, words.since)
        elif not compare(dynamodb, words.callbacks, words.ledger):
            sys.exit(1)


if __name__ == "__main__":
    main()
