"""The inBrain callback with Powertools, as its guide has it: the signature checked, then the part that
must happen once made idempotent by its identity."""

import hashlib
import hmac
import json
import os

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)

SECRET = os.environ["CALLBACK_SECRET"]

persistence_layer = DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"])
config = IdempotencyConfig(event_key_jmespath="RewardId")


@idempotent_function(
    data_keyword_argument="callback", persistence_store=persistence_layer, config=config
)
def record(callback):
    return {"status": "recorded", "id": callback["RewardId"]}


def answer(status, body):
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
    }


def handler(event, context):
    config.register_lambda_context(context)
    callback = json.loads(event["body"])
    signed = f"{callback['PanelistId']}{callback['RewardId']}{SECRET}"
    expected = hashlib.md5(signed.encode()).hexdigest()
    if not hmac.compare_digest(expected, callback["Sig"]):
        return answer(401, {"status": "unauthorized"})
    return answer(200, record(callback=callback))
