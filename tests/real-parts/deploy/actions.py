"""Every action of every role: which of them the emulator asks the role for, and that each of these is missed when it
is taken away. What one round finds out of all roles at once is found out in one round."""

import itertools
import json
import time

import callbacks
import emulated
import roles
import settlement
from bundle import PROVIDERS, function_of
from places import ASKED

# In the payload of each provider's sample that has an identity: what makes another content of it.
OTHERWISE = {
    "appvirality": ('"amount": "10"', '"amount": "11"'),
    "claimr": ('"xp": 100', '"xp": 101'),
    "devtodev": ('"cost": "0.12"', '"cost": "0.13"'),
    # Nothing does; see UNMISSED.
    "giveaway": ('"remark": "hello"', '"remark": "hello again"'),
    "inbrain": ('"Reward": 100', '"Reward": 101'),
}
SETTLERS = ("Ledger", "AppviralityRedemption", "GiveawayDelivery", "DevtodevDelivery")
# Whose callback it is that each of them settles here.
SETTLED_BY = {"Ledger": "inbrain", "AppviralityRedemption": "appvirality", "GiveawayDelivery": "giveaway", "DevtodevDelivery": "devtodev"}
# What makes a settling function try again, without a role of its own failing it.
UNSETTLING = {name: ("NoteOnRecord", "dynamodb:UpdateItem") for name in SETTLERS}


