"""claimr webhooks: HMAC-SHA256 over the body as it is, in a header."""

from itertools import count

from corpus import *

PATH = "/claimr/webhooks"
SECRET = "test-claimr-secret"
NEXT = "second hook's secret é"
KEYS = keys(main=SECRET, second=NEXT)
HEADER = "x-claimr-signature"

numbers = count(1)


def fresh():
    """A message id that no other case has."""
    return f"m-{next(numbers)}"


def activity(**change):
    """The fields of the provider's example, in its order."""
    return {
        "id": fresh(),
        "scope": "user_activity",
        "user": "u-1",
        "user_id": "u-1",
        "wallet": "0x00000000000000000000000000000000000a11ce",
        "email": "ann@example.com",
        "campaign": {"id": "c-1", "name": "Spring"},
        "event": event(),
        "total_xp": 1250,
        "ref_xp": 50,
        "ugc_xp": 0,
        "xp_mul": Raw("1.5"),
        "rank": 42,
        "team": "blue",
        **change,
    }


def event(xp=100, type="action_completed", **action):
    action = {"id": "a-1", "name": "Visit", "type": "visit", "meta": {"url": "https://example.com"}, **action}
    return {"type": type, "data": {"account": "ann", "action": action, "xp": xp}}


def login(**change):
    """A message that has nothing but what every scope needs."""
    return {"id": fresh(), "scope": "user_login", "user_id": "u-1", **change}


def header(signature, name=HEADER):
    return JSON + [[name, signature]]


def signature(body, secret=SECRET):
    return hmac_sha256(secret, body if isinstance(body, (str, bytes)) else dump(body)).hex()


def message(body, xp=None, user="u-1", **more):
    """What is stored of a message that gives so many points: a notice gives none."""
    reward = {"amount": xp, "unit": "xp"} if xp else {}
    id = key("claimr", "webhook", body["scope"], str(body["id"]))
    return stored(id, body["scope"], user, **reward, **more)


def corpus():
    all = Corpus("claimr", [])
    published(all)
    outcomes(all)
    forms(all)
    points(all)
    signatures(all)
    bodies(all)
    settings(all)
    routes(all)
    key_lists(all)
    return all


def send(group, name, expected, body, secret=SECRET, **how):
    group.send(name, expected, PATH, body, headers=header(signature(body, secret)), **how)


def published(all):
    group = all.group("the four hooks", KEYS)
    body = activity()
    send(group, "a user activity, with every field of the page", recorded(message(body, "100")), body)
    for scope in ["user_login", "user_reward", "referral"]:
        body = activity(scope=scope)
        send(group, f"{scope}, with every field, is a notice", recorded(message(body)), body)
        body = login(scope=scope)
        send(group, f"{scope}, with no more than it needs", recorded(message(body)), body)
        body = login(scope=scope, wallet=None, email=None, campaign=None, event=None, total_xp=None, team=None)
        send(group, f"{scope}, with null for the rest", recorded(message(body)), body)
    # The page does not print its example's values.
    for name, event in [
        ("without data", {"type": "action_completed"}),
        ("without a type", {"data": {"xp": None}}),
        ("without an event", ABSENT),
        ("with null for an event", None),
    ]:
        body = activity(event=event)
        send(group, f"a user activity {name}", recorded(message(body)), body)
    body = login(scope="user_activity")
    send(group, "a user activity, with no more than it needs", recorded(message(body)), body)
    body = activity(ref_count=3, contest_id="cc-1", contest_name="Cup")
    send(group, "with what receivers in public keep besides", recorded(message(body, "100")), body)
    first = activity(ref_count=3, contest_id="cc-1")
    send(group, "a contest", recorded(message(first, "100")), first)
    body = {**first, "ref_count": 4, "contest_id": None, "contest_name": "Cup"}
    send(group, "a contest is a snapshot", duplicate(message(first)["id"]), body)


