"""Checks of the expanded template that no linter makes: every route has a function and a sample event,
every function may do exactly what permissions.json says, has the variables that variables.json
says and none with a secret in it, nothing that was sent is logged, and two stacks, or the two environments of
samconfig.toml, share no name."""

import json
import re
import tomllib

from expanded import HERE, PROJECT, RESTORED, STACK, main, named, of_type, receiving, settling, text

EVENTS = PROJECT / "events"


def sample_routes():
    """The routes that a sample event, neither forged nor malformed, is for."""
    found = set()
    for file in EVENTS.glob("*.json"):
        if re.search(r"-(forged|malformed|sqs)$|^env$", file.stem):
            continue
        found.add(json.loads(file.read_text())["routeKey"])
    return found


def callable_routes(template):
    """What API Gateway may call: the function, and its route as method and path."""
    found = set()
    for permission in of_type(template, "AWS::Lambda::Permission").values():
        if (permission["Action"], permission["Principal"]) != ("lambda:InvokeFunction", "apigateway.amazonaws.com"):
            continue
        arn, names = permission["SourceArn"]["Fn::Sub"]
        place = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/${__Stage__}/"
        if arn.startswith(place) and named(names["__ApiId__"])[0] in of_type(template, "AWS::ApiGatewayV2::Api"):
            found.add((named(permission["FunctionName"])[0], arn.removeprefix(place)))
    return found


def bad_routes(template):
    """Every route calls a function and has a sample event, and every sample event has a route."""
    there = receiving(template)
    if not there:
        yield "no route was found"
    functions = of_type(template, "AWS::Lambda::Function")
    for route, function in sorted(there.items()):
        if function not in functions:
            yield f"{route} calls {function}, which is no function"
    for api in of_type(template, "AWS::ApiGatewayV2::Api").values():
        for path, methods in api["Body"]["paths"].items():
            for method, operation in methods.items():
                route = f"{method.upper()} {path}"
                # The first part of a path is the provider.
                if there[route] != f"{path.split('/')[1].capitalize()}Function":
                    yield f"{route} calls {there[route]}, which is another provider's"
                if operation["x-amazon-apigateway-integration"].get("payloadFormatVersion") != "2.0":
                    yield f"{route} is not called with events of version 2.0, which the functions read"
                if (there[route], f"{method.upper()}{path}") not in callable_routes(template):
                    yield f"{route} may not call {there[route]}"
    for route in sorted(there.keys() - sample_routes()):
        yield f"{route} has no sample event"
    for route in sorted(sample_routes() - there.keys()):
        yield f"a sample event is for {route}, which is no route"


def permissions(role):
    """What a role allows: resource -> actions, sorted."""
    allowed = {}
    for policy in role.get("Policies", []):
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement.keys() - {"Sid"} != {"Effect", "Action", "Resource"} or statement["Effect"] != "Allow":
                raise ValueError(f"{sorted(statement)} is no plain permission")
            actions, resources = statement["Action"], statement["Resource"]
            for resource in resources if isinstance(resources, list) else [resources]:
                name, attribute = named(resource)
                place = f"{name}.{attribute}".removesuffix(".") if name else text(resource)
                allowed.setdefault(place, []).extend([actions] if isinstance(actions, str) else actions)
    return {name: sorted(actions) for name, actions in sorted(allowed.items())}


def capitalized(provider):
    """A provider's name as logical ids begin with it."""
    return "".join(word.capitalize() for word in provider.split("-"))


def of_functions(file):
    """What a file expects of each function; what it says of PROVIDERFunction goes for every provider's."""
    expected = json.loads((HERE / file).read_text())
    of_each = json.dumps(expected.pop("PROVIDERFunction"))
    for samples in PROJECT.glob("functions/*/samples.json"):
        name = capitalized(samples.parent.name)
        expected[f"{name}Function"] = json.loads(of_each.replace("PROVIDER", name))
    return expected


