#!/usr/bin/env python3
"""What each provider does when it signs a callback, written from its own page.

Nothing here knows the contracts: each function takes a request that is not signed yet, the values that the
provider puts into the signed text, and the secret, and gives the request as the provider would send it. A
request is {"method", "url", "headers", "body"}, its headers a list of pairs.

    python3 tests/contracts/signers_b.py      compares the functions with the examples that providers print

Needs Python's standard library, and the package `cryptography` of requirements.txt for the providers that
sign with a private key.
"""

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qsl, quote, unquote_plus, urlsplit


# Requests


def get(path, fields=(), base="https://callbacks.example.com"):
    """A GET with these parameters, percent-encoded."""
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in dict(fields).items())
    return {"method": "GET", "url": f"{base}{path}?{query}" if query else f"{base}{path}", "headers": [], "body": ""}


def post(path, body, base="https://callbacks.example.com"):
    """A POST of this JSON."""
    return {"method": "POST", "url": base + path, "headers": [["content-type", "application/json"]], "body": body}


def with_parameter(request, name, value):
    """The request with a parameter at the end of its query, percent-encoded."""
    separator = "&" if "?" in request["url"] else "?"
    return {**request, "url": f"{request['url']}{separator}{name}={quote(value, safe='')}"}


def with_header(request, name, value):
    return {**request, "headers": [*request["headers"], [name, value]]}


def with_member(request, name, value):
    """The request with a member at the beginning of its JSON object."""
    rest = request["body"].lstrip()[1:]
    separator = "" if rest.lstrip().startswith("}") else ","
    return {**request, "body": "{" + json.dumps(name) + ":" + json.dumps(value) + separator + rest}


def raw_query(request):
    """The query string as it is called, without its question mark."""
    return urlsplit(request["url"]).query


# Digests


def hexdigest(algorithm, text):
    return hashlib.new(algorithm, text.encode()).hexdigest()


def mac(algorithm, secret, text):
    """The HMAC of a text, as bytes."""
    key = secret if isinstance(secret, bytes) else secret.encode()
    return hmac.new(key, text.encode(), algorithm).digest()


# Shared secrets


def unity_ads(request, fields, secret):
    """docs.unity.com, server-to-server redeem callbacks: HMAC-MD5 over all parameters of the URL but `hmac`, as
    key=value in alphabetical order with commas between them, in hex."""
    text = ",".join(f"{name}={fields[name]}" for name in sorted(fields))
    return with_parameter(request, "hmac", mac("md5", secret, text).hex())


def applovin_max(request, fields, secret):
    """developers.applovin.com, S2S rewarded callback: {EVENT_TOKEN} is sha1(EVENT_ID + event key)."""
    return with_parameter(request, "event_token", hexdigest("sha1", fields.get("event_id", "") + secret))


def pollfish(request, fields, secret):
    """github.com/pollfish/docs s2s.md section 7: HMAC-SHA1 in base64 over the values of the macros, decoded, in
    the alphabetical order of the macros' names, joined with colons. Of the macros in the URL only request_uuid
    drops out where it is empty; an empty term_reason takes part."""
    macros = ["cpa", "device_id", "request_uuid", "reward_name", "reward_value", "status", "term_reason"]
    macros += ["timestamp", "tx_id"]
    present = [name for name in macros if name in fields and (fields[name] or name != "request_uuid")]
    text = ":".join(fields[name] for name in present)
    return with_parameter(request, "signature", base64.b64encode(mac("sha1", secret, text)).decode())


def adgate(request, fields, secret):
    """docs.adgatemedia.com: nothing is signed; the URL is one that only AdGate knows. What makes it so is this
    project's token."""
    return with_parameter(request, "token", url_token(secret))


def timewall(request, fields, secret):
    """Integrations that agree: sha256(userID + revenue + secret key) in hex, of the revenue as it is written."""
    text = fields.get("userID", "") + fields.get("revenue", "") + secret
    return with_parameter(request, "hash", hexdigest("sha256", text))


def notik(request, fields, secret):
    """A copy of Notik's postback documentation: the hex HMAC-SHA1 of the whole URL without `&hash=…`, which is
    its last parameter."""
    return with_parameter(request, "hash", mac("sha1", secret, request["url"]).hex())


def monlix(request, fields, secret):
    """docs.monlix.com/docs/postback: the macro {{secretKey}} is the site's secret key."""
    return with_parameter(request, "secretKey", secret)


def admost(request, fields, secret):
    """admost.github.io/amrapi/server-to-server: md5(app_id + app_user_id + currency + event_id + network + reward
    + created_at + token) in hex."""
    names = ["app_id", "app_user_id", "currency", "event_id", "network", "reward", "created_at"]
    text = "".join(fields.get(name, "") for name in names) + secret
    return with_parameter(request, "verifier", hexdigest("md5", text))


