#!/usr/bin/env python3
"""Writes the cases of half of the contracts: tests/contracts/corpus/NAME.json.

    python3 tests/contracts/corpus_b.py            writes the files anew
    python3 tests/contracts/corpus_b.py --check    fails where a file is not what this one says

Each case is a request that signers_b.py signed as the provider does, or what somebody made of one, and what has
to become of it: that was written by hand, from the providers' pages and from the rules of the receiver, and not
from the contracts. `keys` are secrets by their ids, or public keys (SubjectPublicKeyInfo in base64) where the
provider signs with private ones. `id_parts` are the values of the key's fields, without the class. Of what is
refused, nothing but the reason is expected.

Three providers sign with a private key, for which the package `cryptography` of requirements.txt is needed. Without
it, --check says that it leaves their files out, and the others are checked.
"""

import base64
import importlib.util
import json
import sys
from datetime import datetime, timedelta, timezone
from itertools import count
from urllib.parse import quote, quote_plus, unquote

import signers_b as signers
from files import keep
from signers_b import get, post, with_header, with_member, with_parameter

NOW = datetime(2026, 11, 27, 12, tzinfo=timezone.utc)
ELSEWHERE = "198.51.100.7"
NEXT = "another secret, número 2"
BASE = "https://callbacks.example.com"


class Raw(str):
    """JSON as it is to stand in a body."""


def dump(value):
    """Compact JSON in which a Raw stands as it is."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{dump(member)}" for name, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def joined(headers):
    """Headers as they arrive: API Gateway writes one that is there twice with a comma between its values."""
    arrived = {}
    for name, value in headers:
        arrived[name] = f"{arrived[name]},{value}" if name in arrived else value
    return arrived


class Corpus:
    """The cases of one contract."""

    def __init__(self, contract, secrets, source_ip=ELSEWHERE):
        self.contract = contract
        self.keys = secrets
        self.source_ip = source_ip
        self.cases = []

    def add(self, name, request, expected, at=NOW, **how):
        source_ip = how.get("source_ip", self.source_ip)
        at = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        request = {**request, "headers": joined(request["headers"])}
        self.cases.append({"name": name, "request": request, "at": at, "source_ip": source_ip, **expected})

    def data(self):
        names = [case["name"] for case in self.cases]
        twice = {name for name in names if names.count(name) > 1}
        assert not twice, f"{self.contract}: {twice}"
        return {"version": 1, "contract": self.contract, "keys": self.keys, "cases": self.cases}


def recorded(kind, id_parts, user, effect, amount=None, unit=None, of=None, test=False, held=None):
    """What is stored. What pays nothing has no amount; what is, or may be, taken back has the id of what gave."""
    if effect in ("complete", "reverse"):
        of = of or id_parts[-1]
    expected = {"verdict": "recorded", "reason": None, "kind": kind, "id_parts": id_parts, "user": user}
    return {**expected, "amount": amount, "unit": unit, "effect": effect, "of": of, "test": test, "held": held}


def refused(reason):
    nothing = dict.fromkeys(["kind", "id_parts", "user", "amount", "unit", "effect", "of"])
    return {"verdict": "refused", "reason": reason, **nothing, "test": False, "held": None}


UNAUTHENTICATED = refused("unauthenticated")


# Parameters of a query


def pairs(request):
    """The pairs of a query, as they are written."""
    return [pair.split("=", 1) for pair in signers.raw_query(request).split("&")]


def with_pairs(request, pairs):
    path = request["url"].partition("?")[0]
    query = "&".join("=".join(pair) for pair in pairs)
    return {**request, "url": f"{path}?{query}" if query else path}


def without(request, name):
    return with_pairs(request, [pair for pair in pairs(request) if pair[0] != name])


def changed(request, name, value):
    """The request with another value of a parameter, and what it had of a credential."""
    assert name in [pair[0] for pair in pairs(request)], name
    return with_pairs(request, [[n, quote(value, safe="") if n == name else v] for n, v in pairs(request)])


def repeated(request, name):
    """The request with a parameter a second time, in the same words, before the first."""
    found = [pair for pair in pairs(request) if pair[0] == name]
    return with_pairs(request, found + pairs(request))


def value_of(request, name):
    """A parameter, as it is written."""
    return dict(pairs(request))[name]


class Signed:
    """How one provider's GETs are made: with a path, a signer and the name of the credential."""

    def __init__(self, path, sign, credential, secret):
        self.path, self.sign_with, self.credential, self.secret = path, sign, credential, secret

    def __call__(self, fields, secret=None):
        """The request with these fields, as the provider sends it."""
        return self.sign_with(get(self.path, fields), fields, secret or self.secret)


def credentials(corpus, signed, fields, expected, other=None, is_hex=True):
    """What may be done to a credential. `fields` makes new fields, and `expected` what is stored of them; `other` is
    what another callback has to differ in for its credential to be another, where it is not the id."""

    def case(name, make, expected=UNAUTHENTICATED):
        corpus.add(f"credential: {name}", make, expected)

    name = signed.credential
    genuine = signed(fields())
    case("missing", without(genuine, name))
    case("empty", changed(genuine, name, ""))
    written = value_of(genuine, name)
    case("truncated by a character", with_pairs(genuine, [[n, v[:-1] if n == name else v] for n, v in pairs(genuine)]))
    case("repeated, in the same words", repeated(genuine, name))
    case("of another secret", signed(fields(), "not the secret"))
    case("of an empty secret", signed(fields(), " "))
    case("under another name", with_pairs(genuine, [[f"x{n}" if n == name else n, v] for n, v in pairs(genuine)]))
    if other is not False:
        case("of another callback", changed(genuine, name, unquote(value_of(signed(fields(**(other or {}))), name))))
    if is_hex:
        digest = written
        case("one digit off", changed(genuine, name, digest[:-1] + ("0" if digest[-1] != "0" else "1")))
        case("longer by a byte", changed(genuine, name, digest + "00"))
        case("with a space before", changed(genuine, name, " " + digest))
        case("in base64", changed(genuine, name, base64.b64encode(bytes.fromhex(digest)).decode()))
        new = fields()
        request = signed(new)
        case("hex in upper case", changed(request, name, value_of(request, name).upper()), expected(new))
    new = fields()
    case("under the second of the keys", signed(new, NEXT), expected(new))


# The contracts


def unity_ads():
    """docs.unity.com: parameters `sid` and `oid` are appended to the URL that was agreed on; all of its parameters
    are signed. The amount is a parameter of the URL. 200 and `1` where all is well."""
    corpus = Corpus("unity-ads", {"main": "unity-secret-hash-0001", "next": NEXT})
    signed = Signed("/unity-ads", signers.unity_ads, "hmac", "unity-secret-hash-0001")
    numbers = count(9200000001)

    def fields(**change):
        fields = {"amount": "5", "sid": "player-1", "oid": str(next(numbers)), **change}
        return {name: value for name, value in fields.items() if value is not None}

    def ad(fields, amount="5", **more):
        effect = "credit" if amount else "nothing"
        unit = "points" if amount else None
        return recorded("ad_watched", [fields["oid"]], fields["sid"], effect, amount, unit, **more)

    new = fields()
    corpus.add("a watched ad", signed(new), ad(new))
    new = fields(productid="1234")
    corpus.add("with a product, as on the page", signed(new), ad(new))
    new = fields(amount="0")
    corpus.add("a reward of zero", signed(new), ad(new, None))
    new = fields(amount="0.25")
    corpus.add("a fraction", signed(new), ad(new, "0.25"))
    new = fields(sid="名前 é & more")
    corpus.add("a user in any script", signed(new), ad(new))
    new = fields(zone="z-1")
    corpus.add("one more parameter, signed", signed(new), ad(new))
    credentials(corpus, signed, fields, ad)

    genuine = signed(fields(productid="1234"))
    for name, value in [("amount", "5000"), ("sid", "player-2"), ("oid", "1"), ("productid", "9999")]:
        corpus.add(f"{name} changed", changed(genuine, name, value), UNAUTHENTICATED)
    for name in ["amount", "sid", "oid"]:
        corpus.add(f"{name} twice", repeated(genuine, name), UNAUTHENTICATED)
    corpus.add("a signed parameter taken away", without(genuine, "productid"), UNAUTHENTICATED)
    corpus.add("one more parameter, unsigned", with_parameter(genuine, "zone", "z-1"), UNAUTHENTICATED)
    corpus.add("in another order", with_pairs(genuine, pairs(genuine)[::-1]), ad({"oid": value_of(genuine, "oid"), "sid": "player-1"}))
    # `amount=5,oid=…,sid=player-1` is the text of each of these, too.
    new = fields()
    request = signed(new)
    merged = get("/unity-ads", {"amount": f"5,oid={new['oid']}", "sid": new["sid"], "hmac": value_of(request, "hmac")})
    corpus.add("two parameters become one across the comma", merged, UNAUTHENTICATED)
    merged = get("/unity-ads", {"amount": "5", "oid": f"{new['oid']},sid=player-1", "hmac": value_of(request, "hmac")})
    corpus.add("the user goes into the id across the comma", merged, UNAUTHENTICATED)
    corpus.add("a comma in a value: the text can be read in two ways", signed(fields(sid="a,b")), UNAUTHENTICATED)
    corpus.add("an escape that cannot be decoded", {**request, "url": request["url"] + "&x=%zz"}, UNAUTHENTICATED)
    for name in ["amount", "sid", "oid"]:
        corpus.add(f"{name} missing, signed so", signed(fields(**{name: None})), refused("missing"))
    for value in ["1,5", "+5", " 5", "five", "-5", "1e99", "0x5"]:
        expected = UNAUTHENTICATED if "," in value else refused("malformed")
        corpus.add(f"the amount is {value!r}, signed so", signed(fields(amount=value)), expected)
    corpus.add("the id has a control character, signed so", signed(fields(oid="1\n2")), refused("malformed"))
    return corpus


