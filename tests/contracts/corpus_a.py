#!/usr/bin/env python3
"""Writes the corpus of one half of the catalogue: `corpus/NAME.json`, a contract to a file.

    python3 tests/contracts/corpus_a.py            writes the files anew
    python3 tests/contracts/corpus_a.py --check    fails where a file is not what this says

What is expected comes from the providers' pages and from the receiver's rules, never from `contracts/`:

* A request from outside the networks that are known is `foreign_network`. One that is not proved is
  `unauthenticated`, whatever else is wrong with it; once it is proved, a parameter that is there twice is
  `repeated`, a broken escape `undecodable`, a field that has to be there `missing`, one of another form
  `malformed`.
* `amount` is as it stands on the wire (compare by value), with `unit`, of what pays. A reward of zero, a
  reversal and a notice have neither. A test has the effect that it would have, and `test` keeps it unpaid.
* `of` is the id that a completion and its reversal share.
* A reward above the contract's cap is recorded and held as `over_cap`.

The URL's token is HMAC-SHA256 of "the token of the callback URL" with the key: its first 16 bytes in hex.
"""

import hashlib
import hmac
import json
import sys
from urllib.parse import quote

import signers_a as signers
from files import keep

BASE = "https://callbacks.example.com"
AT = "2026-11-27T12:00:00Z"
KEYS = {"first": "k1-9f2c7a51d0e84b36", "second": "k2-51b7e0c94ad23f68"}
SECRET = KEYS["first"]
STRANGE = "k3-00000000deadbeef"
ELSEWHERE = "203.0.113.77"

MALFORMED_AMOUNTS = ["abc", "1,5", "+5", " 5", "5.", ".5", "0x10", "NaN", "1" * 29]
MALFORMED_INTEGERS = ["abc", "1.5", "1e3", "+5", "0x10", "1" * 29]


def url_token(secret):
    mac = hmac.new(secret.encode(), b"the token of the callback URL", hashlib.sha256)
    return mac.digest()[:16].hex()


def encoded(fields):
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in fields.items())