def standard_webhooks(request, fields, secret):
    """The specification, "Signature scheme": HMAC-SHA256 in base64, behind `v1,`, over id.timestamp.body, with the
    key that is base64 behind `whsec_`."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{fields['webhook-id']}.{fields['webhook-timestamp']}.{request['body']}"
    return with_header(request, "webhook-signature", "v1," + base64.b64encode(mac("sha256", key, text)).decode())


def inbrain(request, fields, secret):
    """docs.inbrain.ai, survey server callbacks: `Sig` is the hex MD5 of PanelistId, RewardId and the secret, one
    after the other."""
    text = fields.get("PanelistId", "") + fields.get("RewardId", "") + secret
    return with_member(request, "Sig", hexdigest("md5", text))


def claimr(request, fields, secret):
    """docs.claimr.io says that there is a signature, and no more: this project takes the hex HMAC-SHA256 of the
    body in this header."""
    return with_header(request, "x-claimr-signature", mac("sha256", secret, request["body"]).hex())


def url_token(secret):
    """This project's own token of a URL, which is made from the key: the first half of an HMAC-SHA256, in hex."""
    return mac("sha256", secret, "the token of the callback URL")[:16].hex()


# Private keys


def private_key(number):
    """A P-256 key for tests, from a number that everybody knows."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.derive_private_key(number, ec.SECP256R1())


def public_half(key):
    """The public half of a key: its SubjectPublicKeyInfo in base64."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def ecdsa(key, text):
    """ECDSA with SHA-256 over a text, in ASN.1, always the same for the same text (RFC 6979)."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    return key.sign(text.encode(), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def is_signed(public, text, signature):
    """Whether a public key (base64) proves a signature in ASN.1."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        load_der_public_key(base64.b64decode(public)).verify(signature, text.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def admob_text(request):
    """What AdMob signs: the query string that is called, decoded. The page says "the query parameters", Google's
    verifier (Tink's RewardedAdsVerifier) reads them with the escapes decoded, and so do the callbacks below."""
    return unquote_plus(raw_query(request))


def admob(request, key_id, key):
    """developers.google.com/admob/android/ssv: ECDSA over the query string, then `signature` in base64 for URLs and
    `key_id`, in this order."""
    signature = base64url(ecdsa(key, admob_text(request)))
    return with_parameter(with_parameter(request, "signature", signature), "key_id", key_id)


def skadnetwork_text(postback):
    """developer.apple.com, verifying an install-validation postback: the values of the version's list with U+2063
    between them, without what the device left away."""
    version = postback["version"]
    names = ["version", "ad-network-id", "source-identifier" if version == "4.0" else "campaign-id", "app-id"]
    names += ["transaction-id", "redownload", "source-app-id"]
    if version == "4.0":
        names += ["source-domain", "fidelity-type", "did-win", "postback-sequence-index"]
    elif version == "3.0":
        names += ["fidelity-type", "did-win"]
    elif version == "2.2":
        names += ["fidelity-type"]
    written = {True: "true", False: "false"}
    values = [postback[name] for name in names if postback.get(name) is not None]
    return "\u2063".join(written[value] if isinstance(value, bool) else str(value) for value in values)


def skadnetwork(request, fields, key):
    """Apple signs as above, in base64 of ASN.1."""
    signature = base64.b64encode(ecdsa(key, skadnetwork_text(fields))).decode()
    return with_member(request, "attribution-signature", signature)


def adattributionkit(header, payload, key):
    """RFC 7515 section 7.1 and RFC 7518 section 3.4: a JWS in compact form, signed with ES256."""
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    signed = f"{base64url(header.encode())}.{base64url(payload.encode())}"
    r, s = decode_dss_signature(ecdsa(key, signed))
    return f"{signed}.{base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


# What the providers print, and what they were seen to send

APPLE = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEWdp8GPcGqmhgzEFj9Z2nSpQVddayaPe4FMzqM9wib1+aHaaIzoHoLN9zW4K8y4SPykE3YVK3sVqW6Af0lfx3gg=="
"""Apple's key for SKAdNetwork 2.1 and later, and for AdAttributionKit's production postbacks."""

APPLE_DEVELOPMENT_1 = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8YzdO7eM97s/IJ25kdW5CZ3A14USE5IJ5Ha/vhWaxI6UBI1ZxCEvjrKxVluVGe6qWwF1BDFq+QHqKfH5u+wxHQ=="
"""Apple's key for AdAttributionKit postbacks that the developer settings make."""

GOOGLE_3335741209 = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+nzvoGqvDeB9+SzE6igTl7TyK4JBbglwir9oTcQta8NuG26ZpZFxt+F2NDk7asTE6/2Yc8i1ATcGIqtuS5hv0Q=="
"""The key of this number in Google's list of AdMob's keys."""