def applovin_max():
    """developers.applovin.com: the token is sha1(event id + event key) in hex; no other macro is in it."""
    secret = "applovin-event-key_0001"
    corpus = Corpus("applovin-max", {"main": secret, "next": NEXT})
    signed = Signed("/applovin-max", signers.applovin_max, "event_token", secret)
    numbers = count(1)

    def fields(**change):
        id = f"8dc948013d71f0000000000000000000{next(numbers):08x}"
        fields = {"event_id": id, "user_id": "player-1", "amount": "10", "currency": "coins", **change}
        return {name: value for name, value in fields.items() if value is not None}

    def ad(fields, amount="10", unit="coins", **more):
        effect = "credit" if amount else "nothing"
        return recorded("ad_watched", [fields["event_id"]], fields["user_id"], effect, amount, unit if amount else None, **more)

    new = fields()
    corpus.add("a watched ad", signed(new), ad(new))
    new = fields(ad_unit_id="9ad0816ac071552a", custom_data="my custom data", network_name="APPLOVIN_BIDDING")
    corpus.add("with macros that decide nothing", signed(new), ad(new))
    new = fields(amount="0")
    corpus.add("a reward of zero", signed(new), ad(new, None))
    for amount, held in [("1000", None), ("1000.00", None), ("1000.01", "over_cap"), ("1000000", "over_cap")]:
        new = fields(amount=amount)
        corpus.add(f"a reward of {amount}", signed(new), ad(new, amount, held=held))
    new = fields(event_id="8DC948013D71FABCDEF000000000000000000001")
    corpus.add("an id in upper case", signed(new), ad(new))
    credentials(corpus, signed, fields, ad)

    new = fields()
    genuine = signed(new)
    corpus.add("the id changed", changed(genuine, "event_id", "8dc948013d71f000000000000000000000ffffff"), UNAUTHENTICATED)
    corpus.add("the id twice", repeated(genuine, "event_id"), UNAUTHENTICATED)
    # What the token leaves out, and is accepted as a weakness of the provider's own.
    new = fields()
    corpus.add("unsigned: another user", changed(signed(new), "user_id", "player-2"), ad({**new, "user_id": "player-2"}))
    new = fields()
    corpus.add("unsigned: another amount, below the cap", changed(signed(new), "amount", "999"), ad(new, "999"))
    new = fields()
    request = changed(signed(new), "amount", "1000000")
    corpus.add("unsigned: another amount, above the cap, waits for a person", request, ad(new, "1000000", held="over_cap"))
    new = fields()
    corpus.add("unsigned: another currency", changed(signed(new), "currency", "gems"), ad(new, unit="gems"))
    for name in ["user_id", "amount", "currency"]:
        corpus.add(f"{name} twice", repeated(signed(fields()), name), refused("repeated"))
    corpus.add("an unknown parameter twice", with_parameter(with_parameter(signed(fields()), "x", "1"), "x", "2"), refused("repeated"))
    request = signed(fields())
    corpus.add("an escape that cannot be decoded", {**request, "url": request["url"] + "&x=%zz"}, refused("undecodable"))
    for name in ["event_id", "user_id", "amount", "currency"]:
        corpus.add(f"{name} missing, signed so", signed(fields(**{name: None})), refused("missing"))
    for value in ["", "1,5", "+5", " 5", "ten", "-10", "1e99"]:
        corpus.add(f"the amount is {value!r}", signed(fields(amount=value)), refused("malformed"))
    for value in ["8dc9", "8dc948013d71f00000000000000000000000000g", "8dc948013d71f000000000000000000000000000000"]:
        corpus.add(f"the id is {value}, signed so", signed(fields(event_id=value)), refused("malformed"))
    return corpus