def outcomes(all):
    group = all.group("recorded, duplicate, conflict", KEYS)
    first = activity()
    id = message(first)["id"]

    def again(name, body, **how):
        send(group, name, duplicate(id), body, **how)

    def differs(name, body, xp="100", **more):
        send(group, f"conflict: {name}", conflict(message(body, xp, **more)), body)

    send(group, "first", recorded(message(first, "100")), first)
    again("again", first)
    again("under another of the keys", first, secret=NEXT)
    for name, change in [
        ("total_xp", {"total_xp": 1350}),
        ("ref_xp", {"ref_xp": Raw("51.5")}),
        ("ugc_xp", {"ugc_xp": None}),
        ("xp_mul", {"xp_mul": "2"}),
        ("rank", {"rank": 1}),
        ("team", {"team": None}),
        ("wallet", {"wallet": ""}),
        ("email", {"email": "ann@example.org"}),
        ("the campaign's name", {"campaign": {"id": "c-1", "name": "Summer"}}),
        ("the action's name", {"event": event(name="See")}),
        ("the action's metadata", {"event": event(meta=None)}),
        ("the user under one name only", {"user": ABSENT}),
        ("the other name of the user", {"user": "someone"}),
        ("an unknown field", {"more": {"deep": [1]}}),
        ("xp as text", {"event": event(xp="100")}),
        ("xp with decimals", {"event": event(xp=Raw("100.00"))}),
        ("xp with an exponent", {"event": event(xp=Raw("1e2"))}),
    ]:
        again(f"snapshots and spellings may differ: {name}", {**first, **change})
    differs("the user", {**first, "user_id": "u-2"}, user="u-2")
    differs("the campaign", {**first, "campaign": {"id": "c-2", "name": "Spring"}})
    differs("no campaign", {**first, "campaign": None})
    differs("the event's type", {**first, "event": event(type="action_undone")})
    differs("the action", {**first, "event": event(id="a-2")})
    differs("xp", {**first, "event": event(xp=101)}, "101")
    differs("no xp", {**first, "event": event(xp=ABSENT)}, None)
    differs("xp of zero is not none", {**first, "event": event(xp=0)}, None)
    body = {**first, "event": event(xp=101)}
    send(group, "the same conflict again is put aside once", known_conflict(id), body)
    again("the first is still the first", first)
    body = {**first, "scope": "user_reward"}
    send(group, "one id in two scopes is two messages", recorded(message(body)), body)
    body = {**first, "id": fresh()}
    send(group, "one action by one user twice is two messages", recorded(message(body, "100")), body)
    body = login()
    send(group, "the key that matched is noted", recorded(message(body, key_id="second")), body, secret=NEXT)

    group = all.group("identities", KEYS)
    for name, id in [
        ("an id with a separator", "a#b"),
        ("an id with an escaped separator", "a%23b"),
        ("an id of digits", "12"),
        ("an id with a leading zero", "012"),
        ("an id like a hash", "~" + hashlib.sha256(b"x").hexdigest()),
        *((f"an id that is {name}", id) for name, id in ADDRESSES),
        ("an id in another case", "Ann@example.com"),
        ("an id of 256 characters", "i" * 256),
        ("an id of 256 characters of two bytes", "é" * 256),
        ("Unicode, composed", "é"),
        ("Unicode, decomposed", "e\u0301"),
        ("a space before", " 12"),
    ]:
        body = login(id=id)
        send(group, name, recorded(message(body)), body)
    body = login(id=12)
    send(group, "a number is its digits", duplicate(key("claimr", "webhook", "user_login", "12")), body)