class Corpus:
    """The cases of one contract."""

    def __init__(self, name, fields, credential, *, ip=ELSEWHERE, token=False, expected=None):
        self.name = name
        self.path = f"/{name}"
        self.signer = getattr(signers, name.replace("-", "_"))
        self.fields = fields  # a genuine callback's, in the order in which they are sent
        self.credential = credential  # the name of the parameter with the signature
        self.ip = ip  # from where the provider calls
        self.token = token  # whether the URL carries one
        self.expected = expected  # what the genuine callback is
        self.cases = []

    # Requests

    def unsigned(self, fields, *, extra="", token=None, secret=SECRET):
        query = encoded(fields)
        if self.token and token != "":
            query = f"token={token or url_token(secret)}&{query}"
        return {"method": "GET", "url": f"{BASE}{self.path}?{query}{extra}", "headers": {}, "body": ""}

    def signed(self, fields=None, *, over=None, secret=SECRET, **how):
        """A request with `fields`, signed as though they were `over`."""
        fields = self.fields if fields is None else fields
        request = self.unsigned(fields, secret=KEYS.get("first") if secret == STRANGE else secret, **how)
        absent = {name: "" for name in self.fields if name not in fields}
        return self.signer(secret, request, {**absent, **(fields if over is None else over)})

    def changed(self, **changes):
        """The genuine callback's fields with `changes`; `None` leaves one out."""
        fields = {**self.fields, **changes}
        return {name: value for name, value in fields.items() if value is not None}

    def tampered(self, before, after, request=None):
        """A request whose URL was rewritten on the way."""
        request = request or self.signed()
        assert request["url"].count(before) == 1, (self.name, before, request["url"])
        return {**request, "url": request["url"].replace(before, after)}

    # Cases

    def add(self, name, request, outcome, *, ip=None):
        assert name not in {case["name"] for case in self.cases}, (self.name, name)
        refused = isinstance(outcome, str)
        blank = dict.fromkeys(("kind", "id_parts", "user", "amount", "unit", "effect", "of"))
        blank |= {"test": False, "held": None}
        self.cases.append(
            {
                "name": name,
                "request": request,
                "at": AT,
                "source_ip": ip or self.ip,
                "verdict": "refused" if refused else "recorded",
                "reason": outcome if refused else None,
                **(blank if refused else {**blank, **outcome}),
            }
        )

    def but(self, **changes):
        """What the genuine callback is, with changes."""
        return {**self.expected, **changes}

    def nothing(self, **changes):
        """The same, where nothing is paid."""
        return self.but(amount=None, unit=None, effect="nothing", of=None, **changes)

    def data(self):
        return {"version": 1, "contract": self.name, "keys": KEYS, "cases": self.cases}

    # What holds for every contract

    def genuine(self):
        self.add("genuine", self.signed(), self.expected)
        self.add("signed with the second key", self.signed(secret=KEYS["second"]), self.expected)

    def credentials(self, *, in_hex=True):
        """What becomes of a request whose signature is another, in a query."""
        signed = self.signed()
        mark = f"&{self.credential}="
        before, signature = signed["url"].split(mark)
        with_ = lambda text: {**signed, "url": before + text}
        refused = [
            ("signature missing", ""),
            ("signature empty", mark),
            ("signature truncated", mark + signature[:-1]),
            ("signature with a byte more", mark + signature + "00"),
            ("signature of one wrong digit", mark + ("0" if signature[0] != "0" else "1") + signature[1:]),
            ("signature of no alphabet", mark + "~" * len(signature)),
            ("signature there twice", mark + signature + mark + signature),
            ("signature there twice, the second wrong", mark + signature + mark + "0" * len(signature)),
            ("signature that cannot be decoded", mark + "%zz" + signature[3:]),
            ("signature under a name of another case", mark.upper() + signature),
        ]
        for name, text in refused:
            self.add(name, with_(text), "unauthenticated")
        self.add("signature of a strange key", self.signed(secret=STRANGE), "unauthenticated")
        if in_hex:
            self.add("signature in capitals", with_(mark + signature.upper()), self.expected)
        else:
            self.add("signature in another case", with_(mark + signature.swapcase()), "unauthenticated")

    def signed_fields(self, values, *, optional=()):
        """Fields of a template: each with another value that has its form."""
        for name, value in values.items():
            changed = self.changed(**{name: value})
            self.add(f"{name} changed", self.signed(changed, over=self.fields), "unauthenticated")
            left_out = self.changed(**{name: None})
            request = self.signed(left_out, over=self.fields)
            self.add(f"{name} taken away", request, "unauthenticated")
            if name not in optional:
                self.add(f"{name} missing, signed so", self.signed(left_out), "missing")
        for name in list(values)[:2]:
            here = f"{name}={quote(self.fields[name], safe='')}"
            self.add(f"{name} there twice", self.tampered(here, f"{here}&{here}"), "unauthenticated")
            request = self.tampered(here, f"{name}=%zz")
            self.add(f"{name} that cannot be decoded", request, "unauthenticated")

    def unsigned_fields(self, values, *, optional=()):
        """Fields that nobody signs: each with another value, and what becomes of that."""
        for name, (value, outcome) in values.items():
            changed = self.changed(**{name: value})
            self.add(f"{name} changed, which is not signed", self.signed(changed), outcome)
            if name not in optional:
                request = self.signed(self.changed(**{name: None}))
                self.add(f"{name} missing", request, "missing")
            here = f"{name}={quote(self.fields[name], safe='')}"
            self.add(f"{name} there twice", self.tampered(here, f"{here}&{here}"), "repeated")
            request = self.tampered(here, f"{name}=%zz")
            self.add(f"{name} that cannot be decoded", request, "undecodable")

    def whole_url(self, values, *, optional=()):
        """Where the URL is signed as it was called."""
        for name, value in values.items():
            here = f"{name}={quote(self.fields[name], safe='')}"
            there = f"{name}={quote(value, safe='')}"
            self.add(f"{name} changed", self.tampered(here, there), "unauthenticated")
            if name not in optional:
                left_out = self.changed(**{name: None})
                self.add(f"{name} missing, signed so", self.signed(left_out), "missing")
        name = list(values)[0]
        pair = f"&{name}={quote(self.fields[name], safe='')}"
        request = self.signed(extra=pair)
        self.add("a field there twice, signed so", request, "repeated")
        self.add(
            "a field added on the way",
            self.tampered(f"&{self.credential}=", f"{pair}&{self.credential}="),
            "unauthenticated",
        )
        self.add("an escape that cannot be decoded, signed so", self.signed(extra="&note=%zz"), "undecodable")
        first, second = list(self.fields)[:2]
        pairs = [f"{name}={quote(self.fields[name], safe='')}" for name in (first, second)]
        request = self.tampered("&".join(pairs), "&".join(reversed(pairs)))
        self.add("parameters in another order", request, "unauthenticated")
        signed = self.signed(extra="&note=a%20b")
        self.add("a parameter that says nothing", signed, self.expected)
        self.add("a space written anew", self.tampered("a%20b", "a+b", signed), "unauthenticated")
        self.add(
            "the signature's name in a value",
            self.signed(extra=f"&note=%26{self.credential}%3D0"),
            self.expected,
        )
        before, signature = self.signed()["url"].split(f"&{self.credential}=")
        path, query = before.split("?")
        request = {**self.signed(), "url": f"{path}?{self.credential}={signature}&{query}"}
        self.add("the signature first", request, "unauthenticated")
        http = self.unsigned(self.fields)
        http = self.signer(SECRET, {**http, "url": http["url"].replace("https://", "http://")}, {})
        signature = http["url"].rsplit("=", 1)[1]
        request = {**http, "url": f"{before}&{self.credential}={signature}"}
        self.add("signed for another scheme", request, "unauthenticated")
        behind = {**self.signed(), "url": self.signed()["url"] + f"&{name}={quote(values[name], safe='')}"}
        self.add("a field behind the signature is not read", behind, self.expected)

    def amounts(self, name, malformed, *, negative=None):
        """Amounts in another form, signed so."""
        for text in malformed:
            self.add(f"{name} is {text!r}", self.signed(self.changed(**{name: text})), "malformed")
        if negative:
            self.add(f"{name} below zero", self.signed(self.changed(**{name: "-5"})), negative)
        request = self.signed(self.changed(**{name: "0"}))
        self.add(f"{name} is zero", request, self.nothing())

    def cap(self, name, cap):
        at = self.signed(self.changed(**{name: str(cap)}))
        self.add(f"{name} at the cap", at, self.but(amount=str(cap)))
        above = self.signed(self.changed(**{name: str(cap + 1)}))
        self.add(f"{name} above the cap", above, self.but(amount=str(cap + 1), held="over_cap"))

    def ids(self, name, longest, user=None):
        """Identifiers of another form, signed so, and a user whose id is not plain."""
        for what, text in [("of one character too many", "x" * (longest + 1)), ("with a line end", "a\nb")]:
            self.add(f"{name} {what}", self.signed(self.changed(**{name: text})), "malformed")
        if user:
            text = "zoë & søn+1@例え"
            self.add(f"{user} outside ASCII", self.signed(self.changed(**{user: text})), self.but(user=text))

    def two_readings(self, outcome, **shifted):
        """A weakness of the provider's own: its text can be split in another way, and only the token says no."""
        fields = self.changed(**shifted)
        joined = lambda fields: "".join(fields[name] for name in self.fields if name in shifted)
        assert joined(fields) == joined(self.fields), (self.name, shifted)
        self.add("one signature read in another way", self.signed(fields, over=self.fields), outcome)
        without = self.signed(fields, over=self.fields, token="")
        self.add("one signature read in another way, without the token", without, "unauthenticated")

    def guarded(self):
        """The locks beside the signature."""
        if self.token:
            for name, token in [
                ("missing", ""),
                ("wrong", "0" * 32),
                ("of another key", url_token(KEYS["second"])),
            ]:
                self.add(f"token {name}", self.signed(token=token), "unauthenticated")
            token = url_token(SECRET)
            request = self.tampered(f"token={token}", f"token={token}&token={token}")
            self.add("token there twice", request, "unauthenticated")
        if self.ip != ELSEWHERE:
            self.add("from elsewhere", self.signed(), "foreign_network", ip=ELSEWHERE)
            self.add("from an IPv6 address elsewhere", self.signed(), "foreign_network", ip="2001:db8::7")


