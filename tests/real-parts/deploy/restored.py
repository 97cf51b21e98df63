"""Restoring the tables, as docs/restore.md says it."""

import os
import subprocess
import sys

from places import PROJECT
from processes import environment

# By the output with a table's name, the parameter that says which one takes its place.
TABLES = {"CallbacksTableName": "RestoredCallbacksTable", "LedgerTableName": "RestoredLedgerTable"}


def copies(cloud, outputs):
    """Tables of the same form and with the same items as the stack's, which is what a restore makes of them; and the
    parameters that point the stack at them. The emulator lacks RestoreTableToPointInTime itself."""
    dynamodb, parameters = cloud.client("dynamodb"), {}
    for output, parameter in TABLES.items():
        old = dynamodb.describe_table(TableName=outputs[output])["Table"]
        name = f"{outputs[output]}-restored"
        indexes = [{key: index[key] for key in ("IndexName", "KeySchema", "Projection")} for index in old.get("GlobalSecondaryIndexes", [])]
        form = {key: old[key] for key in ("AttributeDefinitions", "KeySchema")} | {"BillingMode": "PAY_PER_REQUEST"}
        dynamodb.create_table(TableName=name, **form, **({"GlobalSecondaryIndexes": indexes} if indexes else {}))
        for item in dynamodb.scan(TableName=outputs[output], ConsistentRead=True)["Items"]:
            dynamodb.put_item(TableName=name, Item=item)
        # From here on the commands of the page.
        dynamodb.update_table(TableName=name, DeletionProtectionEnabled=True)
        dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
        parameters[parameter] = name
    name = parameters["RestoredCallbacksTable"]
    dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"})
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    dynamodb.update_table(TableName=name, StreamSpecification=stream)
    parameters["RestoredCallbacksStream"] = dynamodb.describe_table(TableName=name)["Table"]["LatestStreamLabel"]
    return parameters


def run(cloud, *words):
    """The page's script: its exit code, and what it says."""
    command = [sys.executable, PROJECT / "docs" / "restore.py", *words]
    done = subprocess.run(command, env=environment(cloud.endpoint) | {"PATH": os.environ["PATH"]}, capture_output=True, text=True)
    assert done.returncode in (0, 1) and not done.stderr, done.stderr
    return done.returncode, done.stdout.splitlines()
