"""What the event bus is told, as a rule of somebody's own sees it."""

import contextlib
import json
import time

SETTLED = {"credited", "debited", "reversed", "redeemed", "delivered", "refused", "rejected", "without_effect", "dead", "closed"}


class Told:
    """A queue behind a rule on the stack's bus."""

    def __init__(self, cloud, bus):
        self.events, self.sqs, self.bus = cloud.client("events"), cloud.client("sqs"), bus
        self.queue = self.sqs.create_queue(QueueName="told")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.events.put_rule(Name="told", EventBusName=bus, EventPattern=json.dumps({"source": ["callbacks"]}))
        self.events.put_targets(Rule="told", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
        # What happened, and to which record.
        self.seen = set()

    def await_events(self, wanted, seconds=60):
        """Waits until all of these were told."""
        until = time.monotonic() + seconds
        while missing := wanted - self.seen:
            assert time.monotonic() < until, f"the bus was not told of {missing}"
            for message in self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", []):
                event = json.loads(message["Body"])
                self.seen.add((event["detail-type"], event["detail"]["id"]))
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])

    def close(self):
        self.events.remove_targets(Rule="told", EventBusName=self.bus, Ids=["queue"])
        self.events.delete_rule(Name="told", EventBusName=self.bus)
        self.sqs.delete_queue(QueueUrl=self.queue)


@contextlib.contextmanager
def told(cloud, bus):
    listener = Told(cloud, bus)
    try:
        yield listener
    finally:
        listener.close()