def cpx():
    user = "7d0ef0a2-5b0e-4c9e-9a43-6f6fbe1f2a10"
    c = Corpus(
        "cpx",
        {
            "status": "1",
            "trans_id": "318220941",
            "user_id": user,
            "amount_local": "120",
            "amount_usd": "0.60",
            "type": "complete",
        },
        "hash",
        ip="188.40.3.73",
        expected=dict(
            kind="survey_completed",
            id_parts=["318220941"],
            user=user,
            amount="120",
            unit="points",
            effect="complete",
            of="318220941",
        ),
    )
    c.genuine()
    c.credentials()
    reversed_ = c.but(kind="survey_reversed", amount=None, unit=None, effect="reverse")
    c.add("reversed", c.signed(c.changed(status="2")), reversed_)
    c.add("reversed without an amount", c.signed(c.changed(status="2", amount_local=None)), reversed_)
    c.add(
        "reversed with an amount below zero", c.signed(c.changed(status="2", amount_local="-120")), reversed_
    )
    c.add(
        "screened out",
        c.signed(c.changed(type="out", amount_local="2")),
        c.but(kind="survey_screened_out", amount="2"),
    )
    c.add("bonus", c.signed(c.changed(type="bonus", amount_local="10")), c.but(kind="bonus", amount="10"))
    c.add("without a type", c.signed(c.changed(type=None)), c.expected)
    c.signed_fields({"trans_id": "318220942"})
    c.unsigned_fields(
        {
            "user_id": ("someone-else", c.but(user="someone-else")),
            "amount_local": ("121", c.but(amount="121")),
            "status": ("3", "malformed"),
        }
    )
    c.add("a type that is not known", c.signed(c.changed(type="gift")), "malformed")
    # What the wall shows each browser: md5("USER-SECRET").
    shown = c.changed(trans_id=user)
    c.add("the wall's hash of a user as a transaction's", c.signed(shown), "malformed")
    # Its hash is 0e449018641959511469031305046437, which to PHP's == is the number 0, as the other one is.
    number = c.signed(c.changed(trans_id="323846005"))
    signature = number["url"].rsplit("=", 1)[1]
    assert signature.startswith("0e") and signature[2:].isdigit()
    c.add("a hash that is the same number to PHP", c.tampered(signature, "0e" + "0" * 30, number), "unauthenticated")
    c.amounts("amount_local", MALFORMED_AMOUNTS, negative="malformed")
    c.cap("amount_local", 10000)
    c.ids("trans_id", 64, user="user_id")
    c.guarded()
    for ip in ("157.90.97.92", "2a01:4f8:d0a:30ff::2"):
        c.add(f"from {ip}", c.signed(), c.expected, ip=ip)
    return c


def bitlabs():
    c = Corpus(
        "bitlabs",
        {
            "uid": "user-1001",
            "tx": "s7f1a0c2",
            "val": "500",
            "usd": "0.50",
            "type": "COMPLETE",
            "ref": "",
            "state": "",
        },
        "hash",
        expected=dict(
            kind="completed",
            id_parts=["s7f1a0c2"],
            user="user-1001",
            amount="500",
            unit="points",
            effect="complete",
            of="s7f1a0c2",
        ),
    )
    c.genuine()
    c.credentials()
    c.whole_url({"uid": "user-1002", "tx": "s7f1a0c3", "val": "501", "type": "SCREENOUT"}, optional=("type",))
    c.add(
        "screened out",
        c.signed(c.changed(type="SCREENOUT", val="5")),
        c.but(kind="survey_screened_out", amount="5"),
    )
    c.add(
        "start bonus",
        c.signed(c.changed(type="START_BONUS", val="50")),
        c.but(kind="start_bonus", amount="50"),
    )
    c.add("an offer without a type", c.signed(c.changed(type="", state="COMPLETED")), c.expected)
    back = c.changed(tx="r03b99e1", val="-500", usd="-0.50", type="RECONCILIATION", ref="s7f1a0c2")
    taken = c.but(id_parts=["r03b99e1"], amount=None, unit=None, effect="reverse", of="s7f1a0c2")
    c.add("reconciled", c.signed(back), {**taken, "kind": "reconciled"})
    c.add("reconciled, of nothing", c.signed({**back, "ref": ""}), "malformed")
    del back["ref"]
    c.add("reconciled, without a reference", c.signed(back), "missing")
    back = c.changed(tx="r03b99e1", val="-500", type="", ref="s7f1a0c2")
    c.add("taken back without a type", c.signed(back), {**taken, "kind": "taken_back"})
    back = c.changed(type="", state="RECONCILED")
    c.add(
        "an offer reconciled",
        c.signed(back),
        c.but(kind="offer_reconciled", amount=None, unit=None, effect="reverse"),
    )
    for state, kind in [
        ("PENDING", "offer_pending"),
        ("REVIEWING", "receipt_in_review"),
        ("REJECTED", "receipt_rejected"),
    ]:
        c.add(f"state {state}", c.signed(c.changed(type="", state=state)), c.nothing(kind=kind))
    c.add("a type that is not known", c.signed(c.changed(type="GIFT")), "malformed")
    c.amounts("val", MALFORMED_AMOUNTS)
    c.ids("uid", 65, user="uid")
    return c


