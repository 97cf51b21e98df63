"""What the cases are made of: requests, signatures, identities and expectations.

Everything here is worked out from the contracts once more, with nothing but Python's standard library,
so that the corpus and the program can only agree by both being right.
"""

import base64
import hashlib
import hmac
import html
import json
import quopri
import re
import unicodedata
from urllib.parse import quote, unquote

ABSENT = object()
"""A field that is not sent."""

NOW = "2026-08-01 12:00:00"
"""Where the clock stands, in UTC, when the cases are run."""

LARGEST_BODY = 64 * 1024
"""The largest body that is read, in bytes."""


# JSON


class Raw(str):
    """JSON as it is to stand in a body: a number with these digits, an object spelled just so."""


def dump(value):
    """Compact JSON with everything outside ASCII as it is. Absent members of objects are left out."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        members = (
            json.dumps(name, ensure_ascii=False) + ":" + dump(member)
            for name, member in value.items()
            if member is not ABSENT
        )
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(dump(item) for item in value) + "]"
    if isinstance(value, float):
        raise TypeError("write an amount as Raw digits")
    return json.dumps(value, ensure_ascii=False)


def padded(body, size):
    """`body` with a member `pad` that makes it `size` bytes of JSON."""
    empty = {**body, "pad": ""}
    return {**body, "pad": "x" * (size - len(dump(empty).encode()))}


# Signatures


def hmac_sha256(secret, message, algorithm="sha256"):
    """The HMAC of `message`, as bytes."""
    return hmac.new(to_bytes(secret), to_bytes(message), algorithm).digest()


def md5(message):
    """MD5 in lower-case hex."""
    return hashlib.md5(to_bytes(message)).hexdigest()


def to_bytes(text):
    return text.encode() if isinstance(text, str) else text


# Identities


def key(*parts):
    """An idempotency key: the parts escaped and joined with `#`; one that is long, or may be an e-mail
    address, as `~` and its SHA-256."""
    return "#".join(map(_part, parts))


class Address(str):
    """A part that is an e-mail address by the name of its field, whatever it looks like."""


def _part(text):
    escaped = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and chr(byte) not in "#%~" else f"%{byte:02X}"
        for byte in text.encode()
    )
    if len(escaped) > 189 or isinstance(text, Address) or may_hold_address(text):
        return hidden(text)
    return escaped


def hidden(text):
    """A part that does not show."""
    return "~" + hashlib.sha256(text.encode()).hexdigest()


def may_hold_address(text):
    """Whether there is an `@`, however it is escaped, and however often."""
    for _ in range(9):
        text = unicodedata.normalize("NFKC", text)
        if "@" in text or "+AEA" in text or b"@" in quopri.decodestring(text.encode()):
            return True
        text = decoded(text)
    return False


def one_spelling(address):
    """An address without escapes and blanks, in lower case."""
    for _ in range(9):
        address = decoded(address)
        if "@" not in address:
            address = quopri.decodestring(address.encode()).decode()
    return "".join(address.split()).lower()


def decoded(text):
    """What is seen of a text, with one layer of escapes taken away."""
    tag = lambda c: 0xE0021 <= ord(c) <= 0xE007E
    seen = "".join(c for c in text if tag(c) or unicodedata.category(c) != "Cf")
    narrow = "".join(chr(ord(c) - 0xE0000) if tag(c) else c for c in unicodedata.normalize("NFKC", seen))
    text = html.unescape(unquote(narrow))
    return re.sub(r"\\U00000040|\\[ux]{0*40}|(?:[\\%]u00|\\x)40", "@", text)


ADDRESSES = [
    ("an address", "ann@example.com"),
    ("an address, percent-encoded", "ann%40example.com"),
    ("an address, percent-encoded twice", "ann%2540example.com"),
    ("an address, full-width", "ann\uff20example.com"),
    ("an address, a small form", "ann\ufe6bexample.com"),
    ("an address, full-width and percent-encoded", "ann%EF%BC%A0example.com"),
    ("an address, a numeric entity", "ann&#64;example.com"),
    ("an address, a hexadecimal entity", "ann&#x40;example.com"),
    ("an address, a named entity", "ann&commat;example.com"),
    ("an address, quoted-printable", "ann=40example.com"),
    ("an address, an escape of JavaScript", "ann\\u0040example.com"),
    ("an address, an escape of C", "ann\\U00000040example.com"),
    ("an address, an escape with braces", "ann\\u{40}example.com"),
    ("an address, a named entity before digits", "ann&percnt;40example.com"),
    ("an address, something invisible in its escape", "ann%4\u200b0example.com"),
    ("an address, a tag", "ann\U000e0040example.com"),
    ("an address, UTF-7", "ann+AEA-example.com"),
    ("an address, within a text", "mailto:ann%40example.com?subject=x"),
]
"""One address in several spellings. None is to be seen where a part of a key is."""


def digest(*fields):
    """SHA-256 over (name, value) pairs, each with its length, and whether there is a value."""
    sha256 = hashlib.sha256()
    for name, value in fields:
        for part, flag in ((name, b""), (value, bytes([value is not None]))):
            encoded = (part or "").encode()
            sha256.update(flag + len(encoded).to_bytes(8, "big") + encoded)
    return sha256.hexdigest()


# Expectations


def stored(id, kind, user, payload=None, amount="", unit="", test=False, held=None, key_id=None):
    """What is stored of a callback, under which `id`. Without `payload`, it is the body without its
    credentials; `ANY` leaves it open."""
    item = {"kind": kind, "user": pieces(user), "amount": amount, "unit": unit, "test": test}
    item["state"] = "held" if held else "recorded"
    if held:
        item["held"] = held
    item["key_id"] = key_id
    item["payload"] = payload
    return {"id": id, "item": item}


ANY = object()
"""A payload that is not compared."""


def recorded(what):
    """Stored for the first time."""
    return {"answer": {"status": 200, "outcome": "recorded", "id": pieces(what["id"])}, **_item(what)}


def duplicate(id):
    """The same as before; nothing changes."""
    return {"answer": {"status": 200, "outcome": "duplicate", "id": pieces(id)}}


def conflict(what, status=200):
    """The identity is taken by another content; this one is put aside. A provider would send again whatever is
    not answered 200; a team's own code is told its error by 409."""
    answer = {"status": status, "outcome": "conflict", "id": pieces(what["id"])}
    expected = {"answer": answer, **_item(what)}
    expected["item"]["state"] = "conflict"
    return expected


