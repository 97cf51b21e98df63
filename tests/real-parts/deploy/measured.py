"""What CloudWatch makes of the deployed functions' logs: metrics, which emf.schema.json and metrics.json describe. The
emulator makes none of them."""

import json

import jsonschema

from places import PARTS

SCHEMA = jsonschema.Draft202012Validator(json.loads((PARTS / "emf.schema.json").read_text()))
# The names of the dimensions of each metric.
METRICS = json.loads((PARTS / "metrics.json").read_text())


def problems(line, namespace):
    """Why CloudWatch would not make of a log line what the alarms watch, by "Specification: Embedded metric format"."""
    document = json.loads(line)
    yield from (error.message for error in SCHEMA.iter_errors(document))
    if len(line.encode()) > 256 * 1024:
        yield "it is longer than 256 KB"
    for directive in document["_aws"]["CloudWatchMetrics"]:
        if directive["Namespace"] != namespace:
            yield f"its namespace is {directive['Namespace']}"
        for dimension in (name for names in directive["Dimensions"] for name in names):
            # "The target member MUST have a string value."
            if not isinstance(document.get(dimension), str) or not document[dimension]:
                yield f"{dimension} is no text"
        for metric in (metric["Name"] for metric in directive["Metrics"]):
            # "A metric target MUST be a numeric value or an array of numeric values", of 100 at most.
            values = document.get(metric)
            values = values if isinstance(values, list) else [values]
            if not 1 <= len(values) <= 100 or any(type(value) not in (int, float) for value in values):
                yield f"{metric} is no number, and no list of numbers"
            if [sorted(names) for names in directive["Dimensions"]] != [sorted(METRICS.get(metric, ["?"]))]:
                yield f"{metric} has the dimensions {directive['Dimensions']}"


# What CloudWatch would not read: each is made of a line that it does read, and has to be found in it.
SPOILT = {
    "a unit that is none": lambda line, metric: line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0].update(Unit="Hours"),
    "a text for a number": lambda line, metric: line.update({metric: "1"}),
    "a metric that is not there": lambda line, metric: line.pop(metric),
    "too many values": lambda line, metric: line.update({metric: [1] * 101}),
    "a dimension that is not there": lambda line, metric: line["_aws"]["CloudWatchMetrics"][0].update(Dimensions=[["Nobody"]]),
    "another namespace": lambda line, metric: line["_aws"]["CloudWatchMetrics"][0].update(Namespace="other"),
    "seconds for milliseconds": lambda line, metric: line["_aws"].update(Timestamp=line["_aws"]["Timestamp"] // 1000),
    "no directive": lambda line, metric: line["_aws"].pop("CloudWatchMetrics") and line["_aws"].update(CloudWatchMetrics=[]),
    "a metric that nobody knows": lambda line, metric: line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0].update(Name="Nothing"),
}


def check_problems(line, namespace):
    """Whether `problems` finds what it is for."""
    for mistake, spoil in SPOILT.items():
        spoilt = json.loads(line)
        spoil(spoilt, spoilt["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"])
        assert list(problems(json.dumps(spoilt), namespace)), mistake


def check(cloud, resources, namespace):
    """Holds every line with metrics in the logs of a stack's functions; how many there are, and the metrics in them."""
    pages, lines, seen = cloud.client("logs").get_paginator("filter_log_events"), 0, set()
    for group in (physical for physical in resources.values() if physical.startswith("/aws/lambda/")):
        for event in (event for page in pages.paginate(logGroupName=group) for event in page["events"]):
            # As CloudWatch sees it: one event is one document, with nothing before or behind it.
            if "_aws" in event["message"]:
                found = list(problems(event["message"], namespace))
                assert not found, (group, event["message"], found)
                directives = json.loads(event["message"])["_aws"]["CloudWatchMetrics"]
                seen |= {metric["Name"] for directive in directives for metric in directive["Metrics"]}
                if not lines:
                    check_problems(event["message"], namespace)
                lines += 1
    assert lines, "no log has metrics"
    return lines, seen