def theoremreach():
    c = Corpus(
        "theoremreach",
        {
            "user_id": "user-1001",
            "tx_id": "tr-5530911",
            "reward": "150",
            "currency": "1.50",
            "screenout": "0",
            "profiler": "0",
        },
        "hash",
        expected=dict(
            kind="survey_completed",
            id_parts=["tr-5530911"],
            user="user-1001",
            amount="150",
            unit="points",
            effect="complete",
            of="tr-5530911",
        ),
    )
    c.genuine()
    c.credentials(in_hex=False)
    c.whole_url({"user_id": "user-1002", "tx_id": "tr-5530912", "reward": "151"})
    numbers = (c.changed(tx_id=f"tr-{number}") for number in range(1000))
    fields = next(fields for fields in numbers if "-" in c.signed(fields)["url"].split("hash=")[1])
    both = dict(id_parts=[fields["tx_id"]], of=fields["tx_id"])
    signed = c.signed(fields)
    before, signature = signed["url"].split("&hash=")
    c.add("a signature with a hyphen", signed, c.but(**both))
    standard = quote(signature.replace("-", "+").replace("_", "/"), safe="")
    c.add("the same in the usual alphabet", {**signed, "url": f"{before}&hash={standard}"}, "unauthenticated")
    for what, change, kind in [
        ("screened out", {"screenout": "1"}, "survey_screened_out"),
        ("profiler", {"profiler": "true"}, "profiler_completed"),
        ("offer", {"offer": "true"}, "offer_completed"),
    ]:
        c.add(what, c.signed(c.changed(**change)), c.but(kind=kind))
    taken = c.but(kind="reversed", amount=None, unit=None, effect="reverse")
    for word in ("true", "1"):
        c.add(f"reversal={word}", c.signed(c.changed(reversal=word)), taken)
        c.add(f"debug={word}", c.signed(c.changed(debug=word)), c.but(test=True))
    c.add("reversed, below zero", c.signed(c.changed(reversal="true", reward="-150")), taken)
    c.add("reversal=false", c.signed(c.changed(reversal="false")), c.expected)
    c.add("debug=false", c.signed(c.changed(debug="false")), c.expected)
    c.add("debug=maybe", c.signed(c.changed(debug="maybe")), "malformed")
    c.add(
        "debug=true taken away",
        c.tampered("&debug=true", "", c.signed(c.changed(debug="true"))),
        "unauthenticated",
    )
    c.amounts("reward", MALFORMED_AMOUNTS, negative="malformed")
    c.ids("tx_id", 128, user="user_id")
    return c


def adgem():
    conversion, goal = "c5eb2a9d-41a4-4088-80bb-ebc87bd1bb62", "12345678911123456"
    c = Corpus(
        "adgem",
        {
            "amount": "150",
            "campaign_id": "40412",
            "goal_id": goal,
            "payout": "1.50",
            "player_id": "user1001",
            "transaction_id": conversion,
            "request_id": "01786456-b959-404a-baa7-05ef8a2e0290",
        },
        "verifier",
        expected=dict(
            kind="goal_reached",
            id_parts=[conversion, goal],
            user="user1001",
            amount="150",
            unit="points",
            effect="credit",
        ),
    )
    c.genuine()
    c.credentials()
    c.whole_url(
        {
            "amount": "151",
            "goal_id": "12345678911123457",
            "player_id": "user1002",
            "transaction_id": "c5eb2a9d-41a4-4088-80bb-ebc87bd1bb63",
            "request_id": "01786456-b959-404a-baa7-05ef8a2e0291",
        },
        optional=("amount",),
    )
    c.add(
        "another goal of the same conversion",
        c.signed(c.changed(goal_id="2")),
        c.but(id_parts=[conversion, "2"]),
    )
    c.add("without a goal", c.signed(c.changed(goal_id="")), c.but(id_parts=[conversion, ""]))
    c.add("an amount that is empty", c.signed(c.changed(amount="")), c.nothing())
    c.add("no amount", c.signed(c.changed(amount=None)), c.nothing())
    install = c.changed(amount="", payout="0", nonpayable_install_goal="true")
    c.add("installed", c.signed(install), c.nothing(kind="installed"))
    behind = c.signed(c.changed(amount="0", payout="0"))
    behind["url"] += "&nonpayable_install_goal=true"
    c.add("installed, told behind the verifier", behind, c.nothing())
    offer = "&offer_name=Example%20App%3A%20Sports%20%26%20Casino%20%28iOS%2C%20INCENT%29"
    c.add("a name as rawurlencode writes it", c.signed(extra=offer), c.expected)
    c.add("a request id that is none", c.signed(c.changed(request_id="1")), "malformed")
    c.amounts("amount", MALFORMED_AMOUNTS, negative="malformed")
    c.ids("transaction_id", 64)
    c.ids("player_id", 256, user="player_id")
    return c