def forms(all):
    group = all.group("the forms and limits of the fields", KEYS)

    def takes(name, body, user="u-1", xp=None):
        send(group, name, recorded(message(body, xp, user=user)), body)

    def refuses(name, body, expected):
        send(group, name, expected, body)

    for name, id, expected in [
        ("absent", ABSENT, missing),
        ("null", None, missing),
        ("empty", "", malformed),
        ("true", True, malformed),
        ("an array", ["m-1"], malformed),
        ("a number with a point", Raw("1.0"), malformed),
        ("a number with an exponent", Raw("1e3"), malformed),
        ("257 characters", "i" * 257, malformed),
        ("a line feed", "m\n1", malformed),
        ("NUL", "m\0", malformed),
        ("a C1 control", "m\x85", malformed),
    ]:
        refuses(f"id: {name}", login(id=id), expected("id"))
    takes("id: 40 digits", login(id=Raw("1234567890" * 4)))

    for name, scope, expected in [
        ("absent", ABSENT, missing),
        ("null", None, missing),
        ("empty", "", malformed),
        ("unknown", "user_logout", malformed),
        ("another case", "User_Login", malformed),
        ("a space behind", "user_login ", malformed),
        ("a number", 1, malformed),
    ]:
        refuses(f"scope: {name}", login(scope=scope), expected("scope"))

    takes("user_id and user: the first counts", login(user="u-2"))
    takes("user alone", login(user_id=ABSENT, user="u-2"), "u-2")
    takes("user_id null, user there", login(user_id=None, user="u-2"), "u-2")
    takes("user_id empty, user there", login(user_id="", user="u-2"), "u-2")
    takes("user_id: a number", login(user_id=7), "7")
    takes("user_id: a leading zero", login(user_id="007"), "007")
    takes("user_id: an address", login(user_id="ann@example.com"), "ann@example.com")
    takes("user_id: 256 characters", login(user_id="u" * 256), "u" * 256)
    for name, change in [
        ("both absent", {"user_id": ABSENT}),
        ("both null", {"user_id": None, "user": None}),
        ("both empty", {"user_id": "", "user": ""}),
    ]:
        refuses(f"user: {name}", login(**change), missing("user_id"))
    for name, user in [
        ("257 characters", "u" * 257),
        ("a tab", "u\t1"),
        ("true", True),
        ("an object", {"id": "u-1"}),
        ("a number with a point", Raw("7.5")),
    ]:
        refuses(f"user_id: {name}", login(user_id=user, user="u-2"), malformed("user_id"))
        refuses(f"user: {name}", login(user_id=ABSENT, user=user), malformed("user"))

    for name, change, expected in [
        ("text for an event", {"event": "action_completed"}, malformed("event")),
        ("an array for an event", {"event": []}, malformed("event")),
        ("an array for data", {"event": {"type": "a", "data": [1]}}, malformed("event.data")),
        ("text for data", {"event": {"type": "a", "data": "xp"}}, malformed("event.data")),
    ]:
        refuses(f"a user activity with {name}", activity(**change), expected)
    for name, value in [
        ("empty text", ""),
        ("text", "x"),
        ("5,000 characters", "x" * 5000),
        ("a control character", "a\0"),
        ("a number", Raw("1.5")),
        ("true", True),
        ("an array", [1]),
        ("an object", {}),
    ]:
        for what, change in [
            ("an event's type", {"event": event(type=value)}),
            ("an action", {"event": {"type": "a", "data": {"action": value, "xp": 100}}}),
            ("an action's id", {"event": event(id=value)}),
            ("a campaign", {"campaign": value}),
            ("a campaign's id", {"campaign": {"id": value}}),
            ("a rank, a wallet and totals", {"rank": value, "wallet": value, "total_xp": value, "xp_mul": value}),
            ("a contest", {"ref_count": value, "contest_id": value, "contest_name": value}),
        ]:
            takes(f"{name} for {what}", activity(**change), xp="100")
        body = activity(scope="referral", campaign=value, event=value)
        takes(f"{name} for the event of a notice", body)
        body = activity(scope="user_reward", event={"type": value, "data": value})
        takes(f"{name} for the data of a notice", body)
    takes("ids as numbers", activity(campaign={"id": 31}, event=event(id=501)), xp="100")
    takes("null all the way down", activity(campaign={"id": None}, event={"type": "a", "data": {"action": None, "xp": None}}))
    takes("no identifier, no rule", login(wallet="\t", email="\n", team=[], campaign={"name": "\0"}))
    takes("Unicode", login(user_id="名前 é 😀"), "名前 é 😀")


