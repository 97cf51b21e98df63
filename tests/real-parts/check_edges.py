"""Checks of the expanded template's edges: who may call in from outside, by which address, with which programs, keys,
defaults and names; and what it says of itself where it is published. What AWS's pages say is named with the check.

    python tests/real-parts/check_edges.py target/real-parts/expanded.json
    python tests/real-parts/check_edges.py target/real-parts/expanded.json --parameters    prints parameters.json anew
"""

import json
import re
import sys
import tomllib
from pathlib import Path

import cloudwatch
from expanded import HERE, PROJECT, RESTORED, STACK, capitalized, contracts, hyphenated, main, named, of_type, providers, receiving, text

# Whatever is in a stack. What else lets somebody in (AWS::Lambda::Url, a policy of a bus, of a secret or of a queue, a
# subscription to a log), or costs, is not there.
TYPES = {
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::DynamoDB::Table",
    "AWS::Events::EventBus",
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::Logs::MetricFilter",
    "AWS::Route53::RecordSet",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
}


def folder(function):
    """The folder, the package and the program of a function: functions/NAME."""
    return hyphenated(function.removesuffix("Function"))


def other_doors(template):
    """Nobody calls a function but a route's API and the schedule's rule, and nothing opens another way."""
    for name, resource in template["Resources"].items():
        if resource["Type"] not in TYPES:
            yield f"{name} is an {resource['Type']}, and nobody looks at those here"
    callers = {"apigateway.amazonaws.com": len(receiving(template)), "events.amazonaws.com": len(of_type(template, "AWS::Events::Rule"))}
    called = [p["Principal"] for p in of_type(template, "AWS::Lambda::Permission").values() if "SourceArn" in p]
    if {caller: called.count(caller) for caller in called} != callers or len(called) < len(of_type(template, "AWS::Lambda::Permission")):
        yield "somebody else may call a function, or from anywhere"
    for name, api in of_type(template, "AWS::ApiGatewayV2::Api").items():
        # "Disable the default endpoint for HTTP APIs": the outputs' URLs are that endpoint.
        if re.search(r'"disableExecuteApiEndpoint": true', json.dumps(api), re.IGNORECASE):
            yield f"{name} is not to be had at the URLs of the outputs"
        if text(api["Body"]["info"]["title"]) != STACK:
            yield f"{name} is not called as its stack"
        # The functions authenticate every call themselves; a provider has no credentials of AWS.
        if re.search(r'"security(Schemes)?":', json.dumps(api)):
            yield f"{name} asks for a credential of its own"


