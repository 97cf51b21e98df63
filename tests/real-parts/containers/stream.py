"""The stream of the callbacks table, as Lambda hands it to a function."""

import boto3
from botocore.config import Config

from processes import REGION, ROOT


def inserted(endpoint):
    """An event with everything that was put into the table: docs.aws.amazon.com/lambda, "Using AWS Lambda with Amazon
    DynamoDB"."""
    keys = {"aws_access_key_id": ROOT["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": ROOT["AWS_SECRET_ACCESS_KEY"]}
    # The embedded database's shards have shorter names than DynamoDB's.
    config = Config(parameter_validation=False)
    streams = boto3.client("dynamodbstreams", endpoint_url=endpoint, region_name=REGION, config=config, **keys)
    (stream,) = streams.list_streams(TableName="callbacks")["Streams"]
    arn = stream["StreamArn"]
    records = []
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        place = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = streams.get_shard_iterator(**place)["ShardIterator"]
        while page := streams.get_records(ShardIterator=iterator):
            records += page["Records"]
            iterator = page.get("NextShardIterator")
            if not iterator or not page["Records"]:
                break
    return {"Records": [handed(record, arn) for record in records if record["eventName"] == "INSERT"]}


def handed(record, arn):
    change = dict(record["dynamodb"])
    change["ApproximateCreationDateTime"] = change["ApproximateCreationDateTime"].timestamp()
    return record | {"dynamodb": change, "eventSourceARN": arn}


def record_id(record):
    """Which callback a record of the event is."""
    return record["dynamodb"]["Keys"]["id"]["S"]