def adgem_v3():
    conversion, goal = "c5eb2a9d-41a4-4088-80bb-ebc87bd1bb62", "12345678911123456"
    c = Corpus(
        "adgem-v3",
        {},
        None,
        expected=dict(
            kind="goal_reached",
            id_parts=[conversion, goal],
            user="user1001",
            amount="150",
            unit="points",
            effect="credit",
        ),
    )
    data = {
        "app_id": "2",
        "campaign_id": "1",
        "player_id": "user1001",
        "amount": 150,
        "payout": 1.5,
        "all_goals_completed": 1,
        "conversion_id": conversion,
        "goal_name": "Reach level 20",
        "goal_id": goal,
        "allow_multiple_conversions": False,
        "conversion_type": "reward",
    }

    def body(change=None, top=None, drop=()):
        inner = {name: value for name, value in {**data, **(change or {})}.items() if name not in drop}
        outer = {"request_id": "01786456-b959-404a-baa7-05ef8a2e0290", "timestamp": 1795780800, "data": inner}
        outer = {name: value for name, value in {**outer, **(top or {})}.items() if name not in drop}
        return json.dumps(outer, indent=4, ensure_ascii=False)

    def post(text, secret=SECRET, over=None):
        headers = {"content-type": "application/json"}
        request = {"method": "POST", "url": BASE + c.path, "headers": headers, "body": text}
        signed = signers.adgem_v3(secret, {**request, "body": text if over is None else over}, {})
        return {**signed, "body": text}

    def header(change):
        request = post(body())
        headers = {**request["headers"], "signature": change(request["headers"]["signature"])}
        return {**request, "headers": {name: value for name, value in headers.items() if value is not None}}

    c.add("genuine", post(body()), c.expected)
    c.add("signed with the second key", post(body(), KEYS["second"]), c.expected)
    c.add("signature in capitals", header(str.upper), c.expected)
    c.add("signature missing", header(lambda _: None), "unauthenticated")
    c.add("signature empty", header(lambda _: ""), "unauthenticated")
    c.add("signature truncated", header(lambda text: text[:-1]), "unauthenticated")
    c.add("signature with a byte more", header(lambda text: text + "00"), "unauthenticated")
    c.add("signature of no alphabet", header(lambda text: "~" * len(text)), "unauthenticated")
    c.add("signature with a prefix", header(lambda text: "sha256=" + text), "unauthenticated")
    c.add("signature of a strange key", post(body(), STRANGE), "unauthenticated")
    for name, value in [
        ("player_id", "user1002"),
        ("amount", 151),
        ("conversion_id", conversion[:-1] + "3"),
        ("goal_id", "2"),
        ("conversion_type", "install"),
        ("payout", 2),
    ]:
        c.add(f"{name} changed", post(body({name: value}), over=body()), "unauthenticated")
    c.add("the body with a blank more", post(body() + " ", over=body()), "unauthenticated")
    c.add("the body written anew", post(json.dumps(json.loads(body())), over=body()), "unauthenticated")
    c.add("the body in one line, signed so", post(json.dumps(json.loads(body()))), c.expected)
    for name in (
        "player_id",
        "amount",
        "conversion_id",
        "goal_id",
        "conversion_type",
        "request_id",
        "timestamp",
    ):
        c.add(f"{name} missing, signed so", post(body(drop=(name,))), "missing")
    c.add("data missing, signed so", post(body(drop=("data",))), "missing")
    c.add("data that is no object", post(body(top={"data": "x"})), "malformed")
    c.add(
        "a member there twice, signed so",
        post(body().replace('"amount": 150', '"amount": 150, "amount": 9000')),
        "repeated",
    )
    c.add(
        "a member there twice in another spelling",
        post(body().replace('"amount": 150', '"amount": 150, "am\\u006funt": 9000')),
        "repeated",
    )
    c.add("no JSON, signed so", post("player_id=user1001"), "malformed")
    c.add("no JSON, signed by a strange key", post("player_id=user1001", STRANGE), "unauthenticated")
    for text in ('"abc"', '"1,5"', "true", "[]", '"+5"', "1" * 29, "-5"):
        request = post(body().replace('"amount": 150', f'"amount": {text}'))
        c.add(f"amount is {text}", request, "malformed")
    decimal = post(body().replace('"amount": 150', '"amount": 0.1234567890123456789'))
    c.add("an amount of many digits", decimal, c.but(amount="0.1234567890123456789"))
    c.add("amount in quotes", post(body({"amount": "150"})), c.expected)
    c.add("amount is zero", post(body({"amount": 0})), c.nothing())
    c.add(
        "installed",
        post(body({"amount": 0, "payout": 0, "conversion_type": "install"})),
        c.nothing(kind="installed"),
    )
    c.add("a type that is not known", post(body({"conversion_type": "reversal"})), "malformed")
    c.add(
        "another goal of the same conversion", post(body({"goal_id": "2"})), c.but(id_parts=[conversion, "2"])
    )
    c.add("a request id that is none", post(body(top={"request_id": "1"})), "malformed")
    c.add("player_id outside ASCII", post(body({"player_id": "zoë & søn"})), c.but(user="zoë & søn"))
    c.add("player_id with a line end", post(body({"player_id": "a\nb"})), "malformed")
    return c


def ayet_studios():
    c = Corpus(
        "ayet-studios",
        {
            "transaction_id": "t-90871123",
            "external_identifier": "user-1001",
            "currency_amount": "360",
            "payout_usd": "0.36",
            "is_chargeback": "0",
            "callback_type": "conversion",
            "offer_name": "Coin Tower: reach level 20",
        },
        None,
        ip="35.166.159.131",
        expected=dict(
            kind="completed",
            id_parts=["t-90871123"],
            user="user-1001",
            amount="360",
            unit="points",
            effect="complete",
            of="t-90871123",
        ),
    )
    header = "x-ayetstudios-security-hash"
    c.genuine()

    def with_(change):
        request = c.signed()
        headers = {header: change(request["headers"][header])}
        return {**request, "headers": {name: value for name, value in headers.items() if value is not None}}

    c.add("signature in capitals", with_(str.upper), c.expected)
    c.add("signature missing", with_(lambda _: None), "unauthenticated")
    c.add("signature empty", with_(lambda _: ""), "unauthenticated")
    c.add("signature truncated", with_(lambda text: text[:-1]), "unauthenticated")
    c.add("signature with a byte more", with_(lambda text: text + "00"), "unauthenticated")
    c.add("signature of no alphabet", with_(lambda text: "~" * len(text)), "unauthenticated")
    c.add("signature of a strange key", c.signed(secret=STRANGE), "unauthenticated")
    in_query = with_(lambda _: None)
    in_query["url"] += f"&{header}={c.signed()['headers'][header]}"
    c.add("signature in the query", in_query, "unauthenticated")
    for name, value in [
        ("transaction_id", "t-90871124"),
        ("external_identifier", "user-1002"),
        ("currency_amount", "361"),
        ("is_chargeback", "1"),
        ("callback_type", "optional"),
        ("offer_name", "x"),
    ]:
        here, there = (f"{name}={quote(text, safe='')}" for text in (c.fields[name], value))
        c.add(f"{name} changed", c.tampered(here, there), "unauthenticated")
    for name in ("transaction_id", "external_identifier", "currency_amount", "is_chargeback"):
        c.add(f"{name} missing, signed so", c.signed(c.changed(**{name: None})), "missing")
    here = "currency_amount=360"
    c.add("a parameter added on the way", c.tampered(here, f"{here}&x=1"), "unauthenticated")
    c.add("a field there twice", c.tampered(here, f"{here}&{here}"), "unauthenticated")
    c.add("a field there twice, signed so", c.signed(extra=f"&{here}"), "unauthenticated")
    c.add("an escape that cannot be decoded", c.tampered("Coin%20Tower", "%zz"), "unauthenticated")
    spaces = c.tampered("Coin%20Tower%3A%20reach%20level%2020", "Coin+Tower:+reach+level+20")
    c.add("spaces as plus signs", spaces, c.expected)
    order = encoded(dict(reversed(c.fields.items())))
    c.add("parameters in another order", {**c.signed(), "url": f"{BASE}{c.path}?{order}"}, c.expected)
    odd = "a~b*c-d_e.f é&=+/'()"
    c.add("characters that encoders disagree about", c.signed(c.changed(offer_name=odd)), c.expected)
    c.add("a parameter of no name in the contract", c.signed(extra="&network=ayet&x="), c.expected)
    back = c.changed(
        transaction_id="r-t-90871123",
        currency_amount="-360",
        payout_usd="-0.36",
        is_chargeback="1",
        callback_type="chargeback",
    )
    taken = c.but(
        kind="reversed", id_parts=["r-t-90871123"], amount=None, unit=None, effect="reverse", of="t-90871123"
    )
    c.add("reversed", c.signed(back), taken)
    c.add(
        "reversed without the prefix",
        c.signed({**back, "transaction_id": "t-90871123"}),
        {**taken, "id_parts": ["t-90871123"]},
    )
    for kind, word in [
        ("installed", "installation"),
        ("unpaid_task_completed", "optional"),
        ("purchased_in_app", "iap"),
        ("ad_revenue_in_app", "iaa"),
    ]:
        c.add(
            f"callback_type {word}",
            c.signed(c.changed(callback_type=word, currency_amount="0")),
            c.nothing(kind=kind),
        )
    c.add("without a type", c.signed(c.changed(callback_type=None)), c.expected)
    c.add("a type that is not known", c.signed(c.changed(callback_type="gift")), "malformed")
    c.amounts("currency_amount", MALFORMED_AMOUNTS, negative="malformed")
    c.ids("transaction_id", 128, user="external_identifier")
    c.guarded()
    return c