def bad_permissions(template):
    """Every role is used by one function, may be assumed by Lambda alone, and may do what the function calls, on the
    very resources that it calls."""
    roles = of_type(template, "AWS::IAM::Role")
    users = {name: (named(f["Role"]), "lambda") for name, f in of_type(template, "AWS::Lambda::Function").items()}
    expected = of_functions("permissions.json")
    for name in sorted(expected.keys() ^ users.keys()):
        yield f"{name} is in permissions.json or in the template, and not in both"
    used = []
    for name, ((role, attribute), service) in users.items():
        if role not in roles or attribute != "Arn":
            yield f"{name} has no role of its own"
            continue
        used.append(role)
        actual, needed = permissions(roles[role]), expected.get(name, {})
        for place in sorted(actual.keys() | needed.keys()):
            may, calls = actual.get(place, []), needed.get(place, [])
            yield from (f"{name} may not do {action} on {place}" for action in calls if action not in may)
            yield from (f"{name} may do {action} on {place}, and does not call it" for action in may if action not in calls)
            if len(set(may)) < len(may):
                yield f"{name} is allowed one thing twice on {place}"
        if {"ManagedPolicyArns", "PermissionsBoundary"} & roles[role].keys():
            yield f"{role} may do what is not written here"
        trusted = roles[role]["AssumeRolePolicyDocument"]["Statement"]
        plain = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
        if [{key: s.get(key) for key in plain} for s in trusted] != [plain]:
            yield f"{role} may be assumed by others than {service}"
    for role in sorted(set(roles) ^ set(used)) + sorted(role for role in set(used) if used.count(role) > 1):
        yield f"{role} is the role of none, or of several"


def bad_variables(template):
    """Every function has the variables that it reads, with the values that they are for."""
    expected = of_functions("variables.json")
    for file in PROJECT.glob("functions/*/variables.json"):
        expected[f"{capitalized(file.parent.name)}Function"] |= json.loads(file.read_text())
    functions = of_type(template, "AWS::Lambda::Function")
    for name in sorted(expected.keys() ^ functions.keys()):
        yield f"{name} is in variables.json or in the template, and not in both"
    for name in sorted(expected.keys() & functions.keys()):
        there = {key: text(value) for key, value in functions[name]["Environment"]["Variables"].items()}
        needed = {key: value.replace("${AWS::StackName}", STACK) for key, value in expected[name].items()}
        for variable in sorted(there.keys() | needed.keys()):
            if there.get(variable) != needed.get(variable):
                yield f"{name} has {there.get(variable)} as {variable}, and needs {needed.get(variable)}"


# What a line of the access log may say: nothing that was sent but the address that it came from.
LOGGED = {
    "requestId",
    "requestTimeEpoch",
    "routeKey",
    "status",
    "responseLatency",
    "responseLength",
    "integration.status",
    "integrationLatency",
    "error.responseType",
    "identity.sourceIp",
}


def leaky_logs(template):
    """No log has what was sent in it, and each is kept as long as the parameter says."""
    for name, stage in of_type(template, "AWS::ApiGatewayV2::Stage").items():
        line = json.loads(stage["AccessLogSettings"]["Format"])
        for member, value in line.items():
            if not value.startswith("$context.") or value.removeprefix("$context.") not in LOGGED:
                yield f"{name} logs {value} as {member}"
        # What the runbook's commands look for.
        for member in ("routeKey", "status", "sourceIp"):
            if member not in line:
                yield f"{name} does not log the {member}"
    for name, group in of_type(template, "AWS::Logs::LogGroup").items():
        if group.get("RetentionInDays") != {"Ref": "LogRetentionDays"}:
            yield f"{name} is not kept for LogRetentionDays"
    roles = of_type(template, "AWS::IAM::Role")
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        log, _ = named(function.get("LoggingConfig", {}).get("LogGroup"))
        if f"{log}.Arn" not in permissions(roles[named(function["Role"])[0]]):
            yield f"{name} may not write its log, {log}"


