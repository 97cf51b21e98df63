"""Checks of how the expanded template hangs together: every record becomes one event, each of them reaches the
settling function that it names and no other, nothing that is held or a test reaches any, every queue takes messages
from its rules and from nobody else, and whatever fails for good is kept for a person."""

import json
import re

from expanded import PROJECT, STACK, main, named, of_type, providers, settling, text
from patterns import matches

FORTNIGHT = 14 * 86400


def variables(template, function):
    return of_type(template, "AWS::Lambda::Function")[function].get("Environment", {}).get("Variables", {})


def dead_letters(template, queue):
    """The dead-letter queue of a queue, by its redrive policy."""
    policy = of_type(template, "AWS::SQS::Queue")[queue].get("RedrivePolicy", {})
    name, attribute = named(policy.get("deadLetterTargetArn"))
    return name if attribute == "Arn" else None


# The events of records


def record(provider, kind, amount=None, settler="ledger", **members):
    """A record as the stream has it."""
    texts = {"id": "i", "provider": provider, "kind": kind, "user": "u", "effect": "e", "effect_of": "", "settler": settler, "received_at": "t", "key_id": "key", "payload": "{}"}
    texts |= {"state": "recorded"} | members
    if amount is not None:
        texts |= {"amount": amount, "unit": "xp"}
    image = {name: {"S": value} for name, value in texts.items() if name not in ("test", "attempts")}
    if "attempts" in members:
        image["attempts"] = {"N": members["attempts"]}
    image["test"] = {"BOOL": members.get("test", False)}
    return image


def events(template, image, name="INSERT"):
    """The events that the pipes make of a change of a record."""
    change = {"eventName": name, "dynamodb": {"NewImage": image}}
    for pipe in of_type(template, "AWS::Pipes::Pipe").values():
        filters = pipe["SourceParameters"]["FilterCriteria"]["Filters"]
        if not any(matches(json.loads(text(f["Pattern"])), change) for f in filters):
            continue
        target = pipe["TargetParameters"]
        bus = target["EventBridgeEventBusParameters"]
        detail = {}
        for member, path in re.findall(r'"(\w+)": <\$\.dynamodb\.NewImage\.([\w.]+)>', text(target["InputTemplate"])):
            attribute, kind = path.split(".")
            # A path that is not there: what EventBridge makes of it is not documented.
            detail[member] = image[attribute][kind]
        attribute, kind = bus["DetailType"].removeprefix("$.dynamodb.NewImage.").split(".")
        yield {"source": bus["Source"], "detail-type": image[attribute][kind], "detail": detail}


def queues_reached(template, image, name="INSERT"):
    """The queues that the rules put a change of a record into."""
    reached = []
    for event in events(template, image, name):
        for rule in of_type(template, "AWS::Events::Rule").values():
            pattern = rule["EventPattern"]
            pattern = json.loads(pattern) if isinstance(pattern, str) else pattern
            if matches(pattern, event):
                reached.extend(named(target["Arn"])[0] for target in rule["Targets"])
    return sorted(reached)


def settlers(template):
    """The settling functions by the name that records have for them: their folder's, functions/NAME."""
    name = lambda function: re.sub(r"(?<=[a-z])(?=[A-Z])", "-", function.removesuffix("Function")).lower()
    return {name(function): queue for function, queue in settling(template).items()}


def settlers_named(template):
    """The settlers that the providers' readings name: the ledger, and those of their own."""
    yield "ledger"
    for provider in providers(template):
        sources = "".join(source.read_text() for source in (PROJECT / "functions" / provider / "src").glob("**/*.rs"))
        for effect, suffix in (("Redeem", "redemption"), ("Deliver", "delivery")):
            if f"effect: Effect::{effect}" in sources:
                yield f"{provider}-{suffix}"


