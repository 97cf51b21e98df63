"""Prints a SAM template as CloudFormation, in JSON, as the SAM CLI expands it: first the loops, by its own part
for AWS::LanguageExtensions, then the rest, by its translator.

    python tests/real-parts/expand.py template.yaml
    python tests/real-parts/expand.py template.yaml BUCKET     with the functions' packages in a bucket
    python tests/real-parts/expand.py --loops template.yaml    only the loops
"""

import json
import sys
from pathlib import Path

from samcli.lib.cfn_language_extensions.models import ResolutionMode, TemplateProcessingContext
from samcli.lib.cfn_language_extensions.processors import ForEachProcessor
from samcli.lib.cfn_language_extensions.resolvers.base import IntrinsicResolver
from samcli.lib.cfn_language_extensions.resolvers.fn_find_in_map import FnFindInMapResolver
from samcli.lib.translate.sam_template_validator import SamTemplateValidator
from samcli.yamlhelper import yaml_parse


class NoManagedPolicies:
    """The template names none, and looking them up takes an account."""

    def load(self):
        return {}


def without_loops(template):
    """The template with its loops written out and the values of its mappings in place.

    `sam validate` and the others would also put the parameters' defaults in the place of parameters. Here they
    stay, because the checks look at where each is used."""
    context = TemplateProcessingContext(fragment=template, resolution_mode=ResolutionMode.PARTIAL)
    resolver = IntrinsicResolver(context).register_resolver(FnFindInMapResolver)
    ForEachProcessor(resolver).process_template(context)
    for section in ("Conditions", "Resources", "Outputs"):
        if section in template:
            template[section] = substituted(resolver.resolve_value(template[section]))
    return template


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


def main():
    only_loops = sys.argv[1] == "--loops"
    path, *bucket = sys.argv[2:] if only_loops else sys.argv[1:]
    template = without_loops(yaml_parse(Path(path).read_text()))
    for resource in template["Resources"].values() if bucket else ():
        if resource["Type"] == "AWS::Serverless::Function":
            package = Path(resource["Properties"]["CodeUri"]).name
            resource["Properties"]["CodeUri"] = f"s3://{bucket[0]}/{package}.zip"
    if not only_loops:
        validator = SamTemplateValidator(template, NoManagedPolicies())
        template = yaml_parse(validator.get_translated_template_if_valid())
    json.dump(template, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
