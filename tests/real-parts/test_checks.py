"""Whether the checks notice what they are for: each of these mistakes is made in the expanded template, one at
a time, and has to be named by the check that it is for. And the languages of CloudWatch are read as AWS
documents them.

    python tests/real-parts/test_checks.py target/real-parts/expanded.json
"""

import copy
import json
import re
import sys
import unittest
from pathlib import Path

import check_edges
import check_signals
import check_template
import check_wiring
import cloudwatch
import patterns
from expanded import of_type, run

TEMPLATE = {}

CHECKS = check_template.CHECKS + check_wiring.CHECKS + check_signals.CHECKS + check_edges.CHECKS


def properties(template, name):
    return template["Resources"][name]["Properties"]


def put(name, *path):
    """A mistake: the last of the path is put where the path leads within a resource's properties."""

    def make(template):
        place = properties(template, name)
        for key in path[:-2]:
            place = place[key]
        place[path[-2]] = path[-1]

    return make


def drop(name, *path):
    """A mistake: what the path leads to within a resource's properties is not there."""

    def make(template):
        place = properties(template, name)
        for key in path[:-1]:
            place = place[key]
        del place[path[-1]]

    return make


def attribute(name, key, value):
    """A mistake in an attribute of a resource, beside its properties."""

    def make(template):
        template["Resources"][name][key] = value

    return make


def statement(role, sid):
    def find(template):
        statements = properties(template, role)["Policies"][0]["PolicyDocument"]["Statement"]
        return next(s for s in statements if s["Sid"] == sid)

    return find


def row(mapping, name):
    """A mistake: a row of a mapping that nothing else belongs to."""

    def make(template):
        template["Mappings"][mapping][name] = {"Name": name.lower()}

    return make


def lacks(role, sid, action):
    """A mistake: a role may not do what is called."""

    def make(template):
        found = statement(role, sid)(template)
        actions = found["Action"] if isinstance(found["Action"], list) else [found["Action"]]
        assert action in actions
        found["Action"] = [a for a in actions if a != action]

    return make


def may(role, sid, **changed):
    """A mistake: a role's statement is another one."""

    def make(template):
        statement(role, sid)(template).update(changed)

    return make


def filtered(was, now):
    """A mistake in the filters of the stream's mapping."""

    def make(template):
        filters = properties(template, STREAM)["FilterCriteria"]["Filters"]
        # One is there only where there is a bus.
        filters = [f["Fn::If"][1] if "Fn::If" in f else f for f in filters]
        assert any(was in f["Pattern"] for f in filters), filters
        for f in filters:
            f["Pattern"] = f["Pattern"].replace(was, now)

    return make


def expression(alarm, id_, text):
    """A mistake in an expression of an alarm."""

    def make(template):
        part = next(p for p in properties(template, alarm)["Metrics"] if p["Id"] == id_)
        assert "Expression" in part
        part["Expression"] = text

    return make


def stat(alarm, id_, change):
    """A mistake in a metric of an alarm."""

    def make(template):
        change(next(p for p in properties(template, alarm)["Metrics"] if p["Id"] == id_))

    return make


def integration(path, key, value):
    """A mistake in what a route calls."""

    def make(template):
        properties(template, "CallbacksApi")["Body"]["paths"][path]["post"]["x-amazon-apigateway-integration"][key] = value

    return make


def access_log(was, now):
    """A mistake in the lines of the access log."""

    def make(template):
        settings = properties(template, "CallbacksApiApiGatewayDefaultStage")["AccessLogSettings"]
        assert was in settings["Format"]
        settings["Format"] = settings["Format"].replace(was, now)

    return make


def board(was, now):
    """A mistake on the dashboard."""

    def make(template):
        body = properties(template, "Dashboard")["DashboardBody"]
        assert was in body["Fn::Sub"]
        body["Fn::Sub"] = body["Fn::Sub"].replace(was, now)

    return make


def remove(*names):
    def make(template):
        for name in names:
            del template["Resources"][name]

    return make


def dimension(name, value):
    def change(part):
        found = [d for d in part["MetricStat"]["Metric"]["Dimensions"] if d["Name"] == name]
        assert found
        found[0]["Value"] = value

    return change


def setting(key, value):
    def change(part):
        part["MetricStat"][key] = value

    return change


def open_queue(template):
    """A queue with a policy of its own."""
    policy = {"Queues": [{"Ref": "LedgerQueue"}], "PolicyDocument": {"Statement": []}}
    template["Resources"]["OpenQueuePolicy"] = {"Type": "AWS::SQS::QueuePolicy", "Properties": policy}


def queues_of_dispatch(was, now):
    """A mistake in which queue is whose."""

    def make(template):
        queues = properties(template, "DispatchFunction")["Environment"]["Variables"]["QUEUES"]
        assert was in queues["Fn::Sub"], queues
        queues["Fn::Sub"] = queues["Fn::Sub"].replace(was, now)

    return make


def slower(alarm):
    """A mistake: an alarm that adds up hours."""

    def make(template):
        for part in properties(template, alarm)["Metrics"]:
            if "MetricStat" in part:
                part["MetricStat"]["Period"] = 3600

    return make


def another(kind, **properties_):
    """A mistake: one resource more."""

    def make(template):
        template["Resources"]["Another"] = {"Type": kind, "Properties": properties_}

    return make


def published(name, value):
    """A mistake in what the template says of itself."""

    def make(template):
        template["Metadata"]["AWS::ServerlessRepo::Application"][name] = value

    return make


OLD_OR = {
    "Fn::Sub": "SELECT SUM(Throttles) FROM SCHEMA(\"AWS/Lambda\", FunctionName) "
    "WHERE FunctionName = '${GiveawayFunction}' OR FunctionName = '${ClaimrFunction}'"
}
QUERY = 'SELECT SUM(Conflict) FROM SCHEMA("STACK", Provider)'
REFUSED = 'SELECT SUM(Refused) FROM SCHEMA("STACK", Provider, Reason)'
STOPPED = "IF((DIFF_TIME(came) > 0) AND (came - DIFF(came) > 0) AND (ran == 0) AND (DIFF(ran) == 0), 1, 0)"
QUEUE = "AppviralityRedemptionQueue"
LETTERS = "AppviralityRedemptionDeadLetters"
FUNCTION = "AppviralityRedemptionFunction"
ROLE = "AppviralityRedemptionFunctionRole"
MAPPING = "AppviralityRedemptionFunctionQueue"
STREAM = "DispatchMapping"
RULE = "ScheduleFunctionEveryMinute"
ARN = {"Fn::GetAtt": ["LedgerDeadLetters", "Arn"]}