def lost_records(template):
    """Whatever is new or accepted becomes one event, and nothing else does."""
    for amount in (None, "1.5"):
        what = "with an amount" if amount else "without an amount"
        taken = {
            "a new record": (record("p", "k", amount), "INSERT", 1),
            "a held record": (record("p", "k", amount, state="held"), "INSERT", 1),
            "a test": (record("p", "k", amount, test=True), "INSERT", 1),
            "an accepted record": (record("p", "k", amount, accepted_at="t"), "MODIFY", 1),
            "an accepted record that was attempted": (record("p", "k", amount, accepted_at="t", attempts="1"), "MODIFY", 0),
            "a record that was attempted": (record("p", "k", amount, attempts="1"), "MODIFY", 0),
            "a conflict": (record("p", "k", amount, state="conflict"), "INSERT", 0),
            "a removed record": (record("p", "k", amount), "REMOVE", 0),
        }
        for case, (image, name, wanted) in taken.items():
            made = list(events(template, image, name))
            if len(made) != wanted:
                yield f"{case} {what} becomes {len(made)} events, and should become {wanted}"
            for event in made:
                members = {"id", "provider", "kind", "user", "effect", "effect_of", "settler", "test", "state", "received_at", "key_id", "payload"}
                members |= {"amount", "unit"} if amount else set()
                if event["source"] != "callbacks" or event["detail"].keys() != members:
                    yield f"the event of {case} {what} has {sorted(event['detail'])}"
                values = {member: next(iter(image[member].values())) for member in members}
                if event["detail-type"] != "k" or event["detail"] != values:
                    yield f"the event of {case} {what} says something else than the record"


def unsettled(template):
    """Whatever names a settler reaches its queue and no other, whoever sent it, when it is accepted too."""
    known = settlers(template)
    for settler in settlers_named(template):
        if settler not in known:
            yield f"nothing works off what {settler} is to settle"
    # What names no settler that has a rule is the ledger's to name, so that an alarm tells of it.
    for settler, queue in [*known.items(), ("none", None), ("sixth-redemption", known["ledger"])]:
        # And a provider that somebody adds without a thought for rules.
        for provider in [*providers(template), "sixth"]:
            for name, members in (("INSERT", {}), ("MODIFY", {"accepted_at": "t"})):
                for amount in (None, "1.5"):
                    reached = queues_reached(template, record(provider, "kind_of_tomorrow", amount, settler, **members), name)
                    if reached != [queue] * (queue is not None):
                        yield f"what {settler} settles of {provider} reaches {reached} ({name}, amount {amount})"


def settled_by_mistake(template):
    """Held records and tests reach nobody."""
    for settler in [*settlers(template), "none"]:
        for amount in (None, "1.5"):
            for case, members in (("held record", {"state": "held"}), ("test", {"test": True})):
                if reached := queues_reached(template, record("sixth", "k", amount, settler, **members)):
                    yield f"a {case} of {settler} reaches {reached}"


def misleading_example(template):
    """The rule of README.md that others copy takes what is to be paid, and neither tests nor what is held."""
    readme = (PROJECT / "README.md").read_text()
    found = re.findall(r"aws events put-rule .*\\\n.*--event-pattern '([^']+)'", readme)
    if not found:
        yield "README.md has no example of a rule"
    for pattern in map(json.loads, found):
        for case, image, name, wanted in (
            ("a new record", record("inbrain", "survey_completed", "1"), "INSERT", True),
            ("an accepted record", record("inbrain", "survey_completed", "1", accepted_at="t"), "MODIFY", True),
            ("a held record", record("inbrain", "survey_completed", "1", state="held"), "INSERT", False),
            ("a test", record("inbrain", "survey_completed", "1", test=True), "INSERT", False),
        ):
            if any(matches(pattern, event) for event in events(template, image, name)) != wanted:
                yield f"README.md's rule {'lacks' if wanted else 'takes'} {case}"


# Queues, rules and dead letters


