"""Checks of the expanded template's alarms and dashboard: CloudWatch takes each alarm, each metric that they
name is one that somebody counts, everything that can fail or stand still is watched, and each alarm has an
entry in the runbook and each entry an alarm.

What is counted: what the functions measure (metrics.json, which the end-to-end tests hold against the
functions' logs), what a metric filter counts, and of AWS's own metrics those in AWS below."""

import json
import re
import sys
from pathlib import Path

import cloudwatch
from cloudwatch import Unreadable
from expanded import HERE, PROJECT, STACK, named, of_type, providers, receiving, run, settling, text

# What a pipe that has no enrichment counts of its failures.
PIPE_FAILURES = {
    "ExecutionFailed",
    "ExecutionPartiallyFailed",
    "ExecutionThrottled",
    "ExecutionTimeout",
    "TargetStageFailed",
    "TargetStagePartiallyFailed",
}

# AWS's metrics that are used here, by namespace and dimensions, and the page that describes them.
AWS = {
    # "Working with metrics for HTTP APIs"
    ("AWS/ApiGateway", "ApiId"): {"Count", "4xx", "5xx"},
    # "Types of metrics for Lambda functions"
    ("AWS/Lambda", "FunctionName"): {"Errors", "Throttles"},
    # "Available CloudWatch metrics for Amazon SQS"
    ("AWS/SQS", "QueueName"): {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"},
    # "DynamoDB metrics and dimensions"
    ("AWS/DynamoDB", "TableName"): {"WriteThrottleEvents"},
    ("AWS/DynamoDB", "GlobalSecondaryIndexName", "TableName"): {"WriteThrottleEvents"},
    # "Logging and monitoring Amazon EventBridge Pipes using Amazon CloudWatch Logs"
    ("AWS/EventBridge/Pipes", "PipeName"): PIPE_FAILURES | {"Invocations"},
}

# What the value of a dimension is: a resource's type, and its attribute, "" for a Ref.
RESOURCES = {
    "ApiId": ("AWS::ApiGatewayV2::Api", ""),
    "FunctionName": ("AWS::Lambda::Function", ""),
    "QueueName": ("AWS::SQS::Queue", "QueueName"),
    "TableName": ("AWS::DynamoDB::Table", ""),
    "PipeName": ("AWS::Pipes::Pipe", ""),
}

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
            values = dict(query.conditions) if query.namespace == STACK else None
            yield Metric(query.namespace, query.metric, query.dimensions, values)


def is_query(part):
    return bool(re.match(r"\s*SELECT\b", text(part.get("Expression", "")), re.IGNORECASE))


def at_most(template, value):
    """A number, or the greatest that a parameter lets through."""
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
        if alarm.get("Statistic") not in ("Sum", "Maximum"):
            yield f"{alarm.get('Statistic')} is no statistic that is used here"
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
        if stat["Stat"] not in ("Sum", "Maximum"):
            yield f"{stat['Stat']} is no statistic that is used here"
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
    if not 1 <= at_most(template, alarm.get("DatapointsToAlarm", 1)) <= times:
        yield "more datapoints make it an alarm than it looks at"
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
            return Metric(query.namespace, query.metric, query.dimensions, dict(query.conditions))
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
        wanted.append(("Throttles", f"${{{function}}}"))
    for function, queue in settling(template).items():
        wanted.append(("Errors", f"${{{function}}}"))
        wanted.append(("ApproximateAgeOfOldestMessage", f"${{{queue}.QueueName}}"))
    for queue in of_type(template, "AWS::SQS::Queue").keys() - set(settling(template).values()):
        wanted.append(("ApproximateNumberOfMessagesVisible", f"${{{queue}.QueueName}}"))
    for name, table in of_type(template, "AWS::DynamoDB::Table").items():
        wanted.append(("WriteThrottleEvents", f"${{{name}}}"))
        for index in table.get("GlobalSecondaryIndexes", []):
            wanted.append(("WriteThrottleEvents", *sorted((f"${{{name}}}", index["IndexName"]))))
    for pipe in of_type(template, "AWS::Pipes::Pipe"):
        wanted.extend((failure, f"${{{pipe}}}") for failure in PIPE_FAILURES)
    for metric, *values in sorted(wanted):
        if (metric, *values) not in watched:
            yield f"{metric} of {' '.join(values)} is watched by no alarm"
    # A pipe that is stopped fails at nothing: whether it runs is held against what is recorded.
    for pipe, metric in (("RewardsPipe", "Rewards"), ("NoticesPipe", "Notices")):
        both = {("Invocations", f"${{{pipe}}}"), *((metric, provider) for provider in providers(template))}
        if not any(both <= keys for keys in together):
            yield f"no alarm holds the runs of {pipe} against the {metric} of all providers"
    for pipe in of_type(template, "AWS::Pipes::Pipe").keys() ^ {"RewardsPipe", "NoticesPipe"}:
        yield f"whether {pipe} runs is watched by no alarm, or there is no such pipe"


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


CHECKS = (unreadable_alarms, unknown_metrics, unwatched, unlinked)


def main():
    template = json.loads(Path(sys.argv[1]).read_text())
    problems = run(CHECKS, template)
    for problem in problems:
        print(problem)
    alarms = of_type(template, "AWS::CloudWatch::Alarm")
    print(f"{len(alarms)} alarms: {len(problems)} problems")
    sys.exit(bool(problems) or not alarms)


if __name__ == "__main__":
    main()