def lootably():
    c = Corpus(
        "lootably",
        {
            "userID": "user-1001",
            "transactionID": "7a41c0de91",
            "ip": "198.51.100.23",
            "revenue": "1.25",
            "currencyReward": "750",
            "status": "1",
            "offerID": "off-77",
        },
        "hash",
        token=True,
        expected=dict(
            kind="offer_completed",
            id_parts=["7a41c0de91"],
            user="user-1001",
            amount="750",
            unit="points",
            effect="complete",
            of="7a41c0de91",
        ),
    )
    c.genuine()
    c.credentials()
    c.signed_fields(
        {"userID": "user-1002", "ip": "198.51.100.24", "revenue": "1.26", "currencyReward": "751"}
    )
    c.unsigned_fields(
        {
            "transactionID": ("7a41c0de92", c.but(id_parts=["7a41c0de92"], of="7a41c0de92")),
            "status": ("2", "malformed"),
        }
    )
    taken = dict(amount=None, unit=None, effect="reverse")
    c.add(
        "reversed",
        c.signed(c.changed(status="0", revenue="-1.25", currencyReward="-750")),
        c.but(kind="offer_reversed", **taken),
    )
    c.add("reversed, above zero", c.signed(c.changed(status="0")), c.but(kind="offer_reversed", **taken))
    c.add(
        "taken back with status 1",
        c.signed(c.changed(currencyReward="-750")),
        c.but(kind="offer_taken_back", **taken),
    )
    c.add("an IPv6 address", c.signed(c.changed(ip="2001:db8:1::42")), c.expected)
    c.two_readings(c.but(amount="5750"), revenue="1.2", currencyReward="5750")
    c.amounts("currencyReward", MALFORMED_AMOUNTS[:5])
    c.cap("currencyReward", 10000)
    c.ids("userID", 128, user="userID")
    c.guarded()
    return c


def torox():
    c = Corpus(
        "torox",
        {
            "id": "9f8c51e0a7",
            "oid": "471188",
            "user_id": "user-1001",
            "amount": "600",
            "payout": "1.00",
            "o_name": "Quest of Heroes",
        },
        "sig",
        ip="54.175.173.245",
        token=True,
        expected=dict(
            kind="offer_completed",
            id_parts=["9f8c51e0a7"],
            user="user-1001",
            amount="600",
            unit="points",
            effect="complete",
            of="9f8c51e0a7",
        ),
    )
    c.genuine()
    c.credentials()
    c.signed_fields({"oid": "471189", "user_id": "user-1002"})
    c.unsigned_fields(
        {
            "id": ("9f8c51e0a8", c.but(id_parts=["9f8c51e0a8"], of="9f8c51e0a8")),
            "amount": ("601", c.but(amount="601")),
        }
    )
    shifted = c.changed(oid="471188-user", user_id="1001")
    c.add("shifted over the hyphen", c.signed(shifted, over=c.fields), "malformed")
    c.add(
        "reversed",
        c.signed(c.changed(amount="-600", payout="-1.00")),
        c.but(kind="offer_reversed", amount=None, unit=None, effect="reverse"),
    )
    c.add("a user with hyphens", c.signed(c.changed(user_id="a-b-c")), c.but(user="a-b-c"))
    c.amounts("amount", MALFORMED_AMOUNTS)
    c.cap("amount", 10000)
    c.ids("id", 64, user="user_id")
    c.guarded()
    return c


def family(name, fields, identity):
    """What the contracts of Wannads' family have in common."""
    c = Corpus(
        name,
        fields,
        "signature",
        token=True,
        expected=dict(
            kind="offer_completed",
            id_parts=[fields["transId"]],
            user=fields["subId"],
            amount=fields["reward"],
            unit="points",
            effect="complete",
            of=fields[identity],
        ),
    )
    c.genuine()
    c.credentials()
    c.signed_fields({"subId": "user-1002", "transId": fields["transId"][:-1] + "9", "reward": "251"})
    moved, reward = fields["transId"][:-1], fields["transId"][-1] + fields["reward"]
    shared = moved if identity == "transId" else fields[identity]
    read = c.but(id_parts=[moved], amount=reward, of=shared)
    c.two_readings(read, transId=moved, reward=reward)
    c.cap("reward", 10000)
    c.ids("transId", 64, user="subId")
    c.guarded()
    return c


