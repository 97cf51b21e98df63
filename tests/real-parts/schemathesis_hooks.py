"""What Schemathesis loads (SCHEMATHESIS_HOOKS): notes every answer's status in the file that STATUSES names,
and with SIGNED set signs the requests with the sample keys of events/env.json, so that what is behind the
authentication is reached."""

import hashlib
import hmac
import json
import os
from pathlib import Path
from urllib.parse import urlencode, urlsplit, urlunsplit

import schemathesis
from requests.auth import AuthBase

PROJECT = Path(__file__).resolve().parent.parent.parent
SETTINGS = json.loads((PROJECT / "events" / "env.json").read_text())


def secret(function):
    return json.loads(SETTINGS[function]["KEYS"])["keys"][0]["secret"]


class Digits(str):
    """A number, as it is written: that is what is signed."""


def written(value):
    return value if isinstance(value, (str, Digits)) else None


def utf8(text):
    # Half a surrogate pair is no text, and is refused; here it has to be something.
    return text.encode("utf-8", "surrogatepass")


def giveaway_sign(fields):
    names = [name for name in ("track_id", "event", "value", "remark") if fields.get(name) is not None]
    if any(written(fields[name]) is None for name in names):
        return None
    text = "&".join(f"{name}={fields[name]}" for name in names)
    return hmac.new(utf8(secret("GiveawayFunction")), utf8(text), hashlib.sha256).hexdigest()


def inbrain_sig(fields):
    parts = [fields[name] for name in ("PanelistId", "RewardId") if fields.get(name) is not None]
    if any(written(part) is None for part in parts):
        return None
    return hashlib.md5(utf8("".join(parts) + secret("InbrainFunction"))).hexdigest()


def appvirality_key(_):
    return secret("AppviralityFunction")


# By the first segment of the path: the member of the body, and what it is.
MEMBERS = {
    "giveaway": ("sign", giveaway_sign),
    "inbrain": ("Sig", inbrain_sig),
    "appvirality": ("securekey", appvirality_key),
}


class Signed(AuthBase):
    """Puts the credential into a request that is otherwise ready to be sent."""

    def __call__(self, request):
        url = urlsplit(request.url)
        provider = url.path.split("/")[1] if url.path.count("/") > 1 else ""
        if provider == "claimr":
            body = request.body or b""
            body = utf8(body) if isinstance(body, str) else body
            signature = hmac.new(utf8(secret("ClaimrFunction")), body, hashlib.sha256).hexdigest()
            request.headers["x-claimr-signature"] = signature
        elif provider == "devtodev":
            pairs = [pair for pair in url.query.split("&") if pair and pair.split("=")[0] != "apikey"]
            pairs.append(urlencode({"apikey": secret("DevtodevFunction")}))
            request.url = urlunsplit(url._replace(query="&".join(pairs)))
        elif provider in MEMBERS:
            self.into_body(request, *MEMBERS[provider])
        return request

    @staticmethod
    def into_body(request, name, made_of):
        try:
            body = json.loads(request.body or b"", parse_float=Digits, parse_int=Digits)
            plain = json.loads(request.body)
        except ValueError:
            return
        if not isinstance(body, dict):
            return
        credential = made_of(body)
        if credential is not None:
            # Written as it was, so that the digits stay those that are signed.
            plain.pop(name, None)
            digits = json.dumps(plain)
            body = json.loads(digits, parse_float=Digits, parse_int=Digits)
            request.prepare_body(json.dumps(plain | {name: made_of(body)}), None)


@schemathesis.hook
def after_call(context, case, response):
    with open(os.environ["STATUSES"], "a") as statuses:
        statuses.write(f"{case.operation.label}\t{response.status_code}\n")


if os.environ.get("SIGNED"):
    schemathesis.auth.set_from_requests(Signed())
