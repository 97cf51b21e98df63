"""Deploys the bundle whole on an emulator of AWS that enforces permissions, sends every sample event through
its API, has it settled, operates it, updates it, takes it down and begins again, as README.md says it.

Run by tests/real-parts/run, which installs the emulator and builds the programs. Everything listens on free
ports of 127.0.0.1. Usage: python deploy PYTHON AWS, PYTHON being the one that has the SAM CLI, AWS the AWS CLI.
"""

import copy
import json
import re
import signal
import sys
import time
from datetime import UTC, datetime, timedelta

import bundle
import callbacks
import console
import contracts
import emulated
import first_hour
import measured
import restored
import settlement
from actions import Actions
from callbacks import EXPECTED, GENUINE, Api
from cloud import Cloud
from operated import Operator
from places import WORK
from processes import emulator, stand_ins
from roles import without
from samcli import SamCli
from told import SETTLED, told

STACK = "callbacks"
# A callback of each provider, for what all providers are to do alike.
ONE_EACH = {provider: next(n for n in GENUINE if n.startswith(provider)) for provider in bundle.PROVIDERS}
RECEIVERS = [f"{bundle.function_of(provider)}Role" for provider in bundle.PROVIDERS]
# An action without which nothing is settled, of each settling role.
SETTLERS = {
    "LedgerFunctionRole": ("KeepLedger", "dynamodb:PutItem"),
    "AppviralityRedemptionFunctionRole": ("KeepLedger", "dynamodb:PutItem"),
    "GiveawayDeliveryFunctionRole": ("NoteOnRecord", "dynamodb:UpdateItem"),
    "DevtodevDeliveryFunctionRole": ("NoteOnRecord", "dynamodb:UpdateItem"),
}
# The action without which nothing is dispatched.
DISPATCH = {"DispatchFunctionRole": ("SendToSettlers", emulated.SEND_BATCH)}
# The action without which nothing that is unsettled is found.
SCHEDULE = {"ScheduleFunctionRole": ("FindRecords", "dynamodb:Query")}
# A record for each of the settlers.
FOR_EACH_SETTLER = [
    "inbrain#reward#7d3e9a52-1c48-4f6b-9e07-b2a4c6d80001",
    "appvirality#referral_friend_reward#2832#storeuserid#shop-7001#33201",
    "giveaway#action#12345_67890#send",
    "devtodev#install-id#trk-5c0d9a41e7",
]
# Rewards beside the samples: one above the limit that an update sets, and one that comes with two amounts.
MAX_REWARD = 1000
HELD = "5b0c3c7e-0d7e-4b53-9a55-0d5f6a1e0001"
TAKEN = "5b0c3c7e-0d7e-4b53-9a55-0d5f6a1e0002"
# One that nobody dispatches, and one that comes while tables are restored.
LOST = "5b0c3c7e-0d7e-4b53-9a55-0d5f6a1e0003"
LATE = "5b0c3c7e-0d7e-4b53-9a55-0d5f6a1e0004"
# A reward that AppVirality calls redeemed until somebody has mended that.
MENDED = "33300"
# A record that the stream's reader cannot read at first.
UNREADABLE = "inbrain#reward#unreadable"
# What need not happen here, and is measured by tests/it/metrics.rs: a third party's refusal, and, but on a machine so
# slow that attempts come to be due meanwhile, what is due and what is put off.
UNMEASURED = {"DeliveryRefused", "Due", "PutOff"}
# A reward that AppVirality calls redeemed, and that nobody here has redeemed.
REDEEMED_ELSEWHERE = "33299"


