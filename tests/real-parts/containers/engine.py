"""The container engine that the SAM CLI uses, and under which address it reaches this machine.

By itself: whether there is one. Ends with 1, and says so, where none answers.
"""

import os
import sys

import docker

SOCKET = "/var/run/docker.sock"
NONE = "nothing runs in containers: no engine answers at DOCKER_HOST or the usual socket"


def find():
    """The engine that DOCKER_HOST names, or the one at the usual socket; None where none answers."""
    if "DOCKER_HOST" not in os.environ and not os.path.exists(SOCKET):
        return None
    try:
        engine = docker.from_env()
        engine.ping()
    except (docker.errors.DockerException, OSError):
        return None
    return engine


def host(engine):
    """What `--add-host host.docker.internal:…` has to name, by the table of docs/local.md."""
    versions = {part["Name"]: part["Version"] for part in engine.version()["Components"]}
    podman = versions.get("Podman Engine")
    if podman is None or tuple(map(int, podman.split(".")[:2])) >= (4, 7):
        return "host-gateway"
    return engine.networks.get("podman").attrs["IPAM"]["Config"][0]["Gateway"]


def named(engine):
    """What the engine calls itself."""
    first = engine.version()["Components"][0]
    return f"{first['Name']} {first['Version']}"


if __name__ == "__main__":
    sys.exit(None if find() else NONE)