class Actions:
    """The roles of a deployed stack, with all of their actions and with one less."""

    def __init__(self, stack):
        self.stack = stack
        self.numbers = itertools.count(1)
        # What was asked before is about other stacks, some of the same name.
        self.before = ASKED.stat().st_size
        # By role: the statement's Sid and the action, those that the emulator looks at.
        self.removable = {}
        for role, sid, action, _ in self.allowed():
            pair = (sid, action)
            if action not in emulated.NOT_ASKED.get(sid, ()) and pair not in self.removable.setdefault(role, []):
                self.removable[role].append(pair)

    def allowed(self):
        """What the roles of the stack allow: role, Sid, action and resource."""
        for role in (name for name, r in self.stack.template["Resources"].items() if r["Type"] == "AWS::IAM::Role" and "Condition" not in r):
            _, document = roles.document(self.stack.cloud, self.stack.resources[role])
            for statement in document["Statement"]:
                as_list = lambda value: value if isinstance(value, list) else [value]
                for action, resource in itertools.product(as_list(statement["Action"]), as_list(statement["Resource"])):
                    if action != emulated.SEND_BATCH:
                        yield role, statement["Sid"], action, resource

    def all_are_asked(self):
        """The functions ask for what their roles allow, on the very resources, and for nothing else; the emulator itself
        asks for none of NOT_ASKED."""
        logical = {self.stack.resources[role]: role for role in self.removable}
        with ASKED.open() as asked:
            asked.seek(self.before)
            lines = [json.loads(line) for line in asked]
        plain = lambda action: "sqs:SendMessage" if action == emulated.SEND_BATCH else action
        asked = {(logical[line["role"]], plain(line["action"]), line["resource"]) for line in lines if line["role"] in logical}
        wanted, excused = set(), set()
        for role, sid, action, resource in self.allowed():
            (excused if action in emulated.NOT_ASKED.get(sid, ()) else wanted).add((role, action, resource))
        assert asked, f"nothing is in {ASKED}"
        assert not asked & excused, f"the emulator asks for these by now, take them out of NOT_ASKED: {asked & excused}"
        # What no callback ever needs is not asked for either.
        wanted -= {one for one in wanted - asked if emulated.UNMISSED.get(one[0], ("", ""))[1] == one[1]}
        assert asked == wanted, {"allowed, and not asked for": wanted - asked, "asked for, and not allowed": asked - wanted}
        return len(asked), len(excused)

    def rounds(self, names):
        """What is removed of the roles of these functions, an action of each at a time."""
        of_each = {f"{name}Role": self.removable[f"{name}Role"] for name in names}
        for round in itertools.zip_longest(*of_each.values()):
            yield {role: removed for role, removed in zip(of_each, round) if removed}

    def call(self, provider, identity, otherwise=False):
        """A callback of a provider with this identity, signed by `cargo run -- sign`: status and answer."""
        assert provider in OTHERWISE, f"say in OTHERWISE what makes another content of the sample of {provider}"
        change = OTHERWISE[provider] if otherwise else ("", "")
        return self.stack.api.signed(provider, identity, change)

    def fresh(self):
        return f"0000{next(self.numbers):08d}"

    def missed_by_receivers(self):
        """Each receiving function answers 503, once for something new or for a conflict."""
        functions = [function_of(provider) for provider in PROVIDERS]
        for removed in [{}, *self.rounds(functions)]:
            self.stack.restart()
            with roles.without(self.stack.cloud, self.stack.resources, removed):
                for provider in PROVIDERS:
                    identity = self.fresh()
                    statuses = [self.call(provider, identity, otherwise)[0] for otherwise in (False, True)]
                    conflict = 409 if provider == "devtodev" else 200
                    role = f"{function_of(provider)}Role"
                    is_needed = removed and removed[role] != emulated.UNMISSED.get(role)
                    assert 503 in statuses if is_needed else statuses == [200, conflict], (provider, removed, statuses)

    def missed_by_settlers(self):
        """Each settling function tries its message again, or says that its queues failed it."""
        for removed in [{}, *self.rounds([f"{name}Function" for name in SETTLERS])]:
            again = {role: UNSETTLING[role.removesuffix("FunctionRole")] for role, (_, action) in removed.items() if action == "sqs:ChangeMessageVisibility"}
            self.stack.restart()
            with roles.without(self.stack.cloud, self.stack.resources, removed), roles.without(self.stack.cloud, self.stack.resources, again):
                ids = self.one_for_each_settler()
                for name in SETTLERS:
                    attempt = lambda line: line.get("message") == "attempt" and line.get("id") == ids[name]
                    sid, _ = removed.get(f"{name}FunctionRole", ("", ""))
                    if not removed:
                        wanted = lambda line: attempt(line) and line["outcome"] == "settled"
                    elif sid in ("TakeFromQueue", "BuryDeadLetters"):
                        wanted = lambda line: line.get("queue_failed") is True
                    elif sid:
                        wanted = lambda line: attempt(line) and line["outcome"] == "retried" and line["reason"] in ("store_refused", "credentials_unreachable")
                    else:
                        continue
                    lines = self.stack.await_log(f"{name}Log", wanted)
                    assert removed or not any(line.get("queue_failed") for line in lines), lines

    def one_for_each_settler(self):
        """Something to settle, and a message that is none, for each settling function; the ids of the first."""
        ids, sqs = {}, self.stack.cloud.client("sqs")
        for name in SETTLERS:
            sqs.send_message(QueueUrl=self.stack.outputs[f"{name}QueueUrl"], MessageBody='{"detail":{}}')
            fresh, provider = self.fresh(), SETTLED_BY[name]
            if provider == "appvirality":
                settlement.set_reward(self.stack.providers, fresh, "Approved", "20", "Rs")
                status, body = self.stack.api.friend_reward(f"shop-{fresh}", fresh)
            else:
                status, body = self.call(provider, fresh)
            assert (status, body["status"]) == (200, "recorded"), body
            ids[name] = body["id"]
        return ids

    def missed_by_dispatch(self):
        """The function that reads the stream says of a record that it failed."""
        for removed in [{}, *self.rounds(["DispatchFunction"])]:
            self.stack.restart()
            begun = time.time()
            with roles.without(self.stack.cloud, self.stack.resources, removed):
                # A record of no form is a dead letter.
                unreadable = {"id": {"S": f"unreadable-{self.fresh()}"}, "state": {"S": "odd"}}
                self.stack.cloud.client("dynamodb").put_item(TableName=self.stack.outputs["CallbacksTableName"], Item=unreadable)
                status, body = self.call("inbrain", self.fresh())
                assert (status, body["status"]) == (200, "recorded"), body
                is_failure = lambda line: line.get("message") == "record" and line["outcome"] == "failed"
                if removed:
                    self.stack.await_log("DispatchLog", is_failure, since=begun)
                else:
                    settlement.await_states(self.stack.cloud, self.stack.outputs, {body["id"]: "credited"})
                    assert not any(map(is_failure, self.stack.log("DispatchLog", since=begun)))

    def missed_by_schedule(self):
        """A run of the schedule says that it could not do everything, while there is something to do for each queue."""
        self.stack.read(False)
        for removed in [{}, *self.rounds(["ScheduleFunction"])]:
            ids, begun = self.one_for_each_settler(), time.time()
            with roles.without(self.stack.cloud, self.stack.resources, removed):
                self.stack.look_again(lambda run: True, since=begun)
            runs = [line for line in self.stack.log("ScheduleLog", since=begun) if line.get("message") == "run"]
            is_missed = any(run.get("reason") for run in runs)
            is_needed = removed and removed != {"ScheduleFunctionRole": emulated.UNMISSED["ScheduleFunctionRole"]}
            assert is_missed == bool(is_needed), (removed, runs)
            # What was not sent in this run is sent in the next.
            self.stack.look_again(lambda run: not run.get("reason"), since=time.time())
            settlement.await_settled(self.stack.cloud, self.stack.outputs, ids.values())
        self.stack.read(True)

    def each_is_missed(self):
        self.missed_by_receivers()
        self.missed_by_settlers()
        self.missed_by_dispatch()
        self.missed_by_schedule()
        return sum(map(len, self.removable.values()))
