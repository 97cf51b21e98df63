"""Checks of how the expanded template hangs together: every new or accepted record comes to the function that sends
records on, that has the queue of every settler and no other, every queue is worked off by the function that its
records name, and whatever fails for good is kept for a person. What the function makes of a record, and what it sends
where, is Rust, which `cargo test` checks."""

import json
import re

from expanded import PROJECT, STACK, hyphenated, main, named, of_type, settling, text, written
from patterns import matches

FORTNIGHT = 14 * 86400

# What becomes of records, each of it an event on the bus.
SETTLED = ("credited", "debited", "reversed", "redeemed", "delivered", "refused", "rejected", "without_effect", "dead", "closed")

# The attributes that settling writes. An index that has one of them is written once more for each settlement.
CHANGED = {"state", "reason", "attempts", "settled_at", "due", "due_at", "lease", "lease_until", "attention", "balance", "balance_entries", "booked_amount", "booked_unit"}


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
    image = {name: {"S": value} for name, value in texts.items() if name != "test"}
    image["test"] = {"BOOL": members.get("test", False)}
    return image


def event(image):
    """The event of a record, as the bus has it: it is called after what happened."""
    members = ("id", "provider", "kind", "user", "effect", "effect_of", "settler", "amount", "unit", "test", "received_at", "key_id", "payload")
    detail = {name: next(iter(image[name].values())) for name in members if name in image}
    state = image["state"]["S"]
    happened = "accepted" if state == "recorded" and "accepted_at" in image else state
    return {"source": "callbacks", "detail-type": happened, "detail": detail}


def stream_mapping(template):
    """What reads the stream: its logical id and its properties."""
    mappings = of_type(template, "AWS::Lambda::EventSourceMapping").items()
    ((name, mapping),) = [(name, m) for name, m in mappings if named(m["EventSourceArn"])[1] == "StreamArn"]
    return name, mapping


def stream_filters(template, published=True):
    """The filters of the stream's mapping, where events are put onto the bus or where they are not."""
    for found in stream_mapping(template)[1]["FilterCriteria"]["Filters"]:
        if "Fn::If" in found:
            condition, then, otherwise = found["Fn::If"]
            if condition != "PublishesEvents":
                raise ValueError(f"a filter depends on {condition}")
            found = then if published else otherwise
        if found != {"Ref": "AWS::NoValue"}:
            yield text(found["Pattern"])


def is_taken(template, image, name="INSERT", published=True):
    """Whether the filters let a change of a record through."""
    change = {"eventName": name, "dynamodb": {"NewImage": image}}
    return any(matches(json.loads(f), change) for f in stream_filters(template, published))


def settlers(template):
    """The settling functions by the name that records have for them: their folder's, functions/NAME."""
    return {hyphenated(function.removesuffix("Function")): queue for function, queue in settling(template).items()}


def settlers_named(template):
    """The settlers that the providers' readings name: the ledger, as contracts do, and those of their own."""
    yield "ledger"
    for provider in written(template):
        sources = "".join(source.read_text() for source in (PROJECT / "functions" / provider / "src").glob("**/*.rs"))
        for effect, suffix in (("Redeem", "redemption"), ("Deliver", "delivery")):
            if f"effect: Effect::{effect}" in sources:
                yield f"{provider}-{suffix}"