def points(all):
    group = all.group("points", KEYS)

    def gives(name, xp, amount, held=None):
        body = activity(event=event(xp=xp))
        send(group, name, recorded(message(body, amount, held=held)), body)

    gives("absent", ABSENT, None)
    gives("null", None, None)
    gives("zero", 0, None)
    gives("zero with decimals", Raw("0.00"), None)
    gives("zero as text", "0", None)
    gives("minus zero", Raw("-0"), None)
    gives("one", 1, "1")
    gives("text", "250", "250")
    gives("a fraction", Raw("0.1"), "0.1")
    gives("trailing zeros stay", Raw("100.10"), "100.10")
    gives("beyond what a float can tell", Raw("9007199254740993"), "9007199254740993")
    gives("cents beyond what a float can tell", Raw("90071992547409.93"), "90071992547409.93")
    gives("28 digits", Raw("1234567890123456789012345678"), "1234567890123456789012345678")
    gives("28 digits as text", "12345678901234.56789012345678", "12345678901234.56789012345678")
    gives("28 decimals", Raw("0.1234567890123456789012345678"), "0.1234567890123456789012345678")
    gives("an exponent", Raw("25e-1"), "2.5")
    gives("below zero waits for a person", Raw("-5"), "-5", held="negative_reward")
    for name, xp in [
        ("empty", ""),
        ("words", "a hundred"),
        ("a thousands separator", "1,000"),
        ("a space", " 5"),
        ("a plus sign", "+5"),
        ("hexadecimal", "0x10"),
        ("NaN", "NaN"),
        ("Infinity", "Infinity"),
        ("no digit before the point", ".5"),
        ("no digit after the point", "5."),
        ("other digits", "１２"),
        ("true", True),
        ("an array", [1]),
        ("an object", {}),
        ("29 digits", Raw("1" * 29)),
        ("29 decimals", Raw("0." + "0" * 28 + "1")),
        ("a huge exponent", Raw("1e999999999")),
        ("a tiny exponent", Raw("1e-999999999")),
        ("an exponent past any integer", Raw("1e99999999999999999999")),
    ]:
        body = activity(event=event(xp=xp))
        send(group, f"no amount: {name}", malformed("event.data.xp"), body)
        if "exponent" not in name:
            body = activity(scope="user_reward", event=event(xp=xp))
            send(group, f"none is looked for in a notice: {name}", recorded(message(body)), body)

    scopes = ["user_activity", "user_login", "user_reward", "referral"]
    for setting, pays in [
        ("", ["user_activity"]),
        ("user_activity", ["user_activity"]),
        ("user_activity,user_reward", ["user_activity", "user_reward"]),
        ("referral", ["referral"]),
        (", ".join(scopes), scopes),
    ]:
        group = all.group(f"the scopes that pay: {setting or 'nothing set'}", KEYS, {"PAYING_SCOPES": setting})
        for scope in scopes:
            body = activity(scope=scope)
            amount = "100" if scope in pays else None
            send(group, f"{scope}: 100", recorded(message(body, amount)), body)
            send(group, f"{scope}: again", duplicate(message(body)["id"]), body)
            body = activity(scope=scope, event=event(xp=-5))
            taken = {"xp": "-5", "held": "negative_reward"} if scope in pays else {}
            send(group, f"{scope}: below zero", recorded(message(body, **taken)), body)
            # What is described is the function as it is deployed by default.
            if scope in pays:
                body = activity(scope=scope, event=event(xp="many"))
                send(group, f"{scope}, which a setting lists: no amount", malformed("event.data.xp"), body)
            body = login(scope=scope)
            send(group, f"{scope}: nothing", recorded(message(body)), body)


