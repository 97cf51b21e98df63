"""Checks of the expanded template's alarms and dashboard: CloudWatch takes each alarm, each metric that they
name is one that somebody counts, everything that can fail or stand still is watched, and each alarm has an
entry in the runbook and each entry an alarm.

What is counted: what the functions measure (metrics.json, which the end-to-end tests hold against the
functions' logs), what a metric filter counts, and of AWS's own metrics those in AWS below."""

import functools
import json
import re

import cloudwatch
from cloudwatch import Unreadable
from expanded import HERE, PROJECT, STACK, capitalized, contracts, main, named, of_type, providers, receiving, settling, text

# AWS's metrics that are used here, by namespace and dimensions, and the page that describes them.
AWS = {
    # "Working with metrics for HTTP APIs"
    ("AWS/ApiGateway", "ApiId"): {"Count", "4xx", "5xx"},
    # "Types of metrics for Lambda functions"
    ("AWS/Lambda", "FunctionName"): {"Errors", "Throttles", "Invocations", "IteratorAge"},
    # "Event source mapping metrics"; a mapping counts them where its MetricsConfig says so.
    ("AWS/Lambda", "EventSourceMappingUUID"): {"OnFailureDestinationDeliveredEventCount", "DroppedEventCount"},
    # "Available CloudWatch metrics for Amazon SQS"
    ("AWS/SQS", "QueueName"): {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"},
    # "DynamoDB metrics and dimensions"
    ("AWS/DynamoDB", "TableName"): {"WriteThrottleEvents"},
    ("AWS/DynamoDB", "Operation", "TableName"): {"SuccessfulRequestLatency"},
    ("AWS/DynamoDB", "GlobalSecondaryIndexName", "TableName"): {"WriteThrottleEvents"},
}

# What the value of a dimension is: a resource's type, and its attribute, "" for a Ref.
RESOURCES = {
    "ApiId": ("AWS::ApiGatewayV2::Api", ""),
    "FunctionName": ("AWS::Lambda::Function", ""),
    "QueueName": ("AWS::SQS::Queue", "QueueName"),
    "TableName": ("AWS::DynamoDB::Table", ""),
    "EventSourceMappingUUID": ("AWS::Lambda::EventSourceMapping", ""),
}

# The metrics of which not the values are of interest, but how many there are.
COUNTED_BY_TIMES = {"SuccessfulRequestLatency": "SampleCount"}

DAY = 86400


class Metric:
    """A metric that an alarm or the dashboard names. With `values` None it is any of these dimensions."""

    def __init__(self, namespace, name, dimensions, values):
        self.namespace, self.name, self.dimensions, self.values = namespace, name, dimensions, values

    @classmethod
    def stat(cls, metric):
        values = {d["Name"]: text(d["Value"]) for d in metric.get("Dimensions", [])}
        return cls(text(metric["Namespace"]), metric["MetricName"], set(values), values)

    def problems(self, template):
        """Why it is none that anybody counts."""
        if self.namespace == STACK:
            if counted(template).get(self.name) != self.dimensions:
                yield f"nothing has the metric {self.name} by {sorted(self.dimensions or [])}"
            known = {"Reason": reasons(), "Provider": set(providers(template))}
            for dimension, value in (self.values or {}).items():
                if value not in known.get(dimension, ()):
                    yield f"no metric has the {dimension} {value}"
            return
        if self.name not in AWS.get((self.namespace, *sorted(self.dimensions or [])), ()):
            yield f"{self.namespace} {self.name} by {sorted(self.dimensions or [])} is no metric that is known here"
            return
        if self.values is None:
            yield f"{self.namespace} {self.name} is asked of the whole account"
            return
        for dimension, value in self.values.items():
            if dimension == "GlobalSecondaryIndexName":
                table = template["Resources"].get(named(self.values["TableName"])[0], {}).get("Properties", {})
                if value not in [index["IndexName"] for index in table.get("GlobalSecondaryIndexes", [])]:
                    yield f"no table has the index {value}"
                continue
            if dimension == "Operation":
                if value != "PutItem":
                    yield f"{value} is no way in which a record comes into the table"
                continue
            name, attribute = named(value)
            if (template["Resources"].get(name, {}).get("Type"), attribute) != RESOURCES[dimension]:
                yield f"{value} is no {dimension}"


def counted(template):
    """The stack's own metrics, with their dimensions."""
    measured = {name: set(d) for name, d in json.loads((HERE / "metrics.json").read_text()).items()}
    filters = of_type(template, "AWS::Logs::MetricFilter").values()
    transformations = [t for f in filters for t in f["MetricTransformations"]]
    return measured | {t["MetricName"]: set() for t in transformations if text(t["MetricNamespace"]) == STACK}


def reasons():
    return set(re.findall(r'=> "(\w+)"', (PROJECT / "shared/verify/src/refusal.rs").read_text()))


def metrics_of(alarm):
    """The metrics that an alarm watches."""
    if "MetricName" in alarm:
        yield Metric.stat(alarm)
    for part in alarm.get("Metrics", []):
        if "MetricStat" in part:
            yield Metric.stat(part["MetricStat"]["Metric"])
        elif is_query(part):
            query = cloudwatch.query(text(part["Expression"]))
            values = {label: value for label, _, value in query.conditions} if query.namespace == STACK else None
            yield Metric(query.namespace, query.metric, query.dimensions, values)


def is_query(part):
    return bool(re.match(r"\s*SELECT\b", text(part.get("Expression", "")), re.IGNORECASE))


def at_most(template, value):
    """A number, or the greatest that a parameter or a choice lets through."""
    if isinstance(value, dict) and "Fn::If" in value:
        return max(at_most(template, choice) for choice in value["Fn::If"][1:])
    if isinstance(value, dict):
        return int(template["Parameters"][value["Ref"]]["MaxValue"])
    return int(value)


def unreadable_alarms(template):
    """The alarms that CloudWatch would refuse, or that are not what they look like."""
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        try:
            for problem in [*alarm_problems(template, alarm), *time_problems(template, alarm)]:
                yield f"{name}: {problem}"
        except Unreadable as error:
            yield f"{name}: CloudWatch cannot read it: {error}"


def alarm_problems(template, alarm):
    if ("MetricName" in alarm) == ("Metrics" in alarm):
        yield "it has either one metric or Metrics"
        return
    if "Metrics" not in alarm:
        is_depth_or_age = alarm.get("Namespace") == "AWS/SQS" or alarm.get("MetricName") in OVER
        wanted = "Maximum" if is_depth_or_age else "Sum"
        if alarm.get("Statistic") != wanted:
            yield f"{alarm.get('Statistic')} is no statistic that {alarm.get('MetricName')} is watched by"
        return
    both = {"Namespace", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic"} & alarm.keys()
    if both:
        yield f"beside Metrics there is {sorted(both)}"
    parts = {part["Id"]: part for part in alarm["Metrics"]}
    if len(parts) < len(alarm["Metrics"]):
        yield "two of its Metrics have one Id"
    for id_ in parts:
        if not re.fullmatch(r"[a-z][A-Za-z0-9_]*", id_):
            yield f"{id_} is no Id"
    stats = {id_: part["MetricStat"] for id_, part in parts.items() if "MetricStat" in part}
    queries = {id_ for id_, part in parts.items() if is_query(part)}
    expressions = {id_: part for id_, part in parts.items() if id_ not in stats.keys() | queries}
    # PutMetricAlarm and "Alarm limits".
    if len(stats) > 10 or len(expressions) + len(queries) > 10:
        yield "it has more than ten metrics, or more than ten expressions"
    # "Metrics Insights quotas": one query. Mixed with metrics nobody has looked it up.
    if queries and len(parts) > 1:
        yield "a query is not alone"
    for id_ in queries:
        cloudwatch.query(text(parts[id_]["Expression"]))
        if parts[id_].get("Period", 0) % 60 or not parts[id_].get("Period"):
            yield f"the query {id_} has no Period"
    for id_, stat in stats.items():
        # Events are counted; an age and a number of messages are how things are; requests are counted by their times.
        wanted = "Maximum" if stat["Metric"]["Namespace"] == "AWS/SQS" else COUNTED_BY_TIMES.get(stat["Metric"]["MetricName"], "Sum")
        if stat["Stat"] != wanted:
            yield f"{stat['Stat']} is no statistic that {stat['Metric']['MetricName']} is watched by"
    returned = [id_ for id_, part in parts.items() if part.get("ReturnData", True)]
    if len(returned) != 1 or returned[0] in stats:
        yield f"it watches {returned}, and has to watch one expression"
        return
    used, ahead = set(), [returned[0]]
    while ahead:
        id_ = ahead.pop()
        if id_ in used:
            continue
        used.add(id_)
        if id_ not in expressions:
            continue
        math = cloudwatch.math(text(expressions[id_]["Expression"]))
        if math.gives != cloudwatch.SERIES:
            yield f"{id_} gives {math.gives}, and no time series"
        for missing in sorted(math.names - parts.keys()):
            yield f"{id_} names {missing}, which is none of its Metrics"
        for stat in sorted(math.unfilled & stats.keys()):
            yield f"{id_} has no value where {stat} has none: FILL it"
        order = list(parts)
        for later in sorted(n for n in math.names & expressions.keys() if order.index(n) >= order.index(id_)):
            yield f"{id_} names {later}, which does not come before it"
        ahead.extend(math.names & parts.keys())
    for id_ in sorted(parts.keys() - used):
        yield f"{id_} is of no use to what it watches"


def time_problems(template, alarm):
    """How far back an alarm looks, and what it makes of a time without values."""
    parts = alarm.get("Metrics", [])
    periods = {part["MetricStat"]["Period"] if "MetricStat" in part else part.get("Period") for part in parts}
    periods = periods - {None} if parts else {alarm["Period"]}
    if len(periods) != 1:
        yield f"its metrics have the periods {sorted(periods)}"
        return
    (period,) = periods
    times = at_most(template, alarm["EvaluationPeriods"])
    # PutMetricAlarm, EvaluationPeriods; "Metrics Insights quotas".
    longest = 3 * 3600 if any(map(is_query, parts)) else 7 * DAY if period >= 3600 else DAY
    if period % 60 or not 0 < period * times <= longest:
        yield f"it looks back {times} times {period} s, and may {longest} s"
    enough = at_most(template, alarm.get("DatapointsToAlarm", times))
    if not 1 <= enough <= times:
        yield "more datapoints make it an alarm than it looks at"
    # "Using math expressions with CloudWatch metrics", FILL: a value that only comes late is filled as well, so
    # that the latest one may never be the real one; M out of N is the way around.
    filled = any("FILL(" in text(part.get("Expression", "")) for part in parts)
    if filled and alarm["ComparisonOperator"].startswith("Greater") and enough >= times:
        yield "a value that comes late is filled, and all of them are asked for"
    # Of a contract that nothing is expected of; see crossed_silences.
    if alarm.get("ActionsEnabled", True) not in (True, {"Fn::If": ["ExpectsContracts", True, False]}):
        yield "it tells nobody"
    watched = [] if "MetricName" in alarm and parts else [metric.name for metric in metrics_of(alarm)]
    # A provider that usually calls, and what is called every minute.
    if alarm["ComparisonOperator"] == "LessThanThreshold" and watched not in (["Recorded"], ["Invocations"]):
        yield f"less of {watched} is no trouble"
    # Nothing counted is no failure, and no sign of life either.
    expected = {"GreaterThanThreshold": "notBreaching", "GreaterThanOrEqualToThreshold": "notBreaching", "LessThanThreshold": "breaching"}
    if alarm.get("TreatMissingData") != expected.get(alarm["ComparisonOperator"], "?"):
        yield f"{alarm['ComparisonOperator']} and {alarm.get('TreatMissingData')} for a time without values do not fit"


def unknown_metrics(template):
    """The metrics that nobody counts, in alarms and on the dashboard."""
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        try:
            watched = list(metrics_of(alarm))
        except Unreadable:
            # Said already.
            continue
        if not watched:
            yield f"{name} watches no metric"
        for metric in watched:
            yield from (f"{name}: {problem}" for problem in metric.problems(template))
    shown, boards = set(), of_type(template, "AWS::CloudWatch::Dashboard")
    for name, board in boards.items():
        for widget in json.loads(text(board["DashboardBody"]))["widgets"]:
            for metric in widget["properties"]["metrics"]:
                try:
                    metric = shown_metric(metric)
                except Unreadable as error:
                    yield f"{name}: CloudWatch cannot read {metric}: {error}"
                    continue
                shown.add((metric.namespace, metric.name))
                problems = list(metric.problems(template)) if metric.values is not None or metric.namespace == STACK else [f"{metric.name} is asked of the whole account"]
                yield from (f"{name}: {problem}" for problem in problems)
    for metric in sorted(counted(template)):
        if (STACK, metric) not in shown:
            yield f"{metric} is measured, and not on the dashboard"


def shown_metric(metric):
    if isinstance(metric[0], dict):
        expression = metric[0]["expression"]
        if is_query({"Expression": expression}):
            query = cloudwatch.query(expression)
            return Metric(query.namespace, query.metric, query.dimensions, {label: value for label, _, value in query.conditions})
        found = cloudwatch.search(expression)
        return Metric(found.namespace, found.metric, found.dimensions, None)
    namespace, name, *rest = [part for part in metric if isinstance(part, str)]
    return Metric(namespace, name, set(rest[::2]), dict(zip(rest[::2], rest[1::2])))


def unwatched(template):
    """What can fail or stand still and is no alarm."""
    alarms = of_type(template, "AWS::CloudWatch::Alarm")
    watched, together = set(), []
    for alarm in alarms.values():
        try:
            metrics = list(metrics_of(alarm))
        except Unreadable:
            continue
        keys = {(m.name, *sorted((m.values or {}).values())) for m in metrics}
        # A silent provider is only watched where a parameter says so.
        watched |= keys
        together.append(keys)
    wanted = [("5xx", f"${{{api}}}") for api in of_type(template, "AWS::ApiGatewayV2::Api")]
    for function in set(receiving(template).values()):
        # Of contracts there are more than an alarm takes: what Lambda throttles is answered 5xx.
        if function.removesuffix("Function") not in contracts(template):
            wanted.append(("Throttles", f"${{{function}}}"))
    for function, queue in settling(template).items():
        wanted.append(("Errors", f"${{{function}}}"))
        wanted.append(("ApproximateAgeOfOldestMessage", f"${{{queue}.QueueName}}"))
        wanted.append(("ApproximateNumberOfMessagesNotVisible", f"${{{queue}.QueueName}}"))
    for queue in of_type(template, "AWS::SQS::Queue").keys() - set(settling(template).values()):
        wanted.append(("ApproximateNumberOfMessagesVisible", f"${{{queue}.QueueName}}"))
    for name, table in of_type(template, "AWS::DynamoDB::Table").items():
        wanted.append(("WriteThrottleEvents", f"${{{name}}}"))
        for index in table.get("GlobalSecondaryIndexes", []):
            wanted.append(("WriteThrottleEvents", *sorted((f"${{{name}}}", index["IndexName"]))))
    for name, mapping in of_type(template, "AWS::Lambda::EventSourceMapping").items():
        if named(mapping["EventSourceArn"])[1] != "StreamArn":
            continue
        reader = text(mapping["FunctionName"])
        wanted.extend((metric, reader) for metric in ("Errors", "IteratorAge"))
        wanted.extend((metric, f"${{{name}}}") for metric in ("OnFailureDestinationDeliveredEventCount", "DroppedEventCount"))
        # What failed of a batch that did not.
        wanted.append(("NotDispatched",))
        # A function that does not run fails at nothing: whether it runs is held against what is recorded.
        table, _ = named(mapping["EventSourceArn"])
        both = {("Invocations", reader), ("SuccessfulRequestLatency", *sorted((f"${{{table}}}", "PutItem")))}
        if not any(both <= keys for keys in together):
            yield f"no alarm holds the runs of {reader} against what is put into {table}"
        # Which tells of every provider while these put, and nothing else does.
        for role, properties in of_type(template, "AWS::IAM::Role").items():
            statements = [s for policy in properties["Policies"] for s in policy["PolicyDocument"]["Statement"]]
            puts = any("dynamodb:PutItem" in s["Action"] and table in json.dumps(s["Resource"]) for s in statements)
            if puts != (role.removesuffix("Role") in receiving(template).values()):
                yield f"{role} {'puts' if puts else 'does not put'} items into {table}"
    for function in scheduled(template):
        wanted.append(("Errors", f"${{{function}}}"))
        wanted.extend((metric,) for metric in ("ScheduleFailed", "OldestDueAge", "Reconciled"))
        if not any(tells_of_standstill(alarm, function) for alarm in alarms.values()):
            yield f"{function} may stand still for more than a quarter of an hour without an alarm"
    for metric, *values in sorted(wanted):
        if (metric, *values) not in watched:
            yield f"{metric} of {' '.join(values)} is watched by no alarm"


def scheduled(template):
    """The functions that are called by the clock."""
    rules = of_type(template, "AWS::Events::Rule").values()
    targets = [named(target["Arn"])[0] for rule in rules if "ScheduleExpression" in rule for target in rule["Targets"]]
    return sorted(set(targets))


def tells_of_standstill(alarm, function):
    """Whether an alarm is raised where a function that is called every minute is not called for a quarter of an hour.
    What was not called has no value."""
    if alarm.get("MetricName") != "Invocations" or [text(d["Value"]) for d in alarm["Dimensions"]] != [f"${{{function}}}"]:
        return False
    missing = (alarm.get("TreatMissingData"), alarm["ComparisonOperator"]) == ("breaching", "LessThanThreshold")
    return missing and alarm["Threshold"] == 1 and alarm["Period"] * alarm["EvaluationPeriods"] <= 900


# Ages, by the metric's unit, above which there is an alarm, by what docs/runbook.md says.
OVER = {"IteratorAge": 300000, "OldestDueAge": 900}

# How much of a metric is an alarm, by what docs/runbook.md says; of the others a parameter or an age says it.
ENOUGH = {
    "Conflict": 1,
    "KeyErrors": 1,
    "DeliveryRefused": 1,
    "StoreErrors": 5,
    "Throttled": 1,
    "5xx": 5,
    "Errors": 1,
    "Throttles": 1,
    "WriteThrottleEvents": 1,
    "ApproximateNumberOfMessagesVisible": 1,
    "ApproximateNumberOfMessagesNotVisible": 80000,
    "NotDispatched": 1,
    "Reconciled": 1,
    "ScheduleFailed": 1,
    "OnFailureDestinationDeliveredEventCount": 1,
    "DroppedEventCount": 1,
}

# The metrics of which each provider's is watched, but for those that take their time.
OF_EACH = {"Conflict": (), "KeyErrors": (), "StoreErrors": (), "DeliveryRefused": (), "Refused": (), "UnsettledAge": ("appvirality",)}


def raised(alarm, values):
    """Whether an alarm is raised at the end of these values of its metrics. CloudWatch gets more of them than
    EvaluationPeriods says, so that these are more."""
    parts = {part["Id"]: part for part in alarm["Metrics"]}
    values = dict(values)
    for id_, part in parts.items():
        if "MetricStat" not in part:
            values[id_] = cloudwatch.math(text(part["Expression"])).value(values)
    (watched,) = [id_ for id_, part in parts.items() if part.get("ReturnData", True)]
    compare = {
        "GreaterThanOrEqualToThreshold": lambda value: value >= alarm["Threshold"],
        "GreaterThanThreshold": lambda value: value > alarm["Threshold"],
    }[alarm["ComparisonOperator"]]
    evaluated = values[watched][-alarm["EvaluationPeriods"] :]
    # A missing value does not breach.
    breaching = [value for value in evaluated if value is not None and compare(value)]
    return len(breaching) >= alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"])


def deaf_alarms(template):
    """The alarms on several metrics that one of them does not raise, or that are raised by none."""
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        try:
            yield from (f"{name}: {problem}" for problem in deafness(json.dumps(alarm)))
        except Unreadable:
            # Said already.
            continue


# It takes a while, and the tests ask it of the same alarms again and again.
@functools.cache
def deafness(alarm):
    alarm = json.loads(alarm)
    stats = {part["Id"]: part["MetricStat"]["Metric"] for part in alarm.get("Metrics", []) if "MetricStat" in part}
    if not stats or not alarm["ComparisonOperator"].startswith("Greater"):
        return []
    standstill = "Invocations" in {metric["MetricName"] for metric in stats.values()}
    return list((deaf_to_standstill if standstill else deaf_to_one)(alarm, stats))


def deaf_to_one(alarm, stats):
    length = alarm["EvaluationPeriods"] + 3
    # A metric that was never counted has no values, or those that FILL gives it.
    for nothing in ([None] * length, [0] * length):
        others = dict.fromkeys(stats, nothing)
        if raised(alarm, others):
            yield "nothing raises it"
        for id_, metric in stats.items():
            if raised(alarm, others | {id_: [0, *[None] * (length - 1)]}):
                yield f"nothing raises it, once {id_} was counted"
            much = ENOUGH.get(metric["MetricName"], alarm["Threshold"] + 1)
            # The latest value is late.
            if not raised(alarm, others | {id_: [0, *[much] * (length - 2), nothing[0]]}):
                yield f"{much} of {id_} does not raise it"


def deaf_to_standstill(alarm, stats):
    """What came in a period has to be followed by a run in that period or the next, and that be told within 15 minutes."""
    (period,) = {part["MetricStat"]["Period"] for part in alarm["Metrics"] if "MetricStat" in part}
    if 3 * period > 900:
        yield f"it is told after {3 * period} s"
    periods = 6
    (runs,) = [id_ for id_, metric in stats.items() if metric["MetricName"] == "Invocations"]
    for nothing in (None, 0):
        quiet = dict.fromkeys(stats, [nothing] * periods)
        for id_ in stats.keys() - {runs}:
            for came in range(periods - 1):
                for ran in (None, came - 1, came, came + 1, came + 2):
                    values = quiet | {id_: [5 if time == came else nothing for time in range(periods)]}
                    values[runs] = [3 if time == ran else nothing for time in range(periods)]
                    # At the end of the period after, and where the values begin with the period itself.
                    late = {i: v[: came + 2] for i, v in values.items()}
                    early = {i: v[came:][:3] for i, v in values.items()}
                    stands = ran not in (came, came + 1)
                    if came and raised(alarm, late) != stands:
                        yield f"{id_} in period {came} and a run in period {ran} {'do not raise' if stands else 'raise'} it"
                    if not stands and raised(alarm, early):
                        yield f"{id_} in the first period that it looks at, and a run in the next, raise it"
        if raised(alarm, quiet) or raised(alarm, quiet | {runs: [3] * periods}):
            yield "nothing raises it"


def partial_queries(template):
    """The queries that leave out a provider, or count something else than what their metric is for."""
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        for part in filter(is_query, alarm.get("Metrics", [])):
            try:
                query = cloudwatch.query(text(part["Expression"]))
            except Unreadable:
                # Said already.
                continue
            if query.metric not in OF_EACH:
                yield f"{name}: nobody has said here whose {query.metric} is an alarm"
                continue
            age = query.metric == "UnsettledAge"
            if query.function != ("MAX" if age else "SUM"):
                yield f"{name}: {query.function} is not what {query.metric} is watched by"
            # A reason that is asked for is refused for nothing else.
            kinds = [("unauthenticated", True), ("too_large", False)] if query.metric == "Refused" else [(None, True)]
            for provider in providers(template):
                for reason, counts in kinds:
                    dimensions = {"Provider": provider, "Reason": reason}
                    taken = all((dimensions[label] == value) == (operator == "=") for label, operator, value in query.conditions)
                    if taken != (counts and provider not in OF_EACH[query.metric]):
                        yield f"{name} {'takes' if taken else 'leaves out'} the {query.metric} of {provider} {reason or ''}".rstrip()
            enough = ENOUGH.get(query.metric)
            if enough and alarm["Threshold"] != enough:
                yield f"{name}: {enough} of {query.metric} is an alarm, by the runbook"


def deaf_single_alarms(template):
    """The alarms on one metric of another threshold than the runbook says."""
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        enough = ENOUGH.get(alarm.get("MetricName"))
        if enough and (alarm["Threshold"] != enough or alarm["ComparisonOperator"] != "GreaterThanOrEqualToThreshold"):
            yield f"{name}: {enough} of {alarm['MetricName']} is an alarm, by the runbook"
        over = OVER.get(alarm.get("MetricName"))
        if over and (alarm["Threshold"] != over or alarm["ComparisonOperator"] != "GreaterThanThreshold"):
            yield f"{name}: more than {over} of {alarm['MetricName']} is an alarm, by the runbook"


def crossed_silences(template):
    """Each provider has an alarm for its silence, by its own parameter."""
    alarms = of_type(template, "AWS::CloudWatch::Alarm")
    for provider in providers(template):
        title = capitalized(provider)
        is_contract = title in contracts(template)
        hours = {"Ref": "ContractSilenceHours" if is_contract else f"{title}SilenceHours"}
        name, alarm = f"{title}SilentAlarm", alarms.get(f"{title}SilentAlarm")
        if not alarm:
            yield f"{provider} may be silent without an alarm"
            continue
        watched = [(metric.name, metric.values) for metric in metrics_of(alarm)]
        # Of a contract it is there always, and tells nobody where no hours are set.
        looked_at = {"Fn::If": ["ExpectsContracts", hours, 24]} if is_contract else hours
        if watched != [("Recorded", {"Provider": provider})] or alarm["EvaluationPeriods"] != looked_at or alarm["Threshold"] != 1:
            yield f"{name} does not watch {provider} for {hours['Ref']}"
        told = alarm.get("ActionsEnabled", True)
        condition = "ExpectsContracts" if is_contract else template["Resources"][name].get("Condition")
        if template["Conditions"].get(condition) != {"Fn::Not": [{"Fn::Equals": [hours, 0]}]}:
            yield f"{name} is not there when {hours['Ref']} says so"
        if told != ({"Fn::If": ["ExpectsContracts", True, False]} if is_contract else True):
            yield f"{name} tells somebody when nobody asked, or nobody when somebody did"


def blind_filters(template):
    """What a metric filter counts is in the log that it reads."""
    stages = of_type(template, "AWS::ApiGatewayV2::Stage").values()
    logs = {named(stage["AccessLogSettings"]["DestinationArn"])[0]: json.loads(stage["AccessLogSettings"]["Format"]) for stage in stages}
    for name, found in of_type(template, "AWS::Logs::MetricFilter").items():
        line = logs.get(named(found["LogGroupName"])[0], {})
        read = re.fullmatch(r'\{ \$\.(\w+) = "429" \}', found["FilterPattern"])
        if not read or line.get(read[1]) != "$context.status":
            yield f"{name} does not count what is answered 429"


def fruitless_commands(template):
    """The runbook's commands that look for something in the access log that no line of it has."""
    stages = of_type(template, "AWS::ApiGatewayV2::Stage").values()
    lines = [re.sub(r"\$context\.[\w.]+", "x", stage["AccessLogSettings"]["Format"]) for stage in stages]
    blocks = re.findall(r"```sh\n(.*?)```", (PROJECT / "docs/runbook.md").read_text(), re.DOTALL)
    commands = [command for block in blocks for command in block.replace("\\\n", " ").splitlines() if "/http-api/STACK" in command]
    if not commands:
        yield "the runbook does not look into the access log"
    for command in commands:
        for sought in re.findall(r"grep -o '([^']+)'", command):
            if not all(re.search(sought, line) for line in lines):
                yield f"no line of the access log has {sought}"
        for member in re.findall(r"\$\.(\w+)", command):
            if not all(member in json.loads(line) for line in lines):
                yield f"no line of the access log has the member {member}"


def unlinked(template):
    """The alarms without an entry in the runbook or without the topic, and the entries without an alarm."""
    headings = re.findall(r"^## (.+)$", (PROJECT / "docs/runbook.md").read_text(), re.MULTILINE)
    entries = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    linked = set()
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        link = re.search(r" Runbook: docs/runbook\.md#([a-z0-9-]+)$", alarm.get("AlarmDescription", ""))
        if not link or link[1] not in entries:
            yield f"{name} has no entry in docs/runbook.md"
        else:
            linked.add(link[1])
        for actions in ("AlarmActions", "OKActions"):
            if "AlarmTopic" not in json.dumps(alarm.get(actions)):
                yield f"{name} does not tell the AlarmTopic in its {actions}"
    for entry in sorted(entries - linked):
        yield f"docs/runbook.md#{entry} has no alarm"


CHECKS = (
    unreadable_alarms,
    unknown_metrics,
    unwatched,
    deaf_alarms,
    deaf_single_alarms,
    partial_queries,
    crossed_silences,
    blind_filters,
    fruitless_commands,
    unlinked,
)


if __name__ == "__main__":
    main(CHECKS, alarms="AWS::CloudWatch::Alarm")
