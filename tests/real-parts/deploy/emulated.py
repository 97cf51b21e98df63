"""What the emulator lacks, and how the template is adapted to that. Nothing else of the template is changed.

Each lack is proved first, by a small stack that AWS would treat otherwise: once the emulator has caught up, the
run fails and names what can be taken out here.
"""

import copy
import json
import sys
import time
from dataclasses import dataclass
from typing import Callable

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from places import PARTS

sys.path.insert(0, str(PARTS))
from expanded import operations_of, valued  # noqa: E402


@dataclass
class Lack:
    """What the emulator cannot do."""

    what: str
    # Whether it still cannot.
    proof: Callable
    # Changes the expanded template's resources accordingly.
    adapt: Callable


def lacks_metric_math(cloud):
    stat = {"Period": 60, "Stat": "Sum", "Metric": {"Namespace": "probe", "MetricName": "m"}}
    properties = {
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "Metrics": [{"Id": "sum", "Expression": "FILL(m, 0)"}, {"Id": "m", "ReturnData": False, "MetricStat": stat}],
    }
    return cloud.probe({"Probe": {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}}) is None


def without_metric_math(resources):
    for name, resource in list(resources.items()):
        if name.startswith("Fn::ForEach::"):
            without_metric_math(resource[2])
            # A loop that made nothing else.
            if not resource[2]:
                del resources[name]
        elif resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"]:
            del resources[name]


def lacks_import_of_routes(cloud):
    integration = {"type": "http_proxy", "httpMethod": "GET", "uri": "http://127.0.0.1/", "payloadFormatVersion": "1.0"}
    operation = {"responses": {}, "x-amazon-apigateway-integration": integration}
    body = {"openapi": "3.0.1", "info": {"title": "probe", "version": "1"}, "paths": {"/probe": {"get": operation}}}
    api = {"Probe": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Body": body}}}
    routes = lambda api: cloud.client("apigatewayv2").get_routes(ApiId=api)["Items"]
    return not cloud.probe(api, routes)


def with_routes_as_resources(resources):
    """Each route of the description as the two resources that API Gateway's import makes of it."""
    for name in [name for name, r in resources.items() if r["Type"] == "AWS::ApiGatewayV2::Api"]:
        properties = resources[name]["Properties"]
        body = properties.pop("Body")
        del properties["FailOnWarnings"]
        properties |= {"ProtocolType": "HTTP", "Name": body["info"]["title"]}
        for number, (route, operation, condition) in enumerate(operations_of(body)):
            there = {"Condition": condition} if condition else {}
            integration = operation["x-amazon-apigateway-integration"]
            # The emulator sends this form whatever the integration says.
            assert integration["payloadFormatVersion"] == "2.0", (route, integration)
            resources[f"Integration{number}"] = there | {
                "Type": "AWS::ApiGatewayV2::Integration",
                "Properties": {
                    "ApiId": {"Ref": name},
                    "IntegrationType": integration["type"].upper(),
                    "IntegrationUri": integration["uri"],
                    "PayloadFormatVersion": integration["payloadFormatVersion"],
                },
            }
            resources[f"Route{number}"] = there | {
                "Type": "AWS::ApiGatewayV2::Route",
                "Properties": {
                    "ApiId": {"Ref": name},
                    "RouteKey": route,
                    "Target": {"Fn::Sub": f"integrations/${{Integration{number}}}"},
                },
            }


def lacks_arns_of_secrets(cloud):
    """On AWS a Ref of a secret is its ARN, which the roles' policies need; here it is the name."""
    secret = {"Probe": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "probe"}}}
    return not cloud.probe(secret, lambda ref: ref).startswith("arn:")


def with_arns_of_secrets(resources):
    secrets = {name for name, r in resources.items() if r["Type"] == "AWS::SecretsManager::Secret"}

    def adapted(value):
        if isinstance(value, dict):
            if len(value) == 1 and value.get("Ref") in secrets:
                return {"Fn::GetAtt": [value["Ref"], "Id"]}
            return {key: adapted(member) for key, member in value.items()}
        return [adapted(member) for member in value] if isinstance(value, list) else value

    for name in resources:
        resources[name] = adapted(resources[name])


