"""What becomes of the sample callbacks behind the queues, held to settled.json in each provider's folder."""

import json
import time
import urllib.request
from decimal import Decimal

from callbacks import event
from places import PROJECT

# The ends of the records that are sent here.
ENDS = ("credited", "redeemed", "delivered")
EXPECTED = {"balances": [], "entries": [], "states": {}, "calls": []}
for file in sorted(PROJECT.glob("functions/*/settled.json")):
    for part, expected in json.loads(file.read_text()).items():
        EXPECTED[part] = EXPECTED[part] | expected if part == "states" else EXPECTED[part] + expected


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.loads(answer.read())


def approve_rewards(stand_ins):
    """Tells AppVirality's stand-in of the rewards of the sample hooks, which it knows before it sends them. (The
    local bundle's own learns of them from its own table.)"""
    for file in sorted((PROJECT / "events").glob("appvirality-*-reward*.json")):
        hook = json.loads(event(file.stem)["body"])
        # The referral hook has the friend's reward and, for information, the referrer's.
        hook = hook.get("friend", hook)
        for detail in hook.get("rewarddetails", [hook]):
            set_reward(stand_ins, detail["rewarddtlid"], "Approved", detail["amount"], hook["reward_unit"])


def set_reward(stand_ins, rewarddtlid, status, amount, unit):
    """Sets what AppVirality's stand-in says of a reward."""
    reward = {"reward_status": status, "amount": amount, "rewardunit": unit}
    body = json.dumps({name: value for name, value in reward.items() if value is not None}).encode()
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(f"{stand_ins}/rewards/{rewarddtlid}", body, headers, method="PUT")
    urllib.request.urlopen(request, timeout=10).close()


def states(cloud, outputs):
    return {item["id"]: item["state"] for item in cloud.items(outputs["CallbacksTableName"])}


def await_states(cloud, outputs, expected, seconds=30):
    """Waits until records have the states that are expected of them."""
    until = time.monotonic() + seconds
    while True:
        seen = states(cloud, outputs)
        other = {id: (seen.get(id), state) for id, state in expected.items() if seen.get(id) != state}
        if not other:
            return
        assert time.monotonic() < until, f"after {seconds} s, seen and expected: {other}"
        time.sleep(0.2)


def await_settled(cloud, outputs, ids, seconds=60):
    """Waits until these records have come to their ends."""
    until = time.monotonic() + seconds
    while unsettled := {id for id in ids if states(cloud, outputs).get(id) not in ENDS}:
        assert time.monotonic() < until, f"after {seconds} s these are not settled: {unsettled}"
        time.sleep(0.2)


def booked(cloud, outputs, kind):
    """What the ledger table has of balances or entries, in order."""
    # DynamoDB drops the zeros at a number's end; the emulator keeps them.
    plain = lambda amount: f"{Decimal(amount).normalize():f}"
    columns = {"balance": ("user", "unit", "amount"), "entry": ("user", "callback", "unit", "amount")}[kind]
    # An entry's sort key begins with its time.
    is_one = {"balance": lambda key: key.startswith("balance#"), "entry": lambda key: key[0].isdigit()}[kind]
    items = cloud.items(outputs["LedgerTableName"])
    rows = [[item[column] for column in columns] for item in items if is_one(item["entry"])]
    return sorted([*row[:-1], plain(row[-1])] for row in rows)


def check_ledger(cloud, outputs, ids):
    """Balances and entries of the sample callbacks, which `ids` names, to the last digit."""
    of_samples = [entry for entry in booked(cloud, outputs, "entry") if entry[1] in ids]
    assert of_samples == sorted(EXPECTED["entries"]), of_samples
    users = {entry[0] for entry in of_samples}
    balances = [balance for balance in booked(cloud, outputs, "balance") if balance[0] in users]
    assert balances == sorted(EXPECTED["balances"]), balances


def check_calls(stand_ins):
    """What the stand-ins of third parties were sent: everything that has an effect, once. A reward's status may be
    asked more often, where a message came again."""
    in_order = lambda calls: sorted(json.dumps(call, sort_keys=True) for call in calls)
    asks = lambda call: call[0].endswith("/checkrewardstatus")
    seen = [[call["path"], call["body"]] for call in get(f"{stand_ins}/calls")]
    effects = [in_order(call for call in calls if not asks(call)) for calls in (seen, EXPECTED["calls"])]
    assert effects[0] == effects[1], effects
    asked = [set(in_order(call for call in calls if asks(call))) for calls in (seen, EXPECTED["calls"])]
    assert asked[0] == asked[1], asked
