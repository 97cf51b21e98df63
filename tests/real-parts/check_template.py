"""Checks of the expanded template that no linter makes: every route has a function and a sample event,
every function may do exactly what permissions.json says, no secret is in an environment variable, and two
stacks, or the two environments of samconfig.toml, share no name."""

import json
import re
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
EVENTS = PROJECT / "events"


def of_type(template, kind):
    resources = template["Resources"].items()
    return {name: r["Properties"] for name, r in resources if r["Type"] == kind}


def routes(template):
    """Method and path of every route, with the function that is called."""
    found = {}
    for api in of_type(template, "AWS::ApiGatewayV2::Api").values():
        for path, methods in api["Body"]["paths"].items():
            for method, operation in methods.items():
                uri = json.dumps(operation["x-amazon-apigateway-integration"]["uri"])
                function = re.search(r"\$\{(\w+)\.Arn\}", uri).group(1)
                found[f"{method.upper()} {path}"] = function
    return found


def sample_routes():
    """The routes that a sample event, neither forged nor malformed, is for."""
    found = set()
    for file in EVENTS.glob("*.json"):
        if re.search(r"-(forged|malformed|sqs)$|^env$", file.stem):
            continue
        found.add(json.loads(file.read_text())["routeKey"])
    return found


def resource(value):
    """A resource as one word: Table, Table.Arn or *."""
    if isinstance(value, dict):
        (value,) = value.values()
    return value if isinstance(value, str) else ".".join(value)


def permissions(role):
    """What a role allows: resource -> actions, sorted."""
    allowed = {}
    for policy in role.get("Policies", []):
        for statement in policy["PolicyDocument"]["Statement"]:
            actions = statement["Action"]
            actions = [actions] if isinstance(actions, str) else actions
            allowed.setdefault(resource(statement["Resource"]), []).extend(actions)
    return {name: sorted(actions) for name, actions in sorted(allowed.items())}


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


def shared_settings():
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


def main():
    template = json.loads(Path(sys.argv[1]).read_text())
    problems = []
    functions = of_type(template, "AWS::Lambda::Function")
    roles = of_type(template, "AWS::IAM::Role")
    secrets = of_type(template, "AWS::SecretsManager::Secret")

    there = routes(template)
    if not there:
        problems.append("no route was found")
    for route, function in sorted(there.items()):
        if function not in functions:
            problems.append(f"{route} calls {function}, which is no function")
    for route in sorted(there.keys() - sample_routes()):
        problems.append(f"{route} has no sample event")
    for route in sorted(sample_routes() - there.keys()):
        problems.append(f"a sample event is for {route}, which is no route")

    expected = json.loads((HERE / "permissions.json").read_text())
    actual = {name: permissions(roles[resource(f["Role"]).split(".")[0]]) for name, f in functions.items()}
    for name in sorted(actual.keys() | expected.keys()):
        if actual.get(name) != expected.get(name):
            problems.append(f"{name} may do {actual.get(name)}, and needs {expected.get(name)}")

    for name, function in functions.items():
        for variable, value in function.get("Environment", {}).get("Variables", {}).items():
            said = json.dumps(value)
            if variable in ("KEYS", "API_KEYS") and value != "":
                problems.append(f"{name} has its keys in {variable}")
            if "resolve:secretsmanager" in said or "resolve:ssm-secure" in said:
                problems.append(f"{name} has a secret resolved into {variable}")
    for name, secret in secrets.items():
        given = json.loads(secret["SecretString"])
        if any(value for value in given.values()):
            problems.append(f"the secret {name} is written in the template")

    problems.extend(fixed_names(template))
    problems.extend(open_doors(template))
    problems.extend(shared_settings())

    for problem in problems:
        print(problem)
    print(f"{len(there)} routes, {len(functions)} functions, {len(secrets)} secrets: {len(problems)} problems")
    sys.exit(bool(problems))


main()