def bad_queues(template):
    """Every queue is worked off by one function, or keeps the dead letters of one that is, for a fortnight."""
    queues, mappings = of_type(template, "AWS::SQS::Queue"), settling(template)
    functions = of_type(template, "AWS::Lambda::Function")
    if len(set(mappings.values())) < len(of_type(template, "AWS::Lambda::EventSourceMapping")):
        yield "two functions work one queue off"
    keeping = {}
    for function, queue in mappings.items():
        if queue not in queues or function not in functions:
            yield f"{function} works {queue} off, which is no queue of no function"
            continue
        letters = dead_letters(template, queue)
        if letters not in queues:
            yield f"{queue} has no dead-letter queue"
            continue
        keeping[letters] = queue
        properties = queues[queue]
        receives = properties["RedrivePolicy"].get("maxReceiveCount")
        if not isinstance(receives, int) or not 5 <= receives <= 1000:
            yield f"{queue} gives a message up after {receives} receives"
        # A message that ends with a crash is shown again after this alone, and that outlasts a day too.
        if receives * properties.get("VisibilityTimeout", 30) <= 86400:
            yield f"{queue} gives up a message within a day, if its function crashes"
        if properties.get("DelaySeconds"):
            yield f"{queue} holds new messages back"
        if "ReservedConcurrentExecutions" in functions[function]:
            yield f"{function} is limited twice: Lambda throttles what its mapping lets through, and each time counts as a receive"
        # "Configuring an Amazon SQS queue to use with Lambda": at least six times; at most 12 hours.
        visibility, timeout = properties.get("VisibilityTimeout", 30), functions[function]["Timeout"]
        if not 6 * timeout <= visibility <= 43200:
            yield f"{queue} shows a message again after {visibility} s, and {function} may take {timeout} s"
        if properties.get("MessageRetentionPeriod") != FORTNIGHT:
            yield f"{queue} does not keep its messages for 14 days"
        # The function makes the pauses, ends what is hopeless, and knows which attempt is the last.
        given = variables(template, function)
        for variable, wanted in (("QUEUE_URL", queue), ("DEAD_LETTER_QUEUE_URL", letters)):
            if named(given.get(variable)) != (wanted, ""):
                yield f"{function} does not have {wanted} as {variable}"
        if str(given.get("MAX_RECEIVE_COUNT")) != str(receives):
            yield f"{function} has the MAX_RECEIVE_COUNT {given.get('MAX_RECEIVE_COUNT')}, and {queue} gives up after {receives}"
    for pipe in of_type(template, "AWS::Pipes::Pipe").values():
        letters, attribute = named(pipe["SourceParameters"]["DynamoDBStreamParameters"].get("DeadLetterConfig", {}).get("Arn"))
        if letters in queues and attribute == "Arn":
            keeping[letters] = pipe
    for queue in sorted(queues.keys() - set(mappings.values())):
        if queue not in keeping:
            yield f"{queue} is worked off by nobody and keeps nobody's dead letters"
        # The longest that SQS keeps a message ("Amazon SQS message quotas"). A letter's time runs from when
        # it was first sent to the queue that it comes from.
        if queues[queue].get("MessageRetentionPeriod") != FORTNIGHT:
            yield f"{queue} does not keep its letters for 14 days"
        if "RedrivePolicy" in queues[queue]:
            yield f"{queue} moves its letters on"
    for name, properties in queues.items():
        if not properties.get("SqsManagedSseEnabled") or properties.get("FifoQueue"):
            yield f"{name} is not encrypted, or is no standard queue"


def bad_mappings(template):
    """What takes from the queues gives back the messages that fail, and them alone."""
    for name, mapping in of_type(template, "AWS::Lambda::EventSourceMapping").items():
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{name}: one message that fails brings its whole batch back"
        if mapping.get("ScalingConfig", {}).get("MaximumConcurrency") != {"Ref": "SettlementConcurrency"}:
            yield f"{name}: nothing limits its executions"
        # The functions' timeouts are for ten.
        if mapping.get("BatchSize") != 10 or mapping.get("MaximumBatchingWindowInSeconds"):
            yield f"{name} takes more at once than its function has time for, or waits for more"
        if mapping.get("Enabled", True) is not True or mapping.get("FilterCriteria"):
            yield f"{name} is off, or drops messages"
        if named(mapping["EventSourceArn"])[1] != "Arn":
            yield f"{name} does not name its queue"