APPLE_POSTBACKS = [
    {"version": "4.0", "ad-network-id": "com.example", "source-identifier": "5239", "app-id": 525463029, "transaction-id": "6aafb7a5-0170-41b5-bbe4-fe71dedf1e30", "redownload": False, "source-domain": "example.com", "fidelity-type": 1, "did-win": True, "conversion-value": 63, "postback-sequence-index": 0, "attribution-signature": "MEUCIGRmSMrqedNu6uaHyhVcifs118R5z/AB6cvRaKrRRHWRAiEAv96ne3dKQ5kJpbsfk4eYiePmrZUU6sQmo+7zfP/1Bxo="},
    {"version": "4.0", "ad-network-id": "com.example", "source-identifier": "39", "app-id": 525463029, "transaction-id": "6aafb7a5-0170-41b5-bbe4-fe71dedf1e31", "redownload": False, "source-domain": "example.com", "fidelity-type": 1, "did-win": True, "coarse-conversion-value": "high", "postback-sequence-index": 0, "attribution-signature": "MEUCIQD4rX6eh38qEhuUKHdap345UbmlzA7KEZ1bhWZuYM8MJwIgMnyiiZe6heabDkGwOaKBYrUXQhKtF3P/ERHqkR/XpuA="},
    {"version": "3.0", "ad-network-id": "example123.skadnetwork", "campaign-id": 42, "transaction-id": "6aafb7a5-0170-41b5-bbe4-fe71dedf1e28", "app-id": 525463029, "attribution-signature": "MEYCIQD5eq3AUlamORiGovqFiHWI4RZT/PrM3VEiXUrsC+M51wIhAPMANZA9c07raZJ64gVaXhB9+9yZj/X6DcNxONdccQij", "redownload": True, "source-app-id": 1234567891, "fidelity-type": 1, "conversion-value": 20, "did-win": True},
    {"version": "3.0", "ad-network-id": "example123.skadnetwork", "campaign-id": 42, "transaction-id": "f9ac267a-a889-44ce-b5f7-0166d11461f0", "app-id": 525463029, "attribution-signature": "MEUCIQDDetUtkyc/MiQvVJ5I6HIO1E7l598572Wljot2Onzd4wIgVJLzVcyAV+TXksGNoa0DTMXEPgNPeHCmD4fw1ABXX0g=", "redownload": True, "fidelity-type": 1, "did-win": False},
    {"version": "2.2", "ad-network-id": "com.example", "campaign-id": 42, "transaction-id": "6aafb7a5-0170-41b5-bbe4-fe71dedf1e28", "app-id": 525463029, "attribution-signature": "MEYCIQDTuQ1Z4Tpy9D3aEKbxLl5J5iKiTumcqZikuY/AOD2U7QIhAJAaiAv89AoquHXJffcieEQXdWHpcV8ZgbKN0EwV9/sY", "redownload": True, "source-app-id": 1234567891, "fidelity-type": 1, "conversion-value": 20},
    {"version": "2.1", "ad-network-id": "com.example", "campaign-id": 42, "transaction-id": "6aafb7a5-0170-41b5-bbe4-fe71dedf1e28", "app-id": 525463029, "attribution-signature": "MEUCID6rbq3qt4GvFaAaynh5/LAcvn1d8CQTRhrZhLIxLKntAiEAo7IrvoMw6u2qDg6Tr5vIsEHXjlLkPlCOL0ojJcEh3Qw=", "redownload": True, "source-app-id": 1234567891, "conversion-value": 20},
]
"""The postbacks that Apple prints "with a valid signature"."""

APPLE_JWS = "eyJraWQiOiJhcHBsZS1kZXZlbG9wbWVudC1pZGVudGlmaWVyXC8xIiwiYWxnIjoiRVMyNTYifQ.eyJwb3N0YmFjay1pZGVudGlmaWVyIjoiODU1NDZFQjctRkQzOS00NEJDLTg5OTAtQzk4QTRBQzM2QTQ5IiwicHVibGlzaGVyLWl0ZW0taWRlbnRpZmllciI6MCwibWFya2V0cGxhY2UtaWRlbnRpZmllciI6ImNvbS5hcHBsZS5BcHBTdG9yZSIsImltcHJlc3Npb24tdHlwZSI6ImFwcC1pbXByZXNzaW9uIiwiYWQtbmV0d29yay1pZGVudGlmaWVyIjoiZGV2ZWxvcG1lbnQuYWRhdHRyaWJ1dGlvbmtpdCIsImRpZC13aW4iOnRydWUsInBvc3RiYWNrLXNlcXVlbmNlLWluZGV4IjowLCJjb252ZXJzaW9uLXR5cGUiOiJyZS1lbmdhZ2VtZW50Iiwic291cmNlLWlkZW50aWZpZXIiOiIxMjM0IiwiYWR2ZXJ0aXNlZC1pdGVtLWlkZW50aWZpZXIiOjEwNzM4MDI3NzU2fQ.bAdNwKd6OfHK9tofvjjua4X_JPcFTxXPQSspD9gZkinw97pY7R1aI-LSjl-oxZZF3_K2H5JK5TSEBee4_1U4oQ"
"""The postback that Apple prints for AdAttributionKit; a development key signed it."""

