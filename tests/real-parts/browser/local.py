"""The local bundle, on free ports, and what is sent to it."""

import contextlib
import hashlib
import http.client
import json
import os
import shlex
import subprocess
import time
import urllib.request
from urllib.parse import urlsplit

from places import BUILT, PROJECT, WORK
from printed import parsed
from processes import free_ports, running

PORTS = ("--console-port", "--port", "--provider-port", "--dynamodb-port", "--sqs-port")
SETTINGS = json.loads((PROJECT / "events" / "env.json").read_text())


def key_of(function):
    """The sample key that a receiving function proves callbacks with."""
    (key,) = json.loads(SETTINGS[function]["KEYS"])["keys"]
    return key["secret"]


def api_keys():
    """The sample keys that settling functions have for third parties."""
    return [key for function in SETTINGS.values() for key in json.loads(function.get("API_KEYS", "{}")).values()]


SECRETS = [key_of(name) for name, function in SETTINGS.items() if "KEYS" in function] + api_keys()


class Local:
    """Where things are: URLs of the page, the API and the stand-ins."""

    def __init__(self, ports):
        self.ports = dict(zip(PORTS, map(str, ports)))
        self.console, self.api, self.providers = (f"http://127.0.0.1:{self.ports[name]}" for name in PORTS[:3])

    def trigger(self, state):
        """Brings a state about."""
        named = [word for name in PORTS[1:4] for word in (name, self.ports[name])]
        command = [BUILT / "callbacks", "trigger", state, *named]
        subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL, timeout=60)

    def send(self, method, path, headers, body):
        """The status of an answer to a request that is sent as it is."""
        connection = http.client.HTTPConnection(urlsplit(self.api).netloc, timeout=30)
        with contextlib.closing(connection):
            # Of a header http.client takes text of one byte for each character.
            connection.request(method, path, body.encode(), {name: latin1(value) for name, value in headers.items()})
            return connection.getresponse().status

    def send_inbrain(self, reward_id, secret):
        """A survey that inBrain rewards, signed with `secret`: the MD5 of panelist, reward and secret. Its status."""
        content = {"PanelistId": "p-1", "RewardId": reward_id, "RewardType": "survey_completed", "Reward": 100}
        content |= {"RevenueAmount": 1.5, "IsTest": False, "Sig": inbrain_signature(reward_id, secret)}
        return self.send("POST", "/inbrain/success", {"content-type": "application/json"}, json.dumps(content))

    def send_claimr(self, payload):
        """A callback of claimr's, signed by `cargo run -- sign`. Its status."""
        file = WORK / "claimr.json"
        file.write_text(json.dumps(payload))
        command = [BUILT / "callbacks", "sign", "claimr", file, "--url", self.api]
        signed = subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.PIPE, text=True).stdout
        request = parsed(shlex.split(signed))
        return self.send("POST", urlsplit(request.full_url).path, request.headers, request.data.decode())

    def requests(self, **filters):
        """What the page has for programs, the last request first."""
        query = "&".join(f"{name}={value.replace(' ', '+')}" for name, value in filters.items())
        return read(f"{self.console}/requests.json?{query}")

    def faults(self):
        """What the stand-ins were told to answer."""
        return read(f"{self.providers}/faults")


def latin1(text):
    return text.encode().decode("latin-1")


def inbrain_signature(reward_id, secret):
    return hashlib.md5(f"p-1{reward_id}{secret}".encode()).hexdigest()


def read(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.loads(answer.read())


@contextlib.contextmanager
def local():
    """Serves the bundle until the end of the `with`."""
    WORK.mkdir(parents=True, exist_ok=True)
    ports = free_ports(len(PORTS))
    command = [BUILT / "callbacks", *(word for pair in zip(PORTS, map(str, ports)) for word in pair)]
    command += ["--env-vars", PROJECT / "events" / "env.json"]
    bundle = Local(ports)
    with running("browser", command, dict(os.environ), bundle.console):
        # Until then the functions have no tables. Asking them would be a request on the page.
        while "\nReady" not in (WORK / "browser.log").read_text():
            time.sleep(0.05)
        yield bundle
