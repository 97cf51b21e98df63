"""Checks of the expanded template that no linter makes: every route has a function and a sample event,
every function may do exactly what permissions.json says, has the variables that variables.json
says and none with a secret in it, nothing that was sent is logged, and two stacks, or the two environments of
samconfig.toml, share no name."""

import json
import re
import tomllib

import contract_rows
from expanded import HERE, PROJECT, RESTORED, STACK, capitalized, contracts, hyphenated, main, named, of_type, operations, receiving, settling, text, valued

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
    described, callable_ = set(), callable_routes(template)
    for route, operation, condition in operations(template):
        method, path = route.split()
        # The first part of a path is the provider.
        provider = capitalized(path.split("/")[1])
        if there[route] != f"{provider}Function":
            yield f"{route} calls {there[route]}, which is another provider's"
        if condition != (provider if provider in contracts(template) else None):
            yield f"{route} is there where {condition} says so"
        if provider in contracts(template):
            described.add(route)
        if operation["x-amazon-apigateway-integration"].get("payloadFormatVersion") != "2.0":
            yield f"{route} is not called with events of version 2.0, which the functions read"
        if (there[route], f"{'*' if method == 'ANY' else method}{path}") not in callable_:
            yield f"{route} may not call {there[route]}"
    # Of contracts the samples are in their files.
    for route in sorted(there.keys() - described - sample_routes()):
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


def of_functions(template, file):
    """What a file expects of each function; what it says of PROVIDERFunction goes for every provider's."""
    expected = json.loads((HERE / file).read_text())
    of_each = json.dumps(expected.pop("PROVIDERFunction"))
    written = [capitalized(samples.parent.name) for samples in PROJECT.glob("functions/*/samples.json")]
    for name in [*written, *contracts(template)]:
        expected[f"{name}Function"] = json.loads(of_each.replace("PROVIDER", name))
    return expected


def bad_permissions(template):
    """Every role is used by one function, may be assumed by Lambda alone, and may do what the function calls, on the
    very resources that it calls."""
    roles = of_type(template, "AWS::IAM::Role")
    users = {name: (named(f["Role"]), "lambda") for name, f in of_type(template, "AWS::Lambda::Function").items()}
    expected = of_functions(template, "permissions.json")
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
    expected = of_functions(template, "variables.json")
    for file in PROJECT.glob("functions/*/variables.json"):
        expected[f"{capitalized(file.parent.name)}Function"] |= json.loads(file.read_text())
    for contract, row in template["Mappings"]["Catalogue"].items():
        own = {"CONTRACT": row["Name"], "ALLOWED_NETWORKS": "", "MAX_REWARD": row["Cap"], "PUBLIC_URL": "${PublicUrl}"}
        expected[f"{contract}Function"] |= own
    # What is taken out of a parameter's text is what it is where nobody sets that; see crossed_contracts.
    unset = dict.fromkeys(contract_rows.SAID, "")
    said = lambda value: valued(value, unset) if isinstance(value, dict) and value.keys() & {"Fn::Select", "Fn::Join"} else text(value)
    functions = of_type(template, "AWS::Lambda::Function")
    for name in sorted(expected.keys() ^ functions.keys()):
        yield f"{name} is in variables.json or in the template, and not in both"
    for name in sorted(expected.keys() & functions.keys()):
        there = {key: said(value) for key, value in functions[name]["Environment"]["Variables"].items()}
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
        # See crossed_contracts.
        if name in contracts(template):
            continue
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


# What the parameters that name contracts take, and what not. A name that is no contract's would otherwise deploy nothing,
# and nobody would know.
TAKEN = {
    "Contracts": {"": True, "Cpx": True, "Cpx,AyetStudios": True, "cpx": False, "Nobody": False, "Inbrain": False, "Cpx, Bitlabs": False, "CpxBitlabs": False},
    "ContractMaxRewards": {"": True, "Cpx=500": True, "Cpx=12.50,AdgemV3=": True, "Cpx": False, "Nobody=1": False, "Cpx=-1": False, "Cpx=1,000": False},
    "ContractNetworks": {"": True, "Cpx=192.0.2.0/24+2001:db8::/32,Bitlabs=198.51.100.7/32": True, "192.0.2.0/24": False, "Nobody=192.0.2.0/24": False},
}


def open_doors(template):
    """The parameters that would take what their function cannot read, or not take what it can."""
    for name, parameter in template["Parameters"].items():
        if name == "InbrainMaxReward":
            pattern = re.compile(parameter["AllowedPattern"])
            # The function takes 28 digits.
            for reward, wanted in (("", True), ("12.50", True), ("9" * 18 + "." + "9" * 10, True), ("9" * 19 + "." + "9" * 10, False), ("-1", False), ("1,000", False)):
                if bool(pattern.search(reward)) != wanted:
                    yield f"{name} {'does not take' if wanted else 'takes'} {reward!r}"
        # Credentials are sent there, or signatures made of it.
        if name in ("GiveawayUrl", "DevtodevUrl", "AppviralityUrl", "PublicUrl"):
            pattern = re.compile(parameter["AllowedPattern"])
            if not pattern.search(parameter["Default"]):
                yield f"{name} does not take its default"
            for url in ("http://api.example.com/a", "https://api.example.com/a?key=b", "https://a@example.com/", "https://"):
                if pattern.search(url):
                    yield f"{name} takes {url!r}"
        if name in contract_rows.SAID:
            pattern = re.compile(parameter["AllowedPattern"])
            for said, wanted in TAKEN[name].items():
                if bool(pattern.search(said)) != wanted:
                    yield f"{name} {'does not take' if wanted else 'takes'} {said!r}"