def bad_rules(template):
    """Every rule puts what it takes into a queue that is worked off, and what it cannot into the dead letters."""
    queues = set(settling(template).values())
    buses = of_type(template, "AWS::Events::EventBus")
    for name, rule in of_type(template, "AWS::Events::Rule").items():
        if named(rule.get("EventBusName"))[0] not in buses:
            yield f"{name} is not on the bus"
        if rule.get("State", "ENABLED") != "ENABLED":
            yield f"{name} is off"
        if not rule.get("Targets"):
            yield f"{name} has no target"
        for target in rule.get("Targets", []):
            queue, attribute = named(target["Arn"])
            if queue not in queues or attribute != "Arn":
                yield f"{name} sends to {queue}, which nobody works off"
                continue
            if named(target.get("DeadLetterConfig", {}).get("Arn")) != (dead_letters(template, queue), "Arn"):
                yield f"{name} does not keep what it cannot put into {queue} among its dead letters"
            if set(target) - {"Id", "Arn", "DeadLetterConfig"}:
                yield f"{name} changes what it sends, or how often: {sorted(target)}"


def bad_queue_policies(template):
    """A queue takes messages from the rules that send to it or keep their dead letters in it, and no others."""
    senders = {}
    for name, rule in of_type(template, "AWS::Events::Rule").items():
        for target in rule.get("Targets", []):
            for arn in (target["Arn"], target.get("DeadLetterConfig", {}).get("Arn")):
                senders.setdefault(named(arn)[0], set()).add(name)
    allowed = {}
    for name, policy in of_type(template, "AWS::SQS::QueuePolicy").items():
        found = set()
        for statement in policy["PolicyDocument"]["Statement"]:
            expected = {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": "*",
            }
            if {key: statement.get(key) for key in expected} != expected:
                yield f"{name} allows more than that rules send, or less"
            condition = statement.get("Condition", {})
            if condition.keys() != {"ArnEquals"} or condition["ArnEquals"].keys() != {"aws:SourceArn"}:
                yield f"{name} does not say which rules"
                continue
            sources = condition["ArnEquals"]["aws:SourceArn"]
            for source in sources if isinstance(sources, list) else [sources]:
                rule, attribute = named(source)
                if attribute != "Arn":
                    yield f"{name} does not name rules: {source}"
                found.add(rule)
        for queue in policy["Queues"]:
            queue, attribute = named(queue)
            # A queue has one policy: the second one takes the first one's place.
            if queue in allowed or attribute:
                yield f"{queue} has two policies, or {name} does not name it"
            allowed[queue] = found
    for queue in sorted(senders.keys() | allowed.keys(), key=str):
        wanted, there = senders.get(queue, set()), allowed.get(queue, set())
        for rule in sorted(wanted - there, key=str):
            yield f"{queue} does not take messages from {rule}"
        for rule in sorted(there - wanted, key=str):
            yield f"{queue} takes messages from {rule}, which sends it none"


def bad_pipes(template):
    """The pipes read the callbacks table's stream from its beginning, and lose nothing that they fail at."""
    tables, buses = of_type(template, "AWS::DynamoDB::Table"), of_type(template, "AWS::Events::EventBus")
    queues, roles = of_type(template, "AWS::SQS::Queue"), of_type(template, "AWS::IAM::Role")
    for name, pipe in of_type(template, "AWS::Pipes::Pipe").items():
        table, attribute = named(pipe["Source"])
        if attribute != "StreamArn" or tables[table]["StreamSpecification"]["StreamViewType"] != "NEW_IMAGE":
            yield f"{name} does not read the new images of a table"
        if named(pipe["Target"])[0] not in buses or "Enrichment" in pipe:
            yield f"{name} does not put what it reads onto the bus"
        if pipe.get("DesiredState", "RUNNING") != "RUNNING":
            yield f"{name} is stopped"
        if named(pipe["RoleArn"])[0] not in roles:
            yield f"{name} has no role"
        stream = pipe["SourceParameters"]["DynamoDBStreamParameters"]
        if stream["StartingPosition"] != "TRIM_HORIZON":
            yield f"{name} leaves out what was there before it"
        if stream.get("MaximumRetryAttempts") != -1 or stream.get("OnPartialBatchItemFailure") != "AUTOMATIC_BISECT":
            yield f"{name} gives up early, or gives up what is beside what fails"
        # A stream keeps a record for 24 hours ("Change data capture for DynamoDB Streams").
        if not 60 <= stream.get("MaximumRecordAgeInSeconds", -1) < 86400:
            yield f"{name} does not give up before the stream forgets"
        # "PutEvents": ten entries.
        if stream.get("BatchSize") != 10 or stream.get("MaximumBatchingWindowInSeconds"):
            yield f"{name} reads more at once than it can put, or waits for more"
        template_text = re.sub(r"<\$\.[\w.]+>", "null", pipe["TargetParameters"]["InputTemplate"])
        try:
            json.loads(template_text)
        except ValueError as error:
            yield f"{name} makes no JSON: {error}"
        letters, attribute = named(stream.get("DeadLetterConfig", {}).get("Arn"))
        if letters not in queues or attribute != "Arn":
            yield f"{name} has no dead-letter queue"
        # "Amazon EventBridge Pipes quotas" and CreatePipe.
        filters = stream_filters(pipe)
        if not 1 <= len(filters) <= 5 or any(len(f) > 4096 for f in filters) or len(pipe["TargetParameters"]["InputTemplate"]) > 8192:
            yield f"{name} has too many filters, or too long ones"


