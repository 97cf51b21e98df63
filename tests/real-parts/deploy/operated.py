"""The operator's command, on the deployed stack."""

import json
import subprocess

from places import BUILT
from processes import environment


class Operator:
    def __init__(self, endpoint, stack):
        self.stack = ["--stack", stack, "--json"]
        self.environment = environment(endpoint)

    def run(self, *words, code=0):
        """What a command says, and that it ends with `code`."""
        command = [BUILT / "callbacks", *words, *self.stack]
        ended = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60)
        assert ended.returncode == code, (words, ended.returncode, ended.stdout, ended.stderr)
        return json.loads(ended.stdout)

    def problems(self):
        """What `doctor` has to say, as pairs of check and subject."""
        findings = self.run("doctor", code=1)["findings"]
        return {(finding["check"], finding["subject"]) for finding in findings if finding["status"] == "problem"}

    def ids(self, *words):
        """The ids that `list` has."""
        return {record["id"] for record in self.run("list", *words)["records"]}

    def emit(self, *words):
        """Sends records once more."""
        answer = self.run("re-emit", *words)
        assert answer["not_emitted"] == [], answer
        return answer["emitted"]