def open_api(template):
    """The API is called by programs, at a limited rate, and refuses to be imported by half."""
    for name, api in of_type(template, "AWS::ApiGatewayV2::Api").items():
        if api.get("FailOnWarnings") is not True:
            yield f"{name} is made without a route that cannot be imported"
        if "CorsConfiguration" in api or "x-amazon-apigateway-cors" in api["Body"]:
            yield f"{name} lets web pages call it"
        if api.get("DisableExecuteApiEndpoint"):
            yield f"{name} has no URL without a domain"
    for name, stage in of_type(template, "AWS::ApiGatewayV2::Stage").items():
        limits = {"ThrottlingRateLimit": {"Ref": "ThrottleRate"}, "ThrottlingBurstLimit": {"Ref": "ThrottleBurst"}}
        if stage.get("DefaultRouteSettings") != limits or "RouteSettings" in stage:
            yield f"{name} has no limits, or not those of the parameters"
        if stage.get("AutoDeploy") is not True:
            yield f"{name} keeps the routes of its first deployment"


def idle_limits(template):
    """The receiving functions keep as many executions as the parameter says, and the domain leads to the API."""
    kept = {"Fn::If": ["ReservesConcurrency", {"Ref": "ReceiveConcurrency"}, {"Ref": "AWS::NoValue"}]}
    for name in sorted(set(receiving(template).values())):
        if of_type(template, "AWS::Lambda::Function")[name].get("ReservedConcurrentExecutions") != kept:
            yield f"{name} does not keep ReceiveConcurrency executions"
    for name, mapping in of_type(template, "AWS::ApiGatewayV2::ApiMapping").items():
        if named(mapping["Stage"])[0] not in of_type(template, "AWS::ApiGatewayV2::Stage"):
            yield f"{name} leads to no stage"


def unstartable_functions(template):
    """Every function is what `sam build` makes, on the processor that is asked for, and has time to answer."""
    receivers = set(receiving(template).values())
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        started = (function["Runtime"], function["Handler"], function["Architectures"])
        if started != ("provided.al2023", "bootstrap", [{"Ref": "Architecture"}]):
            yield f"{name} is started as {started}"
        # A receiving function answers by itself within 3 s, and API Gateway waits for 30; a settling one takes
        # ten messages.
        least, most = (4, 29) if name in receivers else (30, 900)
        if not least <= function["Timeout"] <= most:
            yield f"{name} is stopped after {function['Timeout']} s"


def wrong_outputs(template):
    """The outputs name every route's URL, and what they are called after."""
    values = {name: text(output["Value"]) for name, output in template["Outputs"].items()}
    base = "https://${CallbacksApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}"
    paths = {value.removeprefix(base) for value in values.values() if value.startswith(base)}
    for path in sorted(paths ^ {"", *(route.split()[1] for route in receiving(template))}):
        yield f"{path or 'the API'} is a route or an output, and not both"
    pages = [PROJECT / "README.md", *(PROJECT / "docs").glob("*.md")]
    for page in pages:
        for name in re.findall(r"[Oo]utput `(\w+)`", page.read_text()):
            if name not in values:
                yield f"{page.name} names the output {name}, which there is not"
    for name, value in values.items():
        if value.startswith("https://"):
            continue
        resource, attribute = named(value)
        wanted = {"SecretArn": "", "BusArn": "Arn", "Name": "", "Url": ""}
        end = next((end for end in wanted if name.endswith(end)), None)
        stem = name.removesuffix("Arn").removesuffix("Name").removesuffix("Url")
        if end is None or (resource, attribute) != (stem, wanted[end]) or resource not in template["Resources"]:
            yield f"the output {name} is {value}"


def unguided_parameters(template):
    """Every parameter is in one group, and every condition is about a parameter that is set."""
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [name for group in groups for name in group["Parameters"]]
    if sorted(grouped) != sorted(template["Parameters"]):
        yield f"in no group, or in several: {sorted(set(grouped) ^ set(template['Parameters'])) or grouped}"
    for name, condition in template["Conditions"].items():
        for part in condition.get("Fn::And", [condition]):
            if set(part) == {"Condition"}:
                continue
            if set(part) == {"Fn::Equals"}:
                parameter, on = part["Fn::Equals"]
                if (template["Parameters"][parameter["Ref"]].get("AllowedValues"), on) != (["true", "false"], "true"):
                    yield f"{name} asks whether {parameter['Ref']} is {on!r}, and that is no switch"
                continue
            parameter, unset = part["Fn::Not"][0]["Fn::Equals"]
            if template["Parameters"][parameter["Ref"]]["Default"] != unset:
                yield f"{name} is met by the default of {parameter['Ref']}"
    said = json.dumps([template["Resources"], template["Conditions"], template["Outputs"]])
    for name in template["Parameters"]:
        if f'"{name}"' not in said and f"${{{name}}}" not in said:
            yield f"{name} is of no use"
    # A reward's next look stands on its record, so that no queue limits it.
    if int(template["Parameters"]["RedemptionRecheckDays"]["MinValue"]) < 1:
        yield "RedemptionRecheckDays may be so few that a reward is never looked at again"
    # What pays or tells more than usual is asked for.
    for name, default in (("ClaimrPayingScopes", "user_activity"), ("AppviralityRedeemCoupons", "false")):
        if template["Parameters"][name]["Default"] != default:
            yield f"{name} is not {default} unless somebody asks for more"


