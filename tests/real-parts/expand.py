"""Prints a SAM template as CloudFormation, in JSON, as the SAM CLI expands it: first the loops, by its own part
for AWS::LanguageExtensions, then the rest, by its translator.

    python tests/real-parts/expand.py template.yaml
    python tests/real-parts/expand.py template.yaml BUCKET     with the functions' packages in a bucket
    python tests/real-parts/expand.py --loops template.yaml    only the loops
    python tests/real-parts/expand.py --plain template.yaml    nothing: as it is written, in JSON
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

from expanded import substituted


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


def checked(template):
    """The template, unless CloudFormation would not expand the loops first ("AWS::LanguageExtensions transform")."""
    if template["Transform"] != ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"]:
        sys.exit(f"CloudFormation would not expand the loops, and then the rest, by {template['Transform']}")
    return template


def expanded(template, bucket=None):
    """A template as CloudFormation, with the functions' packages in a bucket."""
    template = without_loops(checked(template))
    for resource in template["Resources"].values() if bucket else ():
        if resource["Type"] == "AWS::Serverless::Function":
            package = Path(resource["Properties"]["CodeUri"]).name
            resource["Properties"]["CodeUri"] = f"s3://{bucket}/{package}.zip"
    validator = SamTemplateValidator(template, NoManagedPolicies())
    return yaml_parse(validator.get_translated_template_if_valid())


def main():
    only = sys.argv[1] if sys.argv[1].startswith("--") else ""
    path, *bucket = sys.argv[2:] if only else sys.argv[1:]
    template = yaml_parse(Path(path).read_text())
    makes = {"": lambda template: expanded(template, *bucket), "--loops": without_loops, "--plain": checked}
    json.dump(makes[only](template), sys.stdout, indent=2)


if __name__ == "__main__":
    main()
