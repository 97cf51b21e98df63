"""Checks of the expanded template that no linter makes: every route has a function and a sample event,
every function and every pipe may do exactly what permissions.json says, no secret is in an environment
variable, and two stacks, or the two environments of samconfig.toml, share no name."""

import json
import re
import sys
import tomllib
from pathlib import Path

from expanded import HERE, PROJECT, named, of_type, receiving, run, text

EVENTS = PROJECT / "events"


def sample_routes():
    """The routes that a sample event, neither forged nor malformed, is for."""
    found = set()
    for file in EVENTS.glob("*.json"):
        if re.search(r"-(forged|malformed|sqs)$|^env$", file.stem):
            continue
        found.add(json.loads(file.read_text())["routeKey"])
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
            actions, resource = statement["Action"], statement["Resource"]
            name, attribute = named(resource)
            place = f"{name}.{attribute}".removesuffix(".") if name else resource
            allowed.setdefault(place, []).extend([actions] if isinstance(actions, str) else actions)
    return {name: sorted(actions) for name, actions in sorted(allowed.items())}


def bad_permissions(template):
    """Every role is used by one function or by the pipes, may be assumed by them alone, and may do what they
    call, on the very resources that they call."""
    roles = of_type(template, "AWS::IAM::Role")
    users = {name: (named(f["Role"]), "lambda") for name, f in of_type(template, "AWS::Lambda::Function").items()}
    # The pipes share one.
    for pipe in of_type(template, "AWS::Pipes::Pipe").values():
        users["Pipes"] = (named(pipe["RoleArn"]), "pipes")
    expected = json.loads((HERE / "permissions.json").read_text())
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


def unguarded_pipes(template):
    """The pipes' role serves the pipes of this stack and no others (the confused deputy problem)."""
    pipes = of_type(template, "AWS::Pipes::Pipe")
    for pipe in pipes.values():
        role = of_type(template, "AWS::IAM::Role")[named(pipe["RoleArn"])[0]]
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        conditions = statement.get("Condition", {})
        arns = sorted(text(arn) for arn in conditions.get("ArnEquals", {}).get("aws:SourceArn", []))
        account = conditions.get("StringEquals", {}).get("aws:SourceAccount")
        prefix = "arn:${AWS::Partition}:pipes:${AWS::Region}:${AWS::AccountId}:pipe/"
        if account != {"Ref": "AWS::AccountId"} or arns != sorted(prefix + text(p["Name"]) for p in pipes.values()):
            yield "the pipes' role does not say which pipes"


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
    """The parameters for networks that would take what is no list, or not take what is one."""
    for name, parameter in template["Parameters"].items():
        if name.endswith("Networks"):
            pattern = re.compile(parameter["AllowedPattern"])
            for networks in ("", "192.0.2.0/24", "2001:db8::/32", "192.0.2.0/24,198.51.100.7/32,2001:db8::/128"):
                if not pattern.search(networks):
                    yield f"{name} does not take {networks!r}"
            for networks in (" ", "*", "192.0.2.1", "192.0.2.0/33", "2001:db8::/129", "192.0.2.0/24,", "a,b"):
                if pattern.search(networks):
                    yield f"{name} takes {networks!r}"


def shared_settings(_):
    """What the environments of samconfig.toml have in common and must not."""
    config = tomllib.loads((PROJECT / "samconfig.toml").read_text())
    dev, prod = (config[name]["deploy"]["parameters"] for name in ("dev", "prod"))
    for setting in ("stack_name", "s3_prefix", "tags"):
        if dev[setting] == prod[setting]:
            yield f"dev and prod have the same {setting}"
    for name, settings in (("dev", dev), ("prod", prod)):
        if f'environment="{name}"' not in settings["tags"]:
            yield f"{name} is not tagged as what it is"
    if config["default"]["deploy"]["parameters"] != dev:
        yield "default is not dev"


CHECKS = (bad_routes, bad_permissions, unguarded_pipes, written_secrets, fixed_names, open_doors, shared_settings)


def main():
    template = json.loads(Path(sys.argv[1]).read_text())
    problems = run(CHECKS, template)
    for problem in problems:
        print(problem)
    functions, roles = of_type(template, "AWS::Lambda::Function"), of_type(template, "AWS::IAM::Role")
    print(f"{len(receiving(template))} routes, {len(functions)} functions, {len(roles)} roles: {len(problems)} problems")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