# What there has to be for each row of a mapping, with the row's name in the place of {}: parameters, conditions,
# resources and outputs. What loops make is among them, because a loop lists its rows itself.
ROWS = {
    "Catalogue": {
        "Conditions": ["{}"],
        "Resources": ["{}Function", "{}FunctionRole", "{}Log", "{}KeysSecret", "{}SilentAlarm"],
        "Outputs": ["{}Url", "{}KeysSecretArn"],
    },
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
    for mappings, functions in ((("Providers", "Catalogue"), receiving(template).values()), (("Settlers",), settlers)):
        rows = {f"{row}Function" for mapping in mappings for row in template["Mappings"][mapping]}
        for function in sorted(rows ^ set(functions)):
            yield f"{function} is in use or has a row among {' or '.join(mappings)}, and not both"


def outdated_catalogue(template):
    """The mapping Catalogue and the parameters that name contracts are what contract_rows.py makes of contracts/, and a
    contract has one path, which one route leads to."""
    wanted, there = contract_rows.rows(), template["Mappings"]["Catalogue"]
    for name in sorted(wanted.keys() | there.keys()):
        if wanted.get(name) != there.get(name):
            yield f"{name} has the row {there.get(name)} in Catalogue, and contract_rows.py makes {wanted.get(name)}"
        # The schedule's function turns it back.
        if name in wanted and hyphenated(name) != wanted[name]["Name"]:
            yield f"{wanted[name]['Name']} cannot be told from {name}"
    for parameter in contract_rows.SAID:
        if template["Parameters"][parameter]["AllowedPattern"] != contract_rows.pattern(parameter):
            yield f"{parameter} does not take what contract_rows.py says"
    for name, contract in contract_rows.contracts().items():
        paths = {route.get("get") or route.get("post") for route in contract["routes"]}
        if len(paths) > 1:
            yield f"{name} has the routes {sorted(paths)}, and the template makes one path for each contract"
    routes = receiving(template)
    for name, row in there.items():
        if routes.get(f"{row['Method']} {row['Path']}") != f"{name}Function":
            yield f"{row['Method']} {row['Path']} does not call {name}Function"


def crossed_contracts(template):
    """Each contract is there where Contracts names it, with all that is its own, and has what the other parameters say of
    it and of no other."""
    every = list(contracts(template))
    for section in ("Resources", "Outputs"):
        for name, member in template[section].items():
            owner = next((contract for contract in sorted(every, key=len, reverse=True) if re.match(rf"{contract}(?![a-z0-9])", name)), None)
            if owner and member.get("Condition") != owner:
                yield f"{name} is not there where Contracts names {owner}"
    functions = of_type(template, "AWS::Lambda::Function")
    for name in every:
        others = ",".join(other for other in every if other != name)
        for listed, wanted in ((name, True), (f"{others},{name}", True), (f"{name},{others}", True), (others, False), ("", False)):
            if valued(template["Conditions"][name], {"Contracts": listed}) != wanted:
                yield f"{name} is {'not ' if wanted else ''}there where Contracts is {listed!r}"
        variables = functions[f"{name}Function"]["Environment"]["Variables"]
        cap = template["Mappings"]["Catalogue"][name]["Cap"]
        of_others = ",".join(f"{other}=7" for other in every if other != name)
        for said, wanted in ((f"{name}=500", "500"), (f"{of_others},{name}=1.5", "1.5"), (f"{name}=,{of_others}", ""), (of_others, cap), ("", cap)):
            if valued(variables["MAX_REWARD"], {"ContractMaxRewards": said}) != wanted:
                yield f"{name} does not have {wanted!r} as MAX_REWARD where ContractMaxRewards is {said!r}"
        own, other = "192.0.2.0/24+2001:db8::/32", ",".join(f"{other}=198.51.100.0/24" for other in every if other != name)
        for said, wanted in ((f"{name}={own}", own.replace("+", ",")), (f"{other},{name}={own}", own.replace("+", ",")), (other, ""), ("", "")):
            if valued(variables["ALLOWED_NETWORKS"], {"ContractNetworks": said}) != wanted:
                yield f"{name} does not have {wanted!r} as ALLOWED_NETWORKS where ContractNetworks is {said!r}"


def too_large(template):
    """CloudFormation takes all of it ("Understand CloudFormation quotas": 500 resources, 200 outputs, 200 parameters), and
    docs/deployment.md says how many contracts more."""
    room = []
    for section, most in (("Resources", 500), ("Outputs", 200), ("Parameters", 200)):
        if len(template[section]) > most:
            yield f"{len(template[section])} {section} are more than the {most} that CloudFormation takes"
        of_one = sum(member.get("Condition") == "Cpx" for member in template[section].values())
        room.append((most - len(template[section])) // of_one if of_one else most)
    said = re.search(r"there is room for (\d+) more", (PROJECT / "docs" / "deployment.md").read_text())
    if not said or int(said[1]) != min(room):
        yield f"there is room for {min(room)} more contracts, and docs/deployment.md says another number"


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
    outdated_catalogue,
    crossed_contracts,
    too_large,
    shared_settings,
)


if __name__ == "__main__":
    main(CHECKS, functions="AWS::Lambda::Function", roles="AWS::IAM::Role")
