"""What Schemathesis loads (SCHEMATHESIS_HOOKS): notes every answer's status in the file that STATUSES names,
and with SIGNED set signs the requests with the sample keys of events/env.json, so that what is behind the
authentication is reached. How a provider signs is in its folder, `conformance/signed.py`."""

import importlib.util
import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import schemathesis
from requests.auth import AuthBase

PROJECT = Path(__file__).resolve().parent.parent.parent
SETTINGS = json.loads((PROJECT / "events" / "env.json").read_text())


def load(source):
    """The module in a provider's folder."""
    spec = importlib.util.spec_from_file_location(f"{source.parents[1].name}_signed", source)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# By the first segment of the path.
SIGNERS = {source.parents[1].name: load(source) for source in PROJECT.glob("functions/*/conformance/signed.py")}


def secret(provider):
    return json.loads(SETTINGS[f"{provider.capitalize()}Function"]["KEYS"])["keys"][0]["secret"]


class Signed(AuthBase):
    """Puts the credential into a request that is otherwise ready to be sent."""

    def __call__(self, request):
        path = urlsplit(request.url).path
        provider = path.split("/")[1] if path.count("/") > 1 else ""
        if provider in SIGNERS:
            SIGNERS[provider].sign(request, secret(provider))
        return request


@schemathesis.hook
def after_call(context, case, response):
    with open(os.environ["STATUSES"], "a") as statuses:
        statuses.write(f"{case.operation.label}\t{response.status_code}\n")


if os.environ.get("SIGNED"):
    schemathesis.auth.set_from_requests(Signed())
