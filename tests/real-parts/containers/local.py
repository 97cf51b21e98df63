"""The local bundle, as docs/local.md has it listen for containers, on free ports."""

import contextlib
import json
import os
import re

import contracts
from cloud import Cloud
from places import BUILT, PROJECT, WORK
from processes import free_ports, running

# The outputs of a stack, as far as its tables are concerned.
TABLES = {"CallbacksTableName": "callbacks", "LedgerTableName": "ledger"}


class Local:
    """Where things are: URLs of the API and the stand-ins, a client for the tables, and the file for `--env-vars`."""

    def __init__(self, http, dynamodb, sqs, providers):
        self.api = f"http://127.0.0.1:{http}"
        self.cloud = Cloud(f"http://127.0.0.1:{dynamodb}")
        self.providers = f"http://127.0.0.1:{providers}"
        # Nothing but the ports is other than in the sample file.
        ports = {"8000": dynamodb, "9324": sqs, "3001": providers}
        here = lambda named: f"host.docker.internal:{ports[named[1]]}"
        text = (PROJECT / "events" / "env.json").read_text()
        self.variables = WORK / "env.json"
        functions = json.loads(re.sub(r"host\.docker\.internal:(\d+)", here, text))
        # A contract's function has the keys that its corpus is signed with, and else what another has.
        for contract, name in contracts.CONTRACTS.items():
            functions[f"{contract}Function"] = functions["InbrainFunction"] | {"KEYS": contracts.keys(name)}
        self.variables.write_text(json.dumps(functions))

    def callbacks(self):
        return self.cloud.items(TABLES["CallbacksTableName"])


@contextlib.contextmanager
def local(*options):
    """Serves the bundle until the end of the `with`."""
    ports = free_ports(4)
    named = zip(("--port", "--dynamodb-port", "--sqs-port", "--provider-port"), map(str, ports))
    options = ("--console-port", "0", "--listen-for-containers", *options)
    command = [BUILT / "callbacks", *(word for pair in named for word in pair), *options]
    with running("local", command, dict(os.environ), f"http://127.0.0.1:{ports[3]}/calls"):
        yield Local(*ports)