def wannads():
    fields = {
        "subId": "user-1001",
        "transId": "80114423",
        "reward": "250",
        "status": "credited",
        "uuid": "b3f0c9d2-clk",
        "payout": "0.50",
    }
    c = family("wannads", fields, "uuid")
    c.unsigned_fields(
        {"status": ("pending", "malformed"), "uuid": ("b3f0c9d2-other", c.but(of="b3f0c9d2-other"))}
    )
    taken = dict(id_parts=["80119876"], amount=None, unit=None, effect="reverse")
    for what, change, kind in [
        ("rejected", {"status": "rejected", "reward": "-250"}, "offer_rejected"),
        ("rejected, as an account that was moved is told", {"status": "2"}, "offer_rejected"),
        ("below zero, though credited", {"reward": "-250"}, "offer_taken_back"),
    ]:
        c.add(what, c.signed(c.changed(transId="80119876", **change)), c.but(kind=kind, **taken))
    c.add("credited, as an account that was moved is told", c.signed(c.changed(status="1")), c.expected)
    c.add("a macro that was not filled in", c.signed(c.changed(uuid="{uuid}")), "malformed")
    c.amounts("reward", MALFORMED_AMOUNTS[:7])
    return c


def adrevmedia():
    fields = {
        "subId": "user-1001",
        "transId": "ARM-66120",
        "reward": "250",
        "payout": "0.50",
        "status": "1",
        "uuid": "clk-4711",
    }
    c = family("adrevmedia", fields, "transId")
    taken = c.but(kind="offer_reversed", amount=None, unit=None, effect="reverse")
    c.unsigned_fields({"status": ("2", taken), "payout": ("0.60", c.expected)}, optional=("payout",))
    c.add("a status that is not known", c.signed(c.changed(status="credited")), "malformed")
    c.amounts("reward", MALFORMED_AMOUNTS, negative="malformed")
    return c


def revlum():
    fields = {
        "subId": "user-1001",
        "transId": "REV-351",
        "reward": "25.0",
        "payout": "0.10",
        "status": "1",
        "debug": "0",
        "offerId": "1354",
    }
    c = family("revlum", fields, "transId")
    taken = c.but(kind="offer_reversed", amount=None, unit=None, effect="reverse")
    c.unsigned_fields({"status": ("2", taken), "debug": ("1", c.but(test=True))})
    c.add("debug that is not known", c.signed(c.changed(debug="true")), "malformed")

    def post(fields, **how):
        request = c.unsigned({}, **how)
        headers = {"content-type": "application/x-www-form-urlencoded"}
        request = {
            **request,
            "method": "POST",
            "url": request["url"].rstrip("&"),
            "headers": headers,
            "body": encoded(fields),
        }
        return signers.revlum(SECRET, request, fields)

    c.add("posted", post(c.fields), c.expected)
    c.add("posted test", post(c.changed(debug="1")), c.but(test=True))
    c.add("posted reversal", post(c.changed(status="2")), taken)
    request = post(c.fields)
    c.add(
        "posted, the reward changed",
        {**request, "body": request["body"].replace("25.0", "26.0")},
        "unauthenticated",
    )
    c.add("posted without a token", post(c.fields, token=""), "unauthenticated")
    bare = {**request, "body": request["body"].split("&signature=")[0]}
    c.add("posted without a signature", bare, "unauthenticated")
    in_query = {**bare, "url": f"{request['url']}&signature={request['body'].split('&signature=')[1]}"}
    c.add("posted with the signature in the query", in_query, "unauthenticated")
    c.amounts("reward", MALFORMED_AMOUNTS[:4], negative="malformed")
    return c


def tapjoy():
    event = "e3b0c442-98fc-4c14-9afb-f4c8996fb924"
    c = Corpus(
        "tapjoy",
        {"snuid": "user-1001", "currency": "50", "id": event, "mac_address": "00-16-41-34-2C-A6"},
        "verifier",
        expected=dict(
            kind="offer_completed",
            id_parts=[event],
            user="user-1001",
            amount="50",
            unit="points",
            effect="credit",
        ),
    )
    c.genuine()
    c.credentials()
    c.signed_fields({"snuid": "user-1002", "currency": "51", "id": event[:-1] + "5"})
    c.unsigned_fields({"mac_address": ("", c.expected)}, optional=("mac_address",))
    c.add("without a MAC address", c.signed(c.changed(mac_address=None)), c.expected)
    with_colon = c.changed(id="event:1", snuid="7")
    c.add("an id with a colon", c.signed(with_colon), "malformed")
    c.add(
        "shifted over the colon", c.signed(c.changed(id="event", snuid="1:7"), over=with_colon), "malformed"
    )
    c.add("leading zeros are another user", c.signed(c.changed(snuid="001234")), c.but(user="001234"))
    c.add("an ampersand at the beginning, as on the page", c.tampered("?snuid", "?&snuid"), c.expected)
    c.amounts("currency", MALFORMED_INTEGERS, negative="malformed")
    c.ids("id", 128, user="snuid")
    return c


