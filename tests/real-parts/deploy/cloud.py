"""The emulator's account: clients, and stacks."""

import json
import time

import boto3
from botocore.config import Config

import emulated
from processes import REGION, ROOT

BUCKET = "packages"


class Cloud:
    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.clients = {}

    def client(self, service):
        if service not in self.clients:
            self.clients[service] = self.client_of(service, ROOT["AWS_ACCESS_KEY_ID"], ROOT["AWS_SECRET_ACCESS_KEY"])
        return self.clients[service]

    def client_of(self, service, key, secret):
        """A client with these credentials."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(read_timeout=120, retries={"max_attempts": 0}),
        )

    def put(self, key, content):
        """Puts a file into the bucket, and gives its URL."""
        self.client("s3").put_object(Bucket=BUCKET, Key=key, Body=content)
        return f"{self.endpoint}/{BUCKET}/{key}"

    def create(self, name, template, parameters=None):
        self.client("cloudformation").create_stack(**self.wanted(name, template, parameters or {}))
        return self.status(name)

    def update(self, name, template, parameters):
        self.client("cloudformation").update_stack(**self.wanted(name, template, parameters))
        return self.status(name)

    def wanted(self, name, template, parameters):
        template = emulated.for_parameters(template, parameters)
        pairs = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        url = self.put(f"{name}.json", json.dumps(template))
        return {"StackName": name, "TemplateURL": url, "Parameters": pairs, "Capabilities": ["CAPABILITY_IAM"]}

    def delete(self, name):
        stack = self.describe(name)["StackId"]
        self.client("cloudformation").delete_stack(StackName=name)
        return self.status(stack)

    def describe(self, name):
        return self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]

    def status(self, name, seconds=60):
        """A stack's status, once nothing is in progress."""
        until = time.monotonic() + seconds
        while (status := self.describe(name)["StackStatus"]).endswith("_IN_PROGRESS"):
            assert time.monotonic() < until, f"{name} is {status} for {seconds} s"
            time.sleep(0.1)
        return status

    def outputs(self, name):
        return {output["OutputKey"]: output["OutputValue"] for output in self.describe(name).get("Outputs", [])}

    def resources(self, name):
        """What the logical ids of a stack are."""
        pages = self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=name)
        summaries = [summary for page in pages for summary in page["StackResourceSummaries"]]
        return {summary["LogicalResourceId"]: summary["PhysicalResourceId"] for summary in summaries}

    def failures(self, name):
        """Why a stack came to nothing."""
        events = self.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
        failed = [event for event in events if "FAILED" in event["ResourceStatus"]]
        return [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}" for event in failed]

    def probe(self, resources, look=lambda ref: True, parameters=None):
        """What `look` sees of the resource "Probe" in a stack of its own; None if that cannot be made."""
        outputs = {"Ref": {"Value": {"Ref": "Probe"}}}
        template = {"Parameters": parameters or {}, "Resources": resources, "Outputs": outputs}
        status = self.create("probe", template)
        seen = look(self.outputs("probe")["Ref"]) if status == "CREATE_COMPLETE" else None
        assert self.delete("probe") == "DELETE_COMPLETE"
        return seen

    def items(self, table):
        """All items of a small table; numbers are texts, of as many digits as they have."""
        found = self.client("dynamodb").scan(TableName=table, ConsistentRead=True)["Items"]
        return [{name: next(iter(value.values())) for name, value in item.items()} for item in found]