def lacks_numbers_of_parameters(cloud):
    """A mapping whose MaximumConcurrency is a Ref keeps a text, and the emulator's poller stumbles over it."""
    handler = "def handler(event, context): return None"
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    take = {"Effect": "Allow", "Action": "sqs:*", "Resource": {"Fn::GetAtt": ["Probe", "Arn"]}}
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}}
    role["Policies"] = [{"PolicyName": "Take", "PolicyDocument": {"Version": "2012-10-17", "Statement": [take]}}]
    function = {"Runtime": "python3.12", "Handler": "index.handler", "Code": {"ZipFile": handler}}
    function["Role"] = {"Fn::GetAtt": ["Role", "Arn"]}
    mapping = {"EventSourceArn": {"Fn::GetAtt": ["Probe", "Arn"]}, "FunctionName": {"Ref": "Function"}}
    mapping["ScalingConfig"] = {"MaximumConcurrency": {"Ref": "Concurrency"}}
    resources = {
        "Probe": {"Type": "AWS::SQS::Queue", "Properties": {}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
        "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping},
    }

    def stays(queue):
        sqs = cloud.client("sqs")
        sqs.send_message(QueueUrl=queue, MessageBody="{}")
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        for _ in range(30):
            counts = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"].values()
            if not any(map(int, counts)):
                return False
            time.sleep(0.1)
        return True

    return cloud.probe(resources, stays, {"Concurrency": {"Type": "Number", "Default": 5}})


# What stands in a mapping in the place of a parameter.
NUMBERS = {
    "SettlementConcurrency": 5,
    "DispatchBatchSize": 100,
    "DispatchBatchingWindow": 0,
    "DispatchParallelization": 4,
}


def with_numbers(resources):
    def adapted(value):
        if isinstance(value, dict):
            if value.get("Ref") in NUMBERS:
                return NUMBERS[value["Ref"]]
            return {key: adapted(member) for key, member in value.items()}
        return value

    for resource in resources.values():
        if resource["Type"] == "AWS::Lambda::EventSourceMapping":
            resource["Properties"] = adapted(resource["Properties"])


def lacks_names_of_their_own(cloud):
    """On AWS a table that is made anew has another name; here the name follows from those of stack and resource."""
    attributes = [{"AttributeName": "id", "AttributeType": "S"}]
    properties = {"AttributeDefinitions": attributes, "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}
    table = {"Probe": {"Type": "AWS::DynamoDB::Table", "Properties": properties | {"BillingMode": "PAY_PER_REQUEST"}}}
    return cloud.probe(table, lambda ref: ref) == cloud.probe(table, lambda ref: ref)


def free_names(cloud, tables):
    """Deletes what is left of a stack's tables before the stack is made again: their names would be the same."""
    dynamodb = cloud.client("dynamodb")
    for table in tables:
        dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
        dynamodb.delete_table(TableName=table)
        dynamodb.get_waiter("table_not_exists").wait(TableName=table, WaiterConfig={"Delay": 1})


def lacks_taken_names(cloud):
    """On AWS a stack cannot be made while another secret has a name of its secrets."""
    cloud.client("secretsmanager").create_secret(Name="probe")
    secret = {"Probe": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "probe"}}}
    made = cloud.probe(secret)
    if not made:
        cloud.client("secretsmanager").delete_secret(SecretId="probe", ForceDeleteWithoutRecovery=True)
    return made


def lacks_texts_in_conditions(cloud):
    """A condition that asks for a part of a text, which is what says whether a contract is named."""
    parts = {"Fn::Split": [",b,", {"Fn::Sub": ",${Names},"}]}
    template = {
        "Parameters": {"Names": {"Type": "String", "Default": "a,b,c"}},
        "Conditions": {"Named": {"Fn::Equals": [{"Fn::Select": [0, parts]}, ",a"]}},
        "Resources": {"Probe": {"Type": "AWS::SQS::Queue", "Condition": "Named", "Properties": {}}},
    }
    try:
        # As it is: see for_parameters.
        cloud.client("cloudformation").create_stack(StackName="probe", TemplateBody=json.dumps(template))
    except (ClientError, ResponseParserError):
        return True
    made = cloud.status("probe") == "CREATE_COMPLETE" and "Probe" in cloud.resources("probe")
    assert cloud.delete("probe") == "DELETE_COMPLETE"
    return not made


def with_decided_conditions(conditions, decide):
    """Puts what `decide` says in the place of each such condition, and of one that a loop makes."""
    for name, condition in conditions.items():
        if name.startswith("Fn::ForEach::"):
            with_decided_conditions(condition[2], decide)
        elif "Fn::Split" in json.dumps(condition):
            conditions[name] = {"Fn::Equals": [str(decide(condition)), "True"]}


def for_parameters(template, parameters):
    """The template as it can be taken with these parameters."""
    defaults = {name: str(parameter["Default"]) for name, parameter in template.get("Parameters", {}).items() if "Default" in parameter}
    template = copy.deepcopy(template)
    with_decided_conditions(template.get("Conditions", {}), lambda condition: valued(condition, defaults | parameters))
    return template


# What the role of the function that reads the stream needs for that on the emulator.
SEND_BATCH = "sqs:SendMessageBatch"


def lacks_permission_of_batches(cloud):
    """On AWS who may do sqs:SendMessage may send a batch ("Actions, resources, and condition keys for Amazon SQS" has no
    action for that); here SendMessageBatch is an action of its own."""
    iam, sqs = cloud.client("iam"), cloud.client("sqs")
    queue = sqs.create_queue(QueueName="probe")["QueueUrl"]
    may = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
    iam.create_user(UserName="probe")
    iam.put_user_policy(UserName="probe", PolicyName="probe", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [may]}))
    key = iam.create_access_key(UserName="probe")["AccessKey"]
    sender = cloud.client_of("sqs", key["AccessKeyId"], key["SecretAccessKey"])
    sender.send_message(QueueUrl=queue, MessageBody="{}")
    try:
        sender.send_message_batch(QueueUrl=queue, Entries=[{"Id": "0", "MessageBody": "{}"}])
        return False
    except ClientError as error:
        return "AccessDenied" in error.response["Error"]["Code"]
    finally:
        sqs.delete_queue(QueueUrl=queue)
        iam.delete_access_key(UserName="probe", AccessKeyId=key["AccessKeyId"])
        iam.delete_user_policy(UserName="probe", PolicyName="probe")
        iam.delete_user(UserName="probe")