def lost_records(template):
    """Whatever is new or accepted comes to the function, and of what settlement writes the end alone, where there is
    a bus to be told."""
    taken = {
        "a new record": (record("p", "k"), "INSERT", True),
        "a new record with an amount": (record("p", "k", "1.5"), "INSERT", True),
        "a held record": (record("p", "k", state="held"), "INSERT", True),
        "a test": (record("p", "k", test=True), "INSERT", True),
        # Or what has lost its attributes would be left out silently.
        "a record of no form": ({}, "INSERT", True),
        "an accepted record": (record("p", "k", accepted_at="t"), "MODIFY", True),
        "a record that nobody accepted": (record("p", "k"), "MODIFY", False),
        "a removed record": (record("p", "k"), "REMOVE", False),
    }
    for published in (True, False):
        cases = dict(taken)
        for state in SETTLED:
            # For the event bus alone.
            cases[f"a record that is {state}"] = (record("p", "k", state=state), "MODIFY", published)
            cases[f"an accepted record that is {state}"] = (record("p", "k", accepted_at="t", state=state), "MODIFY", published)
        for state in ("retrying", "waiting", "recorded", "held"):
            cases[f"a record that is {state}"] = (record("p", "k", state=state), "MODIFY", False)
        for case, (image, name, wanted) in cases.items():
            if is_taken(template, image, name, published) != wanted:
                yield f"{case} {'does not come' if wanted else 'comes'} to the function that sends records on{'' if published else ', without a bus'}"


def queues_of_dispatch(template):
    """The queues that the function sends to, by settler."""
    function, _ = named(stream_mapping(template)[1]["FunctionName"])
    return json.loads(text(variables(template, function)["QUEUES"]))


def unsettled(template):
    """Whatever names a settler reaches its queue and no other."""
    known, sent = settlers(template), queues_of_dispatch(template)
    for settler in settlers_named(template):
        if settler not in known:
            yield f"nothing works off what {settler} is to settle"
    for settler in sorted(known.keys() | sent.keys()):
        if named(sent.get(settler, "")) != (known.get(settler), ""):
            yield f"what {settler} settles is sent to {sent.get(settler)}, and {known.get(settler)} is worked off by it"


def misleading_example(template):
    """The rule of README.md that others copy takes what was paid, once, and neither tests nor what is not paid yet."""
    readme = (PROJECT / "README.md").read_text()
    found = re.findall(r"aws events put-rule .*\\\n.*--event-pattern '([^']+)'", readme)
    if not found:
        yield "README.md has no example of a rule"
    for pattern in map(json.loads, found):
        for case, image, name, wanted in (
            ("a new record", record("inbrain", "survey_completed", "1"), "INSERT", False),
            ("an accepted record", record("inbrain", "survey_completed", "1", accepted_at="t"), "MODIFY", False),
            ("a held record", record("inbrain", "survey_completed", "1", state="held"), "INSERT", False),
            ("a test", record("inbrain", "survey_completed", "1", test=True), "INSERT", False),
            ("a credited record", record("inbrain", "survey_completed", "1", state="credited"), "MODIFY", True),
            ("a closed record", record("inbrain", "survey_completed", "1", state="closed"), "MODIFY", False),
        ):
            if not is_taken(template, image, name) or matches(pattern, event(image)) != wanted:
                yield f"README.md's rule {'lacks' if wanted else 'takes'} {case}"


# Queues and dead letters


def bad_queues(template):
    """Every queue is worked off by one function, or keeps the dead letters of one that is, for a fortnight."""
    queues, mappings = of_type(template, "AWS::SQS::Queue"), settling(template)
    functions = of_type(template, "AWS::Lambda::Function")
    if len(set(mappings.values())) < len(queue_mappings(template)):
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
        # A message that ends with a crash is shown again after this alone. That outlasts the longest known outage
        # (2 h 52 min); what is buried then is found unsettled, and sent again.
        if receives * properties.get("VisibilityTimeout", 30) <= 3 * 3600:
            yield f"{queue} gives up a message within three hours, if its function crashes"
        # Without DynamoDB it is held back for a quarter of an hour each time, because nothing can be noted.
        if receives * 900 <= 86400:
            yield f"{queue} gives up a message within a day, if DynamoDB is not to be had"
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
        # The function makes the pauses, and ends what is hopeless.
        given = variables(template, function)
        for variable, wanted in (("QUEUE_URL", queue), ("DEAD_LETTER_QUEUE_URL", letters)):
            if named(given.get(variable)) != (wanted, ""):
                yield f"{function} does not have {wanted} as {variable}"
    function, _ = named(stream_mapping(template)[1]["FunctionName"])
    letters, attribute = named(variables(template, function).get("DEAD_LETTER_QUEUE_URL"))
    if letters in queues and not attribute:
        keeping[letters] = function
    else:
        yield f"{function} has no queue for dead letters"
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