def levelplay():
    event = "20f3a6c1d8e94b07"
    c = Corpus(
        "levelplay",
        {"appUserId": "user-1001", "rewards": "5", "eventId": event, "timestamp": "202611271159"},
        "signature",
        token=True,
        expected=dict(
            kind="reward_earned",
            id_parts=[event],
            user="user-1001",
            amount="5",
            unit="points",
            effect="complete",
            of=event,
        ),
    )
    c.genuine()
    c.credentials()
    c.signed_fields(
        {"appUserId": "user-1002", "rewards": "6", "eventId": event[:-1] + "8", "timestamp": "202611271158"}
    )
    c.add("a timestamp of other length", c.signed(c.changed(timestamp="20261127115900")), "malformed")
    c.add("an event with a hyphen", c.signed(c.changed(eventId="a-b")), "malformed")
    c.add(
        "a user that is an address", c.signed(c.changed(appUserId="visitor@example.com")), c.but(user="visitor@example.com")
    )
    taken = dict(amount=None, unit=None, effect="reverse")
    c.add(
        "taken back, below zero", c.signed(c.changed(rewards="-5")), c.but(kind="reward_taken_back", **taken)
    )
    c.add(
        "taken back, as a negative callback",
        c.signed(c.changed(negativeCallback="true")),
        c.but(kind="negative_callback", **taken),
    )
    c.add("not a negative callback", c.signed(c.changed(negativeCallback="false")), c.expected)
    request = c.signed(c.changed(negativeCallback="true"))
    c.add(
        "a negative callback turned into a reward",
        c.tampered("&negativeCallback=true", "", request),
        c.expected,
    )
    twice = c.tampered("negativeCallback=true", "negativeCallback=true&negativeCallback=false", request)
    c.add("negativeCallback there twice", twice, "repeated")
    c.add("a parameter that says nothing", c.signed(c.changed(itemName="Coins")), c.expected)
    c.amounts("rewards", MALFORMED_INTEGERS)
    c.two_readings(c.but(user="user-100", amount="15"), appUserId="user-100", rewards="15")
    c.cap("rewards", 10000)
    c.ids("eventId", 128, user="appUserId")
    c.guarded()
    return c


def digital_turbine():
    transaction = "5f2b7c1e-0d9a-4c3b-8e6f-1a2b3c4d5e6f"
    c = Corpus(
        "digital-turbine",
        {
            "uid": "user-1001-a",
            "amount": "120",
            "_trans_id_": transaction,
            "currency_name": "Coins",
            "currency_id": "coins",
            "pub0": "campaign 7",
        },
        "sid",
        token=True,
        expected=dict(
            kind="offer_completed",
            id_parts=[transaction],
            user="user-1001-a",
            amount="120",
            unit="points",
            effect="credit",
        ),
    )
    c.genuine()
    c.credentials()
    c.signed_fields(
        {"uid": "user-1002-a", "amount": "121", "_trans_id_": transaction[:-1] + "0", "pub0": "campaign 8"},
        optional=("pub0",),
    )
    c.unsigned_fields({"currency_name": ("Gems", c.expected)}, optional=("currency_name",))
    c.add("without custom parameters", c.signed(c.changed(pub0=None)), c.expected)
    c.add("with others of them", c.signed(c.changed(pub0=None, pub3="x", pub9="y")), c.expected)
    c.add("with an empty one", c.signed(c.changed(pub0="")), c.expected)
    c.add(
        "a custom parameter added on the way", c.signed(c.changed(pub1="x"), over=c.fields), "unauthenticated"
    )
    c.add("a transaction id that is none", c.signed(c.changed(_trans_id_="5f2b7c1e")), "malformed")
    padded = c.changed(uid="user-1001-a120\u0000\u0000")
    c.add("a user with what pads a digest", c.signed(padded), "malformed")
    c.amounts("amount", MALFORMED_INTEGERS, negative="malformed")
    c.two_readings(c.but(user="user-1001-a1", amount="20"), uid="user-1001-a1", amount="20")
    c.cap("amount", 10000)
    c.ids("uid", 128, user="uid")
    c.guarded()
    return c


def adjoe():
    transaction, user = "2d9f4a31-7c58-4e0b-9a6d-8b1c2d3e4f50", "b1946ac9-2492-4d23-9c62-35f6e4e5a3b1"
    c = Corpus(
        "adjoe",
        {
            "trans_uuid": transaction,
            "user_uuid": user,
            "currency": "Coins",
            "coin_amount": "35",
            "device_id": "38400000-8cf0-4d11-b23e-10b96e40000d",
            "sdk_app_id": "com_example_rewards",
        },
        "sid",
        token=True,
        expected=dict(
            kind="playtime_rewarded",
            id_parts=[transaction],
            user=user,
            amount="35",
            unit="Coins",
            effect="credit",
        ),
    )
    c.genuine()
    c.credentials()
    optional = ("device_id", "sdk_app_id")
    c.signed_fields(
        {
            "trans_uuid": transaction[:-1] + "1",
            "user_uuid": user[:-1] + "2",
            "currency": "Gems",
            "coin_amount": "36",
            "device_id": "38400000-8cf0-4d11-b23e-10b96e40000e",
            "sdk_app_id": "com_example_other",
        },
        optional=optional,
    )
    for name in optional:
        c.add(f"{name} missing, signed so", c.signed(c.changed(**{name: None})), c.expected)
    c.add("an empty device", c.signed(c.changed(device_id="")), c.expected)
    c.add("a transaction id that is none", c.signed(c.changed(trans_uuid="2d9f4a31")), "malformed")
    c.add("a currency with a digit", c.signed(c.changed(currency="Coins2")), "malformed")
    signed = c.signed()
    before, sid = signed["url"].split("&sid=")
    path, query = before.split("?")
    c.add(
        "the signature first, as adjoe writes it", {**signed, "url": f"{path}?sid={sid}&{query}"}, c.expected
    )
    c.amounts("coin_amount", MALFORMED_INTEGERS, negative="malformed")
    device = "8400000-8cf0-4d11-b23e-10b96e40000d"
    c.two_readings(c.but(amount="353"), coin_amount="353", device_id=device)
    c.cap("coin_amount", 10000)
    c.ids("user_uuid", 128, user="user_uuid")
    c.guarded()
    return c


CONTRACTS = (
    cpx,
    bitlabs,
    theoremreach,
    adgem,
    adgem_v3,
    ayet_studios,
    lootably,
    torox,
    wannads,
    adrevmedia,
    revlum,
    tapjoy,
    levelplay,
    digital_turbine,
    adjoe,
)


def main(arguments):
    if arguments not in ([], ["--check"]):
        sys.exit(__doc__)
    keep((contract().data() for contract in CONTRACTS), bool(arguments), "tests/contracts/corpus_a.py")


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main(sys.argv[1:])
