"""`sam local invoke` and `sam local start-api`, by the commands of docs/local.md."""

import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from bundle import function_of
from callbacks import EXPECTED, Api, event
from places import PROJECT, WORK
from processes import free_ports, running

SAM = Path(sys.executable).parent / "sam"
# SAM asks which account it works for, and asks five times where nobody answers.
NOBODY = {"AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1"}
# What the page has in the place of another function, event, port and so on.
FUNCTION, EVENT, PORT = "InbrainFunction", "events/inbrain-survey-completed.json", "3030"
VARIABLES, HOST = "events/env.json", "host-gateway"


def documented(command):
    """The words of the page's only `sam local` command of this kind."""
    page = (PROJECT / "docs" / "local.md").read_text().replace("\\\n", " ")
    (line,) = re.findall(rf"^sam (local {command} .*)$", page, re.MULTILINE)
    return shlex.split(line)


class Sam:
    """The SAM CLI, beside a local bundle.

    `built` is what `sam build` wrote, and `host` this machine's address in containers."""

    def __init__(self, built, host, local):
        self.own = {VARIABLES: str(local.variables), f"host.docker.internal:{HOST}": f"host.docker.internal:{host}"}
        # Where SAM finds it by itself, it is not named, and neither is samconfig.toml.
        usual = built == PROJECT / ".aws-sam" / "build"
        places = ["--template", built / "template.yaml", "--config-file", PROJECT / "samconfig.toml"]
        self.places = [] if usual else places

    def command(self, kind, **own):
        """The page's command, with this bundle's words and those of `own` in the place of the page's."""
        words, own = documented(kind), self.own | own
        assert own.keys() <= set(words), (words, own)
        return [SAM, *(own.get(word, word) for word in words), *self.places]

    def invoke(self, function, file):
        """What a function answers to the event in `file`."""
        command = self.command("invoke", **{FUNCTION: function, EVENT: str(file)})
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        done = subprocess.run(command, cwd=PROJECT, env=environment(), timeout=300, **pipes)
        said = "\n".join(done.stderr.splitlines()[-20:])
        assert done.returncode == 0, f"{function}, {file}: {said}"
        try:
            return json.loads(done.stdout)
        except ValueError:
            raise AssertionError(f"{function}, {file}: {done.stdout}\n{said}") from None

    @contextlib.contextmanager
    def api(self):
        """The whole API until the end of the `with`; gives its URL."""
        (port,) = free_ports(1)
        url = f"http://127.0.0.1:{port}"
        command = self.command("start-api", **{PORT: str(port)})
        try:
            with running("start-api", command, environment(), url, cwd=PROJECT):
                yield url
        except AssertionError:
            print("\n".join((WORK / "start-api.log").read_text().splitlines()[-20:]), file=sys.stderr)
            raise


def environment():
    """SAM's own, with its temporary files below target/."""
    scratch = WORK / "sam"
    scratch.mkdir(parents=True, exist_ok=True)
    return os.environ | NOBODY | {"TMPDIR": str(scratch)}


class Invoked(Api):
    """The receiving functions, each sample event by a `sam local invoke`."""

    def __init__(self, sam):
        self.sam = sam

    def send(self, name):
        answer = self.sam.invoke(function_of(name.split("-")[0]), PROJECT / "events" / f"{name}.json")
        assert "statusCode" in answer, f"{name}: {answer}"
        return answer["statusCode"], json.loads(answer["body"])


class Served(Api):
    """An API at a URL, with the routes that there are sample events for."""

    def __init__(self, url):
        self.urls = {path: f"{url}{path}" for path in (event(name)["rawPath"] for name in EXPECTED)}
