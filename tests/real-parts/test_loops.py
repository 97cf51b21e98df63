"""Whether the checks notice mistakes in the template as it is written, where loops, mappings and SAM's own short forms
make more of them than one: each is made in the text of template.yaml, which is then expanded and checked.

    python tests/real-parts/test_loops.py        with the Python that has the SAM CLI
"""

import logging
import os
import sys
import unittest
from concurrent.futures import ProcessPoolExecutor

from expand import expanded
from expanded import PROJECT, run
from samcli.yamlhelper import yaml_parse

# The translator wants one, and asks nobody.
os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")

SOURCE = (PROJECT / "template.yaml").read_text()


def put(was, now, after=""):
    """The template with another text in the place of one, the first that stands behind `after`."""
    at = SOURCE.index(was, SOURCE.index(after))
    return SOURCE[:at] + now + SOURCE[at + len(was) :]


# The mistake, and what is said of it, by a check or by what expands the template.
MISTAKES = {
    "a loop that leaves out a provider": (put("Devtodev, Inbrain, Appvirality]", "Devtodev, Inbrain]", "Fn::ForEach::Receivers"), "AppviralityFunctionRole"),
    "a loop that leaves out a settler": (put("GiveawayDelivery, DevtodevDelivery]", "GiveawayDelivery]", "Fn::ForEach::SettlerParts"), "DevtodevDelivery"),
    "a loop that leaves out a count": (put("StoreErrors, RefusedDeliveries]", "StoreErrors]", "Fn::ForEach::CountAlarms"), "RefusedDeliveries is among Counts"),
    "a row with another's name": (put("Claimr: {Name: claimr", "Claimr: {Name: inbrain"), "claimr"),
    "a row with another's package": (put("Package: functions/giveaway-delivery", "Package: functions/devtodev-delivery"), "GiveawayDeliveryFunction is deployed with"),
    "a row with another's program": (put("Delivery: giveaway-delivery", "Delivery: devtodev-delivery"), "GiveawayDeliveryFunction is built as"),
    "a row of no metric": (put("Metric: KeyErrors", "Metric: KeysErrors"), "nothing has the metric KeysErrors"),
    "a row of another threshold": (put("Threshold: 1", "Threshold: 10", "    Conflicts:"), "1 of Conflict is an alarm"),
    "a loop's secret of another": (put('Resource: {Ref: !Sub "${Provider}KeysSecret"}', "Resource: {Ref: InbrainKeysSecret}"), "may do secretsmanager:GetSecretValue on InbrainKeysSecret"),
    "a loop's queue of everybody": (put('Resource: !GetAtt [!Sub "${Provider}DeliveryQueue", Arn]', 'Resource: "*"'), "on *"),
    "a loop's dead letters elsewhere": (put('deadLetterTargetArn: !GetAtt [!Sub "${Settler}DeadLetters", Arn]', "deadLetterTargetArn: !GetAtt DispatchDeadLetters.Arn"), "keeps nobody's dead letters"),
    "a loop that leaves out a contract": (put("Cpx, ", "", "Fn::ForEach::ContractReceivers"), "CpxFunction"),
    "a loop of conditions that leaves out a contract": (put("Cpx, ", "", "Fn::ForEach::Deployed"), "Cpx"),
    "a loop that gives contracts one name": (put("CONTRACT: !FindInMap [Catalogue, !Ref Contract, Name]", "CONTRACT: cpx"), "has cpx as CONTRACT"),
    "a row that is split at another": (put('Listed: ",Cpx,"', 'Listed: ",Bitlabs,"'), "Cpx is there where Contracts is"),
    "a row of another method": (put("Name: cpx, Title: CPX Research, Method: GET", "Name: cpx, Title: CPX Research, Method: POST"), "contract_rows.py makes"),
    "a loop's condition of all": (put("Condition: !Ref Provider", "Condition: Notifies"), "is not there when"),
    "a loop's URL of one": (put('UPSTREAM_URL: {Ref: !Sub "${Provider}Url"}', "UPSTREAM_URL: !Ref GiveawayUrl"), "as UPSTREAM_URL"),
    "loops that are expanded too late": (put("[AWS::LanguageExtensions, AWS::Serverless-2016-10-31]", "[AWS::Serverless-2016-10-31, AWS::LanguageExtensions]"), "CloudFormation would not expand the loops"),
    "a route of another path": (put("Path: /claimr/webhooks", "Path: /claimr/webhook"), "POST /claimr/webhook has no sample event"),
    "two routes of one path": (put("Path: /inbrain/failure", "Path: /inbrain/success"), "InbrainFunction"),
    "a route of every method": (put("Method: POST, Path: /claimr", "Method: ANY, Path: /claimr"), "/claimr/webhooks"),
    "a schedule that SAM disables": (put("Schedule: rate(1 minute)", "Schedule: rate(1 minute)\n            Enabled: false"), "is off"),
    "a schedule with an input of SAM's": (put("Schedule: rate(1 minute)", "Schedule: rate(1 minute)\n            Input: '{}'"), "calls with ['Input']"),
    "a queue's event of another queue": (put("Queue: !GetAtt LedgerQueue.Arn", "Queue: !GetAtt GiveawayDeliveryQueue.Arn"), "two functions work one queue off"),
    "a global that goes": (put("    Tracing: !Ref Tracing\n", ""), "is not traced as Tracing says"),
    "a global timeout": (put("    Timeout: 5\n", "    Timeout: 1\n"), "is stopped after 1 s"),
}


def found(text):
    """What the checks, or what expands the template, say of it."""
    import check_edges
    import check_signals
    import check_template
    import check_wiring

    # The translator warns of metrics of its own.
    logging.disable()
    checks = check_template.CHECKS + check_wiring.CHECKS + check_signals.CHECKS + check_edges.CHECKS
    try:
        template = expanded(yaml_parse(text), "packages")
    except (Exception, SystemExit) as error:
        return [str(error)]
    return run(checks, template)


class Mistakes(unittest.TestCase):
    def test_each_is_named(self):
        with ProcessPoolExecutor() as processes:
            everything = processes.map(found, [SOURCE, *(text for text, _ in MISTAKES.values())])
            self.assertEqual(next(everything), [])
            for (mistake, (_, said)), problems in zip(MISTAKES.items(), everything):
                with self.subTest(mistake):
                    self.assertTrue(any(said in problem for problem in problems), problems)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=0))