def own_tables(value, restored, under=""):
    """Where a value names a table that is restored: what is left once the conditions are met."""
    if isinstance(value, list):
        for item in value:
            yield from own_tables(item, restored, under)
    if not isinstance(value, dict):
        return
    if "Fn::If" in value and value["Fn::If"][0] in restored:
        yield from own_tables(value["Fn::If"][1], restored, under)
        return
    names = [restored[condition] for condition in restored]
    said = json.dumps(value.get("Ref") or value.get("Fn::GetAtt") or value.get("Fn::Sub") or "")
    yield from (f"{under} names {name}" for name in names if re.search(rf'["{{\[]{name}\b', said))
    for key, member in value.items():
        if not key.startswith("Fn::") or key == "Fn::If":
            yield from own_tables(member, restored, under)


def unrestorable(template):
    """With the parameters of a restored table set, nothing names the stack's own any more, and otherwise nothing the
    restored one."""
    parameters = [name for name in template["Parameters"] if name.startswith("Restored")]
    sections = {**template["Resources"], **template["Outputs"]}
    for name, resource in sections.items():
        if resource.get("Type") == "AWS::DynamoDB::Table":
            continue
        yield from (f"{problem}, where it is restored" for problem in own_tables(resource, RESTORED, name))
        without = json.dumps(own_only(resource))
        yield from (f"{name} has {parameter} without its condition" for parameter in parameters if parameter in without)
    for condition, table in RESTORED.items():
        asked = {"Fn::Not": [{"Fn::Equals": [{"Ref": f"Restored{table}"}, ""]}]}
        if template["Conditions"].get(condition) != asked:
            yield f"{condition} is not whether Restored{table} is set"
    # A mapping needs the stream, and a role the table.
    rule = template["Rules"].get("RestoredTableNeedsStream", {})
    if rule.get("RuleCondition") != template["Conditions"].get("CallbacksRestored"):
        yield "RestoredCallbacksTable may be set without its stream"