def known_conflict(id, status=200):
    """The same conflict once more; nothing changes."""
    return {"answer": {"status": status, "outcome": "known_conflict", "id": pieces(id)}}


def _item(what):
    return {"item": dict(what["item"])}


def missing(field):
    return _refused(400, "missing", field)


def repeated(field):
    return _refused(400, "repeated", field)


def malformed(field):
    return _refused(400, "malformed", field)


def undecodable():
    """The body or the query string is not what it claims to be; no field can be named."""
    return _refused(400, "undecodable")


def not_json():
    """The body is no JSON object."""
    return malformed("body")


def unauthenticated():
    return _refused(401, "unauthenticated")


def too_large():
    return _refused(413, "too_large")


def unavailable():
    """Ours to mend: the provider has to send it again."""
    return _refused(503, "unavailable")


def no_such_route():
    return _refused(404, "no_such_route")


def wrong_method(allow):
    return {"answer": {"status": 405, "refused": "wrong_method", "allow": allow}}


def _refused(status, reason, field=None):
    answer = {"status": status, "refused": reason}
    if field is not None:
        answer["field"] = field
    return {"answer": answer}


# Cases

JSON = [["content-type", "application/json"]]
BINARY = [["content-type", "application/octet-stream"]]
"""A type that API Gateway does not take for text, so that the function gets the body as base64."""
FORM = [["content-type", "application/x-www-form-urlencoded"]]


def keys(**secrets):
    """A provider's secret: keys by their ids."""
    return {"keys": [{"id": id, "secret": secret} for id, secret in secrets.items()]}


class Corpus:
    """The cases of one provider."""

    def __init__(self, provider, credentials):
        self.provider = provider
        self.credentials = credentials
        self.groups = []

    def group(self, name, keys, settings=None):
        """A sequence of cases that begins with an empty table."""
        group = Group(self, name, keys, settings or {})
        self.groups.append(group)
        return group

    def data(self):
        return {"provider": self.provider, "groups": [group.data() for group in self.groups]}


class Group:
    def __init__(self, corpus, name, keys, settings):
        self.corpus = corpus
        self.name = name
        self.keys = keys
        self.settings = settings
        self.cases = []

    def send(self, name, expected, path, body=b"", query="", method="POST", headers=JSON):
        """A case. A body that is no text or bytes is sent as JSON."""
        expected = {part: dict(value) for part, value in expected.items()}
        if "item" in expected:
            self._complete(expected["item"], body)
        if isinstance(body, (dict, list)):
            body = dump(body)
        request = {"method": method, "path": path, "headers": headers}
        if query:
            request["query"] = pieces(query)
        if body:
            request["body"] = encoded(body)
        self.cases.append({"name": name, "request": request, **expected})

    def _complete(self, item, body):
        """Fills in what an expectation leaves to the request."""
        if item["key_id"] is None:
            item["key_id"] = self.keys["keys"][0]["id"]
        if item["payload"] is ANY:
            del item["payload"]
            return
        if item["payload"] is None:
            hidden = self.corpus.credentials
            item["payload"] = _without(body, [name.lower() for name in hidden])
        if isinstance(item["payload"], dict):
            item["payload"] = dump(item["payload"])
        item["payload"] = pieces(item["payload"])

    def data(self):
        data = {"name": self.name, "keys": self.keys, "settings": self.settings}
        return {**data, "cases": self.cases}


def _without(value, names):
    """`value` without the members with these names, in any case and at any depth."""
    if isinstance(value, dict):
        kept = {name: part for name, part in value.items() if name.split(".")[-1].lower() not in names}
        return {name: _without(part, names) for name, part in kept.items()}
    if isinstance(value, list):
        return [_without(part, names) for part in value]
    return value


# Text


def pieces(text):
    """Text as it is written into the data: a string, or pieces of it where something is repeated so
    often that nobody could read it."""
    parts = []
    for match in re.finditer(r"(.)\1{39,}|(?:(?!(.)\2{39,}).)+", text, re.DOTALL):
        if match[1]:
            parts.append({"repeat": match[1], "times": len(match[0])})
        else:
            parts.append(match[0])
    return parts if any(isinstance(part, dict) for part in parts) else text


def encoded(body):
    """A body as it is written into the data."""
    if isinstance(body, str):
        return pieces(body)
    try:
        return pieces(body.decode())
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def percent(text):
    """Percent-encoding of all but the unreserved characters of RFC 3986."""
    return quote(text, safe="")
