"""Runs what `sam build` built in Lambda containers, by `sam local invoke` and `sam local start-api`, beside the local
bundle, by the commands of docs/local.md. Answers, records, the ledger and calls of third parties are held to what the
providers' folders expect of the sample events.

Run by tests/real-parts/run, which installs the SAM CLI, builds, and looks for a container engine. Usage: python
containers BUILT, BUILT being the directory that `sam build` wrote.
"""

import json
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

# What the sample events are to lead to is the same in every place.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "deploy"))

import contracts
import engine
import settlement
import stream
from bundle import PROVIDERS, logical_id
from callbacks import EXPECTED, GENUINE, check_items, event, samples
from local import TABLES, local
from places import PROJECT, WORK
from sam import Invoked, Sam, Served

# Sent to its settler by the schedule's function; everything else by the function that reads the stream.
UNDISPATCHED = "giveaway#"
# What nothing is to be tried again of.
DONE = {"batchItemFailures": []}
STATES = settlement.EXPECTED["states"]


def recorded(api, send=map):
    """Every sample event, one after the other or as `send` has it; their ids by their names."""
    names = samples()
    return dict(zip(names, send(lambda name: api.expect(name, "recorded"), names)))


def check_records(local, ids):
    """The table has the genuine sample callbacks, and nothing else; gives its items."""
    items = local.callbacks()
    assert {item["id"] for item in items} == {ids[name] for name in GENUINE} == STATES.keys()
    return items


def check_settled(local):
    """Every record came to its effect, once."""
    settlement.await_states(local.cloud, TABLES, STATES)
    settlement.check_ledger(local.cloud, TABLES, STATES)
    settlement.check_calls(local.providers)


def receive_by_api(sam, local):
    """Every sample event once, and one of each provider again; the local bundle settles them."""
    with sam.api() as url:
        api = Served(url)
        ids = recorded(api)
        for provider in PROVIDERS:
            again = next(name for name in GENUINE if name.startswith(f"{provider}-"))
            assert api.expect(again, "duplicate") == ids[again]
    check_records(local, ids)
    check_settled(local)


def receive_by_hand(sam, local):
    """Every sample event of a receiving function, by an invocation of its own."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        ids = recorded(Invoked(sam), threads.map)
    check_items({name: ids[name] for name in GENUINE}, check_records(local, ids))


def settle_by_hand(sam, local):
    """Every sample event of a settling function."""
    files = sorted((PROJECT / "events").glob("*-sqs.json"))
    functions = [logical_id(file.stem.removesuffix("-sqs")) for file in files]
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for function, answer in zip(functions, threads.map(sam.invoke, functions, files)):
            assert answer == DONE, (function, answer)
    check_settled(local)


def dispatch_by_hand(sam, local):
    """The functions between table and queues; behind the queues is the local bundle."""
    recorded(Served(local.api))
    told = stream.inserted(local.cloud.endpoint)
    told["Records"] = [record for record in told["Records"] if not stream.record_id(record).startswith(UNDISPATCHED)]
    left = {id: state for id, state in STATES.items() if id.startswith(UNDISPATCHED)}
    assert left and len(told["Records"]) + len(left) == len(STATES), told

    assert sam.invoke("DispatchFunction", written("dispatch", told)) == DONE
    others = {id: state for id, state in STATES.items() if id not in left}
    settlement.await_states(local.cloud, TABLES, others | dict.fromkeys(left, "recorded"))
    assert sam.invoke("ScheduleFunction", written("schedule", {"reconcile": "everything"})) is None
    check_settled(local)


def receive_by_contract(sam, local):
    """A callback of a provider that a contract describes, with the contract's own networks, by the program that all of
    them share."""
    before = {item["id"] for item in local.callbacks()}
    for status, verdict in ((200, "recorded"), (200, "duplicate"), (401, "forged")):
        case = contracts.wanted("cpx", contracts.FORGED if verdict == "forged" else contracts.GENUINE)
        answer = sam.invoke("CpxFunction", written("cpx", requested(case)))
        assert answer["statusCode"] == status, (verdict, answer)
    (item,) = [item for item in local.callbacks() if item["id"] not in before]
    genuine = contracts.wanted("cpx", contracts.GENUINE)
    expected = {"provider": "cpx", "state": "recorded"} | {name: genuine[name] for name in ("kind", "user", "amount", "unit")}
    assert {name: item.get(name) for name in expected} == expected, item


def requested(case):
    """A request of a contract's corpus as API Gateway hands it on."""
    url, request = urlsplit(case["request"]["url"]), event("inbrain-survey-completed")
    request |= {"routeKey": f"GET {url.path}", "rawPath": url.path, "rawQueryString": url.query, "headers": {"host": url.netloc}, "body": None}
    request["requestContext"]["http"] |= {"method": "GET", "path": url.path, "sourceIp": case["source_ip"]}
    return request


def written(name, event):
    file = WORK / f"{name}.json"
    file.write_text(json.dumps(event))
    return file


def main(built):
    # So that whoever ends this ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    found = engine.find()
    if not found:
        sys.exit(engine.NONE)
    WORK.mkdir(parents=True, exist_ok=True)
    last = time.monotonic()

    def done(what):
        nonlocal last
        now = time.monotonic()
        print(f"   {now - last:5.1f} s  {what}", flush=True)
        last = now

    host = engine.host(found)
    print(f"   {engine.named(found)}; this machine is {host}", flush=True)
    # First, because it is quick, and because SAM makes its image with the first call.
    with local() as bundle:
        receive_by_api(Sam(built, host, bundle), bundle)
        done(f"{len(EXPECTED) + len(PROVIDERS)} calls of `sam local start-api`, settled by the local bundle")
    # What is recorded stays as it is, so that functions in containers settle it.
    with local("--no-dispatch") as bundle:
        sam = Sam(built, host, bundle)
        receive_by_hand(sam, bundle)
        done(f"{len(EXPECTED)} sample events, each by `sam local invoke`")
        settle_by_hand(sam, bundle)
        done("settled, by `sam local invoke`")
    with local("--no-dispatch") as bundle:
        dispatch_by_hand(Sam(built, host, bundle), bundle)
        done("dispatched and found, by `sam local invoke`")
        receive_by_contract(Sam(built, host, bundle), bundle)
        done("a contract's callback, by `sam local invoke`")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]).resolve())
