#!/usr/bin/env python3
"""Calls the local bundle with what docs/openapi.yaml describes, and with what it does not, and checks that
every answer is as described: Schemathesis, once without a known credential and once with genuine ones.

Run by tests/real-parts/run, which installs Schemathesis. Ports are free ones, everything is in memory.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
WORK = PROJECT / "target" / "real-parts" / "api"

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
]


def start(settings):
    """The bundle, and the URL of its API."""
    ports = ["--port", "--dynamodb-port", "--provider-port", "--sqs-port", "--console-port"]
    command = ["cargo", "run", "--locked", "--quiet", "--", "--env-vars", settings]
    command += [part for port in ports for part in (port, "0")]
    environment = os.environ | {"LOG_LEVEL": "error"}
    bundle = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True)
    url = None
    for line in bundle.stdout:
        said = re.match(r"HTTP API +(\S+)", line)
        url = said.group(1) if said else url
        if line.startswith("Ready"):
            return bundle, url
    sys.exit("the bundle did not start")


def call(url, signed):
    """Whether every answer was as described, and there were some from behind the authentication exactly
    where the requests were signed."""
    print(f"-- {'signed' if signed else 'unsigned'}", flush=True)
    noted = WORK / "statuses.txt"
    noted.write_text("")
    environment = os.environ | {
        "PYTHONPATH": str(HERE),
        "PYTHONDONTWRITEBYTECODE": "1",
        "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
        "STATUSES": str(noted),
        "SIGNED": "1" if signed else "",
    }
    phases, examples = ("examples,coverage,fuzzing", "20") if signed else ("examples,fuzzing", "10")
    command = [
        Path(sys.executable).parent / "schemathesis", "run", PROJECT / "docs" / "openapi.yaml",
        "--url", url, "--checks", ",".join(CHECKS), "--phases", phases, "--max-examples", examples,
        "--seed", "20261121", "--generation-database", "none", "--suppress-health-check", "all",
        "--warnings", "off",
    ]
    passed = subprocess.run(command, cwd=WORK, env=environment).returncode == 0

    statuses = {}
    for line in noted.read_text().splitlines():
        operation, status = line.split("\t")
        statuses.setdefault(operation, Counter())[status] += 1
    for operation, counted in sorted(statuses.items()):
        print(f"   {operation:<48}", *(f"{status}: {count}" for status, count in sorted(counted.items())))
        if signed != bool(counted["200"]):
            print(f"   {operation} was answered 200 {'never' if signed else 'without a credential'}")
            passed = False
    return passed and statuses != {}


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    samples = PROJECT / "events" / "env.json"
    # The examples of the description are signed with the sample keys; here those are not known.
    others = WORK / "env.json"
    others.write_text(samples.read_text().replace(r'\"secret\":\"sample-', r'\"secret\":\"another-'))
    passed = []
    for signed, settings in ((False, others), (True, samples)):
        bundle, url = start(settings)
        try:
            passed.append(call(url, signed))
        finally:
            bundle.terminate()
            bundle.wait()
    sys.exit(0 if all(passed) else 1)


main()