GOOGLE_CALLBACKS = {
    "without an escape, and without a user": "ad_network=5450213213286189855&ad_unit=1234567890&reward_amount=1&reward_item=Reward&timestamp=1788456881623&transaction_id=123456789&signature=MEQCIFAn0V2DiSRrlS2rxFo4vX7xm_koj-U78CWXN26DrHfKAiAoMR02rHEFLAsWsMFcdA3tYrhtDDE9aSQh9WKYFiUIVw&key_id=3335741209",
    "with a space as %20": "ad_network=5450213213286189855&ad_unit=1234567890&custom_data=test_cutom_data&reward_amount=1&reward_item=Test%20Reward&timestamp=1715323660511&transaction_id=123456789&user_id=test_user_id&signature=MEUCIHYdinf1Le0VSacI1cStAkAyBLas8eO8PKuZSt0ltOOAAiEAyoPvNIfTYqRrm7wCi_z-JjYEIiXvhLnqZu2fMpsRNIU&key_id=3335741209",
    "with a space as +": "ad_network=5450213213286189855&ad_unit=1234567890&reward_amount=10&reward_item=Premium+minutes&timestamp=1790870038860&transaction_id=123456789&signature=MEUCIQCNXBYPjfoYmRhoxzYYcZEmNhOwCQzCJoByoVT6TZldQQIgNm9mS7LoeoS3zoezgZ7LVLfqT6VvuJVXATvA_mytu3I&key_id=3335741209",
}
"""What the test tool of the AdMob console sent to integrations that published it."""


def published():
    """Compares the functions with what providers print; the names of those that agree."""
    agree = []

    def equal(name, made, printed):
        assert made == printed, f"{name}: {made} is not {printed}"
        agree.append(name)

    def parameter(request, name):
        return dict(parse_qsl(raw_query(request)))[name]

    fields = {"productid": "1234", "sid": "1234567890", "oid": "0987654321"}
    request = unity_ads(get("/award.php", fields, "https://developer.example.com"), fields, "xyzKEY")
    equal("unity-ads", parameter(request, "hmac"), "106ed4300f91145aff6378a355fced73")

    event_key = "uHXOnmfO2f3wd-syBwXxsj7m53qiJoI9VzXTvE8LOSnIWjS6zzxS8HgSIBJSbQWdS1czmgwXSWDaKwehtjyYl_"
    fields = {"event_id": "14a97273742c0c9e8864fe40193dad5506e930bc"}
    token = parameter(applovin_max(get("/", fields), fields, event_key), "event_token")
    equal("applovin-max", token, "3724081c17d32a66276ffff2a14b124a278934e9")

    fields = {"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330"}
    request = standard_webhooks(post("/", '{"test": 2432232314}'), fields, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    header = ["webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="]
    equal("standard-webhooks", request["headers"][-1], header)

    for postback in APPLE_POSTBACKS:
        signature = base64.b64decode(postback["attribution-signature"])
        name = f"skadnetwork {postback['version']}"
        equal(name, is_signed(APPLE, skadnetwork_text(postback), signature), True)

    signed, _, signature = APPLE_JWS.rpartition(".")
    equal("adattributionkit, development", is_signed_jws(APPLE_DEVELOPMENT_1, signed, signature), True)
    equal("adattributionkit, production", is_signed_jws(APPLE, signed, signature), False)

    for name, query in GOOGLE_CALLBACKS.items():
        before, _, behind = query.partition("&signature=")
        signature = from_base64url(behind.partition("&")[0])
        request = {"url": "https://callbacks.example.com/admob?" + before}
        equal(f"admob {name}", is_signed(GOOGLE_3335741209, admob_text(request), signature), True)
        equal(f"admob {name}, as called", is_signed(GOOGLE_3335741209, before, signature), "space" not in name)
    return agree


def is_signed_jws(public, signed, signature):
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    both = from_base64url(signature)
    der = encode_dss_signature(int.from_bytes(both[:32], "big"), int.from_bytes(both[32:], "big"))
    return is_signed(public, signed, der)


if __name__ == "__main__":
    for agreed in published():
        print(agreed)