# The mistake, and what the check says of it.
MISTAKES = {
    "a stream that may not be read": (lacks("DispatchFunctionRole", "ReadStream", "dynamodb:GetRecords"), "DispatchFunction may not do dynamodb:GetRecords"),
    "a stream that may not be found": (lacks("DispatchFunctionRole", "ReadStream", "dynamodb:GetShardIterator"), "DispatchFunction may not do dynamodb:GetShardIterator"),
    "records that may not be sent": (lacks("DispatchFunctionRole", "SendToSettlers", "sqs:SendMessage"), "DispatchFunction may not do sqs:SendMessage on LedgerQueue.Arn"),
    "a settler's queue that may not be sent to": (lambda t: statement("DispatchFunctionRole", "SendToSettlers")(t)["Resource"].pop(), "may not do sqs:SendMessage on DevtodevDeliveryQueue.Arn"),
    "events that may not be put": (may("DispatchFunctionRole", "PutEvents", Action="events:PutRule"), "DispatchFunction may not do events:PutEvents"),
    "events that may be put elsewhere": (may("DispatchFunctionRole", "PutEvents", Resource="*"), "DispatchFunction may do events:PutEvents on *"),
    "the stream's dead letters that may not be kept": (lacks("DispatchFunctionRole", "BuryDeadLetters", "sqs:SendMessage"), "DispatchFunction may not do sqs:SendMessage on DispatchDeadLetters.Arn"),
    "failures that may not be kept": (lacks("DispatchFunctionRole", "KeepFailures", "s3:PutObject"), "DispatchFunction may not do s3:PutObject"),
    "a queue that lets others send": (open_queue, "lets others send"),
    "dead letters of the stream of a day": (put("DispatchDeadLetters", "MessageRetentionPeriod", 86400), "does not keep its letters for 14 days"),
    "a stream without dead letters": (put("DispatchFunction", "Environment", "Variables", "DEAD_LETTER_QUEUE_URL", ""), "DispatchFunction has no queue for dead letters"),
    "a stream without a destination": (drop(STREAM, "DestinationConfig"), "has no bucket"),
    "a destination that is told the place alone": (put(STREAM, "DestinationConfig", "OnFailure", "Destination", {"Fn::GetAtt": ["DispatchDeadLetters", "Arn"]}), "has no bucket"),
    "a stream given up after it forgets": (put(STREAM, "MaximumRecordAgeInSeconds", -1), "gives up too early or too late"),
    "a stream given up within an outage": (put(STREAM, "MaximumRecordAgeInSeconds", 3600), "gives up too early or too late"),
    "a stream tried too seldom": (put(STREAM, "MaximumRetryAttempts", 3), "tries too seldom"),
    "a stream tried without end": (put(STREAM, "MaximumRetryAttempts", -1), "without end"),
    "a stream that begins late": (put(STREAM, "StartingPosition", "LATEST"), "leaves out"),
    "a stream that is off": (put(STREAM, "Enabled", False), f"{STREAM} is off"),
    "a stream whose batches come back whole": (drop(STREAM, "FunctionResponseTypes"), f"{STREAM}: one record that fails"),
    "a stream whose batches are given up whole": (put(STREAM, "BisectBatchOnFunctionError", False), "gives up what is beside"),
    "a stream read in tens for ever": (put(STREAM, "BatchSize", 10), "does not have DispatchBatchSize"),
    "a stream that counts nothing": (drop(STREAM, "MetricsConfig"), "does not count what it gives up"),
    "a settler without its queue": (queues_of_dispatch('"devtodev-delivery":"${DevtodevDeliveryQueue}"', '"appsflyer-delivery":"${DevtodevDeliveryQueue}"'), "what devtodev-delivery settles is sent to None"),
    "a settler with another's queue": (queues_of_dispatch('"ledger":"${LedgerQueue}"', '"ledger":"${GiveawayDeliveryQueue}"'), "what ledger settles is sent to ${GiveawayDeliveryQueue}"),
    "a filter that leaves out what is new": (filtered('["INSERT"]', '["CREATE"]'), "a new record does not come"),
    "a filter that leaves out what it does not know": (filtered('{"eventName": ["INSERT"]}', '{"eventName": ["INSERT"], "dynamodb": {"NewImage": {"state": {"S": ["recorded", "held"]}}}}'), "a record of no form does not come"),
    "a filter that leaves out what is accepted": (filtered('"MODIFY"', '"REMOVE"'), "an accepted record does not come"),
    "a filter that takes every attempt": (filtered('"accepted_at": {"S": [{"exists": true}]}', '"id": {"S": [{"exists": true}]}'), "a record that nobody accepted comes"),
    "a filter that takes what is settled without a bus": (filtered('"state": {"S": ["recorded"]},', ""), "an accepted record that is credited comes to the function that sends records on, without a bus"),
    "a filter that leaves out what is settled": (filtered('"reversed", ', ""), "a record that is reversed does not come"),
    "a filter that takes what is tried again": (filtered('"reversed", ', '"reversed", "retrying", '), "a record that is retrying comes"),
    "a filter for the bus that is always there": (lambda t: properties(t, STREAM)["FilterCriteria"]["Filters"][2].update({"Fn::If": ["PublishesEvents", *[properties(t, STREAM)["FilterCriteria"]["Filters"][2]["Fn::If"][1]] * 2]}), "a record that is dead comes to the function that sends records on, without a bus"),
    "a schedule of an hour": (put(RULE, "ScheduleExpression", "rate(1 hour)"), "calls at another time"),
    "a schedule that is off": (put(RULE, "State", "DISABLED"), f"{RULE} is off"),
    "a schedule of another function": (lambda t: properties(t, RULE)["Targets"][0].update(Arn={"Fn::GetAtt": ["LedgerFunction", "Arn"]}), f"{RULE} may not call LedgerFunction"),
    "a schedule that may not call": (remove(f"{RULE}Permission"), f"{RULE} may not call ScheduleFunction"),
    "no schedule": (remove(RULE), "0 schedules are there"),
    "a rule behind the bus": (lambda t: t["Resources"].update(Copy={"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["callbacks"]}, "Targets": []}}), "Copy is a rule"),
    "a schedule that leaves out a provider": (put("ScheduleFunction", "Environment", "Variables", "PROVIDERS", "giveaway,claimr,devtodev,inbrain"), "looks for the records of giveaway,claimr,devtodev,inbrain"),
    "a schedule that sends elsewhere": (lambda t: properties(t, "ScheduleFunction")["Environment"]["Variables"]["QUEUES"].update({"Fn::Sub": properties(t, "ScheduleFunction")["Environment"]["Variables"]["QUEUES"]["Fn::Sub"].replace("${LedgerQueue}", "${DevtodevDeliveryQueue}")}), "sends to other queues"),
    "a schedule that is stopped": (put("ScheduleFunction", "Timeout", 30), "is stopped while it sends"),
    "a schedule that may not look": (lambda t: statement("ScheduleFunctionRole", "FindRecords")(t)["Resource"].pop(), "ScheduleFunction may not do dynamodb:Query on ${CallbacksTable.Arn}/index/by_due"),
    "a schedule that may not know how full a queue is": (lacks("ScheduleFunctionRole", "SendToSettlers", "sqs:GetQueueAttributes"), "ScheduleFunction may not do sqs:GetQueueAttributes on LedgerQueue.Arn"),
    "a schedule that may not put off": (lacks("ScheduleFunctionRole", "PutOffRecords", "dynamodb:UpdateItem"), "ScheduleFunction may not do dynamodb:UpdateItem on CallbacksTable.Arn"),
    "a schedule that nobody watches": (remove("ScheduleStoppedAlarm"), "ScheduleFunction may stand still"),
    "a schedule whose silence is health": (put("ScheduleStoppedAlarm", "TreatMissingData", "notBreaching"), "ScheduleFunction may stand still"),
    "a schedule that stands still for an hour": (put("ScheduleStoppedAlarm", "EvaluationPeriods", 12), "ScheduleFunction may stand still"),
    "a schedule whose errors are not watched": (stat("ScheduleErrorsAlarm", "crashed", dimension("FunctionName", {"Ref": "LedgerFunction"})), "Errors of ${ScheduleFunction} is watched by no alarm"),
    "what is overdue, not watched": (remove("OverdueAlarm"), "OldestDueAge of  is watched by no alarm"),
    "what is overdue for a day": (put("OverdueAlarm", "Threshold", 86400), "more than 900 of OldestDueAge is an alarm"),
    "ages added up": (put("OverdueAlarm", "Statistic", "Sum"), "is no statistic that OldestDueAge"),
    "what was lost, not watched": (remove("ReconciledAlarm"), "Reconciled of  is watched by no alarm"),
    "what was lost by the hundred": (put("ReconciledAlarm", "Threshold", 100), "1 of Reconciled is an alarm"),
    "a queue that may fill up": (remove("InFlightAlarm"), "ApproximateNumberOfMessagesNotVisible of ${LedgerQueue.QueueName} is watched by no alarm"),
    "a queue that is full": (put("InFlightAlarm", "Threshold", 120000), "80000 of ledger does not raise it"),
    "an index that is written by settlement": (lambda t: properties(t, "CallbacksTable")["GlobalSecondaryIndexes"][0]["Projection"]["NonKeyAttributes"].append("state"), "by_day has state"),
    "a local index": (put("LedgerTable", "LocalSecondaryIndexes", [{"IndexName": "by_time"}]), "LedgerTable has a local index"),
    # Restored tables
    "a function that stays with its table": (put("InbrainFunction", "Environment", "Variables", "CALLBACKS_TABLE", {"Ref": "CallbacksTable"}), "InbrainFunction names CallbacksTable, where it is restored"),
    "a role that stays with its table": (may("LedgerFunctionRole", "KeepLedger", Resource={"Fn::GetAtt": ["LedgerTable", "Arn"]}), "LedgerFunctionRole names LedgerTable, where it is restored"),
    "an alarm that stays with its table": (stat("ThrottledTablesAlarm", "by_due", dimension("TableName", {"Ref": "CallbacksTable"})), "ThrottledTablesAlarm names CallbacksTable, where it is restored"),
    "a mapping that stays with its stream": (put(STREAM, "EventSourceArn", {"Fn::GetAtt": ["CallbacksTable", "StreamArn"]}), f"{STREAM} names CallbacksTable, where it is restored"),
    "an output that stays with its table": (lambda t: t["Outputs"]["LedgerTableName"].update(Value={"Ref": "LedgerTable"}), "LedgerTableName names LedgerTable, where it is restored"),
    "a restored table that nobody asked for": (put("InbrainFunction", "Environment", "Variables", "CALLBACKS_TABLE", {"Ref": "RestoredCallbacksTable"}), "InbrainFunction has RestoredCallbacksTable without its condition"),
    "one table's condition for the other": (lambda t: t["Conditions"].update(LedgerRestored=t["Conditions"]["CallbacksRestored"]), "LedgerRestored is not whether"),
    "a restored table without its stream": (lambda t: t["Rules"].pop("RestoredTableNeedsStream"), "may be set without its stream"),
    "a public bucket": (put("DispatchFailures", "PublicAccessBlockConfiguration", "BlockPublicPolicy", False), "may be made public"),
    "a bucket in clear": (drop("DispatchFailures", "BucketEncryption"), "is not encrypted"),
    "a bucket read in clear": (remove("DispatchFailuresPolicy"), "is not encrypted"),
    "a bucket that forgets nothing": (drop("DispatchFailures", "LifecycleConfiguration"), "for ever"),
    "a bucket that goes with its stack": (attribute("DispatchFailures", "DeletionPolicy", "Delete"), "is deleted with its stack"),
    "a standstill that is never told": (expression("DispatchStoppedAlarm", "stopped", STOPPED.replace("1, 0", "0, 0")), "do not raise it"),
    "a standstill of what runs": (expression("DispatchStoppedAlarm", "stopped", STOPPED.replace("ran == 0", "ran > 0")), "do not raise it"),
    "a standstill between two periods": (expression("DispatchStoppedAlarm", "stopped", STOPPED.replace(" AND (DIFF(ran) == 0)", "")), "and a run in period 1 raise it"),
    "a standstill at once": (expression("DispatchStoppedAlarm", "stopped", STOPPED.replace("came - DIFF(came) > 0", "came > 0")), "put in period 1 and a run in period 2 raise it"),
    "a standstill in the first period": (expression("DispatchStoppedAlarm", "stopped", STOPPED.replace("(DIFF_TIME(came) > 0) AND ", "")), "in the first period"),
    "a standstill that is told after hours": (slower("DispatchStoppedAlarm"), "it is told after 10800 s"),
    "a standstill that is not watched": (remove("DispatchStoppedAlarm"), "the runs of ${DispatchFunction}"),
    "a lag that is not watched": (remove("DispatchLagAlarm"), "IteratorAge of ${DispatchFunction} is watched by no alarm"),
    "failures that are not watched": (remove("DispatchErrorsAlarm"), "is watched by no alarm"),
    "records given up that are not watched": (remove("DispatchFailuresAlarm"), "DroppedEventCount of ${DispatchMapping} is watched by no alarm"),
    "the stream's dead letters that are not watched": (remove("DispatchDeadLettersAlarm"), "is watched by no alarm"),
    # Roles
    "a receiver that may read": (may("InbrainFunctionRole", "Record", Action=["dynamodb:PutItem", "dynamodb:Scan"]), "InbrainFunction may do dynamodb:Scan"),
    "a receiver that may not write": (may("InbrainFunctionRole", "Record", Action="dynamodb:GetItem"), "InbrainFunction may not do dynamodb:PutItem"),
    "a receiver that may read another's keys": (may("InbrainFunctionRole", "ReadKeys", Resource={"Ref": "ClaimrKeysSecret"}), "InbrainFunction may do secretsmanager:GetSecretValue on ClaimrKeysSecret"),
    "a receiver that is denied": (may("InbrainFunctionRole", "Record", Effect="Deny"), "no plain permission"),
    "a receiver with a condition": (may("InbrainFunctionRole", "Record", Condition={}), "no plain permission"),
    "a settler that may not wait": (lacks(ROLE, "TakeFromQueue", "sqs:ChangeMessageVisibility"), f"{FUNCTION} may not do sqs:ChangeMessageVisibility on {QUEUE}.Arn"),
    "a settler that takes from another's queue": (may(ROLE, "TakeFromQueue", Resource={"Fn::GetAtt": ["LedgerQueue", "Arn"]}), f"{FUNCTION} may do sqs:ReceiveMessage on LedgerQueue.Arn"),
    "a settler that may not bury": (may(ROLE, "BuryDeadLetters", Action=[]), f"{FUNCTION} may not do sqs:SendMessage on {LETTERS}.Arn"),
    "a role with a managed policy": (put("InbrainFunctionRole", "ManagedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"]), "not written here"),
    "a role for anybody": (put("InbrainFunctionRole", "AssumeRolePolicyDocument", "Statement", 0, "Principal", "*"), "assumed by others"),
    "two functions with one role": (put("InbrainFunction", "Role", {"Fn::GetAtt": ["ClaimrFunctionRole", "Arn"]}), "role of none, or of several"),
    # Queue policies
    # Dead letters
    "a queue without a redrive policy": (drop(QUEUE, "RedrivePolicy"), f"{QUEUE} has no dead-letter queue"),
    "a queue that buries in another's": (put(QUEUE, "RedrivePolicy", "deadLetterTargetArn", ARN), f"{LETTERS} is worked off by nobody"),
    "a queue that gives up at once": (put(QUEUE, "RedrivePolicy", "maxReceiveCount", 1), "gives a message up"),
    "a queue that shows messages early": (put(QUEUE, "VisibilityTimeout", 60), "shows a message again"),
    "dead letters of four days": (drop(LETTERS, "MessageRetentionPeriod"), "does not keep its letters for 14 days"),
    "dead letters that move on": (put(LETTERS, "RedrivePolicy", {"deadLetterTargetArn": ARN, "maxReceiveCount": 5}), "moves its letters on"),
    "a mapping that repeats whole batches": (drop(MAPPING, "FunctionResponseTypes"), "whole batch"),
    "a mapping without a limit": (drop(MAPPING, "ScalingConfig"), "limits"),
    "a mapping that is off": (put(MAPPING, "Enabled", False), "is off"),
    "a mapping that drops": (put(MAPPING, "FilterCriteria", {"Filters": [{"Pattern": "{}"}]}), "drops messages"),
    "no mapping": (remove(MAPPING), "nothing works off what appvirality-redemption is to settle"),
    "a settler without its queue": (drop(FUNCTION, "Environment", "Variables", "QUEUE_URL"), f"{FUNCTION} does not have {QUEUE}"),
    "a settler with another's dead letters": (put(FUNCTION, "Environment", "Variables", "DEAD_LETTER_QUEUE_URL", {"Ref": "LedgerDeadLetters"}), f"{FUNCTION} does not have {LETTERS}"),
    "a settler that counts by the queue": (put(FUNCTION, "Environment", "Variables", "MAX_RECEIVE_COUNT", "100"), "as MAX_RECEIVE_COUNT, and needs None"),
    "a queue that gives up crashes early": (put(QUEUE, "RedrivePolicy", "maxReceiveCount", 20), "within three hours, if its function crashes"),
    "a queue that gives up without DynamoDB": (put(QUEUE, "RedrivePolicy", "maxReceiveCount", 90), "within a day, if DynamoDB is not to be had"),
    "a queue that holds back": (put(QUEUE, "DelaySeconds", 900), "holds new messages back"),
    "a settler that is limited twice": (put(FUNCTION, "ReservedConcurrentExecutions", 1), "is limited twice"),
    "a mapping that takes a thousand": (put(MAPPING, "BatchSize", 1000), "takes more at once"),
    "a mapping that waits": (put(MAPPING, "MaximumBatchingWindowInSeconds", 300), "waits for more"),
    # Events
    # Tables, secrets and names
    "a table with a limit": (put("CallbacksTable", "OnDemandThroughput", {"MaxWriteRequestUnits": 1}), "takes only so many writes"),
    "a table under AWS's own key": (drop("LedgerTable", "SSESpecification"), "is not encrypted"),
    "a table that expires by another name": (put("CallbacksTable", "TimeToLiveSpecification", "AttributeName", "expires"), "which no record has"),
    "a table that does not expire": (put("CallbacksTable", "TimeToLiveSpecification", "Enabled", False), "which no record has"),
    "a ledger that expires": (put("LedgerTable", "TimeToLiveSpecification", {"AttributeName": "expires_at", "Enabled": True}), "2 tables expire"),
    "a table that goes with its stack": (attribute("LedgerTable", "DeletionPolicy", "Delete"), "LedgerTable is not kept"),
    "a table that a rollback cannot take back": (attribute("LedgerTable", "DeletionPolicy", "RetainExceptOnCreate"), "LedgerTable is not kept"),
    "a table without protection": (put("CallbacksTable", "DeletionProtectionEnabled", False), "no deletion protection"),
    "a stream of keys": (put("CallbacksTable", "StreamSpecification", "StreamViewType", "KEYS_ONLY"), "does not read the new images"),
    "a secret that goes with its stack": (attribute("InbrainKeysSecret", "DeletionPolicy", "Delete"), "deleted with its stack"),
    "a secret that a replacement takes": (attribute("InbrainKeysSecret", "UpdateReplacePolicy", "Delete"), "deleted with its stack"),
    "a secret with a value": (put("InbrainKeysSecret", "SecretString", '{"keys":[]}'), "write over the real one"),
    "a secret with a made-up value": (put("GiveawayApiSecret", "GenerateSecretString", {}), "write over the real one"),
    "a secret that looks like an ARN": (put("InbrainKeysSecret", "Name", {"Fn::Sub": "${AWS::StackName}/inbrain/keys-secret"}), "taken for an ARN"),
    "keys in a variable": (put("InbrainFunction", "Environment", "Variables", "KEYS", "{}"), "has its keys in KEYS"),
    "a fixed name": (put("CallbacksBus", "Name", "callbacks"), "fixed Name"),
    "a route without a sample": (lambda t: properties(t, "CallbacksApi")["Body"]["paths"].update({"/new": properties(t, "CallbacksApi")["Body"]["paths"]["/claimr/webhooks"]}), "POST /new has no sample"),
    "a secret that nobody looks for": (put("GiveawayApiSecret", "Name", {"Fn::Sub": "${AWS::StackName}/giveaway/apis"}), "GiveawayApiSecret is called"),
    # Routes, variables and logs
    "a route to another provider": (integration("/inbrain/success", "uri", {"Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${ClaimrFunction.Arn}/invocations"}), "POST /inbrain/success calls ClaimrFunction, which is another provider's"),
    "a route with the other events": (integration("/inbrain/success", "payloadFormatVersion", "1.0"), "POST /inbrain/success is not called with events of version 2.0"),
    "a route that may not call": (remove("InbrainFunctionSuccessPermission"), "POST /inbrain/success may not call InbrainFunction"),
    "a route that may call for another account": (put("InbrainFunctionSuccessPermission", "Principal", "*"), "POST /inbrain/success may not call InbrainFunction"),
    "a function without a variable": (drop("InbrainFunction", "Environment", "Variables", "MAX_REWARD"), "InbrainFunction has None as MAX_REWARD"),
    "a function with another's variable": (put("InbrainFunction", "Environment", "Variables", "KEYS_SECRET", {"Ref": "ClaimrKeysSecret"}), "as KEYS_SECRET, and needs ${InbrainKeysSecret}"),
    "a delivery to another": (put("GiveawayDeliveryFunction", "Environment", "Variables", "UPSTREAM_URL", {"Ref": "DevtodevUrl"}), "as UPSTREAM_URL, and needs ${GiveawayUrl}"),
    "a function with a variable that it does not read": (put("InbrainFunction", "Environment", "Variables", "MAXIMUM", "1"), "as MAXIMUM, and needs None"),
    "metrics of another namespace": (put("InbrainFunction", "Environment", "Variables", "METRICS_NAMESPACE", "callbacks"), "callbacks as METRICS_NAMESPACE"),
    "an access log with queries": (access_log("$context.requestId", "$context.path"), "logs $context.path"),
    "an access log with more than it says": (access_log("$context.requestId", "$context.requestId $context.path"), "logs $context.requestId $context.path"),
    "a log for ever": (drop("InbrainLog", "RetentionInDays"), "InbrainLog is not kept for LogRetentionDays"),
    "a function with another's log": (put("InbrainFunction", "LoggingConfig", "LogGroup", {"Ref": "ClaimrLog"}), "InbrainFunction may not write its log"),
    "an API by half": (put("CallbacksApi", "FailOnWarnings", False), "cannot be imported"),
    "an API for web pages": (lambda t: properties(t, "CallbacksApi")["Body"].update({"x-amazon-apigateway-cors": {"allowOrigins": ["*"]}}), "lets web pages call it"),
    "an API without limits": (drop("CallbacksApiApiGatewayDefaultStage", "DefaultRouteSettings"), "has no limits"),
    "a function that keeps nothing": (put("InbrainFunction", "ReservedConcurrentExecutions", 0), "does not keep ReceiveConcurrency"),
    "a function that is stopped before it answers": (put("InbrainFunction", "Timeout", 2), "InbrainFunction is stopped after 2 s"),
    "a function for one processor": (put("InbrainFunction", "Architectures", ["arm64"]), "InbrainFunction is started as"),
    "a function that is called otherwise": (put("LedgerFunction", "Handler", "ledger"), "LedgerFunction is started as"),
    "a cap that the function cannot read": (lambda t: t["Parameters"]["InbrainMaxReward"].update(AllowedPattern=r"^([0-9]{1,20}(\.[0-9]{1,10})?)?$"), "InbrainMaxReward takes"),
    # Doors
    "a function with a URL": (another("AWS::Lambda::Url", TargetFunctionArn={"Fn::GetAtt": ["LedgerFunction", "Arn"]}, AuthType="NONE"), "Another is an AWS::Lambda::Url"),
    "a bus that others put events on": (another("AWS::Events::EventBusPolicy", StatementId="all"), "Another is an AWS::Events::EventBusPolicy"),
    "a secret that others read": (another("AWS::SecretsManager::ResourcePolicy", SecretId={"Ref": "InbrainKeysSecret"}), "Another is an AWS::SecretsManager::ResourcePolicy"),
    "a log that others read": (another("AWS::Logs::SubscriptionFilter", LogGroupName={"Ref": "InbrainLog"}), "Another is an AWS::Logs::SubscriptionFilter"),
    "a function that anybody calls": (another("AWS::Lambda::Permission", FunctionName={"Ref": "LedgerFunction"}, Action="lambda:InvokeFunction", Principal="*"), "somebody else may call a function"),
    "an API without its URL": (lambda t: properties(t, "CallbacksApi")["Body"].update({"x-amazon-apigateway-endpoint-configuration": {"disableExecuteApiEndpoint": True}}), "is not to be had at the URLs"),
    "an API of a fixed name": (lambda t: properties(t, "CallbacksApi")["Body"]["info"].update(title="callbacks"), "is not called as its stack"),
    # The domain
    "a domain without a name": (lambda t: t["Resources"]["CustomDomainMapping"].pop("Condition"), "CustomDomainMapping is not there when HasDomain says so"),
    "a domain of old ciphers": (lambda t: properties(t, "CustomDomain")["DomainNameConfigurations"][0].update(SecurityPolicy="TLS_1_0"), "as DomainNameConfigurations"),
    "a domain at the edge": (lambda t: properties(t, "CustomDomain")["DomainNameConfigurations"][0].update(EndpointType="EDGE"), "as DomainNameConfigurations"),
    "a domain that leads to the zone itself": (put("CustomDomainAddress", "AliasTarget", "HostedZoneId", {"Ref": "HostedZoneId"}), "CustomDomainAddress has"),
    "an address of another kind": (put("CustomDomainAddress", "Type", "AAAA"), "CustomDomainAddress has"),
    "an address without a zone": (attribute("CustomDomainAddress", "Condition", "HasDomain"), "CustomDomainAddress is not there when HasHostedZone says so"),
    "a zone without a domain": (lambda t: t["Conditions"].update(HasHostedZone={"Fn::Not": [{"Fn::Equals": [{"Ref": "HostedZoneId"}, ""]}]}), "HasHostedZone is not whether"),
    "a domain without its certificate": (lambda t: t["Rules"]["DomainNeedsCertificate"]["Assertions"][0].update(Assert={"Fn::Not": [{"Fn::Equals": [{"Ref": "DomainName"}, ""]}]}), "DomainNeedsCertificate does not ask for CertificateArn"),
    "a URL of a domain that is not there": (lambda t: t["Outputs"]["CustomUrl"].pop("Condition"), "CustomUrl is not the domain"),
    # Programs and logs
    "a function built as another": (lambda t: t["Resources"]["ClaimrFunction"]["Metadata"]["BuildProperties"].update(Binary="inbrain"), "ClaimrFunction is built as inbrain"),
    "a function deployed as another": (put("GiveawayDeliveryFunction", "Code", "S3Key", "devtodev-delivery.zip"), "GiveawayDeliveryFunction is deployed with the program in devtodev-delivery.zip"),
    "a function whose metrics are dropped": (put("LedgerFunction", "LoggingConfig", "ApplicationLogLevel", "WARN"), "LedgerFunction has its log lines changed"),
    "a function that logs every start": (drop("LedgerFunction", "LoggingConfig", "SystemLogLevel"), "LedgerFunction has its log lines changed"),
    "a function whose log is text": (put("LedgerFunction", "LoggingConfig", "LogFormat", "Text"), "LedgerFunction has its log lines changed"),
    "a log that the runbook does not find": (put("DispatchLog", "LogGroupName", {"Fn::Sub": "/aws/lambda/${AWS::StackName}/dispatcher"}), "DispatchFunction writes the log"),
    "an access log that the account's policy has to name": (put("AccessLog", "LogGroupName", {"Fn::Sub": "/aws/http-api/${AWS::StackName}"}), "the access log is not where"),
    "a schedule with a seventh of a processor": (put("ScheduleFunction", "MemorySize", 256), "ScheduleFunction has 256 MB"),
    # Keys and defaults
    "a table of another key": (lambda t: properties(t, "CallbacksTable")["KeySchema"][0].update(AttributeName="day"), "CallbacksTable has the keys ('day',)"),
    "an index in another order": (lambda t: properties(t, "CallbacksTable")["GlobalSecondaryIndexes"][0]["KeySchema"][1].update(AttributeName="due_at"), "by_day has the keys ('day', 'due_at')"),
    "an index of another name": (lambda t: properties(t, "CallbacksTable")["GlobalSecondaryIndexes"][2].update(IndexName="due"), "by_due has the keys None"),
    "an index without what a list shows": (lambda t: properties(t, "CallbacksTable")["GlobalSecondaryIndexes"][1]["Projection"]["NonKeyAttributes"].remove("settler"), "by_attention does not hold what lists show"),
    "an index of keys alone": (lambda t: properties(t, "CallbacksTable")["GlobalSecondaryIndexes"][1].update(Projection={"ProjectionType": "KEYS_ONLY"}), "by_attention does not hold what lists show"),
    "times that are numbers": (lambda t: properties(t, "CallbacksTable")["AttributeDefinitions"][4].update(AttributeType="N"), "and it is a text"),
    "a throttle that the table does not take": (lambda t: t["Parameters"]["ThrottleRate"].update(Default=9000), "which 1 shards do not"),
    "a default that nobody reads of": (lambda t: t["Parameters"]["InbrainMaxReward"].update(Default="1000000"), "InbrainMaxReward has '1000000' as Default"),
    "a processor that is none": (lambda t: t["Parameters"]["Architecture"].update(AllowedValues=["x86_64", "arm"]), "Architecture takes what Lambda does not"),
    "a schedule that says what to do": (lambda t: properties(t, RULE)["Targets"][0].update(Input="{}"), "calls with ['Input']"),
    "a stream in windows": (put(STREAM, "TumblingWindowInSeconds", 60), "has ['TumblingWindowInSeconds']"),
    "a parameter that takes more": (lambda t: t["Parameters"]["ThrottleRate"].update(MaxValue=1000000), "ThrottleRate has 1000000 as MaxValue"),
    "a parameter of another type": (lambda t: t["Parameters"]["IndexShards"].update(Type="String"), "IndexShards has 'String' as Type"),
    "a parameter that nobody sees": (lambda t: t["Parameters"]["InbrainMaxReward"].update(NoEcho=True), "InbrainMaxReward has True as NoEcho"),
    "a secret of a provider that is none": (put("AppviralityApiSecret", "Name", {"Fn::Sub": "${AWS::StackName}/appviralty/api"}), "AppviralityApiSecret is called STACK/appviralty/api"),
    "a table under a condition": (attribute("LedgerTable", "Condition", "Notifies"), "LedgerTable is there only under a condition"),
    "a function in a network": (put("LedgerFunction", "VpcConfig", {"SubnetIds": []}), "LedgerFunction has ['VpcConfig']"),
    "a function with another's code": (put("LedgerFunction", "Layers", ["arn"]), "LedgerFunction has ['Layers']"),
    "a function that is always traced": (put("LedgerFunction", "TracingConfig", "Mode", "Active"), "is not traced as Tracing says"),
    "an API for users of AWS": (lambda t: properties(t, "CallbacksApi")["Body"]["paths"]["/inbrain/success"]["post"].update(security=[{"AWS_IAM": []}]), "asks for a credential of its own"),
    "a queue of small messages": (put("DispatchDeadLetters", "MaximumMessageSize", 1024), "DispatchDeadLetters has ['MaximumMessageSize']"),
    "dead letters of nobody": (put(LETTERS, "RedriveAllowPolicy", {"redrivePermission": "denyAll"}), f"{LETTERS} has ['RedriveAllowPolicy']"),
    "a queue that is old at once": (put("QueueAgeAlarm", "Threshold", 180), "QueueAgeAlarm is not raised after half an hour"),
    "a bucket of others' objects": (put("DispatchFailures", "OwnershipControls", {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}), "DispatchFailures has objects of others"),
    "a bucket under no key": (put("DispatchFailures", "BucketEncryption", "ServerSideEncryptionConfiguration", [{}]), "DispatchFailures is encrypted by [{}]"),
    "a policy of an ARN": (put("DispatchFailuresPolicy", "Bucket", {"Fn::GetAtt": ["DispatchFailures", "Arn"]}), "DispatchFailuresPolicy is the policy of no bucket"),
    "a stream of another path": (lambda t: properties(t, STREAM)["EventSourceArn"]["Fn::If"].__setitem__(1, {"Fn::Sub": properties(t, STREAM)["EventSourceArn"]["Fn::If"][1]["Fn::Sub"].replace("/stream/", "/streams/")}), "DispatchMapping has arn:"),
    "a restored table for the other": (lambda t: properties(t, "ClaimrFunction")["Environment"]["Variables"]["CALLBACKS_TABLE"]["Fn::If"].__setitem__(1, {"Ref": "RestoredLedgerTable"}), "ClaimrFunction has ${RestoredLedgerTable} for ${CallbacksTable}"),
    # What is told and counted
    "an alarm by another condition": (put("OverdueAlarm", "AlarmActions", {"Fn::If": ["HasDomain", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]}), "OverdueAlarm does not tell the topic"),
    "a silence that is filled": (expression("InbrainSilentAlarm", "filled", "FILL(recorded, 1)"), "the silence of inbrain is not counted by the hour"),
    "a silence of minutes": (stat("InbrainSilentAlarm", "recorded", setting("Period", 60)), "the silence of inbrain is not counted by the hour"),
    "a filter that counts nothing": (lambda t: properties(t, "ThrottledRequests")["MetricTransformations"][0].update(MetricValue="0"), "ThrottledRequests counts"),
    "a filter that counts everything": (lambda t: properties(t, "ThrottledRequests")["MetricTransformations"][0].update(DefaultValue=1), "ThrottledRequests counts"),
    "an output that the runbook names": (lambda t: t["Outputs"].pop("DispatchFailuresName"), "runbook.md names the output DispatchFailuresName"),
    "a bucket that keeps for years": (lambda t: properties(t, "DispatchFailures")["LifecycleConfiguration"]["Rules"][0].update(ExpirationInDays=3650), "for [3650] days"),
    "a bucket whose objects go in clear": (lambda t: properties(t, "DispatchFailuresPolicy")["PolicyDocument"]["Statement"][0]["Resource"].pop(), "is not about the bucket and all that is in it"),
    # Publishing
    "an author that nobody can publish": (published("Author", "The Contributors"), "nobody can publish 'The Contributors' as Author"),
    "another version than Cargo's": (published("SemanticVersion", "0.0.9"), "it says that it is 0.0.9"),
    "another licence than its file": (published("LicenseUrl", "LICENSE-APACHE"), "LicenseUrl is LICENSE-APACHE"),
    "a home that is none": (published("HomePageUrl", "https://example.com"), "it has HomePageUrl"),
    "too many labels": (published("Labels", [f"label{n}" for n in range(11)]), "nobody can publish the labels"),
    # Contracts
    "a contract without a row": (lambda t: t["Mappings"]["Catalogue"].pop("Cpx"), "CpxFunction is in use or has a row among Providers or Catalogue"),
    "a contract that a loop leaves out": (remove("CpxKeysSecret"), "Cpx is among Catalogue and not CpxKeysSecret among Resources"),
    "a contract that is not in contracts/": (lambda t: t["Mappings"]["Catalogue"].update(Nobody={"Name": "nobody", "Method": "GET", "Path": "/nobody", "Cap": ""}), "Nobody has the row"),
    "a contract of another cap": (lambda t: t["Mappings"]["Catalogue"]["Cpx"].update(Cap="20000"), "contract_rows.py makes"),
    "a contract that nobody can list": (lambda t: t["Parameters"]["Contracts"].update(AllowedPattern=t["Parameters"]["Contracts"]["AllowedPattern"].replace("|Wannads", "")), "Contracts does not take what contract_rows.py says"),
    "contracts that are none": (lambda t: t["Parameters"]["Contracts"].update(AllowedPattern=".*"), "Contracts takes 'Nobody'"),
    "contracts deployed unasked": (lambda t: t["Conditions"].update(Cpx={"Fn::Equals": ["a", "a"]}), "Cpx is there where Contracts is ''"),
    "a contract listed by a part of its name": (lambda t: t["Conditions"].update(Adgem={"Fn::Not": [{"Fn::Equals": [{"Fn::Select": [0, {"Fn::Split": ["Adgem", {"Ref": "Contracts"}]}]}, {"Ref": "Contracts"}]}]}), "Adgem is there where Contracts is 'Adattributionkit,"),
    "a contract's secret that is always there": (lambda t: t["Resources"]["CpxKeysSecret"].pop("Condition"), "CpxKeysSecret is not there where Contracts names Cpx"),
    "a contract's URL that is always there": (lambda t: t["Outputs"]["CpxUrl"].pop("Condition"), "CpxUrl is not there where Contracts names Cpx"),
    "a contract's route by another's condition": (lambda t: properties(t, "CallbacksApi")["Body"]["paths"].update({"/cpx": json.loads(json.dumps(properties(t, "CallbacksApi")["Body"]["paths"]["/cpx"]).replace('["Cpx"', '["Bitlabs"'))}), "GET /cpx is there where Bitlabs says so"),
    "a contract with another's program": (put("CpxFunction", "Code", "S3Key", "inbrain.zip"), "CpxFunction is deployed with the program in inbrain.zip"),
    "a contract with another's name": (put("CpxFunction", "Environment", "Variables", "CONTRACT", "bitlabs"), "CpxFunction has bitlabs as CONTRACT"),
    "a contract with another's keys": (may("CpxFunctionRole", "ReadKeys", Resource={"Ref": "BitlabsKeysSecret"}), "CpxFunction may do secretsmanager:GetSecretValue on BitlabsKeysSecret"),
    "a contract with another's cap": (lambda t: properties(t, "CpxFunction")["Environment"]["Variables"].update(MAX_REWARD=properties(t, "BitlabsFunction")["Environment"]["Variables"]["MAX_REWARD"]), "Cpx does not have '500' as MAX_REWARD"),
    "a contract with another's networks": (lambda t: properties(t, "CpxFunction")["Environment"]["Variables"].update(ALLOWED_NETWORKS=properties(t, "BitlabsFunction")["Environment"]["Variables"]["ALLOWED_NETWORKS"]), "Cpx does not have '192.0.2.0/24,2001:db8::/32' as ALLOWED_NETWORKS"),
    "a contract's silence of others' hours": (put("CpxSilentAlarm", "EvaluationPeriods", {"Ref": "InbrainSilenceHours"}), "CpxSilentAlarm does not watch cpx for ContractSilenceHours"),
    "a contract's silence that is told unasked": (drop("CpxSilentAlarm", "ActionsEnabled"), "CpxSilentAlarm tells somebody when nobody asked"),
    "a schedule that leaves out contracts": (put("ScheduleFunction", "Environment", "Variables", "CONTRACTS", ""), "does not look for the records of Contracts"),
    "more than CloudFormation takes": (lambda t: t["Resources"].update({f"More{n}": {"Type": "AWS::SQS::Queue"} for n in range(300)}), "Resources are more than the 500"),
    # Rows
    "a provider without its parameters": (row("Providers", "Nobody"), "Nobody is among Providers and not NobodyNetworks among Parameters"),
    "a provider that a loop leaves out": (row("Providers", "Nobody"), "Nobody is among Providers and not NobodyKeysSecret among Resources"),
    "a provider without a function": (row("Providers", "Nobody"), "NobodyFunction is in use or has a row among Providers or Catalogue"),
    "a provider without a row": (lambda t: t["Mappings"]["Providers"].pop("Inbrain"), "InbrainFunction is in use or has a row among Providers"),
    "a settler that a loop leaves out": (row("Settlers", "Nobody"), "Nobody is among Settlers and not NobodyQueue among Resources"),
    "a settler without a row": (lambda t: t["Mappings"]["Settlers"].pop("Ledger"), "LedgerFunction is in use or has a row among Settlers"),
    "an upstream without its URL": (row("Upstreams", "Nobody"), "Nobody is among Upstreams and not NobodyUrl among Parameters"),
    "a count without its alarm": (row("Counts", "Nobody"), "Nobody is among Counts and not NobodyAlarm among Resources"),
    "a mapping that nobody looks at": (lambda t: t["Mappings"].update(Others={}), "Others is a mapping or in ROWS"),
    "a domain that leads nowhere": (put("CustomDomainMapping", "Stage", "prod"), "leads to no stage"),
    "a URL with a slip": (lambda t: t["Outputs"]["InbrainSuccessUrl"]["Value"].update({"Fn::Sub": t["Outputs"]["InbrainSuccessUrl"]["Value"]["Fn::Sub"][:-1]}), "/inbrain/succes is a route or an output"),
    "a route that nobody is told of": (lambda t: t["Outputs"].pop("InbrainFailureUrl"), "/inbrain/failure is a route or an output"),
    "an output that the README names": (lambda t: t["Outputs"].pop("CallbacksBusName"), "README.md names the output CallbacksBusName"),
    "a review that is never looked at again": (lambda t: t["Parameters"]["RedemptionRecheckDays"].update(MinValue=0), "never looked at again"),
    "an output of another queue": (lambda t: t["Outputs"]["LedgerQueueUrl"].update(Value={"Ref": "LedgerDeadLetters"}), "the output LedgerQueueUrl is"),
    "a parameter in no group": (lambda t: t["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"][-1]["Parameters"].remove("InbrainMaxReward"), "in no group"),
    "a parameter of no use": (lambda t: t["Parameters"].update(Old={"Type": "String", "Default": ""}), "Old is of no use"),
    "a condition that is the other way around": (lambda t: t["Conditions"].update(Notifies={"Fn::Equals": [{"Ref": "AlarmTopic"}, ""]}), "Notifies asks whether AlarmTopic is ''"),
    "scopes that pay unasked": (lambda t: t["Parameters"]["ClaimrPayingScopes"].update(Default="user_activity,user_reward"), "ClaimrPayingScopes is not"),
    "coupons that are redeemed unasked": (lambda t: t["Parameters"]["AppviralityRedeemCoupons"].update(Default="true"), "AppviralityRedeemCoupons is not"),
    "credentials over http": (lambda t: t["Parameters"]["GiveawayUrl"].update(AllowedPattern="^https?://.*$"), "GiveawayUrl takes 'http://"),
    # Alarms that CloudWatch refuses
    "an alarm with OR": (expression("ConflictsAlarm", "query", OLD_OR), "CloudWatch cannot read it"),
    "an alarm with OR of the stack's own": (expression("ConflictsAlarm", "query", QUERY + " WHERE Provider = 'claimr' OR Provider = 'inbrain'"), "CloudWatch cannot read it"),
    "an alarm with LIKE": (expression("ConflictsAlarm", "query", QUERY + " WHERE Provider LIKE 'in%'"), "CloudWatch cannot read it"),
    "an alarm with a function that is none": (expression("ConflictsAlarm", "query", QUERY.replace("SUM", "MEDIAN")), "CloudWatch cannot read it"),
    "a query of nobody's metric": (expression("ConflictsAlarm", "query", QUERY.replace("Conflict", "Conflicts")), "nothing has the metric Conflicts"),
    "a query by another dimension": (expression("ConflictsAlarm", "query", QUERY.replace("Provider", "Reason")), "nothing has the metric Conflict by"),
    "a query for nobody": (expression("ConflictsAlarm", "query", QUERY + " WHERE Provider != 'nobody'"), "no metric has the Provider nobody"),
    "a query of the account": (expression("ConflictsAlarm", "query", 'SELECT SUM(Errors) FROM SCHEMA("AWS/Lambda", FunctionName)'), "asked of the whole account"),
    "a query without a period": (lambda t: properties(t, "ConflictsAlarm")["Metrics"][0].pop("Period"), "no Period"),
    "a query that looks back too far": (put("ConflictsAlarm", "EvaluationPeriods", 37), "looks back"),
    "an alarm with metric math that is none": (expression("ThrottledFunctionsAlarm", "throttled", "TOTAL(giveaway)"), "TOTAL is no function"),
    "an alarm over what is missing": (expression("ThrottledFunctionsAlarm", "throttled", "SUM([giveaway, claimr, devtodev, inbrain, appvirality])"), "FILL it"),
    "an alarm that names nothing of its own": (expression("ThrottledFunctionsAlarm", "throttled", "SUM([FILL(giveaway, 0), FILL(sixth, 0)])"), "names sixth"),
    "an alarm that forgets one of its own": (expression("ThrottledFunctionsAlarm", "throttled", "SUM([FILL(giveaway, 0), FILL(claimr, 0), FILL(devtodev, 0), FILL(inbrain, 0)])"), "appvirality is of no use"),
    "an alarm on a number": (expression("ThrottledFunctionsAlarm", "throttled", "SUM(FILL(giveaway, 0))"), "no time series"),
    "an alarm on several time series": (expression("ThrottledFunctionsAlarm", "throttled", "[FILL(giveaway, 0)]"), "no time series"),
    "an alarm that watches two things": (stat("ThrottledFunctionsAlarm", "giveaway", lambda part: part.pop("ReturnData")), "has to watch one"),
    "an alarm with more than ten metrics": (lambda t: properties(t, "ThrottledFunctionsAlarm")["Metrics"].extend({**copy.deepcopy(properties(t, "ThrottledFunctionsAlarm")["Metrics"][0]), "Id": f"m{n}"} for n in range(6)), "more than ten"),
    "an alarm with two periods": (stat("ThrottledFunctionsAlarm", "giveaway", setting("Period", 60)), "periods"),
    "an alarm with a statistic that is none": (stat("ThrottledFunctionsAlarm", "giveaway", setting("Stat", "Total")), "no statistic"),
    "an alarm on a function that is not there": (stat("ThrottledFunctionsAlarm", "giveaway", dimension("FunctionName", {"Ref": "GiveawayFunktion"})), "is no FunctionName"),
    "an alarm on a queue for a function": (stat("ThrottledFunctionsAlarm", "giveaway", dimension("FunctionName", {"Ref": "LedgerQueue"})), "is no FunctionName"),
    "an alarm on a queue's URL": (stat("QueueAgeAlarm", "ledger", dimension("QueueName", {"Ref": "LedgerQueue"})), "is no QueueName"),
    "an alarm on an index that is not there": (stat("ThrottledTablesAlarm", "by_day", dimension("GlobalSecondaryIndexName", "by_user")), "no table has the index by_user"),
    "an alarm on another's index": (stat("ThrottledTablesAlarm", "by_day", dimension("TableName", {"Ref": "LedgerTable"})), "no table has the index by_day"),
    "an alarm on a metric that is none": (stat("ThrottledFunctionsAlarm", "giveaway", lambda part: part["MetricStat"]["Metric"].update(MetricName="Throttled")), "is no metric that is known here"),
    "an alarm that takes silence for trouble": (put("ThrottledFunctionsAlarm", "TreatMissingData", "breaching"), "do not fit"),
    "an alarm that takes silence for health": (put("InbrainSilentAlarm", "TreatMissingData", "notBreaching"), "do not fit"),
    "an alarm that does not say what silence is": (drop("ServerErrorsAlarm", "TreatMissingData"), "do not fit"),
    "an alarm that looks back more than a day": (put("ServerErrorsAlarm", "EvaluationPeriods", 289), "looks back"),
    "an alarm that looks back more than a week": (lambda t: t["Parameters"]["InbrainSilenceHours"].update(MaxValue=169), "looks back"),
    "an alarm that never comes": (put("SettlementErrorsAlarm", "DatapointsToAlarm", 4), "more datapoints"),
    "an alarm on one metric and on Metrics": (put("ThrottledFunctionsAlarm", "MetricName", "Throttles"), "either one metric or Metrics"),
    "an alarm whose actions are off": (put("ConflictsAlarm", "ActionsEnabled", False), "it tells nobody"),
    "an alarm on too little": (lambda t: properties(t, "ServerErrorsAlarm").update(ComparisonOperator="LessThanThreshold", TreatMissingData="breaching"), "is no trouble"),
    "an alarm that hangs on the latest value": (drop("ThrottledTablesAlarm", "DatapointsToAlarm"), "a value that comes late"),
    "an alarm on one of one, filled": (lambda t: properties(t, "QueueAgeAlarm").update(EvaluationPeriods=1, DatapointsToAlarm=1), "1801 of ledger does not raise it"),
    # Alarms that are not raised, or by nothing
    "an alarm on the least of all": (expression("ThrottledFunctionsAlarm", "throttled", "MIN([FILL(giveaway, 0), FILL(claimr, 0), FILL(devtodev, 0), FILL(inbrain, 0), FILL(appvirality, 0)])"), "1 of giveaway does not raise it"),
    "an alarm that fills with trouble": (expression("ThrottledFunctionsAlarm", "throttled", "SUM([FILL(giveaway, 5), FILL(claimr, 0), FILL(devtodev, 0), FILL(inbrain, 0), FILL(appvirality, 0)])"), "nothing raises it"),
    "an alarm that takes away": (expression("ThrottledTablesAlarm", "throttled", "FILL(callbacks, 0) + FILL(by_day, 0) + FILL(by_attention, 0) + FILL(by_due, 0) - FILL(ledger, 0)"), "1 of ledger does not raise it"),
    "an alarm on a hundred": (put("SettlementErrorsAlarm", "Threshold", 100), "1 of ledger does not raise it"),
    "an alarm on added ages": (stat("QueueAgeAlarm", "ledger", setting("Stat", "Sum")), "no statistic that ApproximateAgeOfOldestMessage"),
    "a single alarm on a hundred": (put("ServerErrorsAlarm", "Threshold", 100), "5 of 5xx is an alarm"),
    "a query for one provider": (expression("ConflictsAlarm", "query", QUERY + " WHERE Provider = 'inbrain'"), "ConflictsAlarm leaves out the Conflict of claimr"),
    "a query for the provider that takes its time": (expression("UnsettledAgeAlarm", "query", 'SELECT MAX(UnsettledAge) FROM SCHEMA("STACK", Provider) WHERE Provider = \'appvirality\''), "takes the UnsettledAge of appvirality"),
    "a query for the least": (expression("UnsettledAgeAlarm", "query", 'SELECT MIN(UnsettledAge) FROM SCHEMA("STACK", Provider) WHERE Provider != \'appvirality\''), "MIN is not what"),
    "a query for another reason": (expression("ForgedSignaturesAlarm", "query", REFUSED + " WHERE Reason = 'too_large'"), "leaves out the Refused of claimr unauthenticated"),
    "a query for every reason": (expression("ForgedSignaturesAlarm", "query", REFUSED), "takes the Refused of claimr too_large"),
    "a query on a hundred": (put("ConflictsAlarm", "Threshold", 100), "1 of Conflict is an alarm"),
    "a provider's silence by another's hours": (put("InbrainSilentAlarm", "EvaluationPeriods", {"Ref": "ClaimrSilenceHours"}), "does not watch inbrain for InbrainSilenceHours"),
    "another provider's silence": (stat("InbrainSilentAlarm", "recorded", dimension("Provider", "claimr")), "does not watch inbrain"),
    "a silence by another's condition": (attribute("InbrainSilentAlarm", "Condition", "Claimr"), "is not there when InbrainSilenceHours says so"),
    "a silence that nobody watches": (remove("InbrainSilentAlarm"), "inbrain may be silent"),
    "a filter for another status": (put("ThrottledRequests", "FilterPattern", '{ $.status = "430" }'), "does not count what is answered 429"),
    "a filter for a number": (put("ThrottledRequests", "FilterPattern", "{ $.status = 429 }"), "does not count what is answered 429"),
    "a filter of another log": (put("ThrottledRequests", "LogGroupName", {"Ref": "InbrainLog"}), "does not count what is answered 429"),
    "a log that the runbook does not know": (access_log('"status"', '"code"'), "no line of the access log has"),
    # What is not watched
    "an index that is not watched": (stat("ThrottledTablesAlarm", "by_attention", dimension("GlobalSecondaryIndexName", "by_day")), "is watched by no alarm"),
    "a table that is not watched": (stat("ThrottledTablesAlarm", "ledger", dimension("TableName", {"Ref": "CallbacksTable"})), "WriteThrottleEvents of ${LedgerTable} is watched by no alarm"),
    "a settler whose errors are not watched": (stat("SettlementErrorsAlarm", "ledger", dimension("FunctionName", {"Ref": "InbrainFunction"})), "Errors of ${LedgerFunction} is watched by no alarm"),
    "records that no alarm knows": (stat("DispatchStoppedAlarm", "put", dimension("Operation", "UpdateItem")), "no alarm holds the runs of ${DispatchFunction} against what is put into CallbacksTable"),
    "records of another table": (stat("DispatchStoppedAlarm", "put", dimension("TableName", {"Ref": "LedgerTable"})), "against what is put into CallbacksTable"),
    "records in milliseconds": (stat("DispatchStoppedAlarm", "put", setting("Stat", "Sum")), "Sum is no statistic that SuccessfulRequestLatency"),
    "a standstill that a settler hides": (lambda t: statement("LedgerFunctionRole", "NoteOnRecord")(t)["Action"].append("dynamodb:PutItem"), "LedgerFunctionRole puts items into CallbacksTable"),
    "an alarm that tells nobody": (drop("ConflictsAlarm", "AlarmActions"), "does not tell the AlarmTopic"),
    "an alarm without an entry": (put("ConflictsAlarm", "AlarmDescription", "Runbook: docs/runbook.md#conflict"), "has no entry"),
    # The dashboard
    "a dashboard with OR": (board("SUM(SEARCH('{\\\"${AWS::StackName}\\\",Provider} MetricName=\\\"Recorded\\\"', 'Sum', 300))", "SELECT SUM(Recorded) FROM SCHEMA(\\\"${AWS::StackName}\\\", Provider) WHERE Provider = 'claimr' OR Provider = 'inbrain'"), "CloudWatch cannot read"),
    "a dashboard with a function that is none": (board("SUM(SEARCH(", "TOTAL(SEARCH("), "CloudWatch cannot read"),
    "a dashboard of a queue that is not there": (board("${LedgerDeadLetters.QueueName}", "${LedgerLetters.QueueName}"), "is no QueueName"),
    "a dashboard of another region": (board('"title": "Time in the store", "region": "${AWS::Region}"', '"title": "Time in the store", "region": "eu-west-1"'), "Dashboard shows eu-west-1"),
    "a dashboard with one widget over another": (board('"type": "metric", "x": 8, "y": 6,', '"type": "metric", "x": 0, "y": 6,'), "has no room for"),
    "a dashboard that is too wide": (board('"x": 16, "y": 18, "width": 8', '"x": 20, "y": 18, "width": 8'), "has no room for"),
    "a dashboard that nobody is led to": (lambda t: t["Outputs"]["DashboardUrl"].update(Value={"Fn::Sub": "https://${AWS::Region}.console.aws.amazon.com/cloudwatch/home#dashboards:name=${Dashboard}"}), "does not lead to the dashboard"),
    "a dashboard without a metric": (board('MetricName=\\"UnsettledAge\\"', 'MetricName=\\"TotalLatency\\"'), "UnsettledAge is measured"),
}


class Mistakes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        before = {check: set(run([check], TEMPLATE)) for check in CHECKS}
        cls.unspoilt, cls.found = before, {}
        for mistake, (make, _) in MISTAKES.items():
            template = copy.deepcopy(TEMPLATE)
            make(template)
            assert template != TEMPLATE, mistake
            cls.found[mistake] = {check: set(run([check], template)) - before[check] for check in CHECKS}

    def test_there_is_none(self):
        self.assertEqual([problem for problems in self.unspoilt.values() for problem in problems], [])

    def test_each_is_named(self):
        for mistake, (_, said) in MISTAKES.items():
            with self.subTest(mistake):
                problems = [problem for new in self.found[mistake].values() for problem in new]
                self.assertTrue(any(said in problem for problem in problems), problems)

    def test_every_check_names_one(self):
        """No check says yes to everything."""
        # Of the files and parameters that these look at, the mistakes are below.
        elsewhere = (check_wiring.misleading_example, check_template.open_doors, check_template.shared_settings)
        for check in CHECKS:
            with self.subTest(check.__name__):
                self.assertTrue(check in elsewhere or any(new[check] for new in self.found.values()))

    def test_an_example_that_pays_what_is_held(self):
        """What README.md had once, as it would be written now: it does not ask what happened."""
        held = check_wiring.record("inbrain", "survey_completed", "1", state="held")
        event = check_wiring.event(held)
        careless = {"detail": {"kind": ["survey_completed"], "test": [False]}}
        self.assertTrue(patterns.matches(careless, event))
        careful = careless | {"detail-type": ["recorded", "accepted"]}
        self.assertFalse(patterns.matches(careful, event))
        self.assertTrue(patterns.matches(careful, check_wiring.event(held | {"state": {"S": "recorded"}})))


class Languages(unittest.TestCase):
    """As "Query components and syntax in CloudWatch Metrics Insights" and its examples have it."""

    def test_queries(self):
        for text in (
            'SELECT AVG(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId)',
            'SELECT MAX(CPUUtilization) FROM "AWS/EC2"',
            "SELECT SUM(Requests) FROM Custom",
            'select sum(Errors) from schema("AWS/Lambda", FunctionName, Resource) where FunctionName = \'a\' and Resource != \'b\'',
            'SELECT AVG(ConcurrentExecutions) FROM "AWS/Lambda" GROUP BY FunctionName ORDER BY MAX() DESC LIMIT 10',
            'SELECT SUM("bytes sent") FROM SCHEMA("a b") WHERE "my label" = \'x\''.replace('SCHEMA("a b")', '"a b"'),
        ):
            with self.subTest(text):
                cloudwatch.query(text)

    def test_queries_that_are_none(self):
        good = 'SELECT SUM(Errors) FROM SCHEMA("AWS/Lambda", FunctionName)'
        for text in (
            "",
            "SELECT SUM(Errors)",
            good + " WHERE",
            good + " WHERE FunctionName = 'a' OR FunctionName = 'b'",
            good + " WHERE FunctionName = 'a' or FunctionName = 'b'",
            good + " WHERE (FunctionName = 'a')",
            good + " WHERE NOT FunctionName = 'a'",
            good + " WHERE FunctionName IN ('a', 'b')",
            good + " WHERE FunctionName LIKE 'a%'",
            good + " WHERE FunctionName > 'a'",
            good + " WHERE FunctionName = \"a\"",
            good + " WHERE FunctionName = a",
            good + " WHERE FunctionName = 'a' AND",
            good + " WHERE Resource = 'a'",
            good + " GROUP BY Resource",
            good + " GROUP FunctionName",
            good + " HAVING SUM() > 1",
            good + " LIMIT many",
            good + " LIMIT 10 GROUP BY FunctionName",
            good + "; SELECT",
            good.replace("SUM", "P99"),
            good.replace('"AWS/Lambda"', "AWS/Lambda"),
            good.replace('"AWS/Lambda"', "'AWS/Lambda'"),
            good.replace('"AWS/Lambda", FunctionName', ""),
            good.replace("Errors", "Errors, Throttles"),
        ):
            with self.subTest(text):
                self.assertRaises(cloudwatch.Unreadable, cloudwatch.query, text)

    def test_math(self):
        for text, gives, unfilled in (
            ("a", cloudwatch.SERIES, {"a"}),
            ("FILL(a, 0)", cloudwatch.SERIES, set()),
            ("FILL(a, 0) + a", cloudwatch.SERIES, {"a"}),
            ("SUM([FILL(a, 0), FILL(b, 0)])", cloudwatch.SERIES, set()),
            ("SUM([FILL(a, 0), b])", cloudwatch.SERIES, {"b"}),
            ("SUM(a)", cloudwatch.NUMBER, {"a"}),
            ("[a, b]", cloudwatch.SEVERAL, {"a", "b"}),
            ("IF((a - DIFF(a) > 0) AND (b == 0), 1, 0)", cloudwatch.SERIES, {"a", "b"}),
            ("DIFF_TIME(a) > 0", cloudwatch.SERIES, {"a"}),
            ("1 + 2 * 3", cloudwatch.NUMBER, set()),
        ):
            with self.subTest(text):
                math = cloudwatch.math(text)
                self.assertEqual((math.gives, math.unfilled), (gives, unfilled))

    def test_values(self):
        """The page's own examples."""
        one, two = [30, 20, 0, 0], [20, None, 20, None]
        sparse, three = [1, 1, 0, 0, None], [0, 0, 20, None, 20]
        for text, values, wanted in (
            ("(a < b)", {"a": one, "b": two}, [0, 0, 1, 0]),
            ("(a >= 30)", {"a": one}, [1, 0, 0, 0]),
            ("(a > 15 AND b > 15)", {"a": one, "b": two}, [1, 0, 0, 0]),
            ("IF(a, b, c)", {"a": sparse, "b": [30, None, 0, 0, 30], "c": three}, [30, 0, 20, None, None]),
            ("IF(a, 5, c)", {"a": sparse, "c": three}, [5, 5, 20, None, None]),
            ("IF(a, b, 5)", {"a": sparse, "b": [30, None, 0, 0, 30]}, [30, 0, 5, 5, None]),
            ("DIFF(a)", {"a": [1, 4, None, 2]}, [None, 3, None, -2]),
            ("DIFF_TIME(a)", {"a": [1, 4, None, 2]}, [None, 1, None, 2]),
            ("FILL(a, 0)", {"a": [1, None]}, [1, 0]),
            ("FILL(a, 0)", {"a": [None, None]}, [None, None]),
            ("SUM([FILL(a, 0), FILL(b, 0)])", {"a": [1, None], "b": [None, None]}, [1, 0]),
            ("MAX([a, b])", {"a": [1, 2], "b": [3, None]}, [3, 2]),
            ("a - SUM(a)", {"a": [1, 2]}, [-2, -1]),
        ):
            with self.subTest(text):
                self.assertEqual(cloudwatch.math(text).value(values), wanted)

    def test_math_that_is_none(self):
        for text in (
            "", "a +", "(a", "a)", "a b", "A", "sum([a])", "SUM a", "SUM()", "SUM(1)", "TOTAL(a)", "FILL(a)", "FILL(a, b)",
            "[a, 1]", "[]", "DIFF([a, b])", "IF(a, b)", "IF(1, a, b)", "[a] + b", "[a] + [b]", "a = b", "a AND", "a; b", "a ? b",
        ):
            with self.subTest(text):
                self.assertRaises(cloudwatch.Unreadable, cloudwatch.math, text)

    def test_patterns(self):
        event = {"a": "x", "b": {"c": False, "n": 0}}
        for pattern, wanted in (
            ({}, True),
            ({"a": ["x", "y"]}, True),
            ({"a": ["y"]}, False),
            ({"b": {"c": [False]}}, True),
            ({"b": {"c": ["false"]}}, False),
            ({"b": {"n": [False]}}, False),
            ({"b": {"d": [{"exists": False}]}}, True),
            ({"b": {"c": [{"exists": True}]}}, True),
            ({"b": {"d": [{"exists": True}]}}, False),
            ({"z": {"d": [{"exists": False}]}}, True),
            ({"a": [{"anything-but": ["x"]}]}, False),
            ({"a": [{"anything-but": "y"}]}, True),
            # Of what is not there, nothing is anything but.
            ({"z": [{"anything-but": "y"}]}, False),
        ):
            with self.subTest(pattern):
                self.assertEqual(patterns.matches(pattern, event), wanted)
        for pattern in ({"a": "x"}, {"a": []}, {"a": [{"prefix": "x"}]}, {"a": [{"exists": "yes"}]}, {"a": ["x", {"wildcard": "*"}]}):
            with self.subTest(pattern):
                self.assertRaises(ValueError, patterns.matches, pattern, event)


if __name__ == "__main__":
    TEMPLATE.update(json.loads(Path(sys.argv.pop(1)).read_text()))
    unittest.main(verbosity=0)
