"""Checks of the expanded template's alarms and dashboard: each alarm has an entry in the runbook and each
entry an alarm, each metric that they name is one that the functions measure (metrics.json, which the
end-to-end tests hold against the functions' logs), counted by a metric filter, or AWS's own, and each that
the functions measure is on the dashboard."""

import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent

# What "${AWS::StackName}" stands for: the namespace of the stack's own metrics.
OWN = "STACK"

QUERY = re.compile(r'SELECT \w+\((\w+)\) FROM (?:SCHEMA\("([^"]+)"((?:, \w+)*)\)|"([^"]+)")(?: WHERE (.+))?')
SEARCH = re.compile(r"""SEARCH\('\{"([^"]+)"((?:,\w+)*)\} MetricName="(\w+)"', '\w+', \d+\)""")
CONDITION = re.compile(r"(\w+) !?= '([^']+)'")


def of_type(template, kind):
    resources = template["Resources"].items()
    return {name: r["Properties"] for name, r in resources if r["Type"] == kind}


def text(value):
    """A text with intrinsic functions, as far as it matters here."""
    if isinstance(value, dict):
        value = value.get("Fn::Sub") or f"${{{value.get('Ref') or '.'.join(value.get('Fn::GetAtt', ['?']))}}}"
    return value.replace("${AWS::StackName}", OWN)


def metrics_of_alarm(alarm):
    """The metrics that an alarm names: namespace, name, dimensions (None: any), conditions."""
    if "MetricName" in alarm:
        dimensions = {d["Name"]: text(d["Value"]) for d in alarm.get("Dimensions", [])}
        yield text(alarm["Namespace"]), alarm["MetricName"], set(dimensions), list(dimensions.items())
    for part in alarm.get("Metrics", []):
        if "MetricStat" in part:
            yield from metrics_of_alarm(part["MetricStat"]["Metric"])
            continue
        expression = " ".join(text(part["Expression"]).split())
        if found := QUERY.fullmatch(expression):
            name, schema, dimensions, namespace, where = found.groups()
            dimensions = set(dimensions.split(", ")[1:]) if schema else None
            yield schema or namespace, name, dimensions, CONDITION.findall(where or "")
        elif not re.fullmatch(r"FILL\(\w+, 0\)", expression):
            yield None, expression, None, []


def metrics_of_dashboard(dashboard):
    """The same of the dashboard."""
    for widget in json.loads(text(dashboard["DashboardBody"]))["widgets"]:
        for metric in widget["properties"]["metrics"]:
            if isinstance(metric[0], dict):
                if found := SEARCH.fullmatch(metric[0]["expression"]):
                    namespace, dimensions, name = found.groups()
                    yield namespace, name, set(dimensions.split(",")[1:]), []
                else:
                    yield None, metric[0]["expression"], None, []
            else:
                namespace, name, *rest = [part for part in metric if isinstance(part, str)]
                yield namespace, name, set(rest[::2]), list(zip(rest[::2], rest[1::2]))


def main():
    template = json.loads(Path(sys.argv[1]).read_text())
    measured = {name: set(d) for name, d in json.loads((HERE / "metrics.json").read_text()).items()}
    filters = of_type(template, "AWS::Logs::MetricFilter").values()
    transformations = [t for f in filters for t in f["MetricTransformations"]]
    counted = {t["MetricName"]: set() for t in transformations if text(t["MetricNamespace"]) == OWN}
    known = {
        "Reason": set(re.findall(r'=> "(\w+)"', (PROJECT / "shared/verify/src/refusal.rs").read_text())),
        "Provider": {function.name for function in (PROJECT / "functions").iterdir()},
    }
    alarms = of_type(template, "AWS::CloudWatch::Alarm")
    dashboards = of_type(template, "AWS::CloudWatch::Dashboard")
    named = [(name, metric) for name, alarm in alarms.items() for metric in metrics_of_alarm(alarm)]
    shown = [(name, metric) for name, board in dashboards.items() for metric in metrics_of_dashboard(board)]

    problems = []
    for name in alarms.keys() - {name for name, _ in named}:
        problems.append(f"{name} watches no metric")
    for name, (namespace, metric, dimensions, conditions) in named + shown:
        if namespace == OWN:
            if (measured | counted).get(metric) != dimensions:
                problems.append(f"{name}: nothing has the metric {metric} by {sorted(dimensions or [])}")
            for dimension, value in conditions:
                if value not in known.get(dimension, ()):
                    problems.append(f"{name}: no metric has the {dimension} {value}")
        elif namespace is None or not namespace.startswith("AWS/"):
            problems.append(f"{name}: {namespace} {metric} is no metric that is known here")
    on_dashboard = {metric for _, (namespace, metric, _, _) in shown if namespace == OWN}
    for metric in sorted((measured | counted).keys() - on_dashboard):
        problems.append(f"{metric} is measured, and not on the dashboard")

    headings = re.findall(r"^## (.+)$", (PROJECT / "docs/runbook.md").read_text(), re.MULTILINE)
    entries = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    linked = set()
    for name, alarm in alarms.items():
        link = re.search(r" Runbook: docs/runbook\.md#([a-z0-9-]+)$", alarm.get("AlarmDescription", ""))
        if not link or link[1] not in entries:
            problems.append(f"{name} has no entry in docs/runbook.md")
        else:
            linked.add(link[1])
        for actions in ("AlarmActions", "OKActions"):
            if "AlarmTopic" not in json.dumps(alarm.get(actions)):
                problems.append(f"{name} does not tell the AlarmTopic in its {actions}")
    for entry in sorted(entries - linked):
        problems.append(f"docs/runbook.md#{entry} has no alarm")

    for problem in problems:
        print(problem)
    print(f"{len(alarms)} alarms, {len(shown)} metrics shown, {len(entries)} runbook entries: {len(problems)} problems")
    sys.exit(bool(problems) or not alarms or not shown)


main()