def stream_filters(pipe):
    return [text(f["Pattern"]) for f in pipe["SourceParameters"]["FilterCriteria"]["Filters"]]


def bad_tables(template):
    """The tables forget only what the code says, and no mistake takes them away."""
    code = "".join((PROJECT / f"shared/tables/src/callbacks/{name}.rs").read_text() for name in ("record", "write"))
    code = re.sub(r"//.*", "", code)
    expiring = 0
    for name, table in of_type(template, "AWS::DynamoDB::Table").items():
        if expiry := table.get("TimeToLiveSpecification"):
            expiring += 1
            if expiry.get("Enabled") is not True or f'"{expiry["AttributeName"]}"' not in code:
                yield f"{name} expires by {expiry['AttributeName']}, which no record has"
        if table.get("OnDemandThroughput") or table.get("BillingMode") != "PAY_PER_REQUEST":
            yield f"{name} takes only so many writes"
        if table.get("SSESpecification") != {"SSEEnabled": True, "SSEType": "KMS"}:
            yield f"{name} is not encrypted under a key whose use is logged"
        if not table.get("DeletionProtectionEnabled"):
            yield f"{name} has no deletion protection"
        if not table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
            yield f"{name} has no point-in-time recovery"
        resource = template["Resources"][name]
        # RetainExceptOnCreate would have the creation that failed end in ROLLBACK_FAILED.
        if (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")) != ("Retain", "Retain"):
            yield f"{name} is not kept when its stack goes"
    if expiring != 1:
        yield f"{expiring} tables expire, and one should"


def bad_secrets(template):
    """Secrets outlive their stack, and no update writes over them."""
    for name, secret in of_type(template, "AWS::SecretsManager::Secret").items():
        resource = template["Resources"][name]
        if (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")) != ("RetainExceptOnCreate", "Retain"):
            yield f"{name} is deleted with its stack, or stays from one that was never there"
        if {"SecretString", "GenerateSecretString"} & secret.keys():
            yield f"{name} is given a value, which an update can write over the real one"
        # The operator's command and the README look for these.
        if not re.fullmatch(rf"{STACK}/[a-z]+/(keys|api)", text(secret["Name"])):
            yield f"{name} is called {secret['Name']}"
        # "What's in a Secrets Manager secret?": a name that ends like the six characters that are added to it
        # is taken for the whole of it.
        if re.search(r"-\w{6}$", text(secret["Name"])):
            yield f"{name} has a name that is taken for an ARN"


CHECKS = (
    lost_records,
    unsettled,
    settled_by_mistake,
    misleading_example,
    bad_queues,
    bad_mappings,
    bad_rules,
    bad_queue_policies,
    bad_pipes,
    bad_tables,
    bad_secrets,
)


if __name__ == "__main__":
    main(CHECKS, rules="AWS::Events::Rule", queues="AWS::SQS::Queue")
