"""Prints a SAM template as CloudFormation, in JSON, as the translator of the SAM CLI expands it."""

import json
import sys

from samcli.lib.translate.sam_template_validator import SamTemplateValidator
from samcli.yamlhelper import yaml_parse


class NoManagedPolicies:
    """The template names none, and looking them up takes an account."""

    def load(self):
        return {}


with open(sys.argv[1]) as file:
    template = yaml_parse(file.read())
expanded = SamTemplateValidator(template, NoManagedPolicies()).get_translated_template_if_valid()
json.dump(yaml_parse(expanded), sys.stdout, indent=2)