def signatures(all):
    group = all.group("signatures", KEYS)
    # White space and order as no serialiser would write them.
    id = key("claimr", "webhook", "user_login", "m-1")
    text = '{"id" : "m-1",\n "user_id":"u-1", "scope":"user_login"}\n'
    raw = hmac_sha256(SECRET, text)
    genuine, encoded = raw.hex(), base64.b64encode(raw).decode()
    payload = '{"id":"m-1","user_id":"u-1","scope":"user_login"}'
    expected = recorded(stored(id, "user_login", "u-1", payload))
    # By `openssl dgst -sha256 -hmac test-claimr-secret`.
    assert genuine == "28dccc9e6d7578fc45c29f4af66f342a0c0f2b0f3368431977704b6c273d9b50"
    group.send("genuine, over the bytes as they are", expected, PATH, text, headers=header(genuine))
    for name, headers in [
        ("upper case", header(genuine.upper())),
        ("mixed case", header(genuine[:20].upper() + genuine[20:])),
        ("base64", header(encoded)),
        ("hex after a prefix", header("sha256=" + genuine)),
        ("upper case after a prefix", header("sha256=" + genuine.upper())),
        ("base64 after a prefix", header("sha256=" + encoded)),
        ("the header's name in another case", header(genuine, "X-Claimr-Signature")),
        ("the body as base64", BINARY + [[HEADER, genuine]]),
    ]:
        group.send(f"genuine: {name}", duplicate(id), PATH, text, headers=headers)

    for name, forged in [
        ("empty", ""),
        ("a prefix and nothing", "sha256="),
        ("truncated by a byte", genuine[:-2]),
        ("truncated by a digit", genuine[:-1]),
        ("longer by a byte", genuine + "00"),
        ("one bit off", "3" + genuine[1:]),
        ("base64 without padding", encoded.rstrip("=")),
        ("base64 truncated", encoded[:-4]),
        ("base64 of the hex", base64.b64encode(genuine.encode()).decode()),
        ("base64 one character off", "L" + encoded[1:]),
        ("the prefix twice", "sha256=sha256=" + genuine),
        ("the prefix in upper case", "SHA256=" + genuine),
        ("another prefix", "sha1=" + genuine),
        ("a space within", "sha256= " + genuine),
        ("two, joined as API Gateway does", f"{genuine},{genuine}"),
        ("a wrong one before it", "0" * 64 + "," + genuine),
        ("in quotes", f'"{genuine}"'),
        ("under another key", signature(text, "test-claimr-secre")),
        ("under another provider's key", signature(text, "test-api-key-0000")),
        ("under an empty key", signature(text, "")),
        ("under the id of the key", signature(text, "main")),
        ("of the body without its last line feed", signature(text.rstrip("\n"))),
        ("of the body serialised again", signature(payload)),
        ("of another body", signature(text.replace("u-1", "u-2"))),
        ("of nothing", signature("")),
        ("HMAC-SHA1", hmac_sha256(SECRET, text, "sha1").hex()),
        ("HMAC-SHA512", hmac_sha256(SECRET, text, "sha512").hex()),
        ("SHA-256 of the body and the key", hashlib.sha256(to_bytes(text + SECRET)).hexdigest()),
        ("no ASCII", "é" * 32),
    ]:
        group.send(f"forged: {name}", unauthenticated(), PATH, text, headers=header(forged))
    for name, headers, query in [
        ("none", JSON, ""),
        ("in another header", header(genuine, "x-hub-signature-256"), ""),
        ("twice", header(genuine) + [[HEADER, genuine]], ""),
        ("in the query string", JSON, f"{HEADER}={genuine}"),
    ]:
        group.send(f"forged: {name}", unauthenticated(), PATH, text, query, headers=headers)
    sent = text.replace(" ", "")
    group.send("forged: a space less", unauthenticated(), PATH, sent, headers=header(genuine))
    sent = text.replace("m-1", "\\u006d-1")
    group.send("forged: an escape for a letter", unauthenticated(), PATH, sent, headers=header(genuine))
    sent = dump({"id": "", "scope": "x", "a": Raw('{"b":1,"b":2}')})
    group.send("forged and malformed: nothing is learnt of the rules", unauthenticated(), PATH, sent, headers=header(genuine))
    group.send("forged and no JSON: likewise", unauthenticated(), PATH, "{", headers=header(genuine))


