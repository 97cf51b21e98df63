"""Keeps users' balances, by the events of the bus. Reads events, one a line, and prints what came of them.

An event may come twice, and in another order: each is done once, by its event_id, and of two balances the one with
more entries is the later one. Keep both in your own database, and write them in one transaction.
"""

import json
import sys


def consume(event, done, balances):
    """Whether the event is one that changes a balance and was not done before; then it is."""
    detail = event["detail"]
    if "balance" not in detail or detail["event_id"] in done:
        return False
    done.add(detail["event_id"])
    account = f"{detail['provider']} {detail['user']} {detail['unit']}"
    if detail["balance"]["entries"] > balances.get(account, {"entries": 0})["entries"]:
        balances[account] = detail["balance"]
    return True


if __name__ == "__main__":
    done, balances = set(), {}
    told = sum(consume(json.loads(line), done, balances) for line in sys.stdin)
    print(json.dumps({"told": told, "balances": balances}, sort_keys=True))