def own_only(value):
    """A value as it is where nothing is restored."""
    if isinstance(value, list):
        return [own_only(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "Fn::If" in value and value["Fn::If"][0] in RESTORED:
        return own_only(value["Fn::If"][2])
    return {key: own_only(member) for key, member in value.items()}


def written_secrets(template):
    """No function's variable holds a secret."""
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        for variable, value in function.get("Environment", {}).get("Variables", {}).items():
            said = json.dumps(value)
            if variable in ("KEYS", "API_KEYS") and value != "":
                yield f"{name} has its keys in {variable}"
            if "resolve:secretsmanager" in said or "resolve:ssm-secure" in said:
                yield f"{name} has a secret resolved into {variable}"


def fixed_names(template):
    """The resources whose name is the same in every stack."""
    for name, properties in ((n, r.get("Properties", {})) for n, r in template["Resources"].items()):
        for property, value in properties.items():
            named = re.fullmatch(r"(\w+[a-z])?Name", property) and property not in ("MetricName", "StageName")
            if named and isinstance(value, str):
                yield f"{name} has the fixed {property} {value}"


def open_doors(template):
    """The parameters that would take what their function cannot read, or not take what it can."""
    for name, parameter in template["Parameters"].items():
        if name == "InbrainMaxReward":
            pattern = re.compile(parameter["AllowedPattern"])
            # The function takes 28 digits.
            for reward, wanted in (("", True), ("12.50", True), ("9" * 18 + "." + "9" * 10, True), ("9" * 19 + "." + "9" * 10, False), ("-1", False), ("1,000", False)):
                if bool(pattern.search(reward)) != wanted:
                    yield f"{name} {'does not take' if wanted else 'takes'} {reward!r}"
        # Credentials are sent there.
        if name in ("GiveawayUrl", "DevtodevUrl", "AppviralityUrl"):
            pattern = re.compile(parameter["AllowedPattern"])
            if not pattern.search(parameter["Default"]):
                yield f"{name} does not take its default"
            for url in ("", "http://api.example.com/a", "https://api.example.com/a?key=b", "https://a@example.com/", "https://"):
                if pattern.search(url):
                    yield f"{name} takes {url!r}"


# What there has to be for each row of a mapping, with the row's name in the place of {}: parameters, conditions,
# resources and outputs. What loops make is among them, because a loop lists its rows itself.
ROWS = {
    "Providers": {
        "Parameters": ["{}Networks", "{}SilenceHours"],
        "Conditions": ["{}"],
        "Resources": ["{}Function", "{}FunctionRole", "{}Log", "{}KeysSecret", "{}SilentAlarm"],
        "Outputs": ["{}KeysSecretArn"],
    },
    "Upstreams": {"Parameters": ["{}Url"], "Resources": ["{}ApiSecret"], "Outputs": ["{}ApiSecretArn"]},
    "Settlers": {
        "Resources": ["{}Function", "{}FunctionRole", "{}Queue", "{}DeadLetters", "{}DeadLettersAlarm", "{}Log"],
        "Outputs": ["{}QueueUrl", "{}DeadLettersUrl"],
    },
    "Counts": {"Resources": ["{}Alarm"]},
}


def incomplete_rows(template):
    """Every row of a mapping has what is made of it, and every provider and settler has a row."""
    for mapping in sorted(ROWS.keys() ^ template["Mappings"].keys()):
        yield f"{mapping} is a mapping or in ROWS, and not both"
    for mapping, sections in ROWS.items():
        for row in template["Mappings"][mapping]:
            for section, names in sections.items():
                for name in names:
                    if name.format(row) not in template[section]:
                        yield f"{row} is among {mapping} and not {name.format(row)} among {section}"
    queues = of_type(template, "AWS::SQS::Queue")
    settlers = [function for function, source in settling(template).items() if source in queues]
    for mapping, functions in (("Providers", receiving(template).values()), ("Settlers", settlers)):
        rows = {f"{row}Function" for row in template["Mappings"][mapping]}
        for function in sorted(rows ^ set(functions)):
            yield f"{function} is in use or has a row among {mapping}, and not both"


def shared_settings(_):
    """What the environments of samconfig.toml have in common and must not, or have not and must."""
    config = tomllib.loads((PROJECT / "samconfig.toml").read_text())
    for name in ("default", "dev", "prod"):
        if config[name]["global"]["parameters"] != {"language_extensions": True}:
            yield f"{name} does not expand the template's loops"
        # For the roles, and for the transform that expands the loops.
        if config[name]["deploy"]["parameters"]["capabilities"] != "CAPABILITY_IAM CAPABILITY_AUTO_EXPAND":
            yield f"{name} cannot be deployed without further options"
    dev, prod = (config[name]["deploy"]["parameters"] for name in ("dev", "prod"))
    for setting in ("stack_name", "s3_prefix", "tags"):
        if dev[setting] == prod[setting]:
            yield f"dev and prod have the same {setting}"
    for name, settings in (("dev", dev), ("prod", prod)):
        if f'environment="{name}"' not in settings["tags"]:
            yield f"{name} is not tagged as what it is"
    if config["default"]["deploy"]["parameters"] != dev:
        yield "default is not dev"


CHECKS = (
    bad_routes,
    bad_permissions,
    bad_variables,
    leaky_logs,
    open_api,
    idle_limits,
    unstartable_functions,
    wrong_outputs,
    unguided_parameters,
    unrestorable,
    written_secrets,
    fixed_names,
    open_doors,
    incomplete_rows,
    shared_settings,
)


if __name__ == "__main__":
    main(CHECKS, functions="AWS::Lambda::Function", roles="AWS::IAM::Role")