class Deployment:
    """A stack of the bundle, and what is done with it, in the order in which it is done."""

    def __init__(self, endpoint, providers, translator):
        self.cloud = Cloud(endpoint)
        self.providers = providers
        self.operator = Operator(endpoint, STACK)
        self.parameters = bundle.parameters(providers)
        # The names of the metrics in the functions' logs so far.
        self.measured = set()
        bundle.upload(self.cloud)
        self.template = bundle.template(self.cloud, translator)

    def create(self):
        status = self.cloud.create(STACK, self.template, self.parameters)
        assert status == "CREATE_COMPLETE", (status, self.cloud.failures(STACK))
        self.outputs = self.cloud.outputs(STACK)
        self.resources = self.cloud.resources(STACK)
        self.api = Api(self.outputs)

    def update(self, **changed):
        """Changes parameters, which keeps keys and data, and starts every function anew."""
        before = self.kept()
        self.parameters |= changed
        status = self.cloud.update(STACK, self.template, self.parameters)
        assert status == "UPDATE_COMPLETE", (status, self.cloud.failures(STACK))
        assert self.kept() == before
        assert self.cloud.outputs(STACK) == self.outputs

    def restart(self):
        """Changes a variable of every function, so that each begins anew and reads its secret again."""
        levels = {"debug": "info", "info": "debug"}
        self.parameters["LogLevel"] = levels[self.parameters.get("LogLevel", "info")]
        status = self.cloud.update(STACK, self.template, self.parameters)
        assert status == "UPDATE_COMPLETE", (status, self.cloud.failures(STACK))

    def kept(self):
        """What nothing but a person takes away."""
        tables = [self.outputs["CallbacksTableName"], self.outputs["LedgerTableName"]]
        return bundle.keys(self.cloud, STACK), [self.cloud.items(table) for table in tables]

    def problems_without_keys(self):
        """`doctor` names every secret; the stack makes them empty."""
        resources = {name: r for name, r in self.template["Resources"].items() if "Condition" not in r}
        secrets = {("secret", name) for name, r in resources.items() if r["Type"].endswith("::Secret")}
        assert len(secrets) == len(bundle.KEYS)
        problems = self.operator.problems()
        assert problems == secrets | emulated.PROBLEMS, problems ^ (secrets | emulated.PROBLEMS)

    def refused_for_a_role(self, sid, action):
        """Without this action of its role, each receiving function answers 503, and nothing is stored."""
        with without(self.cloud, self.resources, {role: (sid, action) for role in RECEIVERS}):
            for name in ONE_EACH.values():
                status, body = self.api.send(name)
                assert status == 503, (name, status, body, f"without {action}")
        assert self.cloud.items(self.outputs["CallbacksTableName"]) == []

    def sample_events(self):
        """Recorded, duplicate, 401 and 400, as the expectations have it, and so on the records."""
        ids = {name: self.api.expect(name, "recorded") for name in callbacks.samples()}
        for name in GENUINE:
            assert self.api.expect(name, "duplicate") == ids[name]
        assert {ids[name] for name in GENUINE} == settlement.EXPECTED["states"].keys()
        items = self.cloud.items(self.outputs["CallbacksTableName"])
        callbacks.check_items({name: ids[name] for name in GENUINE}, items)

    def stop_reading(self):
        """Nobody reads the stream, as when its mapping was disabled by hand; `doctor` says so."""
        self.read(False)
        assert self.operator.problems() == {("stream", "DispatchMapping")} | emulated.PROBLEMS

    def read(self, enabled):
        """Lets the stream be read, or not."""
        update = self.cloud.client("lambda").update_event_source_mapping
        update(UUID=self.resources["DispatchMapping"], Enabled=enabled)

    def unsettled_for_a_role(self):
        """What was recorded while nobody read the stream is dispatched. Without an action of its role, each settling
        function has no effect, and the message comes again."""
        with without(self.cloud, self.resources, SETTLERS):
            moved = {id: state for id, state in settlement.states(self.cloud, self.outputs).items() if state != "recorded"}
            assert not moved, moved
            self.read(True)
            for role, id in zip(SETTLERS, FOR_EACH_SETTLER):
                attempt = lambda line: line.get("message") == "attempt" and line.get("id") == id
                lines = self.await_log(role.removesuffix("FunctionRole") + "Log", attempt)
                assert {line["outcome"] for line in filter(attempt, lines)} == {"retried"}, (role, lines)
            states = settlement.states(self.cloud, self.outputs)
            assert {states[id] for id in FOR_EACH_SETTLER} <= {"recorded", "retrying"}, states

    def log(self, name, since=0):
        """The lines of a log that are JSON, from a time on."""
        pages = self.cloud.client("logs").get_paginator("filter_log_events")
        found = pages.paginate(logGroupName=self.resources[name], startTime=int(since * 1000))
        events = [event["message"] for page in found for event in page["events"]]
        return [json.loads(message) for message in events if message.startswith("{")]

    def await_log(self, log, wanted, seconds=60, since=0):
        """The lines of a log, once there is one that is wanted."""
        until = time.monotonic() + seconds
        while True:
            lines = self.log(log, since)
            if any(map(wanted, lines)):
                return lines
            assert time.monotonic() < until, (log, lines)
            time.sleep(0.2)

    def settles(self):
        """Every record that has something to settle comes by stream, queues and functions to its effect."""
        settlement.await_states(self.cloud, self.outputs, settlement.EXPECTED["states"], seconds=180)
        settlement.check_ledger(self.cloud, self.outputs, settlement.EXPECTED["states"])
        settlement.check_calls(self.providers)

    def tells(self, listener):
        """Of every record that has something to settle the bus was told that it is recorded, and how it ended."""
        states = settlement.EXPECTED["states"].items()
        ended = {(state, id) for id, state in states if state in SETTLED}
        assert ended
        listener.await_events(ended | {("recorded", id) for _, id in ended})

    def look_again(self, wanted, since=0):
        """Calls the schedule's function, as its rule does every minute, and waits for a run that is wanted."""
        call = self.cloud.client("lambda").invoke
        answer = call(FunctionName=self.resources["ScheduleFunction"], Payload=json.dumps({"reconcile": "everything"}))
        assert not answer.get("FunctionError"), answer["Payload"].read()
        self.await_log("ScheduleLog", lambda line: line.get("message") == "run" and wanted(line), since=since)

    def called_by_its_rule(self):
        """The schedule's function has run by now, and nothing else has called it yet."""
        is_run = lambda line: line.get("message") == "run"
        runs = [line for line in self.await_log("ScheduleLog", is_run, seconds=90) if is_run(line)]
        assert not any(run.get("reason") for run in runs), runs

    def measures(self):
        """Every line with metrics in the logs that there are is one that CloudWatch reads."""
        lines, seen = measured.check(self.cloud, self.resources, STACK)
        self.measured |= seen
        return lines

    def lost_and_found(self):
        """What nobody dispatches is found by the schedule, and settled once, also when the stream is read after all.
        Without an action of its role the schedule says so, and finds nothing."""
        self.read(False)
        _, lost = self.api.inbrain(LOST, 5)
        with without(self.cloud, self.resources, SCHEDULE):
            self.look_again(lambda run: run.get("reason"))
        assert settlement.states(self.cloud, self.outputs)[lost["id"]] == "recorded"
        self.look_again(lambda run: run["reconciled"])
        settlement.await_states(self.cloud, self.outputs, {lost["id"]: "credited"})
        self.read(True)
        time.sleep(3)
        assert len(self.operator.run("show", lost["id"])["entries"]) == 1

    def restore(self):
        """As docs/restore.md says: what came while the tables were restored is copied and settled, and everything fits."""
        own = self.outputs
        since = (datetime.now(UTC) - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        tables = restored.copies(self.cloud, own)
        _, late = self.api.inbrain(LATE, 7)
        settlement.await_states(self.cloud, own, {late["id"]: "credited"})
        balances = settlement.booked(self.cloud, own, "balance")

        self.repoint(tables)
        assert self.outputs["CallbacksTableName"] == tables["RestoredCallbacksTable"], self.outputs
        # Of a table that no stack made the emulator names the status of the indexes, so that there is no problem.
        assert self.operator.run("doctor")["problems"] == 0
        assert late["id"] not in settlement.states(self.cloud, self.outputs)
        places = ["--from", own["CallbacksTableName"], "--to", tables["RestoredCallbacksTable"]]
        # What was received in the second before it is there already.
        code, said = restored.run(self.cloud, "copy", *places, "--since", since)
        assert code == 0 and re.fullmatch(r"1 copied, \d+ there already", *said), said
        settlement.await_states(self.cloud, self.outputs, {late["id"]: "credited"})
        assert settlement.booked(self.cloud, self.outputs, "balance") == balances
        both = ["--callbacks", tables["RestoredCallbacksTable"], "--ledger", tables["RestoredLedgerTable"]]
        code, said = restored.run(self.cloud, "compare", *both)
        assert code == 0, said
        # Tables of two different times: the callback is credited, and its entry is not there.
        both[1] = own["CallbacksTableName"]
        self.take_entry_away(tables["RestoredLedgerTable"], late["id"])
        code, said = restored.run(self.cloud, "compare", *both)
        assert code == 1 and f"{late['id']}: it is credited, and there is no entry" in said, said
        assert any("the balance is" in line for line in said), said

        self.repoint(dict.fromkeys(tables, ""))
        assert self.outputs == own
        emulated.free_names(self.cloud, [name for parameter, name in tables.items() if parameter.endswith("Table")])

    def take_entry_away(self, table, callback):
        dynamodb = self.cloud.client("dynamodb")
        (entry,) = [item for item in self.cloud.items(table) if item.get("callback") == callback]
        dynamodb.delete_item(TableName=table, Key={key: {"S": entry[key]} for key in ("user", "entry")})

    def repoint(self, tables):
        """An update that puts other tables in the place of those there are."""
        self.parameters |= tables
        status = self.cloud.update(STACK, self.template, self.parameters)
        assert status == "UPDATE_COMPLETE", (status, self.cloud.failures(STACK))
        self.outputs, self.resources = self.cloud.outputs(STACK), self.cloud.resources(STACK)

    def undispatched_for_a_role(self):
        """Without an action of its role, the function that reads the stream says which records failed; what is lost on
        the way is found and sent by a person. (The emulator reads nothing again: see emulated.py.)"""
        with without(self.cloud, self.resources, DISPATCH):
            _, recorded = self.api.inbrain(TAKEN, MAX_REWARD)
            failed = lambda line: line.get("message") == "record" and line.get("id") == recorded["id"]
            lines = self.await_log("DispatchLog", failed)
            outcomes = {(line["outcome"], line["reason"]) for line in filter(failed, lines)}
            assert len(outcomes) == 1 and "AccessDenied" in str(outcomes) and "failed" in str(outcomes), outcomes
        emulated.check_failures_are_dropped(lambda: settlement.states(self.cloud, self.outputs)[recorded["id"]])
        assert self.operator.emit("--unsettled", "--older-than", "0s") == [recorded["id"]]
        return recorded

    def operate(self):
        """A person accepts what is held, and closes a conflict and a dead letter."""
        operator = self.operator
        assert operator.problems() == emulated.PROBLEMS
        for provider in bundle.PROVIDERS:
            own = {id for id in settlement.EXPECTED["states"] if id.startswith(f"{provider}#")}
            assert operator.ids("--provider", provider) == own
        assert operator.ids("--outcome", "attention") == set()

        status, held = self.api.inbrain(HELD, MAX_REWARD + 1)
        first = self.undispatched_for_a_role()
        assert (status, held["status"], first["status"]) == (200, "recorded", "recorded"), (held, first)
        status, conflict = self.api.inbrain(TAKEN, 1)
        assert (status, conflict["status"]) == (200, "conflict"), conflict
        assert operator.ids("--outcome", "held") == {held["id"]}
        (pair,) = operator.run("conflicts")["conflicts"]
        assert pair["genuine"]["id"] == first["id"], pair
        assert operator.ids("--outcome", "attention") == {held["id"], pair["conflict"]["id"]}

        settlement.set_reward(self.providers, REDEEMED_ELSEWHERE, "Rewarded", "20", "Rs")
        status, redeemed = self.api.friend_reward("shop-7099", REDEEMED_ELSEWHERE)
        assert (status, redeemed["status"]) == (200, "recorded"), redeemed
        settlement.await_states(self.cloud, self.outputs, {redeemed["id"]: "dead"})
        assert operator.run("show", redeemed["id"])["reason"] == "redeemed_elsewhere"
        assert operator.ids("--outcome", "dead-letter") == {redeemed["id"]}
        letter = {"id": redeemed["id"], "reason": "redeemed_elsewhere"}
        shown = operator.run("redrive", "appvirality-redemption", "--dry-run")
        assert shown["left"] == [letter], shown
        operator.run("close", redeemed["id"], "--reason", "redeemed by hand", "--by", "ann")
        assert operator.run("redrive", "appvirality-redemption")["dropped"] == [letter]

        mended = self.put_back()

        with console.console(self.cloud.endpoint, STACK) as page:
            console.look(page, FOR_EACH_SETTLER[0])
            console.accept(page, STACK, held["id"], self.cloud.client("sts").get_caller_identity()["Arn"])
        operator.run("close", pair["conflict"]["id"], "--reason", "another amount", "--by", "ann")
        states = {held["id"]: "credited", first["id"]: "credited", pair["conflict"]["id"]: "closed"}
        states |= {redeemed["id"]: "closed", mended: "redeemed"}
        settlement.await_states(self.cloud, self.outputs, states)
        # Once more, by hand, changes nothing.
        assert operator.emit(held["id"], first["id"]) == [held["id"], first["id"]]
        assert operator.emit("--unsettled", "--older-than", "0s") == []
        shown = operator.run("show", held["id"])
        assert [entry["amount"] for entry in shown["entries"]] == [str(MAX_REWARD + 1)], shown
        assert operator.ids("--outcome", "attention") == set()
        for queue in ("ledger", "appvirality-redemption", "giveaway-delivery", "devtodev-delivery", "dispatch"):
            letters = operator.run("redrive", queue, "--dry-run")
            assert not letters["moved"] and not letters["dropped"] and not letters["left"], letters
        assert operator.problems() == emulated.PROBLEMS

    def put_back(self):
        """A dead letter whose cause is mended, and a record that nobody could read until it was, are put back and come to
        their ends; the id of the first."""
        settlement.set_reward(self.providers, MENDED, "Rewarded", "20", "Rs")
        _, reward = self.api.friend_reward("shop-7098", MENDED)
        settlement.await_states(self.cloud, self.outputs, {reward["id"]: "dead"})
        settlement.set_reward(self.providers, MENDED, "Approved", "20", "Rs")
        moved = self.operator.run("redrive", "appvirality-redemption")["moved"]
        assert [letter["id"] for letter in moved] == [reward["id"]], moved
        settlement.await_states(self.cloud, self.outputs, {reward["id"]: "redeemed"})

        dynamodb, table = self.cloud.client("dynamodb"), self.outputs["CallbacksTableName"]
        whole = dynamodb.get_item(TableName=table, Key={"id": {"S": FOR_EACH_SETTLER[0]}})["Item"]
        kept = ("provider", "kind", "user", "effect", "effect_of", "settler", "amount", "unit", "test", "received_at", "fingerprint", "key_id", "payload")
        whole = {name: whole[name] for name in kept if name in whole} | {"id": {"S": UNREADABLE}, "state": {"S": "recorded"}}
        broken = {name: value for name, value in whole.items() if name not in ("provider", "settler", "effect")}
        dynamodb.put_item(TableName=table, Item=broken | {"state": {"S": "odd"}})
        self.await_log("DispatchLog", lambda line: line.get("message") == "record" and line["outcome"] == "dead_letter")
        dynamodb.put_item(TableName=table, Item=whole)
        moved = self.operator.run("redrive", "dispatch")["moved"]
        assert [letter["id"] for letter in moved] == [UNREADABLE], moved
        settlement.await_states(self.cloud, self.outputs, {UNREADABLE: "credited"})
        return reward["id"]

    def delete(self):
        """Tables and secrets stay; nothing else does."""
        before = self.kept()
        assert self.cloud.delete(STACK) == "DELETE_COMPLETE"
        assert self.kept() == before
        for table in (self.outputs["CallbacksTableName"], self.outputs["LedgerTableName"]):
            described = self.cloud.client("dynamodb").describe_table(TableName=table)["Table"]
            assert described["DeletionProtectionEnabled"], table
        assert self.cloud.client("lambda").list_functions()["Functions"] == []
        assert self.cloud.client("sqs").list_queues().get("QueueUrls", []) == []

    def begin_again(self):
        """As README's "Take it down, and begin again" says: the secrets' names have to be free, and their values
        are put back."""
        values = bundle.keys(self.cloud, STACK)
        manager = self.cloud.client("secretsmanager")
        for secret in values:
            manager.delete_secret(SecretId=f"{STACK}/{secret}", ForceDeleteWithoutRecovery=True)
        emulated.free_names(self.cloud, [self.outputs["CallbacksTableName"], self.outputs["LedgerTableName"]])
        self.create()
        status, body = self.api.send(ONE_EACH["giveaway"])
        assert status == 503, (status, body, "without keys")
        for secret, value in values.items():
            manager.put_secret_value(SecretId=f"{STACK}/{secret}", SecretString=value)
        self.api.expect(ONE_EACH["inbrain"], "recorded")

    def second_stack(self):
        """Another stack beside this one, whose first deployment fails: it leaves its tables, and takes its secrets
        and nothing of this one with it. The next attempt is whole."""
        before, other = self.kept(), f"{STACK}-other"
        broken = copy.deepcopy(self.template)
        del broken["Resources"]["ThrottledRequestsAlarm"]["Properties"]["ComparisonOperator"]
        status = self.cloud.create(other, broken, self.parameters)
        assert status == "ROLLBACK_COMPLETE", status
        secrets = self.cloud.client("secretsmanager").list_secrets(MaxResults=100)["SecretList"]
        assert not any(secret["Name"].startswith(f"{other}/") for secret in secrets), secrets
        tables = self.cloud.client("dynamodb").list_tables()["TableNames"]
        assert len([table for table in tables if table.startswith(f"{other}-")]) == 2, tables
        assert self.cloud.delete(other) == "DELETE_COMPLETE"

        status = self.cloud.create(other, self.template, self.parameters)
        assert status == "CREATE_COMPLETE", (status, self.cloud.failures(other))
        outputs = self.cloud.outputs(other)
        assert Api(outputs).send(ONE_EACH["giveaway"])[0] == 503, "it has no keys of its own"
        assert self.cloud.items(outputs["CallbacksTableName"]) == []
        assert self.cloud.delete(other) == "DELETE_COMPLETE"
        assert self.kept() == before


def main(translator, aws):
    # So that whoever ends this ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    WORK.mkdir(parents=True, exist_ok=True)
    last = time.monotonic()

    def done(what):
        nonlocal last
        now = time.monotonic()
        print(f"   {now - last:5.1f} s  {what}", flush=True)
        last = now

    with emulator() as endpoint, stand_ins() as providers:
        done("emulator and stand-ins are up")
        stack = Deployment(endpoint, providers, translator)
        done("packages, template, and what the emulator lacks")
        stack.create()
        stack.problems_without_keys()
        done("created, without keys")
        bundle.fill_in_keys(stack.cloud, STACK)
        # Before anything else, because what was read once is kept.
        stack.refused_for_a_role("ReadKeys", "secretsmanager:GetSecretValue")
        stack.update(LogLevel="debug")
        stack.refused_for_a_role("Record", "dynamodb:PutItem")
        done("receiving roles, each with an action less; an update")
        settlement.approve_rewards(providers)
        stack.stop_reading()
        with told(stack.cloud, stack.outputs["CallbacksBusName"]) as listener:
            stack.sample_events()
            done(f"{len(EXPECTED)} sample events through the API, while nobody reads the stream")
            stack.unsettled_for_a_role()
            done("settling roles, each with an action less")
            stack.settles()
            done("settled")
            stack.tells(listener)
            done("the bus was told")
        stack.update(InbrainMaxReward=str(MAX_REWARD))
        stack.operate()
        done("an update, and the operator's commands")
        sam = SamCli(stack.cloud, translator)
        sam.deploy()
        done("sam deploy, of the loops as they are written")
        sam.synchronise()
        sam.publish()
        sam.delete()
        done("sam sync, package, publish, delete")
        stack.called_by_its_rule()
        done("the schedule was called by its rule")
        stack.lost_and_found()
        done("lost on the way, and found by the schedule")
        contracts.Contracts(stack).follow()
        done("contracts added by name, received, and taken out")
        stack.restore()
        done("tables restored, and the stack pointed at them")
        stack.second_stack()
        done("a second stack, which fails first")
        steps = first_hour.follow(stack.cloud, stack.template, stack.parameters, aws)
        done(f"{steps} steps of docs/first-hour.md")
        done(f"{stack.measures()} lines of metrics")
        stack.delete()
        stack.begin_again()
        done("deleted, and begun again")
        actions = Actions(stack)
        missed = actions.each_is_missed()
        asked, unasked = actions.all_are_asked()
        done(f"each of {missed} actions taken from its role, and missed; {asked} asked for, {unasked} not looked at here")
        done(f"{stack.measures()} lines of metrics")
        assert measured.METRICS.keys() - stack.measured <= UNMEASURED, measured.METRICS.keys() - stack.measured
    done("stopped")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