def bad_domain(template):
    """The domain is there where it is asked for, at the API's own stage, and its zone leads to it.

    "AWS::ApiGatewayV2::DomainName", "AWS::ApiGatewayV2::ApiMapping", "Set up a Regional custom domain name for HTTP APIs"
    and "AWS::Route53::RecordSet AliasTarget", by which an alias has the domain's own RegionalHostedZoneId; an HTTP API
    takes REGIONAL and TLS 1.2 alone."""
    resources = template["Resources"]
    configuration = {"CertificateArn": {"Ref": "CertificateArn"}, "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}
    target = {attribute: {"Fn::GetAtt": ["CustomDomain", f"Regional{of}"]} for attribute, of in (("DNSName", "DomainName"), ("HostedZoneId", "HostedZoneId"))}
    wanted = {
        "CustomDomain": ("HasDomain", {"DomainName": {"Ref": "DomainName"}, "DomainNameConfigurations": [configuration]}),
        "CustomDomainMapping": ("HasDomain", {"ApiId": {"Ref": "CallbacksApi"}, "DomainName": {"Ref": "CustomDomain"}, "Stage": {"Ref": "CallbacksApiApiGatewayDefaultStage"}}),
        "CustomDomainAddress": ("HasHostedZone", {"HostedZoneId": {"Ref": "HostedZoneId"}, "Name": {"Ref": "DomainName"}, "Type": "A", "AliasTarget": target}),
    }
    for name, (condition, properties) in wanted.items():
        if resources.get(name, {}).get("Condition") != condition:
            yield f"{name} is not there when {condition} says so"
        actual = resources.get(name, {}).get("Properties", {})
        for key in sorted(actual.keys() | properties.keys()):
            if actual.get(key) != properties.get(key):
                yield f"{name} has {json.dumps(actual.get(key))} as {key}, and needs {json.dumps(properties.get(key))}"
    is_set = lambda name: {"Fn::Not": [{"Fn::Equals": [{"Ref": name}, ""]}]}
    if template["Conditions"].get("HasHostedZone") != {"Fn::And": [{"Condition": "HasDomain"}, is_set("HostedZoneId")]}:
        yield "HasHostedZone is not whether there are a domain and a zone for it"
    for rule, (when, needed) in {"DomainNeedsCertificate": ("DomainName", "CertificateArn"), "RestoredTableNeedsStream": ("RestoredCallbacksTable", "RestoredCallbacksStream")}.items():
        found = template["Rules"].get(rule, {})
        if (found.get("RuleCondition"), [a["Assert"] for a in found.get("Assertions", [])]) != (is_set(when), [is_set(needed)]):
            yield f"{rule} does not ask for {needed} where {when} is set"
    url = template["Outputs"].get("CustomUrl", {})
    if (url.get("Condition"), url.get("Value")) != ("HasDomain", {"Fn::Sub": "https://${DomainName}"}):
        yield "the output CustomUrl is not the domain, where there is one"


# What is set of each function.
FUNCTION = {
    "Architectures",
    "Code",
    "Environment",
    "Handler",
    "LoggingConfig",
    "MemorySize",
    "ReservedConcurrentExecutions",
    "Role",
    "Runtime",
    "Tags",
    "Timeout",
    "TracingConfig",
}


def wrong_programs(template):
    """Every function is built and started as the program of its own folder, and writes the log of its own name, a line
    as it prints it."""
    folders = {file.parent.name for file in PROJECT.glob("functions/*/Cargo.toml")}
    functions = of_type(template, "AWS::Lambda::Function")
    program = lambda name: "contract" if name.removesuffix("Function") in contracts(template) else folder(name)
    for name in sorted(folders ^ {program(name) for name in functions}):
        yield f"{name} is a folder or a function, and not both"
    logs = of_type(template, "AWS::Logs::LogGroup")
    for name, function in functions.items():
        built = template["Resources"][name]["Metadata"]
        if (built["BuildMethod"], built["BuildProperties"]["Binary"]) != ("rust-cargolambda", program(name)):
            yield f"{name} is built as {built['BuildProperties']['Binary']}"
        if function.keys() - FUNCTION:
            yield f"{name} has {sorted(function.keys() - FUNCTION)}"
        if function.get("TracingConfig") != {"Mode": {"Ref": "Tracing"}}:
            yield f"{name} is not traced as Tracing says"
        if function["Code"].get("S3Key") != f"{program(name)}.zip":
            yield f"{name} is deployed with the program in {function['Code'].get('S3Key')}"
        # "Log-level filtering": lines without a level, as metrics are, are dropped by anything above INFO, and lines that
        # LogLevel asks for by anything above them. Above WARN, Lambda has no level of its own.
        lines = {key: value for key, value in function["LoggingConfig"].items() if key != "LogGroup"}
        if lines != {"LogFormat": "JSON", "ApplicationLogLevel": "TRACE", "SystemLogLevel": {"Ref": "SystemLogLevel"}}:
            yield f"{name} has its log lines changed by {json.dumps(lines)}"
        log, _ = named(function["LoggingConfig"]["LogGroup"])
        # The runbook's commands name it so.
        if text(logs.get(log, {}).get("LogGroupName", "")) != f"/aws/lambda/{STACK}/{folder(name)}":
            yield f"{name} writes the log {text(logs.get(log, {}).get('LogGroupName', ''))}"
        # "Configure Lambda function memory": one processor at 1,769 MB, which docs/capacity.md counts on.
        least = 1769 if name == "ScheduleFunction" else 256
        if function["MemorySize"] < least:
            yield f"{name} has {function['MemorySize']} MB, and less of a processor than it needs"
    # "Enable logging from certain AWS services": under this prefix no entry in the account's resource policy is needed.
    for stage in of_type(template, "AWS::ApiGatewayV2::Stage").values():
        log, attribute = named(stage["AccessLogSettings"]["DestinationArn"])
        if attribute != "Arn" or text(logs.get(log, {}).get("LogGroupName", "")) != f"/aws/vendedlogs/http-api/{STACK}":
            yield "the access log is not where the runbook and the account's policies look for it"


def wrong_names(template):
    """Every secret is called after its provider, as the functions' documents and the operator's command have it; what is
    there under a condition is what has one."""
    for name, secret in of_type(template, "AWS::SecretsManager::Secret").items():
        read = re.fullmatch(r"([A-Z][A-Za-z0-9]+)(Keys|Api)Secret", name)
        wanted = f"{STACK}/{hyphenated(read[1])}/{read[2].lower()}" if read else None
        if text(secret["Name"]) != wanted:
            yield f"{name} is called {text(secret['Name'])}, and not {wanted}"
    for name, resource in template["Resources"].items():
        # Of contracts, check_template.py says which condition it is.
        is_conditional = name.startswith("CustomDomain") or name.endswith("SilentAlarm") or resource.get("Condition") in contracts(template)
        if ("Condition" in resource) != is_conditional:
            yield f"{name} is there {'always' if is_conditional else 'only under a condition'}"


def narrow_queues(template):
    """Every queue takes messages of whatever size, from whichever queue their dead letters are of, and its oldest
    message is an alarm when the runbook says so."""
    for name, queue in of_type(template, "AWS::SQS::Queue").items():
        other = queue.keys() - {"SqsManagedSseEnabled", "MessageRetentionPeriod", "VisibilityTimeout", "RedrivePolicy"}
        if other:
            yield f"{name} has {sorted(other)}"
    alarm = of_type(template, "AWS::CloudWatch::Alarm").get("QueueAgeAlarm", {})
    # docs/runbook.md#stuck-queue: half an hour.
    if (alarm.get("Threshold"), alarm.get("ComparisonOperator")) != (1800, "GreaterThanThreshold"):
        yield "QueueAgeAlarm is not raised after half an hour"


def open_buckets(template):
    """Objects are the bucket owner's, under a key of S3 ("AWS::S3::Bucket"), and the policy is the bucket's."""
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        if bucket.get("OwnershipControls") != {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}:
            yield f"{name} has objects of others"
        encryption = bucket.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration")
        if encryption != [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]:
            yield f"{name} is encrypted by {json.dumps(encryption)}"
    for name, policy in of_type(template, "AWS::S3::BucketPolicy").items():
        bucket, attribute = named(policy["Bucket"])
        if bucket not in of_type(template, "AWS::S3::Bucket") or attribute:
            yield f"{name} is the policy of no bucket"


def wrong_keys(template):
    """The tables and indexes have the keys that the code writes and asks for, all of them texts."""
    keys = {
        ("CallbacksTable", None): ("id",),
        ("CallbacksTable", "by_day"): ("day", "received_at"),
        ("CallbacksTable", "by_attention"): ("attention", "received_at"),
        ("CallbacksTable", "by_due"): ("due", "due_at"),
        ("LedgerTable", None): ("user", "entry"),
    }
    code = (PROJECT / "shared/tables/src/callbacks/record.rs").read_text()
    listed = re.search(r"beside the keys\.\n.*?=\s*\[([^\]]*)\];", code, re.DOTALL)
    shown = set(re.findall(r'"(\w+)"', listed[1])) if listed else set()
    if not shown:
        yield "record.rs does not say what the indexes hold"
    found = {}
    for name, table in of_type(template, "AWS::DynamoDB::Table").items():
        for index in [{**table, "IndexName": None}, *table.get("GlobalSecondaryIndexes", [])]:
            found[name, index["IndexName"]] = tuple(key["AttributeName"] for key in sorted(index["KeySchema"], key=lambda key: key["KeyType"] != "HASH"))
            projection = index.get("Projection", {})
            if index["IndexName"] in ("by_day", "by_attention") and (projection["ProjectionType"], set(projection.get("NonKeyAttributes", []))) != ("INCLUDE", shown):
                yield f"{index['IndexName']} does not hold what lists show"
            if index["IndexName"] == "by_due" and projection != {"ProjectionType": "KEYS_ONLY"}:
                yield "by_due holds more than keys"
        for attribute in table["AttributeDefinitions"]:
            if attribute["AttributeType"] != "S":
                yield f"{name} has {attribute['AttributeName']} as {attribute['AttributeType']}, and it is a text"
    for where in sorted(keys.keys() | found.keys(), key=str):
        if keys.get(where) != found.get(where):
            yield f"{where[1] or where[0]} has the keys {found.get(where)}, and needs {keys.get(where)}"


def choices(value):
    """Every choice between a restored table and the stack's own: the condition, and the two."""
    if isinstance(value, list):
        for item in value:
            yield from choices(item)
    elif isinstance(value, dict):
        if "Fn::If" in value and value["Fn::If"][0] in RESTORED:
            yield value["Fn::If"]
        for member in value.values():
            yield from choices(member)


def wrong_restored(template):
    """What takes a table's place is the same of the table that was restored: its name, its ARN, that of an index, that of
    its stream ("Actions, resources, and condition keys for Amazon DynamoDB")."""
    for section in ("Resources", "Outputs"):
        for name, value in template[section].items():
            for condition, restored, own in choices(value):
                table = RESTORED[condition]
                arn = f"arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/${{Restored{table}}}"
                stream = f"{arn}/stream/${{RestoredCallbacksStream}}"
                wanted = text(own).replace(f"${{{table}.StreamArn}}", stream).replace(f"${{{table}.Arn}}", arn).replace(f"${{{table}}}", f"${{Restored{table}}}")
                if text(restored) != wanted:
                    yield f"{name} has {text(restored)} for {text(own)}, where it is restored"


def other_parameters(template):
    """A parameter takes what it took, and is what the documents say where nobody sets it: parameters.json. Another one is
    another interface, and belongs into CHANGELOG.md."""
    wanted = json.loads((HERE / "parameters.json").read_text())
    for name in sorted(wanted.keys() | template["Parameters"].keys()):
        actual, known = template["Parameters"].get(name, {}), wanted.get(name, {})
        for key in sorted((actual.keys() | known.keys()) - {"Description", "ConstraintDescription"}):
            if actual.get(key) != known.get(key):
                yield f"{name} has {actual.get(key)!r} as {key}, and {known.get(key)!r} in parameters.json"
    # "AWS::Lambda::Function", Architectures.
    if template["Parameters"]["Architecture"].get("AllowedValues") != ["x86_64", "arm64"]:
        yield "Architecture takes what Lambda does not, or not what it does"
    # docs/deployment.md#throttles: a partition of an index takes 1,000 writes a second ("Burst and adaptive capacity").
    routes = [route.split("/")[1] for route in receiving(template)]
    rate, shards = (int(template["Parameters"][name]["Default"]) for name in ("ThrottleRate", "IndexShards"))
    if max(map(routes.count, routes)) * rate > 1000 * shards:
        yield f"the routes of one provider take {rate} a second each, which {shards} shards do not"


def changed_inputs(template):
    """The schedule's function gets the event that EventBridge makes, and the stream's records come as they are."""
    for name, rule in of_type(template, "AWS::Events::Rule").items():
        for target in rule["Targets"]:
            if target.keys() != {"Arn", "Id"}:
                yield f"{name} calls with {sorted(target.keys() - {'Arn', 'Id'})}"
    for name, mapping in of_type(template, "AWS::Lambda::EventSourceMapping").items():
        # With a tumbling window a function has to hand its state on, and fails without ("Using the Lambda ... state").
        other = mapping.keys() & {"TumblingWindowInSeconds", "KmsKeyArn", "SourceAccessConfigurations", "StartingPositionTimestamp"}
        if other:
            yield f"{name} has {sorted(other)}"


def silent_alarms(template):
    """Every alarm tells the topic, where there is one; a provider's silence is an hour without a callback, so many times."""
    actions = {"Fn::If": ["Notifies", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]}
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        if (alarm.get("AlarmActions"), alarm.get("OKActions")) != (actions, actions) or alarm.get("InsufficientDataActions"):
            yield f"{name} does not tell the topic, or where there is none"
    for provider in providers(template):
        alarm = of_type(template, "AWS::CloudWatch::Alarm").get(f"{capitalized(provider)}SilentAlarm", {"Metrics": []})
        stats = {part["Id"]: part["MetricStat"] for part in alarm["Metrics"] if "MetricStat" in part}
        (expression,) = [part["Expression"] for part in alarm["Metrics"] if "Expression" in part] or [""]
        try:
            values = cloudwatch.math(text(expression)).value({id_: [3, None, 0] for id_ in stats})
        except cloudwatch.Unreadable:
            # check_signals.py says so.
            continue
        if values != [3, 0, 0] or [stat["Period"] for stat in stats.values()] != [3600]:
            yield f"the silence of {provider} is not counted by the hour"


def wrong_board(template):
    """The dashboard shows the stack's own region, and its widgets lie beside each other; the output leads there.

    "Dashboard body structure and syntax": the grid is 24 units wide."""
    for name, board in of_type(template, "AWS::CloudWatch::Dashboard").items():
        taken = set()
        for widget in json.loads(text(board["DashboardBody"]))["widgets"]:
            if widget["properties"].get("region") != "${AWS::Region}":
                yield f"{name} shows {widget['properties'].get('region')}"
            place = {(x, y) for x in range(widget["x"], widget["x"] + widget["width"]) for y in range(widget["y"], widget["y"] + widget["height"])}
            if place & taken or max(x for x, _ in place) > 23:
                yield f"{name} has no room for {widget['properties'].get('title')!r}"
            taken |= place
        url = f"https://${{AWS::Region}}.console.aws.amazon.com/cloudwatch/home#dashboards/dashboard/${{{name}}}"
        if text(template["Outputs"].get("DashboardUrl", {}).get("Value", "")) != url:
            yield "the output DashboardUrl does not lead to the dashboard"


def wrong_counts(template):
    """A metric filter counts one for each line, and nothing for others ("AWS::Logs::MetricFilter MetricTransformation")."""
    for name, found in of_type(template, "AWS::Logs::MetricFilter").items():
        wanted = [{"MetricNamespace": {"Ref": "AWS::StackName"}, "MetricName": "Throttled", "MetricValue": "1"}]
        if found["MetricTransformations"] != wanted:
            yield f"{name} counts {json.dumps(found['MetricTransformations'])}"


def undocumented(template):
    """The documents name outputs that there are, and how long what failed is kept."""
    for page in [PROJECT / "README.md", *(PROJECT / "docs").glob("*.md")]:
        for name in re.findall(r"\boutputs? `?([A-Z][a-z]+[A-Z]\w+)", page.read_text()):
            if name not in template["Outputs"]:
                yield f"{page.name} names the output {name}, which there is not"
    said = re.search(r"They are in the stack's bucket, whole, for (\d+) days", (PROJECT / "docs/runbook.md").read_text())
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        days = [rule.get("ExpirationInDays") for rule in bucket["LifecycleConfiguration"]["Rules"]]
        if not said or days != [int(said[1])]:
            yield f"{name} keeps what is in it for {days} days, and the runbook says another"
    for name, policy in of_type(template, "AWS::S3::BucketPolicy").items():
        bucket, _ = named(policy["Bucket"])
        for statement in policy["PolicyDocument"]["Statement"]:
            if [text(resource) for resource in statement["Resource"]] != [f"${{{bucket}.Arn}}", f"${{{bucket}.Arn}}/*"]:
                yield f"{name} is not about the bucket and all that is in it"


# "AWS SAM template Metadata section properties": what is required, and of which form.
PUBLISHED = {
    "Name": r"[a-zA-Z0-9\-]{1,140}",
    "Description": r"(?s).{1,256}",
    "Author": r"(?=.{1,127}$)[a-z0-9](([a-z0-9]|-(?!-))*[a-z0-9])?",
    "SpdxLicenseId": r"MIT|Apache-2\.0",
    "SemanticVersion": r"\d+\.\d+\.\d+",
}


def unpublishable(template):
    """What the template says of itself is what `sam publish` takes, and true."""
    told = template["Metadata"].get("AWS::ServerlessRepo::Application", {})
    for name, pattern in PUBLISHED.items():
        if not re.fullmatch(pattern, str(told.get(name, ""))):
            yield f"nobody can publish {told.get(name)!r} as {name}"
    cargo = tomllib.loads((PROJECT / "Cargo.toml").read_text())["workspace"]["package"]
    if told.get("SemanticVersion") != cargo["version"]:
        yield f"it says that it is {told.get('SemanticVersion')}, and Cargo.toml {cargo['version']}"
    if told.get("SpdxLicenseId") not in cargo["license"].split(" OR "):
        yield f"it says that its licence is {told.get('SpdxLicenseId')}, and Cargo.toml {cargo['license']}"
    for name, wanted in (("LicenseUrl", f"LICENSE-{told.get('SpdxLicenseId')}"), ("ReadmeUrl", "README.md")):
        file = PROJECT / wanted
        # 5 MB.
        if told.get(name) != wanted or not file.is_file() or file.stat().st_size > 5 * 2**20:
            yield f"{name} is {told.get(name)}"
    labels = told.get("Labels", [])
    if not 1 <= len(labels) <= 10 or not all(re.fullmatch(r"[a-zA-Z0-9+\-_:/@]{1,127}", label) for label in labels):
        yield f"nobody can publish the labels {labels}"
    for name in sorted(told.keys() - PUBLISHED.keys() - {"LicenseUrl", "ReadmeUrl", "Labels"}):
        yield f"it has {name}, of which nothing is known here"


CHECKS = (
    other_doors,
    bad_domain,
    wrong_programs,
    wrong_names,
    narrow_queues,
    open_buckets,
    wrong_keys,
    wrong_restored,
    other_parameters,
    changed_inputs,
    silent_alarms,
    wrong_board,
    wrong_counts,
    undocumented,
    unpublishable,
)


def parameters(template):
    """parameters.json, a parameter on a line."""
    told = {"Description", "ConstraintDescription"}
    each = {name: {key: value for key, value in parameter.items() if key not in told} for name, parameter in template["Parameters"].items()}
    return "{\n" + ",\n".join(f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in each.items()) + "\n}"


if __name__ == "__main__":
    if sys.argv[2:] == ["--parameters"]:
        sys.exit(print(parameters(json.loads(Path(sys.argv[1]).read_text()))))
    main(CHECKS, functions="AWS::Lambda::Function", alarms="AWS::CloudWatch::Alarm")