def with_permission_of_batches(resources):
    for resource in resources.values():
        if resource["Type"] == "AWS::IAM::Role":
            for statement in resource["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]:
                actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                if "sqs:SendMessage" in actions:
                    statement["Action"] = [*actions, SEND_BATCH]


# What the emulator asks no role for, by the Sid of its statement, because on AWS it is Lambda itself that does it with
# the function's role: it writes what the function prints, sends its traces where there are any (Tracing), reads queues
# and streams, and keeps what it gives up. check_template.py holds these against permissions.json.
NOT_ASKED = {
    "WriteOwnLog": ("logs:CreateLogStream", "logs:PutLogEvents"),
    "Trace": ("xray:PutTraceSegments", "xray:PutTelemetryRecords"),
    "TakeFromQueue": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "ReadStream": ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
    "KeepFailures": ("s3:PutObject",),
    "FindFailures": ("s3:ListBucket",),
}

# No lacks of the emulator's: what no run misses, by role. check_template.py holds these as well.
UNMISSED = {
    # Giveaway.com's callbacks cannot conflict: all that is compared of two is in their identity. One loop makes the
    # roles of all providers.
    "GiveawayFunctionRole": ("Record", "dynamodb:UpdateItem"),
    # A queue that does not say how much waits in it is taken for one that has room.
    "ScheduleFunctionRole": ("SendToSettlers", "sqs:GetQueueAttributes"),
}


LACKS = [
    Lack("alarms on metric math", lacks_metric_math, without_metric_math),
    Lack("the import of an HTTP API's Body", lacks_import_of_routes, with_routes_as_resources),
    Lack("a secret's ARN as its Ref", lacks_arns_of_secrets, with_arns_of_secrets),
    Lack("parameters that are numbers in a mapping", lacks_numbers_of_parameters, with_numbers),
    Lack("batches under sqs:SendMessage", lacks_permission_of_batches, with_permission_of_batches),
    # Each time that a stack is made or updated: see for_parameters.
    Lack("texts in conditions", lacks_texts_in_conditions, lambda resources: None),
    # None of these changes the template. free_names is there for the first; what the others would refuse is not
    # seen here: a stack of the same name beside kept secrets.
    Lack("names of their own for tables", lacks_names_of_their_own, lambda resources: None),
    Lack("names of secrets that are taken", lacks_taken_names, lambda resources: None),
]


# What `doctor` has to say of the emulator itself: it names no status of a table's indexes. (DescribeTable does on
# AWS.) A run that does not have exactly these problems fails.
PROBLEMS = {("table", "CallbacksTable")}


def check_failures_are_dropped(state):
    """The emulator takes a batch of a stream as done whatever the function reports to have failed in it."""
    time.sleep(3)
    assert state() == "recorded", "the emulator reads failed records again by now: no re-emit has to stand in for that"


def adapt(cloud, template):
    """The expanded template as the emulator can take it."""
    for lack in LACKS:
        assert lack.proof(cloud), f"the emulator lacks {lack.what} no longer: take it out of {__file__}"
        lack.adapt(template["Resources"])
    return elsewhere(template, cloud.endpoint)


def adapt_loops(template):
    """The template as it is written, as far as the emulator itself can expand it: LACKS are proved by then. It does not
    get its routes, and is not called. The functions are there and need no build."""

    def as_built(resources):
        for name, resource in resources.items():
            if name.startswith("Fn::ForEach::"):
                as_built(resource[2])
            elif resource["Type"] == "AWS::Serverless::Function":
                # The one way to tell the SAM CLI. It is no property, and nothing that is deployed.
                resource["Metadata"] = resource["Metadata"] | {"SkipBuild": True}

    without_metric_math(template["Resources"])
    with_decided_conditions(template["Conditions"], lambda _: False)
    as_built(template["Resources"])
    return template


def elsewhere(template, endpoint):
    """The same under the addresses of this machine, which is no lack: the functions speak to the emulator, the
    API is called by way of it, and the stand-ins' URLs are http."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            resource["Properties"]["Environment"]["Variables"]["AWS_ENDPOINT_URL"] = endpoint
    host = "https://${CallbacksApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}"
    for output in template["Outputs"].values():
        url = output["Value"].get("Fn::Sub", "") if isinstance(output["Value"], dict) else ""
        if url.startswith(host):
            output["Value"] = {"Fn::Sub": url.replace(host, endpoint + "/_aws/execute-api/${CallbacksApi}/$default")}
    for name in ("GiveawayUrl", "DevtodevUrl", "AppviralityUrl"):
        del template["Parameters"][name]["AllowedPattern"]
    return template