def bodies(all):
    group = all.group("bodies", KEYS)

    def takes(name, body, **how):
        send(group, name, recorded(message(body)), body, **how)

    text = dump(login())
    deep = activity()
    for name, sent, expected in [
        ("id twice", text.replace("{", '{"id":"x",'), repeated("id")),
        ("id twice, once escaped", text[:-1] + ',"\\u0069d":"x"}', repeated("id")),
        ("scope twice, alike", text[:-1] + ',"scope":"user_login"}', repeated("scope")),
        ("an unknown key twice", text[:-1] + ',"more":1,"more":1}', repeated("more")),
        ("xp twice", dump(deep).replace('"xp":100', '"xp":100,"xp":1000'), repeated("xp")),
        ("a key of the metadata twice", dump(deep).replace('{"url"', '{"url":1,"url"'), repeated("url")),
        ("the event twice", dump(deep)[:-1] + ',"event":{"type":"a","data":{"xp":1}}}', repeated("event")),
        ("a key in an array twice", text[:-1] + ',"x":[[{"a":1,"a":1}]]}', repeated("a")),
    ]:
        send(group, name, expected, sent)
    takes("nested 20 deep", login(x=Raw("[" * 20 + "]" * 20)))
    send(group, "nested 20,000 deep", undecodable(), dump(login(x=Raw("[" * 20000 + "]" * 20000))))
    send(group, "half a surrogate pair", undecodable(), dump(login(x=Raw('"\\udfff"'))))
    fields = login(user_id=Raw('"\\u00e9\\ud83d\\ude00"'))
    send(group, "escapes stand for their characters", recorded(message(fields, user="é😀")), fields)

    for name, sent in [
        ("nothing", b""),
        ("an array", f"[{text}]"),
        ("null", "null"),
        ("a string", json.dumps(text)),
        ("cut off", text[:-1]),
        ("two objects", text + text),
        ("a comma too many", text[:-1] + ",}"),
        ("a byte order mark", "\ufeff" + text),
        ("UTF-16", text.encode("utf-16-be")),
        ("no UTF-8", text.encode().replace(b"u-1", b"u-\xff")),
        ("a form", "id=m-1&scope=user_login&user_id=u-1"),
    ]:
        send(group, f"signed, and no JSON object: {name}", not_json(), sent)

    takes("64 KiB - 1", padded(login(), LARGEST_BODY - 1))
    takes("64 KiB", padded(login(), LARGEST_BODY))
    send(group, "64 KiB + 1", too_large(), padded(login(), LARGEST_BODY + 1))
    body = padded(login(), LARGEST_BODY)
    headers = BINARY + [[HEADER, signature(body)]]
    group.send("64 KiB as base64", recorded(message(body)), PATH, body, headers=headers)
    body = padded(login(), LARGEST_BODY + 1)
    headers = BINARY + [[HEADER, signature(body)]]
    group.send("64 KiB + 1 as base64", too_large(), PATH, body, headers=headers)
    group.send("a large one is not even authenticated", too_large(), PATH, "x" * 100_000)
    takes("the query string means nothing", login(), query="id=x&scope=y")


def settings(all):
    body = login()
    genuine = signature(body)
    for name, value in [("set", "X-Hub-Signature-256"), ("empty", "")]:
        group = all.group(f"the header's name: {name}", KEYS, {"SIGNATURE_HEADER": value})
        this, other = (value or HEADER), ("x-hub-signature-256", HEADER)[bool(value)]
        group.send("in the other header", unauthenticated(), PATH, body, headers=header(genuine, other))
        group.send("in this header", recorded(message(body)), PATH, body, headers=header(genuine, this))


def routes(all):
    group = all.group("routes", KEYS)
    body = login()
    headers = header(signature(body))
    for method in ["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]:
        group.send(method, wrong_method("POST"), PATH, body, method=method, headers=headers)
    for path in ["/claimr", "/claimr/webhooks/", "/claimr/webhook", "/CLAIMR/webhooks"]:
        group.send(path, no_such_route(), path, body, headers=headers)


def key_lists(all):
    body = login()
    for name, list in [
        ("no keys", {"keys": []}),
        ("an empty key", keys(empty="")),
        ("an empty key among others", keys(main=SECRET, empty="")),
        ("null for a key", {"keys": [{"id": "main", "secret": None}]}),
        ("another form", {"main": SECRET}),
    ]:
        group = all.group(f"key lists: {name}", list)
        for secret in [SECRET, ""]:
            send(group, f"signed with {secret!r}", unavailable(), body, secret=secret)
