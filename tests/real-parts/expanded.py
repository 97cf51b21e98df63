"""What the checks read of an expanded template, which is CloudFormation in JSON, and how they are run."""

import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent

# What "${AWS::StackName}" stands for.
STACK = "STACK"

# The conditions under which a table that was restored is in the place of one of the stack's: the condition, and the
# table. The checks look at a stack with its own; that nothing of it is left in the other case is a check as well.
RESTORED = {"CallbacksRestored": "CallbacksTable", "LedgerRestored": "LedgerTable"}


def of_type(template, kind):
    """The properties of all resources of a kind, by logical id."""
    resources = template["Resources"].items()
    return {name: r.get("Properties", {}) for name, r in resources if r["Type"] == kind}


def text(value):
    """A text with intrinsic functions as one with ${Name} and ${Name.Attribute} in it."""
    if isinstance(value, dict):
        ((function, value),) = value.items()
        if function == "Ref":
            value = f"${{{value}}}"
        elif function == "Fn::GetAtt":
            value = f"${{{value if isinstance(value, str) else '.'.join(value)}}}"
        elif function == "Fn::If" and value[0] in RESTORED:
            return text(value[2])
        elif function != "Fn::Sub" or not isinstance(value, str):
            raise ValueError(f"{function} is not understood here")
    return str(value).replace("${AWS::StackName}", STACK)


def valued(value, parameters):
    """What a text or a condition is with these parameters. What they do not name stays ${Name}."""
    if not isinstance(value, dict):
        return str(value)
    ((function, given),) = value.items()
    each = lambda values: [valued(one, parameters) for one in values]
    if function == "Ref":
        return parameters.get(given, f"${{{given}}}")
    if function == "Fn::Sub":
        return re.sub(r"\$\{(\w+)\}", lambda name: parameters.get(name[1], name[0]), given)
    if function == "Fn::Split":
        return valued(given[1], parameters).split(given[0])
    if function == "Fn::Select":
        return valued(given[1], parameters)[given[0]]
    if function == "Fn::Join":
        return given[0].join(valued(given[1], parameters))
    if function == "Fn::Not":
        return not valued(given[0], parameters)
    if function == "Fn::Equals":
        return len(set(each(given))) == 1
    raise ValueError(f"{function} is not understood here")


def named(value):
    """The resource that a Ref, a GetAtt or a text with nothing else in it means: its id and its attribute,
    which is "" for a Ref; None and None for anything else."""
    try:
        whole = text(value)
    except ValueError:
        return None, None
    if not (whole.startswith("${") and whole.endswith("}") and whole.count("${") == 1):
        return None, None
    name, _, attribute = whole[2:-1].partition(".")
    return name, attribute


def capitalized(provider):
    """A provider's name as logical ids begin with it."""
    return "".join(word.capitalize() for word in provider.split("-"))


def hyphenated(logical):
    """What a logical id is made of: the name of a provider, or of a folder."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", logical).lower()


def providers(template):
    """The providers that call: those who have a secret with keys."""
    names = [text(secret["Name"]).split("/") for secret in of_type(template, "AWS::SecretsManager::Secret").values()]
    return sorted(name[1] for name in names if name[2:] == ["keys"])


def contracts(template):
    """The providers that a contract describes, by the beginning of their logical ids, which is their condition as well."""
    return {logical: columns["Name"] for logical, columns in template["Mappings"]["Catalogue"].items()}


def written(template):
    """The providers that call and have code of their own."""
    return sorted(set(providers(template)) - set(contracts(template).values()))


def where(value, condition):
    """A value as it is where the condition holds, of one that SAM makes there or not at all."""
    if isinstance(value, list):
        return [where(item, condition) for item in value]
    if not isinstance(value, dict):
        return value
    if "Fn::If" in value and value["Fn::If"][0] == condition and value["Fn::If"][2] == {"Ref": "AWS::NoValue"}:
        return where(value["Fn::If"][1], condition)
    return {name: where(member, condition) for name, member in value.items()}


def operations(template):
    """What routes are made of: method and path, the operation, and the condition under which it is there."""
    for api in of_type(template, "AWS::ApiGatewayV2::Api").values():
        yield from operations_of(api["Body"])


def operations_of(body):
    """The same of one API."""
    for path, methods in body["paths"].items():
        condition = methods.get("Fn::If", [None])[0]
        for method, operation in where(methods, condition).items():
            method = "ANY" if method == "x-amazon-apigateway-any-method" else method.upper()
            yield f"{method} {path}", operation, condition


def receiving(template):
    """The functions that routes call, as method and path -> logical id."""
    uris = {route: operation["x-amazon-apigateway-integration"]["uri"] for route, operation, _ in operations(template)}
    return {route: text(uri).split("/functions/${")[1].split(".Arn}")[0] for route, uri in uris.items()}


def settling(template):
    """The functions that work a queue off, as logical id of the function -> logical id of the queue."""
    mappings = of_type(template, "AWS::Lambda::EventSourceMapping").values()
    sources = {named(m["FunctionName"])[0]: named(m["EventSourceArn"]) for m in mappings}
    return {function: queue for function, (queue, attribute) in sources.items() if attribute == "Arn"}


def substituted(value):
    """The same with the texts in place that an Fn::Sub brings with it; a text without variables is no Fn::Sub."""
    if isinstance(value, list):
        return [substituted(item) for item in value]
    if not isinstance(value, dict):
        return value
    value = {name: substituted(member) for name, member in value.items()}
    if set(value) != {"Fn::Sub"}:
        return value
    text, variables = value["Fn::Sub"] if isinstance(value["Fn::Sub"], list) else (value["Fn::Sub"], {})
    if not all(isinstance(replacement, str) for replacement in variables.values()):
        return value
    for name, replacement in variables.items():
        text = text.replace(f"${{{name}}}", replacement)
    return {"Fn::Sub": text} if "${" in text else text


def run(checks, template):
    """Runs each of the checks, which yield problems. One that cannot read the template has found one."""
    problems = []
    for check in checks:
        try:
            problems.extend(check(template))
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            problems.append(f"{check.__name__}: the template is not of the form that is checked: {error!r}")
    return problems


def main(checks, **kinds):
    """Runs the checks on the template that the command line names, and says what there was to check; none of a kind
    is a mistake as well."""
    template = json.loads(Path(sys.argv[1]).read_text())
    problems = run(checks, template)
    for problem in problems:
        print(problem)
    counts = {name: len(of_type(template, kind)) for name, kind in kinds.items()}
    print(f"{', '.join(f'{count} {name}' for name, count in counts.items())}: {len(problems)} problems")
    sys.exit(bool(problems) or not all(counts.values()))
