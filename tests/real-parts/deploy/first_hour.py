"""docs/first-hour.md, followed on the emulator: its commands as they stand there, but for those that only AWS can take."""

import json
import os
import re
import shutil
import subprocess
import sys

import bundle
import settlement
from callbacks import Api
from places import BUILT, HERE, PROJECT, WORK
from processes import environment

STACK = "callbacks-first"
HOME = WORK / "first-hour"
# The programs that the commands call, as scripts: `cargo run` has built them.
PROGRAMS = {
    "cargo": f'#!/bin/sh\ncase "$2" in --) shift 2; exec "{BUILT}/callbacks" "$@";; *) exit 9;; esac\n',
    "curl": f'#!/bin/sh\nexec "{sys.executable}" "{HERE / "first_hour.py"}" "$@"\n',
}


def commands():
    """The page's commands for any machine."""
    page = (PROJECT / "docs" / "first-hour.md").read_text()
    return re.findall(r"```sh\n(.*?)```", page, re.DOTALL)


def follow(cloud, template, parameters, aws):
    """Follows the page on a new stack; how many of its steps are taken."""
    assert cloud.create(STACK, template, parameters) == "CREATE_COMPLETE", cloud.failures(STACK)
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    for name, text in PROGRAMS.items():
        (HOME / name).write_text(text)
        (HOME / name).chmod(0o755)
    (HOME / "aws").symlink_to(aws)
    steps = commands()
    script = "\n".join(["set -eu", *(f"echo '== {number}'\n{step}" for number, step in enumerate(steps))])
    api = lambda provider: bundle.SAMPLES[bundle.KEYS[f"{provider}/api"][0]]["API_KEYS"]
    own = {f"{provider.upper()}_API": api(provider) for provider in ("giveaway", "devtodev", "appvirality")}
    env = environment(cloud.endpoint) | own | {"STACK": STACK, "PATH": f"{HOME}:{os.environ['PATH']}", "AWS_PAGER": ""}
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "timeout": 300}
    done = subprocess.run(["sh", "-c", script], env=env, cwd=HOME, **options)
    assert done.returncode == 0, done.stdout
    check(done.stdout)
    states = settlement.states(cloud, cloud.outputs(STACK))
    assert len(states) == 5, states
    delivered = [id for id in states if id.startswith(("giveaway#", "devtodev#"))]
    settlement.await_settled(cloud, cloud.outputs(STACK), delivered)
    assert cloud.delete(STACK) == "DELETE_COMPLETE"
    return len(steps)


def check(said):
    """Holds what the commands said to what the page says of it."""
    answers = re.findall(r'^\{"(?:status|title)":.*$', said, re.MULTILINE)
    outcomes = [answer.get("status") for answer in map(json.loads, answers)]
    assert outcomes == ["recorded"] * 5 + ["duplicate", 401], said
    assert '"Enabled"' in said and '"ReportBatchItemFailures"' in said, said


def curl(words):
    """As much of curl as `cargo run -- sign` prints, for a machine that has none."""
    from callbacks import answered
    from printed import parsed

    print(json.dumps(answered(parsed(["curl", *words]))[1], separators=(",", ":")))


if __name__ == "__main__":
    curl(sys.argv[1:])
