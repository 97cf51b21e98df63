"""Callbacks through the deployed HTTP API."""

import hashlib
import json
import shlex
import subprocess
import urllib.error
import urllib.request
from base64 import b64decode

from bundle import secret_of
from places import BUILT, PROJECT, WORK
from printed import parsed

# What expectations.json in each provider's folder says of each sample event: hand-written from its contract.
EXPECTED = {
    name: expected
    for file in sorted(PROJECT.glob("functions/*/expectations.json"))
    for name, expected in json.loads(file.read_text()).items()
}
GENUINE = sorted(name for name, expected in EXPECTED.items() if expected["status"] == 200)


def event(name):
    return json.loads((PROJECT / "events" / f"{name}.json").read_text())


def samples():
    """The names of all sample events of receiving functions."""
    names = {file.stem for file in (PROJECT / "events").glob("*.json")}
    names = {name for name in names if name != "env" and not name.endswith("-sqs")}
    assert names == EXPECTED.keys(), names ^ EXPECTED.keys()
    return sorted(names)


class Api:
    """The API of a stack, at the URLs that its outputs name."""

    def __init__(self, outputs):
        self.base = outputs["ApiUrl"]
        self.urls = {url.removeprefix(self.base): url for url in outputs.values() if url.startswith(f"{self.base}/")}

    def call(self, method, path, query="", headers=None, body=None):
        """Status and JSON body of an answer."""
        url = self.urls[path] + (f"?{query}" if query else "")
        return answered(urllib.request.Request(url, data=body, headers=headers or {}, method=method))

    def send(self, name):
        """Sends a sample event."""
        sample = event(name)
        http = sample["requestContext"]["http"]
        body = sample.get("body")
        body = body and (b64decode(body) if sample["isBase64Encoded"] else body.encode())
        headers = {key: value for key, value in sample["headers"].items() if key not in ("host", "content-length")}
        return self.call(http["method"], sample["rawPath"], sample["rawQueryString"], headers, body)

    def expect(self, name, outcome):
        """Sends a sample event, and holds the answer to what is expected; `outcome` is a genuine one's."""
        status, body = self.send(name)
        expected = EXPECTED[name]
        assert status == expected["status"], (name, status, body)
        if status == 200:
            assert body["status"] == outcome, (name, body)
        else:
            assert body.get("field") == expected.get("field"), (name, body)
        return body.get("id")

    def inbrain(self, reward_id, reward):
        """A reward of inBrain's, signed by its rule: the MD5 of panelist, reward and secret."""
        panelist = "panelist-77"
        signed = panelist + reward_id + secret_of("inbrain")
        content = {"PanelistId": panelist, "RewardId": reward_id, "RewardType": "survey_completed", "Reward": reward}
        content |= {"RevenueAmount": 1.5, "IsTest": False, "Sig": hashlib.md5(signed.encode()).hexdigest()}
        headers = {"content-type": "application/json"}
        return self.call("POST", "/inbrain/success", headers=headers, body=json.dumps(content).encode())

    def friend_reward(self, user, rewarddtlid):
        """A referred friend's reward of AppVirality's, which has its key in the body."""
        hook = json.loads(event("appvirality-referral-friend-reward")["body"])
        hook["friend"] |= {"storeuserid": user, "rewarddtlid": rewarddtlid}
        headers = {"content-type": "application/json"}
        return self.call("POST", "/appvirality/referral/friend-reward", headers=headers, body=json.dumps(hook).encode())


    def signed(self, provider, identity, change=("", "")):
        """The provider's sample that has an identity, with this one and a change of its payload's text, as
        `cargo run -- sign` signs it."""
        samples = json.loads((PROJECT / "functions" / provider / "samples.json").read_text())
        sample = next(sample for sample in samples if "identity" in sample)
        text = json.dumps(sample["payload"])
        assert sample["identity"] in text and change[0] in text, (provider, change)
        file = WORK / "payload.json"
        text = text.replace(sample["identity"], identity)
        file.write_text(text.replace(*change) if change[0] else text)
        command = [BUILT / "callbacks", "sign", provider, file, "--route", sample["route"], "--url", self.base]
        curl = shlex.split(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        return answered(parsed(curl))


def answered(request):
    """Status and JSON body of the answer to a request."""
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as answer:
        return answer.code, json.loads(answer.read())


def check_items(ids, items):
    """Holds the records of the sample events to what is expected, but for digests and what each write makes anew."""
    items = {item["id"]: item for item in items}
    for name, id in ids.items():
        expected = {key: value for key, value in EXPECTED[name]["item"].items() if key not in ("id", "fingerprint")}
        seen = {key: items[id].get(key) for key in expected}
        assert seen == expected, (name, seen, expected)