def pollfish():
    """github.com/pollfish/docs s2s.md: see the signer. `debug=true` is appended, unsigned, in developer mode. A screened-
    out user is told as noteligible, with a reward where screenouts are paid."""
    secret = "7f0c1e94-pollfish-secret"
    corpus = Corpus("pollfish", {"main": secret, "next": NEXT})
    signed = Signed("/pollfish", signers.pollfish, "signature", secret)
    numbers = count(1)

    def fields(**change):
        fields = {
            "cpa": "30", "request_uuid": "user-1", "reward_name": "Diamonds", "reward_value": "120",
            "status": "eligible", "term_reason": "", "timestamp": "1795780800000",
            "tx_id": f"08f31d41d800cc7a0beb7eb4897639a8{next(numbers):08x}", **change,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def survey(fields, amount="120", **more):
        kind = "survey_completed" if fields["status"] == "eligible" else "survey_screened_out"
        effect, unit = ("credit", fields["reward_name"]) if amount else ("nothing", None)
        return recorded(kind, [fields["tx_id"]], fields["request_uuid"], effect, amount, unit, **more)

    new = fields()
    corpus.add("a completed survey", signed(new), survey(new))
    new = fields(status="noteligible", term_reason="screenout", cpa="2", reward_value="8")
    corpus.add("a screenout that pays", signed(new), survey(new, "8"))
    new = fields(status="noteligible", term_reason="vpn", cpa="0", reward_value="0")
    corpus.add("a screenout that does not", signed(new), survey(new, None))
    new = fields(cpa="0", reward_value="0")
    corpus.add("a demographic survey, without a reward", signed(new), survey(new, None))
    new = fields(tx_id="bP7atzvMf1mNcWC3cHc6aAmuY3D")
    corpus.add("an id of the newer form", signed(new), survey(new))
    new = fields(reward_name="Blue Diamonds & más")
    corpus.add("values are signed as they are before they are encoded", signed(new), survey(new))
    new = fields()
    test = with_parameter(signed(new), "debug", "true")
    corpus.add("developer mode: debug=true is appended and not signed", test, survey(new, test=True))
    new = fields(status="noteligible", term_reason="", reward_value="0")
    corpus.add("an empty reason keeps its colon", signed(new), survey(new, None))
    new = fields()
    corpus.add("in another order", with_pairs(signed(new), pairs(signed(new))[::-1]), survey(new))
    credentials(corpus, signed, fields, survey, is_hex=False)

    # A signature with a plus sign has to come as %2B: in a query a plus is a space.
    while "%2B" not in signed(new := fields())["url"]:
        pass
    corpus.add("base64 with a plus sign, encoded", signed(new), survey(new))
    request = signed(new)
    corpus.add("base64 with a plus sign, not encoded", {**request, "url": request["url"].replace("%2B", "+")}, UNAUTHENTICATED)
    new = fields()
    mac = base64.b64decode(unquote(value_of(signed(new), "signature"))).hex()
    corpus.add("credential: in hex", changed(signed(new), "signature", mac), UNAUTHENTICATED)

    genuine = signed(fields())
    for name, value in [
        ("cpa", "3000"), ("request_uuid", "user-2"), ("reward_name", "Rubies"), ("reward_value", "12000"),
        ("status", "noteligible"), ("term_reason", "vpn"), ("timestamp", "1795780800001"), ("tx_id", "other"),
    ]:
        corpus.add(f"{name} changed", changed(genuine, name, value), UNAUTHENTICATED)
    for name in ["tx_id", "reward_value"]:
        corpus.add(f"{name} twice", repeated(genuine, name), UNAUTHENTICATED)
    corpus.add("debug twice", with_parameter(with_parameter(signed(fields()), "debug", "true"), "debug", "false"), refused("repeated"))
    # Both sign `30:user-1:Dia:monds:120:…`.
    moved = fields(request_uuid="user-1:Dia", reward_name="monds")
    corpus.add("a colon moves a value to its neighbour", signed(moved), refused("malformed"))
    new = fields(request_uuid="user-1", reward_name="Dia:monds")
    corpus.add("a colon in the name of the reward", signed(new), refused("malformed"))
    corpus.add("request_uuid missing: its colon goes with it", signed(fields(request_uuid=None)), refused("missing"))
    corpus.add("request_uuid empty: its colon goes with it", signed(fields(request_uuid="")), refused("malformed"))
    for name in ["cpa", "reward_name", "reward_value", "status", "timestamp", "tx_id"]:
        # The macro is not in the URL, and the provider leaves its colon away; this contract has all of them.
        corpus.add(f"{name} is not in the URL", signed(fields(**{name: None})), UNAUTHENTICATED)
    for value in ["1,5", "+5", " 5", "many", "-1"]:
        corpus.add(f"the reward is {value!r}, signed so", signed(fields(reward_value=value)), refused("malformed"))
    corpus.add("a status that is not known, signed so", signed(fields(status="maybe")), refused("malformed"))
    request = signed(fields())
    corpus.add("an escape that cannot be decoded", {**request, "url": request["url"] + "&x=%zz"}, refused("undecodable"))
    return corpus


def adgate():
    """docs.adgatemedia.com: nothing is signed; one address, and a URL that nobody else knows. `state` is approved,
    pending or rejected, the last of a conversion that was one of the others."""
    secret = "adgate-key-of-ours-0001"
    corpus = Corpus("adgate", {"main": secret, "next": NEXT}, source_ip="52.42.57.125")
    signed = Signed("/adgate", signers.adgate, "token", secret)
    numbers = count(1)

    def fields(**change):
        id = f"4d63afe33875ceeec17dd7ea{next(numbers):08x}"
        fields = {"conversion_id": id, "user_id": "user-1", "points": "250", "payout": "2.50", "state": "approved", **change}
        return {name: value for name, value in fields.items() if value is not None}

    def offer(fields, amount="250", **more):
        user = fields["user_id"]
        if fields["state"] == "rejected":
            return recorded("offer_reversed", [fields["conversion_id"]], user, "reverse")
        if fields["state"] == "pending":
            return recorded("offer_pending", [fields["conversion_id"]], user, "nothing")
        effect, unit = ("complete", "points") if amount else ("nothing", None)
        return recorded("offer_completed", [fields["conversion_id"]], user, effect, amount, unit, **more)

    new = fields(offer_title="Reach level 7")
    corpus.add("a completed offer", signed(new), offer(new))
    corpus.add("it is reversed", signed({**new, "state": "rejected"}), offer({**new, "state": "rejected"}))
    new = fields(state="rejected", points="-250", payout="-2.50")
    corpus.add("a reversal with amounts below zero", signed(new), offer(new))
    new = fields(state="rejected", points=None)
    corpus.add("a reversal without points", signed(new), offer(new))
    new = fields(state="pending")
    corpus.add("it is to be approved later", signed(new), offer(new))
    new = fields(points="0", payout="0")
    corpus.add("an event that pays nothing", signed(new), offer(new, None))
    new = fields(points="12.5")
    corpus.add("a decimal", signed(new), offer(new, "12.5"))
    for amount, held in [("10000", None), ("10000.01", "over_cap")]:
        new = fields(points=amount)
        corpus.add(f"a reward of {amount}", signed(new), offer(new, amount, held=held))
    new = fields(payout=None)
    corpus.add("without the payout", signed(new), offer(new))
    new = fields()
    corpus.add("under the second of the keys", signed(new, NEXT), offer(new))

    genuine = signed(fields())
    token = value_of(genuine, "token")
    for name, request in [
        ("missing", without(genuine, "token")),
        ("empty", changed(genuine, "token", "")),
        ("truncated", changed(genuine, "token", token[:-1])),
        ("longer", changed(genuine, "token", token + "0")),
        ("of another key", signed(fields(), "not the key")),
        ("the key itself", changed(genuine, "token", secret)),
        ("repeated, in the same words", repeated(genuine, "token")),
    ]:
        corpus.add(f"the token is {name}", request, UNAUTHENTICATED)
    for name, address in [("another address", ELSEWHERE), ("its neighbour", "52.42.57.126"), ("the address that older pages name", "104.130.7.162"), ("no address", None)]:
        corpus.add(f"from {name}", signed(fields()), refused("foreign_network"), source_ip=address)
    new = fields()
    corpus.add("from its address, written as IPv6", signed(new), offer(new), source_ip="::ffff:52.42.57.125")
    corpus.add("from elsewhere, and without a token", without(genuine, "token"), refused("foreign_network"), source_ip=ELSEWHERE)

    new = fields()
    corpus.add("unsigned: another user", changed(signed(new), "user_id", "user-2"), offer({**new, "user_id": "user-2"}))
    new = fields()
    corpus.add("unsigned: another amount, above the cap, waits for a person", changed(signed(new), "points", "1000000"), offer(new, "1000000", held="over_cap"))
    new = fields()
    corpus.add("unsigned: another state", changed(signed(new), "state", "rejected"), offer({**new, "state": "rejected"}))
    for name in ["conversion_id", "points", "state", "user_id"]:
        corpus.add(f"{name} twice", repeated(signed(fields()), name), refused("repeated"))
        corpus.add(f"{name} missing", signed(fields(**{name: None})), refused("missing"))
    for value in ["", "1,000", "+5", " 5", "many", "-250", "1e99"]:
        corpus.add(f"the points are {value!r}", signed(fields(points=value)), refused("malformed"))
    for value in ["Approved", "1", "reversed"]:
        corpus.add(f"the state is {value}", signed(fields(state=value)), refused("malformed"))
    request = signed(fields())
    corpus.add("an escape that cannot be decoded", {**request, "url": request["url"] + "&x=%zz"}, refused("undecodable"))
    return corpus


def timewall():
    """Integrations that agree: sha256(userID + revenue + secret), types credit, chargeback (below zero), hold and
    hold_cancelled. Neither the transaction nor the amount nor the type is signed; the URL has a token of ours."""
    secret = "b0c1e94a75d0b8a357e1c5d9timewall"
    corpus = Corpus("timewall", {"main": secret, "next": NEXT}, source_ip="18.156.132.55")

    def sign(request, fields, secret):
        return signers.timewall(with_parameter(request, "token", signers.url_token(secret)), fields, secret)

    signed = Signed("/timewall", sign, "hash", secret)
    numbers = count(7700001)
    user = "6a8c5d53-d8bf-4a3e-ba54-460d00f50001"

    def fields(**change):
        fields = {"userID": user, "transactionID": f"tw-{next(numbers)}", "revenue": "0.5", "currencyAmount": "35", "type": "credit", **change}
        return {name: value for name, value in fields.items() if value is not None}

    def task(fields, amount="35", **more):
        id, user = fields["transactionID"], fields["userID"]
        match fields["type"]:
            case "chargeback":
                return recorded("task_reversed", [id], user, "reverse")
            case "hold":
                return recorded("task_held", [id], user, "nothing")
            case "hold_cancelled":
                return recorded("task_hold_cancelled", [id], user, "nothing")
        effect, unit = ("complete", "points") if amount else ("nothing", None)
        return recorded("task_completed", [id], user, effect, amount, unit, **more)

    new = fields()
    corpus.add("a completed task", signed(new), task(new))
    back = {**new, "type": "chargeback", "revenue": "-0.5", "currencyAmount": "-35"}
    corpus.add("it is charged back", signed(back), task(back))
    for type in ["hold_cancelled"]:
        new = fields(type=type)
        corpus.add(f"type {type}", signed(new), task(new))
    new = fields(type="chargeback", revenue="-0.5", currencyAmount=None)
    corpus.add("a chargeback without an amount", signed(new), task(new))
    new = fields(currencyAmount="0")
    corpus.add("a reward of zero", signed(new), task(new, None))
    new = fields(revenue="0.50")
    corpus.add("the revenue is signed as it is written", signed(new), task(new))
    corpus.add("the revenue written in another way", changed(signed(new), "revenue", "0.5"), UNAUTHENTICATED)
    for amount, held in [("10000", None), ("10001", "over_cap")]:
        new = fields(currencyAmount=amount)
        corpus.add(f"a reward of {amount}", signed(new), task(new, amount, held=held))
    credentials(corpus, signed, fields, task, other={"revenue": "5.0"})
    new = fields()
    corpus.add("unsigned: the hash of another task of as much revenue is its own", changed(signed(new), "hash", value_of(signed(fields()), "hash")), task(new))

    genuine = signed(fields())
    for name, value in [("userID", "6a8c5d53-d8bf-4a3e-ba54-460d00f50002"), ("revenue", "5.0")]:
        corpus.add(f"{name} changed", changed(genuine, name, value), UNAUTHENTICATED)
        corpus.add(f"{name} twice", repeated(genuine, name), UNAUTHENTICATED)
    # Both sign `…f500010.5`.
    moved = changed(changed(genuine, "userID", user[:-1]), "revenue", user[-1] + "0.5")
    new = {"transactionID": value_of(genuine, "transactionID"), "userID": user[:-1], "type": "credit"}
    corpus.add("unsigned: the boundary between the values is moved to the left", moved, task(new))
    moved = changed(changed(genuine, "userID", user + "0"), "revenue", ".5")
    corpus.add("the boundary between the values is moved to the right", moved, refused("malformed"))
    for id in ["12", "名前 é", "ann@example.com"]:
        new = fields(userID=id)
        corpus.add(f"the user is {id}", signed(new), task(new))
    corpus.add("without the token", without(genuine, "token"), UNAUTHENTICATED)
    corpus.add("with a token of another key", changed(genuine, "token", signers.url_token("not the key")), UNAUTHENTICATED)
    corpus.add("with the token twice", repeated(genuine, "token"), UNAUTHENTICATED)
    for address in ["51.81.120.73", "142.111.248.18"]:
        new = fields()
        corpus.add(f"from {address}", signed(new), task(new), source_ip=address)
    corpus.add("from elsewhere", signed(fields()), refused("foreign_network"), source_ip=ELSEWHERE)

    new = fields()
    corpus.add("unsigned: another transaction", changed(signed(new), "transactionID", "tw-new"), task({**new, "transactionID": "tw-new"}))
    new = fields()
    corpus.add("unsigned: another amount, above the cap, waits for a person", changed(signed(new), "currencyAmount", "999999"), task(new, "999999", held="over_cap"))
    new = fields()
    corpus.add("unsigned: another type", changed(signed(new), "type", "hold"), task({**new, "type": "hold"}))
    for name in ["transactionID", "currencyAmount", "type"]:
        corpus.add(f"{name} twice", repeated(signed(fields()), name), refused("repeated"))
    for name in ["userID", "transactionID", "revenue", "currencyAmount", "type"]:
        corpus.add(f"{name} missing, signed so", signed(fields(**{name: None})), refused("missing"))
    for value in ["", "1,5", "many", "-35"]:
        corpus.add(f"the amount is {value!r}", signed(fields(currencyAmount=value)), refused("malformed"))
    corpus.add("a type that is not known", signed(fields(type="bonus")), refused("malformed"))
    request = signed(fields())
    corpus.add("an escape that cannot be decoded", {**request, "url": request["url"] + "&x=%zz"}, refused("undecodable"))
    return corpus


def notik():
    """A copy of Notik's documentation: `hash` is last; spaces are plus signs; parameters without a value are there; a
    chargeback has amounts below zero and `rewarded_txn_id`."""
    secret = "notik-app-secret-0001"
    corpus = Corpus("notik", {"main": secret, "next": NEXT}, source_ip="192.53.121.112")
    numbers = count(8800001)

    def unsigned(fields, base=BASE):
        query = "&".join(f"{name}={quote_plus(value)}" for name, value in fields.items())
        return {"method": "GET", "url": f"{base}/notik?{query}", "headers": [], "body": ""}

    def signed(fields, secret=secret):
        return signers.notik(unsigned(fields), fields, secret)

    signed_get = Signed("/notik", signers.notik, "hash", secret)

    def fields(**change):
        fields = {
            "pub_id": "pub-1", "app_id": "app-1", "user_id": "user-1", "s1": "", "amount": "120", "payout": "1.20",
            "offer_id": "of-77", "offer_name": "Reach level 7", "currency_name": "Coins", "timestamp": "1795780800",
            "txn_id": f"nt-{next(numbers)}", "conversion_ip": "0.0.0.0", "rewarded_txn_id": "", "event_id": "",
            "event_name": "", **change,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def offer(fields, amount="120", **more):
        user = fields["user_id"]
        if fields["amount"].startswith("-"):
            return recorded("offer_reversed", [fields["txn_id"]], user, "reverse", of=fields["rewarded_txn_id"])
        effect, unit = ("complete", fields["currency_name"]) if amount else ("nothing", None)
        return recorded("offer_completed", [fields["txn_id"]], user, effect, amount, unit, **more)

    new = fields()
    corpus.add("a completed offer, with its empty parameters", signed(new), offer(new))
    corpus.add("it is charged back", signed(back := fields(amount="-120", payout="-1.20", rewarded_txn_id=new["txn_id"])), offer(back))
    new = fields(event_id="ev-3", event_name="Level 3 & more", amount="40.5")
    corpus.add("an event of an offer", signed(new), offer(new, "40.5"))
    new = fields(amount="0", payout="0")
    corpus.add("a reward of zero", signed(new), offer(new, None))
    new = fields(rewarded_txn_id=None, event_id=None, event_name=None, s1=None)
    corpus.add("without what is empty", signed(new), offer(new))
    new = fields(offer_name="Título ✓ 100% (más)")
    corpus.add("a name in any script", signed(new), offer(new))
    new = fields()
    corpus.add("escaped as RFC 3986 wants it, and signed so", signed_get(new), offer(new))
    credentials(corpus, signed_get, fields, offer)

    genuine = signed(fields())
    for name, value in [("amount", "12000"), ("user_id", "user-2"), ("txn_id", "nt-1"), ("offer_name", "x"), ("rewarded_txn_id", "nt-2")]:
        corpus.add(f"{name} changed", changed(genuine, name, value), UNAUTHENTICATED)
    corpus.add("a plus sign is written as %20", {**genuine, "url": genuine["url"].replace("+", "%20")}, UNAUTHENTICATED)
    corpus.add("in another order", with_pairs(genuine, [*pairs(genuine)[-2::-1], pairs(genuine)[-1]]), UNAUTHENTICATED)
    corpus.add("the hash stands first", with_pairs(genuine, [pairs(genuine)[-1], *pairs(genuine)[:-1]]), UNAUTHENTICATED)
    corpus.add("a parameter is added before the hash", with_pairs(genuine, [["x", "1"], *pairs(genuine)]), UNAUTHENTICATED)
    corpus.add("a parameter is taken away", without(genuine, "s1"), UNAUTHENTICATED)
    new = fields()
    request = signed(new)
    corpus.add("what is added behind the hash is not read", {**request, "url": request["url"] + "&amount=999999&user_id=user-2"}, offer(new))
    for name, base in [("another host", "https://elsewhere.example.com"), ("http", "http://callbacks.example.com")]:
        new = fields()
        other = signers.notik(unsigned(new, base), new, secret)
        corpus.add(f"signed for {name}", {**other, "url": other["url"].replace(base, BASE)}, UNAUTHENTICATED)
    twice = unsigned(fields())
    corpus.add("the amount twice, signed so", signers.notik({**twice, "url": twice["url"] + "&amount=5"}, {}, secret), refused("repeated"))
    for name in ["user_id", "txn_id", "amount", "currency_name"]:
        corpus.add(f"{name} missing, signed so", signed(fields(**{name: None})), refused("missing"))
    corpus.add("a chargeback that does not say of what, signed so", signed(fields(amount="-120", rewarded_txn_id=None)), refused("missing"))
    corpus.add("a chargeback of an empty id, signed so", signed(fields(amount="-120")), refused("malformed"))
    for value in ["", "1,200", "many", " 5", "1e99"]:
        corpus.add(f"the amount is {value!r}, signed so", signed(fields(amount=value)), refused("malformed"))
    bad = unsigned(fields())
    corpus.add("an escape that cannot be decoded, signed so", signers.notik({**bad, "url": bad["url"] + "&x=%zz"}, {}, secret), refused("undecodable"))
    corpus.add("from elsewhere", signed(fields()), refused("foreign_network"), source_ip=ELSEWHERE)
    return corpus


def monlix():
    """docs.monlix.com: the secret key is a parameter; status 1 is valid, 2 a chargeback."""
    secret = "2f6d1f4444fd70000001"
    corpus = Corpus("monlix", {"main": secret, "next": NEXT})
    signed = Signed("/monlix", signers.monlix, "secretKey", secret)
    numbers = count(1)

    def fields(**change):
        fields = {
            "userId": "54x3857", "transactionId": f"45020ab387{next(numbers):06x}", "rewardValue": "3400",
            "rewardCurrency": "Credits", "payout": "1.20", "taskName": "Earn money easily", "status": "1", **change,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def offer(fields, amount="3400", **more):
        id, user = fields["transactionId"], fields["userId"]
        if fields["status"] == "2":
            return recorded("offer_reversed", [id], user, "reverse")
        effect, unit = ("complete", fields["rewardCurrency"]) if amount else ("nothing", None)
        return recorded("offer_completed", [id], user, effect, amount, unit, **more)

    new = fields()
    corpus.add("a completed offer", signed(new), offer(new))
    corpus.add("it is charged back", signed({**new, "status": "2"}), offer({**new, "status": "2"}))
    new = fields(status="2", rewardValue="-3400", payout="-1.20")
    corpus.add("a chargeback with amounts below zero", signed(new), offer(new))
    new = fields(status="2", rewardValue=None)
    corpus.add("a chargeback without an amount", signed(new), offer(new))
    new = fields(rewardValue="0")
    corpus.add("a reward of zero", signed(new), offer(new, None))
    for amount, held in [("10000", None), ("10000.5", "over_cap"), ("1000000", "over_cap")]:
        new = fields(rewardValue=amount)
        corpus.add(f"a reward of {amount}", signed(new), offer(new, amount, held=held))
    new = fields(subId="a237eacc6db367b23f", userIp="192.0.2.7", countryCode="US")
    corpus.add("with macros that decide nothing", signed(new), offer(new))
    credentials(corpus, signed, fields, offer, other=False, is_hex=False)
    genuine = signed(fields())
    for name, value in [("in upper case", secret.upper()), ("with a space before", " " + secret), ("with one behind", secret + " "), ("longer", secret + "0"), ("its macro, unfilled", "{{secretKey}}")]:
        corpus.add(f"credential: {name}", changed(genuine, "secretKey", value), UNAUTHENTICATED)
    for name in ["transactionId", "rewardValue", "status", "userId"]:
        corpus.add(f"{name} twice", repeated(signed(fields()), name), refused("repeated"))
    for name in ["userId", "transactionId", "rewardValue", "rewardCurrency", "status"]:
        corpus.add(f"{name} missing", signed(fields(**{name: None})), refused("missing"))
    for value in ["", "1,5", "+5", " 5", "many", "-1", "1e99"]:
        corpus.add(f"the reward is {value!r}", signed(fields(rewardValue=value)), refused("malformed"))
    for value in ["3", "", "one"]:
        corpus.add(f"the status is {value!r}", signed(fields(status=value)), refused("malformed"))
    request = signed(fields())
    corpus.add("an escape that cannot be decoded", {**request, "url": request["url"] + "&x=%zz"}, refused("undecodable"))
    wrong = changed(changed(genuine, "secretKey", "wrong"), "rewardValue", "many")
    corpus.add("a wrong key and a malformed amount: nothing is learnt of the rules", wrong, UNAUTHENTICATED)
    return corpus


def admost():
    """admost.github.io: md5 over seven values and the token, without separators; `custom_data` and `activity_kind` are
    not in it. The URL has a token of ours."""
    secret = "admost-s2s-token-0001"
    corpus = Corpus("admost", {"main": secret, "next": NEXT})

    def sign(request, fields, secret):
        base, _, query = request["url"].partition("?")
        return signers.admost({**request, "url": f"{base}?token={signers.url_token(secret)}&{query}"}, fields, secret)

    signed = Signed("/admost", sign, "verifier", secret)
    numbers = count(1)
    user = "00054aee-2021-38fd-db3f-053403ad0001"

    def fields(**change):
        fields = {
            "app_id": "c9e86d87-453e-0d9a-3d00-56adc9ec0001", "app_user_id": user, "created_at": "1795780800",
            "currency": "Coin", "custom_data": "rewarded=lobby", "event_id": f"855912E3-7637-4359-9461-81C4{next(numbers):08X}",
            "network": "applovin", "reward": "3", "activity_kind": "rewarded", **change,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def ad(fields, amount="3"):
        effect, unit = ("credit", fields["currency"]) if amount else ("nothing", None)
        return recorded("ad_watched", [fields["event_id"]], fields["app_user_id"], effect, amount, unit)

    new = fields()
    corpus.add("a watched ad", signed(new), ad(new))
    new = fields(custom_data=None, activity_kind=None)
    corpus.add("without what is not signed", signed(new), ad(new))
    new = fields(reward="0")
    corpus.add("a reward of zero", signed(new), ad(new, None))
    new = fields(reward="250", currency="Gold coins", network="unity_ads")
    corpus.add("other values", signed(new), ad(new, "250"))
    credentials(corpus, signed, fields, ad)

    genuine = signed(fields())
    for name, value in [
        ("app_id", "c9e86d87-453e-0d9a-3d00-56adc9ec0002"), ("app_user_id", "00054aee-2021-38fd-db3f-053403ad0002"),
        ("currency", "Gem"), ("event_id", "855912E3-7637-4359-9461-81C4FFFFFFFF"), ("network", "admob"),
        ("reward", "3000"), ("created_at", "1795780801"),
    ]:
        corpus.add(f"{name} changed", changed(genuine, name, value), UNAUTHENTICATED)
    for name in ["event_id", "reward"]:
        corpus.add(f"{name} twice", repeated(genuine, name), UNAUTHENTICATED)
    corpus.add("custom_data twice", repeated(signed(fields()), "custom_data"), refused("repeated"))
    new = fields()
    corpus.add("unsigned: other custom data", changed(signed(new), "custom_data", "rewarded=shop"), ad(new))
    # Each of these signs the same bytes as the genuine one.
    new = fields()
    request = signed(new)
    for name, left, right, parts in [
        ("from the time to the reward", "reward", "created_at", ("31", "795780800")),
        ("from the reward to the network", "network", "reward", ("applovin3", "")),
        ("from the network to the reward", "network", "reward", ("applovi", "n3")),
        ("from the currency to the user", "app_user_id", "currency", (user + "C", "oin")),
        ("from the user to the currency", "app_user_id", "currency", (user[:-1], user[-1] + "Coin")),
        ("from the id to the currency", "currency", "event_id", ("Coin8", new["event_id"][1:])),
    ]:
        moved = changed(changed(request, left, parts[0]), right, parts[1])
        corpus.add(f"a character goes {name}", moved, refused("malformed"))
    request = signed(fields(reward="30"))
    moved = changed(changed(request, "network", "applovin3"), "reward", "0")
    corpus.add("a digit of the reward goes to the network", moved, refused("malformed"))
    for name, value in [("currency", "Coin2"), ("currency", "Coin-"), ("network", "network4"), ("network", "a-b")]:
        corpus.add(f"the {name} is {value}, signed so", signed(fields(**{name: value})), refused("malformed"))
    for name in ["app_id", "app_user_id", "currency", "event_id", "network", "reward", "created_at"]:
        corpus.add(f"{name} missing, signed so", signed(fields(**{name: None})), refused("missing"))
    for value in ["1.5", "1,5", "many", "-3", "1e2"]:
        corpus.add(f"the reward is {value!r}, signed so", signed(fields(reward=value)), refused("malformed"))
    corpus.add("a user id of another form, signed so", signed(fields(app_user_id="player-1")), refused("malformed"))
    corpus.add("without the token", without(genuine, "token"), UNAUTHENTICATED)
    corpus.add("with the token of another key", changed(genuine, "token", signers.url_token("not the key")), UNAUTHENTICATED)
    corpus.add("with the token twice", repeated(genuine, "token"), UNAUTHENTICATED)
    request = signed(fields())
    corpus.add("an escape that cannot be decoded", {**request, "url": request["url"] + "&x=%zz"}, refused("undecodable"))
    return corpus


# Private keys

TEST_KEY = 0x1F2E3D4C5B6A79880123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
OTHER_KEY = TEST_KEY + 1


def admob():
    """developers.google.com/admob/android/ssv: parameters in alphabetical order, then `signature` and `key_id`."""
    key, other = signers.private_key(TEST_KEY), signers.private_key(OTHER_KEY)
    keys = {"3335741209": signers.GOOGLE_3335741209, "1268422387": signers.public_half(key)}
    corpus = Corpus("admob", keys)
    numbers = count(1)

    def fields(**change):
        fields = {
            "ad_network": "5450213213286189855", "ad_unit": "3145500055", "custom_data": "lobby-1", "reward_amount": "10",
            "reward_item": "coins", "timestamp": "1795780800000", "transaction_id": f"00065a985cc423f002ac87dd{next(numbers):08x}",
            "user_id": "D268P40MbCgAqEI1q4GP", **change,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def signed(fields, key_id="1268422387", key=key):
        return signers.admob(get("/admob", fields), key_id, key)

    def ad(fields, amount="10", test=False, unit="coins"):
        effect, unit = ("credit", unit) if amount else ("nothing", None)
        return recorded("ad_watched", [fields["transaction_id"]], fields["user_id"], effect, amount, unit, test=test)

    def called(query):
        return {"method": "GET", "url": f"{BASE}/admob?{query}", "headers": [], "body": ""}

    new = fields()
    corpus.add("a watched ad", signed(new), ad(new))
    new = fields(custom_data=None)
    corpus.add("without custom data", signed(new), ad(new))
    new = fields(reward_amount="0")
    corpus.add("a reward of zero", signed(new), ad(new, None))
    new = fields(ad_unit="1234567890", transaction_id="123456789")
    corpus.add("the test tool of the console", signed(new), ad(new, test=True))
    new = fields(ad_unit="1234567890")
    corpus.add("half of what the test tool sends is no test", signed(new), ad(new))
    new = fields()
    request = signed(new)
    corpus.add("what stands behind the signature is not read", {**request, "url": request["url"] + "&reward_amount=999&user_id=x"}, ad(new))
    google = signers.GOOGLE_CALLBACKS
    corpus.add("from Google's test tool: genuine, and without a user", called(google["without an escape, and without a user"]), refused("missing"))
    test = {"transaction_id": "123456789", "user_id": "test_user_id"}
    corpus.add("from Google's test tool, with a space as %20", called(google["with a space as %20"]), ad(test, "1", True, "Test Reward"))
    corpus.add("from Google's test tool, with a space as +, and without a user", called(google["with a space as +"]), refused("missing"))
    new = fields(custom_data='{"uid":"D268","n":"1=2 + é"}', reward_item="gold coins")
    corpus.add("what is signed is decoded", signed(new), ad(new, unit="gold coins"))
    new = fields()
    request = signed(new)
    corpus.add("an escape that is not needed is the same text", {**request, "url": request["url"].replace("lobby-1", "%6Cobby%2D1")}, ad(new))
    new = fields()
    before = signers.raw_query(get("/admob", new))
    signature = signers.base64url(signers.ecdsa(key, before.replace("lobby-1", "lobby%2D1")))
    raw = f"{before.replace('lobby-1', 'lobby%2D1')}&signature={signature}&key_id=1268422387"
    corpus.add("signed as it is called, with its escapes", called(raw), UNAUTHENTICATED)
    corpus.add("an & in the custom data", signed(fields(custom_data="a&b")), UNAUTHENTICATED)
    split = signed(fields(custom_data="a=b"))
    corpus.add("the name of a parameter takes of its value", {**split, "url": split["url"].replace("custom_data=a%3Db", "custom_data%3Da=b")}, UNAUTHENTICATED)
    corpus.add("an escape that cannot be decoded", {**split, "url": split["url"].replace("custom_data=a", "custom_data=%zza")}, UNAUTHENTICATED)

    new = fields()
    genuine = signed(new)
    before = genuine["url"].partition("&signature=")[0]
    signature = value_of(genuine, "signature")
    standard = quote(base64.b64encode(signers.from_base64url(signature)).decode(), safe="")
    for name, request in [
        ("missing", without(genuine, "signature")),
        ("empty", {**genuine, "url": f"{before}&signature=&key_id=1268422387"}),
        ("truncated", {**genuine, "url": f"{before}&signature={signature[:-4]}&key_id=1268422387"}),
        ("in hex", {**genuine, "url": f"{before}&signature={signers.from_base64url(signature).hex()}&key_id=1268422387"}),
        ("in the other base64", {**genuine, "url": f"{before}&signature={standard}&key_id=1268422387"} if "%" in standard else without(genuine, "signature")),
        ("twice", {**genuine, "url": f"{before}&signature={signature}&signature={signature}&key_id=1268422387"}),
        ("of another key", signed(fields(), key=other)),
        ("of a key that is not in the list", signed(fields(), key_id="999", key=other)),
        ("first", with_pairs(genuine, [["signature", signature], *[pair for pair in pairs(genuine) if pair[0] != "signature"]])),
    ]:
        corpus.add(f"the signature is {name}", request, UNAUTHENTICATED)
    # Every key of the list is Google's: which of them it is, nobody has to say.
    new = fields()
    corpus.add("the signature is of a key under the number of another", signed(new, key_id="3335741209"), ad(new))
    new = fields()
    corpus.add("the signature is without the number of its key", without(signed(new), "key_id"), ad(new))
    new = fields()
    padded = signed(new)
    text = value_of(padded, "signature")
    padded = {**padded, "url": padded["url"].replace(text, text + "%3D" * (-len(text) % 4))}
    corpus.add("the signature is padded", padded, ad(new))
    for name, value in [("reward_amount", "10000"), ("reward_item", "gems"), ("user_id", "x"), ("transaction_id", "0"), ("ad_unit", "1"), ("custom_data", "x"), ("timestamp", "1")]:
        corpus.add(f"{name} changed", changed(genuine, name, value), UNAUTHENTICATED)
    corpus.add("in another order", with_pairs(genuine, [*pairs(genuine)[-3::-1], *pairs(genuine)[-2:]]), UNAUTHENTICATED)
    corpus.add("a parameter is added before the signature", with_pairs(genuine, [["x", "1"], *pairs(genuine)]), UNAUTHENTICATED)
    # An app's user chooses the custom data. Decoded, this is the text of a callback that pays a million.
    bait = "x&reward_amount=1000000&reward_item=coins&timestamp=1&transaction_id=00ff&user_id=x&z="
    baited = signed(fields(custom_data=bait))
    before_z, _, behind_z = signers.admob_text({"url": baited["url"].partition("&signature=")[0]}).partition("&z=")
    attack = f"{BASE}/admob?{before_z}&z={quote(behind_z, safe='')}"
    assert signers.admob_text({"url": attack}) == f"{before_z}&z={behind_z}", "the text that Google signed"
    attack += f"&signature={value_of(baited, 'signature')}&key_id=1268422387"
    corpus.add("parameters out of the custom data, by what Google signs", {**baited, "url": attack}, UNAUTHENTICATED)
    corpus.add("the amount twice, signed so", signers.admob(called(before.partition("?")[2] + "&reward_amount=10"), "1268422387", key), UNAUTHENTICATED)
    for name in ["ad_unit", "reward_amount", "reward_item", "transaction_id", "user_id"]:
        corpus.add(f"{name} missing, signed so", signed(fields(**{name: None})), refused("missing"))
    for value in ["many", "-10", "1e99", "0x5"]:
        corpus.add(f"the amount is {value!r}, signed so", signed(fields(reward_amount=value)), refused("malformed"))
    return corpus


def skadnetwork():
    """developer.apple.com: the list of values by version; redownload as true or false; what the device left away drops
    out; conversion values are never signed."""
    key, other = signers.private_key(TEST_KEY), signers.private_key(OTHER_KEY)
    corpus = Corpus("skadnetwork", {"apple": signers.APPLE, "test": signers.public_half(key)})
    numbers = count(1)

    def postback(version="4.0", **change):
        lists = {
            "4.0": {"source-identifier": "5239", "source-app-id": 1234567891, "fidelity-type": 1, "did-win": True, "postback-sequence-index": 0},
            "3.0": {"campaign-id": 42, "source-app-id": 1234567891, "fidelity-type": 1, "did-win": True},
            "2.2": {"campaign-id": 42, "source-app-id": 1234567891, "fidelity-type": 0},
            "2.1": {"campaign-id": 42, "source-app-id": 1234567891},
        }
        fields = {
            "version": version, "ad-network-id": "example123.skadnetwork", "app-id": 525463029,
            "transaction-id": f"6aafb7a5-0170-41b5-bbe4-{next(numbers):012x}", "redownload": False,
            **lists[version], "conversion-value": 20, **{name.replace("_", "-"): value for name, value in change.items()},
        }
        return {name: value for name, value in fields.items() if value is not None}

    def signed(fields, key=key):
        return signers.skadnetwork(post("/skadnetwork", dump(fields)), fields, key)

    def sent(fields, signature):
        """These fields with the signature of others."""
        return with_member(post("/skadnetwork", dump(fields)), "attribution-signature", signature)

    def signature_of(request):
        return json.loads(request["body"])["attribution-signature"]

    def install(fields):
        kind = "install_lost" if fields.get("did-win") is False else "install_won"
        id = fields["transaction-id"]
        return recorded(kind, [id], id, "nothing")

    for printed in signers.APPLE_POSTBACKS:
        name = f"Apple's own example of {printed['version']}, {printed['transaction-id'][-2:]}"
        corpus.add(name, post("/skadnetwork", dump(printed)), install(printed))
    for version in ["4.0", "3.0", "2.2", "2.1"]:
        new = postback(version)
        corpus.add(f"{version}: with everything", signed(new), install(new))
        new = postback(version, source_app_id=None, conversion_value=None)
        corpus.add(f"{version}: without the source app", signed(new), install(new))
    new = postback(source_app_id=None, source_domain="example.com")
    corpus.add("4.0: of a web ad", signed(new), install(new))
    for version in ["4.0", "3.0"]:
        new = postback(version, did_win=False, source_app_id=None, conversion_value=None)
        corpus.add(f"{version}: an ad that did not win", signed(new), install(new))
    new = postback(postback_sequence_index=2, source_identifier="39", source_app_id=None, conversion_value=None, coarse_conversion_value="high")
    corpus.add("4.0: the third window, of a small crowd", signed(new), install(new))
    new = postback(source_app_id=0, conversion_value=0)
    corpus.add("a test scenario, whose source app is 0", signed(new), install(new))

    new = postback()
    genuine = signature_of(signed(new))
    corpus.add("unsigned: another conversion value", sent({**new, "conversion-value": 63}, genuine), install(new))
    corpus.add("unsigned: a coarse conversion value", sent({**new, "coarse-conversion-value": "high"}, genuine), install(new))
    for name, value in [
        ("ad-network-id", "other.skadnetwork"), ("source-identifier", "1"), ("app-id", 1), ("redownload", True),
        ("transaction-id", "6aafb7a5-0170-41b5-bbe4-ffffffffffff"), ("source-app-id", 2), ("fidelity-type", 0),
        ("did-win", False), ("postback-sequence-index", 1), ("version", "3.0"), ("version", "5.0"), ("version", "2.0"),
    ]:
        corpus.add(f"{name} changed to {value}", sent({**new, name: value}, genuine), UNAUTHENTICATED)
    corpus.add("the source app taken away", sent({n: v for n, v in new.items() if n != "source-app-id"}, genuine), UNAUTHENTICATED)
    corpus.add("a source domain added", sent({**new, "source-domain": "example.com"}, genuine), UNAUTHENTICATED)
    older = postback("2.1")
    lost = sent({**older, "did-win": False}, signature_of(signed(older)))
    corpus.add("2.1: unsigned, a did-win that there is none of", lost, install({**older, "did-win": False}))
    # With U+2063 in a value, both of these are the signed text.
    moved = {**new, "ad-network-id": "example123.skadnetwork\u20635239", "source-identifier": None}
    corpus.add("a value moves across the separator", sent(moved, genuine), UNAUTHENTICATED)
    moved = {n: v for n, v in new.items() if n != "source-app-id"}
    moved["source-domain"] = "1234567891\u20631"
    del moved["fidelity-type"]
    corpus.add("two values become one across the separator", sent(moved, genuine), UNAUTHENTICATED)
    for name, request in [
        ("missing", post("/skadnetwork", dump(new))),
        ("null", post("/skadnetwork", dump({**new, "attribution-signature": None}))),
        ("empty", sent(new, "")),
        ("truncated", sent(new, genuine[:-4])),
        ("in hex", sent(new, base64.b64decode(genuine).hex())),
        ("of another key", signed(postback(), other)),
        ("of another postback", sent(new, signature_of(signed(postback())))),
        ("twice", with_member(sent(new, genuine), "attribution-signature", genuine)),
    ]:
        corpus.add(f"the signature is {name}", request, UNAUTHENTICATED)
    corpus.add("a signed member twice", with_member(sent(new, genuine), "app-id", 525463029), UNAUTHENTICATED)
    corpus.add("an unsigned member twice", with_member(signed(postback()), "conversion-value", 20), refused("repeated"))
    corpus.add("the transaction is no GUID, signed so", signed(postback(transaction_id="t-1")), refused("malformed"))
    corpus.add("no JSON", post("/skadnetwork", "version=4.0"), refused("malformed"))
    return corpus


def adattributionkit():
    """developer.apple.com: the body's `jws-string`, whose payload has what is signed; `kid` names Apple's key."""
    key, other = signers.private_key(TEST_KEY), signers.private_key(OTHER_KEY)
    corpus = Corpus("adattributionkit", {"apple": signers.APPLE, "test": signers.public_half(key)})
    numbers = count(1)
    HEADER = '{"kid":"apple-cas-identifier/0","alg":"ES256"}'

    def payload(**change):
        fields = {
            "advertised-item-identifier": 684939, "conversion-type": "download", "ad-network-identifier": "test.adattributionkit",
            "impression-type": "app-impression", "postback-sequence-index": 0, "source-identifier": "8344", "did-win": True,
            "postback-identifier": f"3f50fe57-29ae-4861-8c0b-{next(numbers):012x}", "publisher-item-identifier": 5838492,
            "marketplace-identifier": "com.apple.AppStore", **{name.replace("_", "-"): value for name, value in change.items()},
        }
        return {name: value for name, value in fields.items() if value is not None}

    def signed(fields, key=key, header=HEADER, **beside):
        jws = signers.adattributionkit(header, fields if isinstance(fields, str) else dump(fields), key)
        return sent(jws, **beside)

    def sent(jws, **beside):
        beside = {name.replace("_", "-"): value for name, value in beside.items()}
        return post("/adattributionkit", dump({"jws-string": jws, **beside}))

    def conversion(fields):
        id = fields["postback-identifier"]
        kinds = {"download": "app_installed", "redownload": "app_installed", "re-engagement": "app_reopened"}
        kind = kinds[fields["conversion-type"]] if fields["did-win"] else "conversion_lost"
        return recorded(kind, [id], id, "nothing")

    new = payload()
    corpus.add("a download", signed(new, conversion_value=24, ad_interaction_type="click"), conversion(new))
    for type in ["redownload", "re-engagement"]:
        new = payload(conversion_type=type)
        corpus.add(f"a {type}", signed(new, coarse_conversion_value="medium", ad_interaction_type="view"), conversion(new))
    new = payload(did_win=False, publisher_item_identifier=None, marketplace_identifier=None)
    corpus.add("an ad that did not win", signed(new, ad_interaction_type="view"), conversion(new))
    new = payload(postback_sequence_index=2, source_identifier="83")
    corpus.add("the third window, of a small crowd", signed(new), conversion(new))
    new = payload(postback_identifier="85546EB7-FD39-44BC-8990-C98A4AC36A40")
    corpus.add("an id in upper case", signed(new), conversion(new))
    new = payload()
    corpus.add("an escaped slash in the header, as Apple writes it", signed(new, header=HEADER.replace("/", "\\/")), conversion(new))
    new = payload()
    corpus.add("unsigned: another conversion value beside it", signed(new, conversion_value=63), conversion(new))
    new = payload()
    corpus.add("unsigned: an id beside it is not read", signed(new, postback_identifier="6aafb7a5-0170-41b5-bbe4-fe71dedf1e28", did_win=False), conversion(new))

    corpus.add("Apple's example, of a development key", sent(signers.APPLE_JWS, conversion_value=24), UNAUTHENTICATED)
    new = payload()
    jws = json.loads(signed(new)["body"])["jws-string"]
    head, middle, signature = jws.split(".")
    der = base64.b64encode(signers.ecdsa(key, f"{head}.{middle}")).decode()
    none = signers.base64url(b'{"alg":"none"}')
    hs256 = signers.base64url(b'{"alg":"HS256"}')
    mac = signers.base64url(signers.mac("sha256", base64.b64decode(signers.public_half(key)), f"{hs256}.{middle}"))
    for name, request in [
        ("missing", post("/adattributionkit", dump({"conversion-value": 24}))),
        ("null", sent(None)),
        ("empty", sent("")),
        ("a number", sent(12)),
        ("an array", sent([jws])),
        ("without its signature", sent(f"{head}.{middle}.")),
        ("without its last part", sent(f"{head}.{middle}")),
        ("with a part too many", sent(f"{jws}.{signature}")),
        ("truncated", sent(jws[:-4])),
        ("padded", sent(jws + "=")),
        ("signed in ASN.1", sent(f"{head}.{middle}.{signers.base64url(base64.b64decode(der))}")),
        ("of no algorithm", sent(f"{none}.{middle}.")),
        ("of no algorithm, with a signature", sent(f"{none}.{middle}.{signature}")),
        ("of an HMAC with the public key", sent(f"{hs256}.{middle}.{mac}")),
        ("of another algorithm by its header", signed(payload(), header='{"kid":"apple-cas-identifier/0","alg":"ES384"}')),
        ("with a critical header", signed(payload(), header='{"alg":"ES256","crit":["exp"],"exp":1}')),
        ("of another key", signed(payload(), other)),
        ("there twice", with_member(sent(jws), "jws-string", jws)),
    ]:
        corpus.add(f"the JWS is {name}", request, UNAUTHENTICATED)
    for name, value in [("did-win", False), ("postback-identifier", "3f50fe57-29ae-4861-8c0b-ffffffffffff"), ("conversion-type", "re-engagement")]:
        forged = signers.base64url(dump({**new, name: value}).encode())
        corpus.add(f"{name} changed in the payload", sent(f"{head}.{forged}.{signature}"), UNAUTHENTICATED)
    corpus.add("a member of the payload twice, signed so", signed(dump(payload())[:-1] + ',"did-win":false}'), refused("repeated"))
    for name in ["postback-identifier", "did-win", "conversion-type", "postback-sequence-index", "ad-network-identifier", "source-identifier", "advertised-item-identifier", "impression-type"]:
        corpus.add(f"{name} missing, signed so", signed(payload(**{name.replace("-", "_"): None})), refused("missing"))
    for name, value in [("postback-identifier", "p-1"), ("did-win", "maybe"), ("conversion-type", "install"), ("postback-sequence-index", 3)]:
        corpus.add(f"{name} is {value}, signed so", signed(payload(**{name.replace("-", "_"): value})), refused("malformed"))
    corpus.add("no JSON", post("/adattributionkit", jws), refused("malformed"))
    return corpus


# Bodies


def standard_webhooks():
    """The specification: three headers; several signatures with spaces between them; the id may have no full stop."""
    secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
    second = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    corpus = Corpus("standard-webhooks", {"main": secret, "next": second})
    numbers = count(1)

    def id():
        return f"msg_2KWPBgLlAfxdpx2AI54pP{next(numbers):05}"

    def unsigned(id, body, at=NOW, stamp=None):
        stamp = str(int(at.timestamp())) if stamp is None else stamp
        request = post("/standard-webhooks", body)
        return {**request, "headers": [*request["headers"], ["webhook-id", id], ["webhook-timestamp", stamp]]}

    def signed(id, body='{"type":"contact.created","data":{"id":"c-1"}}', secret=secret, at=NOW, stamp=None):
        request = unsigned(id, body, at, stamp)
        fields = {name: value for name, value in request["headers"]}
        return signers.standard_webhooks(request, fields, secret)

    def message(id):
        return recorded("message", [id], id, "nothing")

    def header(request, name, value):
        """The request with another value of a header, or without it."""
        others = [[n, v] for n, v in request["headers"] if n != name]
        return {**request, "headers": others if value is None else [*others, [name, value]]}

    def signature(request):
        return dict(request["headers"])["webhook-signature"]

    corpus.add("a message", signed(new := id()), message(new))
    body = '{\n  "type": "contact.created",\n  "timestamp": "2022-11-03T20:26:10.344522Z",\n  "data": {"n": 1.50}\n}'
    corpus.add("the body is signed as it is written", signed(new := id(), body), message(new))
    corpus.add("under the second of the keys", signed(new := id(), secret=second), message(new))
    genuine = signed(new := id())
    for name, value in [
        ("behind one of another key", "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= " + signature(genuine)),
        ("before one of another key", signature(genuine) + " v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="),
        ("behind one of ed25519", "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg== " + signature(genuine)),
    ]:
        corpus.add(f"its signature stands {name}", header(genuine, "webhook-signature", value), message(new))
    bare = signature(genuine).removeprefix("v1,")
    for name, value in [
        ("missing", None),
        ("empty", ""),
        ("without its version", bare),
        ("of version 2", "v2," + bare),
        ("of version 1a", "v1a," + bare),
        ("nothing behind its version", "v1,"),
        ("truncated", "v1," + bare[:-4]),
        ("in hex", "v1," + base64.b64decode(bare).hex()),
        ("for URLs", "v1," + base64.urlsafe_b64encode(base64.b64decode(bare)).decode().rstrip("=")),
        ("of another message", signature(signed(id()))),
        ("of two versions in one", "v1,v1," + bare),
    ]:
        corpus.add(f"the signature is {name}", header(genuine, "webhook-signature", value), UNAUTHENTICATED)
    corpus.add("the signature is of another secret", signed(id(), secret="whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), UNAUTHENTICATED)
    as_text = base64.b64encode(secret.removeprefix("whsec_").encode()).decode()
    corpus.add("the signature is of the secret's text", signed(id(), secret=as_text), UNAUTHENTICATED)
    corpus.add("the signature is there twice", with_header(genuine, "webhook-signature", signature(genuine)), UNAUTHENTICATED)
    corpus.add("the id changed", header(genuine, "webhook-id", "msg_other"), UNAUTHENTICATED)
    corpus.add("the time changed", header(genuine, "webhook-timestamp", str(int(NOW.timestamp()) + 1)), UNAUTHENTICATED)
    corpus.add("the body changed", {**genuine, "body": genuine["body"].replace("c-1", "c-2")}, UNAUTHENTICATED)
    corpus.add("a space more in the body", {**genuine, "body": genuine["body"].replace(":", ": ")}, UNAUTHENTICATED)
    corpus.add("without an id", header(genuine, "webhook-id", None), UNAUTHENTICATED)
    corpus.add("without a time", header(genuine, "webhook-timestamp", None), UNAUTHENTICATED)
    corpus.add("the id twice", with_header(genuine, "webhook-id", new), UNAUTHENTICATED)
    corpus.add("the time twice", with_header(genuine, "webhook-timestamp", str(int(NOW.timestamp()))), UNAUTHENTICATED)
    # `a.b` and `c` sign the same as `a` and `b.c`.
    corpus.add("a full stop in the id, signed so", signed("msg.1"), refused("malformed"))
    for seconds, expected in [(-300, None), (300, None), (-301, "malformed"), (301, "malformed"), (-86400, "malformed")]:
        at = NOW + timedelta(seconds=seconds)
        corpus.add(f"a time {seconds} seconds from now", signed(new := id(), at=at), refused(expected) if expected else message(new))
    for stamp in ["hello", "-1795780800", "1795780800.5", "1795780800000", "99999999999999999999"]:
        corpus.add(f"the time is {stamp}, signed so", signed(id(), stamp=stamp), refused("malformed"))
    corpus.add("a body without a type", signed(id(), '{"test": 2432232314}'), refused("missing"))
    corpus.add("a member twice", signed(id(), '{"type":"a","type":"b"}'), refused("repeated"))
    corpus.add("a body that is no object", signed(id(), "[]"), refused("malformed"))
    corpus.add("a body that is no JSON", signed(id(), "type=a"), refused("malformed"))
    return corpus


def inbrain():
    """docs.inbrain.ai, and the function of this name: `Sig` over PanelistId and RewardId; which types come to which of
    the two URLs; all that pays for one RewardId is one callback."""
    secret = "inbrain-callback-secret-0001"
    corpus = Corpus("inbrain", {"main": secret, "next": NEXT})
    numbers = count(1)
    SUCCESS, FAILURE = "/inbrain/success", "/inbrain/failure"

    def survey(**change):
        fields = {
            "PanelistId": "user-7", "RewardType": "survey_completed", "RewardId": f"c55b3483-5755-42f8-9bc5-{next(numbers):012x}",
            "Reward": 100, "SessionId": "s-1", "RevenueAmount": Raw("1.00"), "IsTest": False, **change,
        }
        return {name: value for name, value in fields.items() if value is not ...}

    def offer(type="offer_completed", **change):
        defaults = {"RewardType": type, "OfferId": 12345, "OfferGoalId": None, "Reward": Raw("2.50"), "RevenueAmount": Raw("5.75"), "IsTest": ...}
        return survey(**{**defaults, **change})

    def signed(fields, path=SUCCESS, secret=secret):
        texts = {name: fields[name] for name in ["PanelistId", "RewardId"] if fields.get(name) is not None}
        return signers.inbrain(post(path, dump(fields)), texts, secret)

    def what(fields, amount="100", **more):
        type, id, user = fields["RewardType"], fields["RewardId"], fields["PanelistId"]
        if type == "offer_completion_reversed":
            return recorded(type, [id], user, "reverse", test=fields.get("IsTest") is True)
        if type == "offer_clicked":
            return recorded(type, [id], user, "nothing", test=fields.get("IsTest") is True)
        effect = ("complete" if type == "offer_completed" else "credit") if amount else "nothing"
        test = fields.get("IsTest") is True
        return recorded(type, [id], user, effect, amount, "IAC" if amount else None, test=test, **more)

    for type, path, other in [("survey_completed", SUCCESS, FAILURE), ("profiler_completed", SUCCESS, FAILURE), ("ad_hoc", SUCCESS, FAILURE), ("survey_disqualified", FAILURE, SUCCESS)]:
        new = survey(RewardType=type)
        corpus.add(type, signed(new, path), what(new))
        corpus.add(f"{type} on the other route", signed(survey(RewardType=type), other), refused("malformed"))
    for type in ["offer_completed", "offer_clicked", "offer_completion_reversed"]:
        new = offer(type)
        corpus.add(type, signed(new), what(new, "2.50"))
        corpus.add(f"{type} on the other route", signed(offer(type), FAILURE), refused("malformed"))
    new = offer(OfferGoalId=7, IsTest=None)
    corpus.add("a goal of an offer", signed(new), what(new, "2.50"))
    new = offer("offer_completion_reversed", Reward=Raw("-2.50"), RevenueAmount=None)
    corpus.add("a reversal's amounts are not looked at", signed(new), what(new))
    new = offer("offer_completion_reversed", Reward="n/a", RevenueAmount=...)
    corpus.add("not even where they are none", signed(new), what(new))
    new = survey(IsTest=True)
    corpus.add("a test", signed(new), what(new))
    new = survey(Reward=0, RevenueAmount=0, RewardType="survey_disqualified")
    corpus.add("a reward of zero", signed(new, FAILURE), what(new, None))
    for amount, held in [("10000", None), ("10000.01", "over_cap")]:
        new = survey(Reward=Raw(amount))
        corpus.add(f"a reward of {amount}", signed(new), what(new, amount, held=held))
    new = survey(Reward="12.50")
    corpus.add("the reward as text", signed(new), what(new, "12.50"))
    new = survey(PanelistId="名前 é 😀")
    corpus.add("a user in any script", signed(new), what(new))
    new = survey()
    corpus.add("under the second of the keys", signed(new, secret=NEXT), what(new))

    new = survey()
    genuine = signed(new)
    sig = json.loads(genuine["body"])["Sig"]

    def sent(fields, sig):
        return with_member(post(SUCCESS, dump(fields)), "Sig", sig)

    corpus.add("Sig in upper case", sent(new, sig.upper()), what(new))
    for name, request in [
        ("missing", post(SUCCESS, dump(new))),
        ("null", sent(new, None)),
        ("empty", sent(new, "")),
        ("a number", sent(new, 12)),
        ("truncated", sent(new, sig[:-2])),
        ("longer", sent(new, sig + "00")),
        ("of another secret", signed(survey(), secret="not the secret")),
        ("of another reward", sent(new, json.loads(signed(survey())["body"])["Sig"])),
        ("there twice", with_member(genuine, "Sig", sig)),
        ("the deprecated one", with_member(post(SUCCESS, dump(new)), "Signature", sig)),
    ]:
        corpus.add(f"Sig is {name}", request, UNAUTHENTICATED)
    corpus.add("PanelistId changed", sent({**new, "PanelistId": "user-8"}, sig), UNAUTHENTICATED)
    corpus.add("RewardId changed", sent({**new, "RewardId": "c55b3483-5755-42f8-9bc5-ffffffffffff"}, sig), UNAUTHENTICATED)
    corpus.add("RewardId twice", with_member(genuine, "RewardId", new["RewardId"]), UNAUTHENTICATED)
    corpus.add("Reward twice", with_member(signed(survey()), "Reward", 5), refused("repeated"))
    for name, left, right in [("left", "user-7c", new["RewardId"][1:]), ("right", "user-", "7" + new["RewardId"])]:
        corpus.add(f"the boundary between the signed values is moved to the {name}", sent({**new, "PanelistId": left, "RewardId": right}, sig), refused("malformed"))
    # What Sig leaves out.
    new = survey()
    corpus.add("unsigned: another amount, above the cap, waits for a person", sent({**new, "Reward": 1000000}, json.loads(signed(new)["body"])["Sig"]), what(new, "1000000", held="over_cap"))
    new = survey(IsTest=True)
    untested = {**new, "IsTest": False}
    corpus.add("unsigned: a test becomes what pays, under the same identity", sent(untested, json.loads(signed(new)["body"])["Sig"]), what(untested))
    for name in ["PanelistId", "RewardId", "RewardType", "Reward", "RevenueAmount", "IsTest"]:
        corpus.add(f"{name} missing, signed so", signed(survey(**{name: ...})), refused("missing"))
    for name in ["Reward", "RevenueAmount"]:
        corpus.add(f"{name} null", signed(offer(**{name: None})), refused("missing"))
        for value in ["", "1,5", "+1", Raw("-0.01"), True, [], Raw("1e29")]:
            corpus.add(f"{name} is {dump(value)}", signed(survey(**{name: value})), refused("malformed"))
    return corpus


def claimr():
    """docs.claimr.io, and the function of this name: points of a user activity pay; the other scopes are notices."""
    secret = "claimr-hook-secret-0001"
    corpus = Corpus("claimr", {"main": secret, "next": NEXT})
    numbers = count(1)

    def activity(xp=100, **change):
        action = {"id": "ca-501", "name": "Visit", "type": "visit", "meta": None}
        event = {"type": "action_completed", "data": {"account": "ann", "action": action, "xp": xp}}
        fields = {
            "id": f"cm-{next(numbers)}", "scope": "user_activity", "user": "cu-1", "user_id": "cu-1", "campaign": {"id": "cc-31", "name": "Spring"},
            "event": event, "total_xp": 1250, "xp_mul": Raw("1.5"), "rank": 42, "team": None, **change,
        }
        return {name: value for name, value in fields.items() if value is not ...}

    def signed(fields, secret=secret):
        return signers.claimr(post("/claimr/webhooks", fields if isinstance(fields, str) else dump(fields)), {}, secret)

    def message(fields, amount=None, user="cu-1", **more):
        effect = "credit" if amount else "nothing"
        return recorded(fields["scope"], [fields["scope"], str(fields["id"])], user, effect, amount, "xp" if amount else None, **more)

    def header(request, value, name="x-claimr-signature"):
        others = [[n, v] for n, v in request["headers"] if n != "x-claimr-signature"]
        return {**request, "headers": others if value is None else [*others, [name, value]]}

    new = activity()
    corpus.add("a user activity", signed(new), message(new, "100"))
    for scope in ["user_login", "user_reward", "referral"]:
        new = activity(scope=scope)
        corpus.add(f"{scope} is a notice", signed(new), message(new))
        new = {"id": f"cm-bare-{scope}", "scope": scope, "user_id": "cu-1"}
        corpus.add(f"{scope} with no more than it needs", signed(new), message(new))
    for name, xp, amount in [("zero", 0, None), ("null", None, None), ("a decimal", Raw("12.50"), "12.50"), ("as text", "25", "25")]:
        new = activity(xp)
        corpus.add(f"points: {name}", signed(new), message(new, amount))
    new = activity(-5)
    corpus.add("points below zero wait for a person", signed(new), message(new, "-5", held="negative_reward"))
    for name, event in [("without data", {"type": "t"}), ("without an event", ...), ("with null for an event", None)]:
        new = activity(event=event)
        corpus.add(f"a user activity {name}", signed(new), message(new))
    new = activity(id=5001)
    corpus.add("the id as a number", signed(new), message(new, "100"))
    for name, change in [("null", {"user_id": None}), ("absent", {"user_id": ...}), ("empty", {"user_id": ""})]:
        new = activity(user="cu-2", **change)
        corpus.add(f"user_id {name}: the user counts", signed(new), message(new, "100", user="cu-2"))
    new = activity("a hundred", scope="user_reward")
    corpus.add("points of a notice are not looked at", signed(new), message(new))
    new = activity()
    corpus.add("under the second of the keys", signed(new, NEXT), message(new, "100"))
    body = dump(new := activity()).replace(",", " ,\n").replace("\n", " ")
    corpus.add("the body is signed as it is written", signed(body), message(new, "100"))

    new = activity()
    genuine = signed(new)
    digest = dict(genuine["headers"])["x-claimr-signature"]
    encoded = base64.b64encode(bytes.fromhex(digest)).decode()
    for name, value in [("hex in upper case", digest.upper()), ("hex behind sha256=", "sha256=" + digest), ("base64", encoded), ("base64 behind sha256=", "sha256=" + encoded)]:
        corpus.add(f"the signature: {name}", header(genuine, value), message(new, "100"))
    for name, value in [("missing", None), ("empty", ""), ("truncated", digest[:-2]), ("longer", digest + "00"), ("behind sha1=", "sha1=" + digest), ("behind sha256= twice", "sha256=sha256=" + digest), ("of another secret", dict(signed(new, "not it")["headers"])["x-claimr-signature"])]:
        corpus.add(f"the signature is {name}", header(genuine, value), UNAUTHENTICATED)
    corpus.add("the signature is there twice", with_header(genuine, "x-claimr-signature", digest), UNAUTHENTICATED)
    corpus.add("the signature is in another header", header(genuine, digest, "x-signature"), UNAUTHENTICATED)
    corpus.add("the points changed", {**genuine, "body": genuine["body"].replace('"xp":100', '"xp":9999')}, UNAUTHENTICATED)
    corpus.add("a space more in the body", {**genuine, "body": genuine["body"] + " "}, UNAUTHENTICATED)
    corpus.add("a member twice, signed so", signed(dump(activity())[:-1] + ',"id":"x"}'), refused("repeated"))
    corpus.add("a member twice further in, signed so", signed(dump(activity()).replace('"xp":100', '"xp":100,"xp":5')), refused("repeated"))
    for name in ["id", "scope"]:
        corpus.add(f"{name} missing", signed(activity(**{name: ...})), refused("missing"))
    corpus.add("nobody named", signed(activity(user=None, user_id=None)), refused("missing"))
    for name, change in [("a scope that is not known", {"scope": "user_logout"}), ("an id that is a fraction", {"id": Raw("1.5")}), ("an id that is an object", {"id": {}})]:
        corpus.add(name, signed(activity(**change)), refused("malformed"))
    for value in ["a hundred", "", " ", "1,000", True, [], {}]:
        corpus.add(f"points that are {dump(value)}", signed(activity(value)), refused("malformed"))
    corpus.add("an event that is no object", signed(activity(event="done")), refused("malformed"))
    corpus.add("no JSON", signed("id=1"), refused("malformed"))
    return corpus


ALL = [unity_ads, applovin_max, pollfish, adgate, timewall, notik, monlix, admost, admob, skadnetwork, adattributionkit, standard_webhooks, inbrain, claimr]

WITH_PRIVATE_KEYS = [admob, skadnetwork, adattributionkit]


def main(arguments):
    if arguments not in ([], ["--check"]):
        sys.exit(__doc__)
    made = ALL
    if importlib.util.find_spec("cryptography"):
        signers.published()
    elif arguments:
        made = [make for make in ALL if make not in WITH_PRIVATE_KEYS]
        names = ", ".join(make.__name__ for make in WITH_PRIVATE_KEYS)
        print(f"not checked, because the package cryptography is not installed: {names}")
    else:
        sys.exit("the package cryptography is not installed; see tests/contracts/requirements.txt")
    keep((make().data() for make in made), bool(arguments), "tests/contracts/corpus_b.py")


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main(sys.argv[1:])
