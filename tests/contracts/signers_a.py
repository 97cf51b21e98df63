"""How providers sign, written from their own pages with nothing but Python's standard library.

Each function takes a secret, a request that is not signed, and what its fields say, and returns the request
with the signature where the provider puts it. A request is a dict with `method`, `url`, `headers` and `body`.
Nothing here is read from `contracts/`: the two can only agree by both being right.
"""

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit


def _md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def _sha1(text):
    return hashlib.sha1(text.encode()).hexdigest()


def _hmac(secret, message, algorithm):
    return hmac.new(secret.encode(), message.encode(), algorithm)


def _appended(request, name, value):
    """The request with one more parameter at the end of its query."""
    separator = "&" if "?" in request["url"] else "?"
    return {**request, "url": f"{request['url']}{separator}{name}={quote(value, safe='')}"}


def _with_header(request, name, value):
    return {**request, "headers": {**request["headers"], name: value}}


def cpx(secret, request, fields):
    """`hash` is md5 of "{trans_id}-{secret}"."""
    return _appended(request, "hash", _md5(f"{fields['trans_id']}-{secret}"))


def bitlabs(secret, request, fields):
    """`hash`, the last parameter, is HMAC-SHA1 of the URL as it was before, in hex."""
    return _appended(request, "hash", _hmac(secret, request["url"], "sha1").hexdigest())


def theoremreach(secret, request, fields):
    """`hash`, the last parameter, is HMAC-SHA1 of the URL as it was before, in base64 with `+` as `-`, `/` as
    `_`, and without `=`."""
    text = base64.b64encode(_hmac(secret, request["url"], "sha1").digest()).decode()
    return _appended(request, "hash", text.replace("+", "-").replace("/", "_").replace("=", ""))


def adgem(secret, request, fields):
    """`verifier` is HMAC-SHA256 of the URL without it, in hex."""
    return _appended(request, "verifier", _hmac(secret, request["url"], "sha256").hexdigest())


def adgem_v3(secret, request, fields):
    """The header `Signature` is HMAC-SHA256 of the body, in hex."""
    return _with_header(request, "signature", _hmac(secret, request["body"], "sha256").hexdigest())


def ayet_studios(secret, request, fields):
    """The header `X-Ayetstudios-Security-Hash` is HMAC-SHA256 of PHP's `http_build_query` of the parameters,
    sorted by name. PHP keeps the last of a name that is there twice."""
    parameters = dict(parse_qsl(urlsplit(request["url"]).query, keep_blank_values=True))
    encode = lambda text: quote_plus(text).replace("~", "%7E")
    text = "&".join(f"{encode(name)}={encode(parameters[name])}" for name in sorted(parameters))
    return _with_header(request, "x-ayetstudios-security-hash", _hmac(secret, text, "sha256").hexdigest())


def lootably(secret, request, fields):
    """`hash` is SHA-256 of user, address, revenue, reward and secret."""
    parts = [fields[name] for name in ("userID", "ip", "revenue", "currencyReward")]
    digest = hashlib.sha256("".join([*parts, secret]).encode()).hexdigest()
    return _appended(request, "hash", digest)


def torox(secret, request, fields):
    """`sig` is md5 of "{oid}-{user_id}-{secret}"."""
    return _appended(request, "sig", _md5("-".join([fields["oid"], fields["user_id"], secret])))


def wannads(secret, request, fields):
    """`signature` is md5 of user, transaction, reward and secret."""
    return _appended(request, "signature", _family(secret, fields))


def adrevmedia(secret, request, fields):
    """As Wannads'."""
    return _appended(request, "signature", _family(secret, fields))


def revlum(secret, request, fields):
    """As Wannads'; of a POST, `signature` stands in the form."""
    if request["method"] == "GET":
        return _appended(request, "signature", _family(secret, fields))
    return {**request, "body": f"{request['body']}&signature={_family(secret, fields)}"}


def _family(secret, fields):
    return _md5(fields["subId"] + fields["transId"] + fields["reward"] + secret)


def tapjoy(secret, request, fields):
    """`verifier` is md5 of "{id}:{snuid}:{currency}:{secret}"."""
    text = ":".join([fields["id"], fields["snuid"], fields["currency"], secret])
    return _appended(request, "verifier", _md5(text))


def levelplay(secret, request, fields):
    """`signature` is md5 of timestamp, event, user, rewards and private key."""
    parts = [fields[name] for name in ("timestamp", "eventId", "appUserId", "rewards")]
    return _appended(request, "signature", _md5("".join([*parts, secret])))


def digital_turbine(secret, request, fields):
    """`sid` is SHA-1 of token, user, amount, transaction and the custom parameters that there are."""
    names = ["uid", "amount", "_trans_id_", *(f"pub{n}" for n in range(10))]
    return _appended(request, "sid", _sha1(secret + "".join(fields.get(name, "") for name in names)))


def adjoe(secret, request, fields):
    """`sid` is SHA-1 of transaction, user, currency, amount, device, app and token, of those that there are."""
    names = ["trans_uuid", "user_uuid", "currency", "coin_amount", "device_id", "sdk_app_id"]
    return _appended(request, "sid", _sha1("".join(fields.get(name, "") for name in names) + secret))
