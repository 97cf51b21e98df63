"""The emulator and the stand-ins of the providers' APIs, on free ports of 127.0.0.1, for the time of a `with`."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from places import ASKED, BUILT, HERE, PROJECT, WORK

REGION = "eu-west-1"
# The account's root user, by the emulator's own convention: what it may do is not limited. The functions have
# credentials of their roles.
ROOT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
}
# Nothing of this machine's own account may be meant.
STRIPPED = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE")


def environment(endpoint):
    """The environment of a program that is to speak to the emulator."""
    kept = {name: value for name, value in os.environ.items() if name not in STRIPPED}
    no_files = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return kept | ROOT | no_files | {"AWS_ENDPOINT_URL": endpoint, "AWS_EC2_METADATA_DISABLED": "true"}


def free_ports(count):
    """Ports that nobody listens on."""
    with contextlib.ExitStack() as open_until_all_are_known:
        sockets = [open_until_all_are_known.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def await_answer(url, process, log, seconds=30):
    """Waits until `url` is answered, with whatever status."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, OSError):
            try:
                urllib.request.urlopen(url, timeout=5).close()
            except urllib.error.HTTPError:
                pass
            return
        time.sleep(0.1)
    sys.exit(f"{url} is not answered; the last lines of {log}:\n" + "\n".join(log.read_text().splitlines()[-20:]))


@contextlib.contextmanager
def running(name, command, env, url, cwd=WORK):
    """Runs a program until the end of the `with`, its output in a file below target/."""
    log = WORK / f"{name}.log"
    with log.open("w") as out:
        silent = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": out}
        process = subprocess.Popen(command, env=env, cwd=cwd, start_new_session=True, **silent)
    try:
        await_answer(url, process, log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            pass
        # The functions too, which are the emulator's children.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def emulator():
    """AWS, as far as the emulator goes, with permissions enforced; gives its URL."""
    (port,) = free_ports(1)
    endpoint = f"http://127.0.0.1:{port}"
    # It unpacks every function's package there, and leaves them.
    scratch = WORK / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    env = environment(endpoint) | {
        "GATEWAY_PORT": str(port),
        # Otherwise it listens on all addresses of this machine.
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "AUTH": "true",
        # Functions are processes, not containers.
        "LAMBDA_EXECUTOR": "local",
        "DOCKER_HOST": "unix:///nonexistent",
        "MINISTACK_REGION": REGION,
        "TMPDIR": str(scratch),
        "PYTHONDONTWRITEBYTECODE": "1",
        "ASKED": str(ASKED),
    }
    ASKED.unlink(missing_ok=True)
    command = [sys.executable, HERE / "asked.py"]
    try:
        with running("emulator", command, env, f"{endpoint}/_ministack/health"):
            yield endpoint
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextlib.contextmanager
def stand_ins():
    """The stand-ins of the providers' APIs, which are a port of the local bundle; gives its URL."""
    http, dynamodb, sqs, providers = free_ports(4)
    ports = ["--port", http, "--dynamodb-port", dynamodb, "--sqs-port", sqs, "--provider-port", providers, "--console-port", 0]
    command = [BUILT / "callbacks", *map(str, ports), "--env-vars", str(PROJECT / "events" / "env.json")]
    url = f"http://127.0.0.1:{providers}"
    with running("stand-ins", command, dict(os.environ), f"{url}/calls"):
        yield url