def queue_mappings(template):
    stream, _ = stream_mapping(template)
    mappings = of_type(template, "AWS::Lambda::EventSourceMapping").items()
    return {name: mapping for name, mapping in mappings if name != stream}


def bad_mappings(template):
    """What takes from the queues gives back the messages that fail, and them alone."""
    for name, mapping in queue_mappings(template).items():
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


def open_queues(template):
    """Nobody sends to a queue but by a role of this account: a policy of the queue's own would let others."""
    for name in of_type(template, "AWS::SQS::QueuePolicy"):
        yield f"{name} lets others send to a queue"
    for name, rule in of_type(template, "AWS::Events::Rule").items():
        if "EventPattern" in rule or "ScheduleExpression" not in rule:
            yield f"{name} is a rule, and records reach their queues without one"


def bad_schedule(template):
    """Once a minute a function is called that looks for what is due, of all providers, and sends it to the queues that
    new records are sent to."""
    rules = of_type(template, "AWS::Events::Rule").items()
    scheduled = [(name, rule) for name, rule in rules if "ScheduleExpression" in rule]
    if len(scheduled) != 1:
        yield f"{len(scheduled)} schedules are there, and one is needed"
        return
    ((name, rule),) = scheduled
    if rule["ScheduleExpression"] != "rate(1 minute)" or rule.get("State", "ENABLED") != "ENABLED":
        yield f"{name} is off, or calls at another time than every minute"
    targets = [named(target["Arn"]) for target in rule["Targets"]]
    functions = of_type(template, "AWS::Lambda::Function")
    if len(targets) != 1 or targets[0][0] not in functions or targets[0][1] != "Arn":
        yield f"{name} does not call one function"
        return
    function = targets[0][0]
    permissions = of_type(template, "AWS::Lambda::Permission").values()
    allowed = {"Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}
    if not any(
        {key: p.get(key) for key in allowed} == allowed and named(p["FunctionName"])[0] == function and named(p.get("SourceArn")) == (name, "Arn")
        for p in permissions
    ):
        yield f"{name} may not call {function}"
    given = variables(template, function)
    if sorted(text(given.get("PROVIDERS")).split(",")) != written(template):
        yield f"{function} looks for the records of {text(given.get('PROVIDERS'))}"
    if given.get("CONTRACTS") != {"Ref": "Contracts"}:
        yield f"{function} does not look for the records of Contracts"
    if json.loads(text(given["QUEUES"])) != queues_of_dispatch(template):
        yield f"{function} sends to other queues than new records are sent to"
    # A run ends by itself after 50 s (RUN in functions/schedule).
    if functions[function]["Timeout"] < 55:
        yield f"{function} is stopped while it sends"


def bad_stream(template):
    """The stream is read from its beginning, one bad record blocks no shard for long, and nothing is lost that fails."""
    name, mapping = stream_mapping(template)
    table, _ = named(mapping["EventSourceArn"])
    functions = of_type(template, "AWS::Lambda::Function")
    if of_type(template, "AWS::DynamoDB::Table")[table]["StreamSpecification"]["StreamViewType"] != "NEW_IMAGE":
        yield f"{name} does not read the new images of a table"
    function, _ = named(mapping["FunctionName"])
    if function not in functions or "ReservedConcurrentExecutions" in functions[function]:
        yield f"{name} has no function, or one that shards may wait for"
    if mapping.get("Enabled", True) is not True:
        yield f"{name} is off"
    if mapping.get("StartingPosition") != "TRIM_HORIZON":
        yield f"{name} leaves out what was there before it"
    if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
        yield f"{name}: one record that fails brings its whole batch back"
    if mapping.get("BisectBatchOnFunctionError") is not True:
        yield f"{name} gives up what is beside what fails"
    # Longer than the longest known outage, and well within the 24 hours of a stream ("Change data capture for DynamoDB
    # Streams"), of which people need most. -1 is without end: one record blocks its shard.
    if not 3 * 3600 < mapping.get("MaximumRecordAgeInSeconds", -1) <= 12 * 3600:
        yield f"{name} gives up too early or too late"
    if not 100 <= mapping.get("MaximumRetryAttempts", -1) <= 10000:
        yield f"{name} tries too seldom, or without end"
    for parameter, key in (
        ("DispatchBatchSize", "BatchSize"),
        ("DispatchBatchingWindow", "MaximumBatchingWindowInSeconds"),
        ("DispatchParallelization", "ParallelizationFactor"),
    ):
        if mapping.get(key) != {"Ref": parameter}:
            yield f"{name} does not have {parameter} as its {key}"
    # A queue or a topic is told the place of a record alone.
    bucket, attribute = named(mapping.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"))
    if bucket not in of_type(template, "AWS::S3::Bucket") or attribute != "Arn":
        yield f"{name} has no bucket for what it gives up"
    if mapping.get("MetricsConfig") != {"Metrics": ["EventCount"]}:
        yield f"{name} does not count what it gives up"
    # "Lambda event filtering": five.
    filters = list(stream_filters(template))
    if not 1 <= len(filters) <= 5 or any(len(f) > 4096 for f in filters):
        yield f"{name} has too many filters, or too long ones"


def bad_buckets(template):
    """Buckets are nobody else's, encrypted at rest and on the way, kept with what is in them, which goes by itself."""
    policies = of_type(template, "AWS::S3::BucketPolicy").values()
    guarded = {
        named(policy["Bucket"])[0]
        for policy in policies
        for s in policy["PolicyDocument"]["Statement"]
        if (s["Effect"], s["Principal"], s["Action"]) == ("Deny", "*", "s3:*") and s["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    }
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        block = bucket.get("PublicAccessBlockConfiguration", {})
        if {key for key, on in block.items() if on is True} != {"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}:
            yield f"{name} may be made public"
        if not bucket.get("BucketEncryption") or name not in guarded:
            yield f"{name} is not encrypted at rest and on the way"
        rules = bucket.get("LifecycleConfiguration", {}).get("Rules", [])
        if not any(rule.get("Status") == "Enabled" and rule.get("ExpirationInDays") and not rule.get("Prefix") for rule in rules):
            yield f"{name} keeps what was sent for ever"
        resource = template["Resources"][name]
        if (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")) != ("RetainExceptOnCreate", "Retain"):
            yield f"{name} is deleted with its stack, or stays from one that was never there"


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
        # A partition that a local index is of is never split ("Burst and adaptive capacity").
        if table.get("LocalSecondaryIndexes"):
            yield f"{name} has a local index, which holds all of a user's on one partition"
        for index in table.get("GlobalSecondaryIndexes", []):
            keys = {key["AttributeName"] for key in index["KeySchema"]}
            for changed in sorted(CHANGED & {*index["Projection"].get("NonKeyAttributes", []), *(keys if index["IndexName"] == "by_day" else ())}):
                yield f"{index['IndexName']} has {changed}, and is written with each settlement"
            if index["Projection"]["ProjectionType"] == "ALL":
                yield f"{index['IndexName']} has all there is, and is written with each settlement"
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
        if not re.fullmatch(rf"{STACK}/[a-z0-9-]+/(keys|api)", text(secret["Name"])):
            yield f"{name} is called {secret['Name']}"
        # "What's in a Secrets Manager secret?": a name that ends like the six characters that are added to it
        # is taken for the whole of it.
        if re.search(r"-\w{6}$", text(secret["Name"])):
            yield f"{name} has a name that is taken for an ARN"


CHECKS = (
    lost_records,
    unsettled,
    misleading_example,
    bad_queues,
    bad_mappings,
    open_queues,
    bad_schedule,
    bad_stream,
    bad_buckets,
    bad_tables,
    bad_secrets,
)


if __name__ == "__main__":
    main(CHECKS, queues="AWS::SQS::Queue")
