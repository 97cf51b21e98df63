"""Giveaway.com actions: HMAC-SHA256 over `track_id=T&event=E&value=V&remark=R`."""

from itertools import count

from corpus import *

PATH = "/giveaway/actions"
SITE = "test-api-key-0000"
NEXT = "clé suivante ✓"
KEYS = keys(site=SITE, next=NEXT)
SIGNED = ["track_id", "event", "value", "remark"]

numbers = count(1)


def fresh():
    """A track id that no other case has."""
    return f"t-{next(numbers)}"


def text_of(fields):
    """What is signed: raw values in a fixed order; a field that is absent or null has no pair."""
    pairs = ((name, fields.get(name, ABSENT)) for name in SIGNED)
    return "&".join(f"{name}={value}" for name, value in pairs if value not in (ABSENT, None))


def sign(fields, secret=SITE):
    return hmac_sha256(secret, text_of(fields)).hex()


def signed(fields, secret=SITE):
    return {**fields, "sign": sign(fields, secret)}


def identity(fields):
    value = fields.get("value", ABSENT)
    value = [] if value in (ABSENT, None) else [str(value)]
    return key("giveaway", "action", fields["track_id"], fields["event"], *value)


def action(fields, **more):
    """What is stored of an action."""
    return stored(identity(fields), "action", fields["track_id"], **more)


def corpus():
    all = Corpus("giveaway", ["sign"])
    published(all)
    outcomes(all)
    forms(all)
    boundaries(all)
    forgeries(all)
    bodies(all)
    routes(all)
    key_lists(all)
    return all


def published(all):
    """The vectors on which crypto-js, node:crypto and Python's hmac agree; the signatures are theirs."""
    group = all.group("the provider's examples with genuine signatures", KEYS)
    for name, fields, sign in [
        (
            "with value and remark",
            {"track_id": "12345_67890", "event": "send", "value": "1", "remark": "hello"},
            "fa13752bf46207d428337f8f6061ebfd54d5b26a45223a189913d3eb8f7aabae",
        ),
        (
            "with remark",
            {"track_id": "12345_67890", "event": "send", "remark": "hello"},
            "661c3219c295d2ffc290ab084eed0e07451f46459dc7496cc8a88b8cc6c66557",
        ),
        (
            "Unicode and separators in the remark",
            {
                "track_id": "U$MikHklwcY",
                "event": "sign_up",
                "value": "3",
                "remark": "déjà vu ✓ & more=1",
            },
            "189e70b4e1a26adb5ac087672574b6035a6c705622c5cd656aa0438ab0097c62",
        ),
    ]:
        group.send(name, recorded(action(fields)), PATH, {**fields, "sign": sign})
    fields = {"track_id": "12345_67890", "event": "send"}
    sign = "2a11200b5ce50458af78b49733121c6160cf2de5265367dafe37d4bf36300945"
    body = {**fields, "sign": sign}
    group.send("without either: the same action", duplicate(identity(fields)), PATH, body)


def outcomes(all):
    group = all.group("recorded and duplicate", KEYS)
    fields = {"track_id": "12345_67890", "event": "send", "value": "1", "remark": "hello"}
    id = identity(fields)

    def again(name, fields, **how):
        group.send(name, duplicate(id), PATH, signed(fields, **how))

    group.send("first", recorded(action(fields)), PATH, signed(fields))
    again("again", fields)
    again("another remark", {**fields, "remark": "goodbye"})
    again("no remark", {**fields, "remark": ABSENT})
    again("an unknown field", {**fields, "more": [1, {"a": None}]})
    again("a number for a value is its digits", {**fields, "value": 1})
    again("under another of the keys", fields, secret=NEXT)
    for name, change in [
        ("another value", {"value": "2"}),
        ("no value", {"value": ABSENT}),
        ("a value of the same size, written otherwise", {"value": Raw("1.0")}),
        ("a value with a leading zero", {"value": "01"}),
        ("another event", {"event": "Send"}),
        ("another track id", {"track_id": "12345_6789"}),
    ]:
        other = {**fields, **change}
        group.send(name + " is another action", recorded(action(other)), PATH, signed(other))
    again("and the first is still known", fields)
    other = {**fields, "event": "other-key"}
    expected = recorded(action(other, key_id="next"))
    group.send("the key that matched is noted", expected, PATH, signed(other, NEXT))


def forms(all):
    group = all.group("the forms and limits of the fields", KEYS)

    def takes(name, change):
        fields = {"track_id": fresh(), "event": "send", **change}
        group.send(name, recorded(action(fields)), PATH, signed(fields))

    def refuses(name, change, expected):
        fields = {"track_id": fresh(), "event": "send", **change}
        group.send(name, expected, PATH, signed(fields))

    def unsignable(name, change):
        """What is neither text nor number has no signed form: this signs the rest."""
        fields = {"track_id": fresh(), "event": "send", **change}
        text = {name: value for name, value in fields.items() if name not in change}
        group.send(name, unauthenticated(), PATH, {**fields, "sign": sign(text)})

    takes("value: null", {"value": None})
    refuses("value: empty", {"value": ""}, malformed("value"))
    takes("value: 28 digits", {"value": Raw("1234567890123456789012345678")})
    takes("value: 28 decimals", {"value": Raw("0.1234567890123456789012345678")})
    takes("value: beyond what a float can tell", {"value": Raw("9007199254740993")})
    takes("value: an exponent stays as it is", {"value": Raw("1e2")})
    takes("value: minus zero stays as it is", {"value": Raw("-0")})
    takes("value: text", {"value": "gold"})
    takes("value: a space", {"value": " "})
    takes("value: what keys are escaped for", {"value": "a#b%23~c"})
    for name, value in ADDRESSES:
        # The signed text is one of pairs.
        if not set("&=") & set(value):
            takes(f"value: {name} is not shown", {"value": value})
    takes("value: 64 characters", {"value": "v" * 64})
    takes("value: 64 characters of four bytes", {"value": "😀" * 64})
    refuses("value: 65 characters", {"value": "v" * 65}, malformed("value"))
    refuses("value: 65 digits", {"value": Raw("1" * 65)}, malformed("value"))
    for name, control in [
        ("NUL", "\0"),
        ("a line feed", "\n"),
        ("DEL", "\x7f"),
        ("a C1 control", "\x85"),
    ]:
        refuses(f"value: {name}", {"value": f"1{control}"}, malformed("value"))
        refuses(f"remark: {name}", {"remark": f"a{control}b"}, malformed("remark"))
    unsignable("value: true", {"value": True})
    unsignable("value: an array", {"value": ["1"]})

    takes("remark: null", {"remark": None})
    takes("remark: empty", {"remark": ""})
    takes("remark: a number", {"remark": Raw("1.50")})
    takes("remark: separators", {"remark": "a&value=9&sign=00=="})
    takes("remark: Unicode", {"remark": "e\u0301 – 你好 \u202eright to left 👩‍👩‍👧"})
    takes("remark: 512 characters", {"remark": "r" * 512})
    takes("remark: 512 characters of four bytes", {"remark": "✨" * 511 + "😀"})
    refuses("remark: 513 characters", {"remark": "r" * 513}, malformed("remark"))
    unsignable("remark: an object", {"remark": {}})

    takes("track_id: all of its characters", {"track_id": "azAZ09_$-" + fresh()})
    takes("track_id: 128 characters", {"track_id": "t" * 128})
    refuses("track_id: 129 characters", {"track_id": "t" * 129}, malformed("track_id"))
    refuses("track_id: absent", {"track_id": ABSENT}, missing("track_id"))
    refuses("track_id: null", {"track_id": None}, missing("track_id"))
    refuses("track_id: empty", {"track_id": ""}, malformed("track_id"))
    refuses("track_id: a number", {"track_id": 1234567890}, malformed("track_id"))
    unsignable("track_id: true", {"track_id": True})
    for character in " .#é&=\n":
        refuses(f"track_id: {character!r}", {"track_id": f"t{character}"}, malformed("track_id"))

    takes("event: all of its characters", {"event": "azAZ09_-"})
    takes("event: 64 characters", {"event": "e" * 64})
    refuses("event: 65 characters", {"event": "e" * 65}, malformed("event"))
    refuses("event: absent", {"event": ABSENT}, missing("event"))
    refuses("event: null", {"event": None}, missing("event"))
    refuses("event: empty", {"event": ""}, malformed("event"))
    refuses("event: a number", {"event": 7}, malformed("event"))
    unsignable("event: false", {"event": False})
    unsignable("event: an object", {"event": {"name": "send"}})
    for character in " .$é\t":
        refuses(f"event: {character!r}", {"event": f"e{character}"}, malformed("event"))


def boundaries(all):
    """Fields that sign the same bytes, and fields that would join to the same key."""
    group = all.group("boundaries between fields", KEYS)
    genuine = {"track_id": "t", "event": "a", "value": "9", "remark": "r"}
    sign = signed(genuine)["sign"]
    for name, fields, field in [
        ("event with a value", {"track_id": "t", "event": "a&value=9", "remark": "r"}, "event"),
        ("value with a remark", {"track_id": "t", "event": "a", "value": "9&remark=r"}, "value"),
        ("track id with an event", {"track_id": "t&event=a", "value": "9", "remark": "r"}, "track_id"),
        ("event with all the rest", {"track_id": "t", "event": "a&value=9&remark=r"}, "event"),
    ]:
        assert text_of(fields) == text_of(genuine)
        group.send(name, malformed(field), PATH, {**fields, "sign": sign})
    group.send("what they were made of", recorded(action(genuine)), PATH, {**genuine, "sign": sign})

    for name, fields in [
        ("ab + c", {"track_id": "ab", "event": "c"}),
        ("a + bc", {"track_id": "a", "event": "bc"}),
        ("ab + c + d", {"track_id": "ab", "event": "c", "value": "d"}),
        ("ab + cd", {"track_id": "ab", "event": "cd"}),
        ("a value with a separator", {"track_id": "a", "event": "b", "value": "c#d"}),
        ("a value with an escaped separator", {"track_id": "a", "event": "b", "value": "c%23d"}),
        ("a value like a hash", {"track_id": "a", "event": "b", "value": "~" + "0" * 32}),
    ]:
        group.send(name, recorded(action(fields)), PATH, signed(fields))

    fields = {"track_id": "u", "event": "a"}
    for name, sent, was_signed in [
        ("an empty pair that was not signed", {**fields, "value": ""}, fields),
        ("an empty pair that was signed and is absent", fields, {**fields, "value": ""}),
        ("an empty pair that was signed and is null", {**fields, "value": None}, {**fields, "value": ""}),
        ("a value that was not signed", {**fields, "value": "1"}, fields),
        ("a value that was left out", fields, {**fields, "value": "1"}),
        ("a value for a remark", {**fields, "value": "x"}, {**fields, "remark": "x"}),
        ("another remark", {**fields, "remark": "b"}, {**fields, "remark": "a"}),
        ("a number written otherwise", {**fields, "value": Raw("1.0")}, {**fields, "value": "1"}),
        ("a composed letter for a decomposed one", {**fields, "remark": "é"}, {**fields, "remark": "e\u0301"}),
    ]:
        body = {**sent, "sign": signed(was_signed)["sign"]}
        group.send(f"signed as something else: {name}", unauthenticated(), PATH, body)


def forgeries(all):
    group = all.group("signatures", KEYS)
    fields = {"track_id": "t", "event": "send", "value": "1", "remark": "a b"}
    text = text_of(fields)
    genuine = sign(fields)
    raw = hmac_sha256(SITE, text)
    for name, signature in [
        ("absent", ABSENT),
        ("null", None),
        ("empty", ""),
        ("a number", 12),
        ("an array", [genuine]),
        ("truncated by a byte", genuine[:-2]),
        ("truncated by a digit", genuine[:-1]),
        ("longer by a byte", genuine + "00"),
        ("with a space before", " " + genuine),
        ("with a line feed behind", genuine + "\n"),
        ("with a prefix", "sha256=" + genuine),
        ("with 0x before", "0x" + genuine),
        ("in base64", base64.b64encode(raw).decode()),
        ("one bit off", ("0" if genuine[0] != "0" else "1") + genuine[1:]),
        ("all zeros", "0" * 64),
        ("under another key", sign(fields, "test-api-key-0001")),
        ("under another provider's key", sign(fields, "test-claimr-secret")),
        ("under an empty key", sign(fields, "")),
        ("under the id of the key", sign(fields, "site")),
        ("of another action", sign({**fields, "event": "sign_up"})),
        ("of the values percent-encoded", hmac_sha256(SITE, text.replace(" ", "%20")).hex()),
        ("of the fields sorted by name", hmac_sha256(SITE, "&".join(sorted(text.split("&")))).hex()),
        ("of the values alone", hmac_sha256(SITE, "".join(fields.values())).hex()),
        ("of the body", hmac_sha256(SITE, dump(fields)).hex()),
        ("key and text exchanged", hmac_sha256(text, SITE).hex()),
        ("HMAC-SHA1", hmac_sha256(SITE, text, "sha1").hex()),
        ("HMAC-SHA512", hmac_sha256(SITE, text, "sha512").hex()),
        ("SHA-256 of key and text", hashlib.sha256(to_bytes(SITE + text)).hexdigest()),
    ]:
        group.send(f"forged: {name}", unauthenticated(), PATH, {**fields, "sign": signature})
    group.send("forged: under another name", unauthenticated(), PATH, {**fields, "Sign": genuine})
    group.send(
        "forged: in a header", unauthenticated(), PATH, fields, headers=JSON + [["sign", genuine]]
    )
    body = {"track_id": "", "event": "a b", "x": Raw('{"a":1,"a":2}'), "sign": "0" * 64}
    group.send("forged and malformed: nothing is learnt of the rules", unauthenticated(), PATH, body)

    group.send("genuine, upper case", recorded(action(fields)), PATH, {**fields, "sign": genuine.upper()})
    mixed = genuine[:32].upper() + genuine[32:]
    id = identity(fields)
    group.send("genuine, mixed case", duplicate(id), PATH, {**fields, "sign": mixed})
    group.send("genuine, sent first", duplicate(id), PATH, {"sign": genuine, **fields})


def bodies(all):
    group = all.group("bodies", KEYS)

    def body(**more):
        return signed({"track_id": fresh(), "event": "send", **more})

    def takes(name, fields, headers=JSON, query=""):
        group.send(name, recorded(action(fields)), PATH, fields, query=query, headers=headers)

    # As text, so that a key can be there twice.
    good = body()
    text = dump(good)
    for name, sent, expected in [
        ("track_id twice", text.replace("{", '{"track_id":"x",'), unauthenticated()),
        ("track_id twice, alike", text[:-1] + f',"track_id":"{good["track_id"]}"}}', unauthenticated()),
        ("sign twice", text[:-1] + f',"sign":"{good["sign"]}"}}', unauthenticated()),
        ("event twice, once escaped", text[:-1] + ',"\\u0065vent":"x"}', unauthenticated()),
        ("an unknown key twice", text[:-1] + ',"more":1,"more":1}', repeated("more")),
        ("a key twice, in an object", text[:-1] + ',"x":{"a":1,"b":2,"a":3}}', repeated("a")),
        ("a key twice, deeper", text[:-1] + ',"x":[{"y":[{"a":1,"\\u0061":1}]}]}', repeated("a")),
        ("a strange key twice is not shown", text[:-1] + ',"<b>":1,"<b>":1}', repeated("a field")),
    ]:
        group.send(name, expected, PATH, sent)

    takes("one key in several objects", body(x={"a": 1}, y=[{"a": 1}, {"a": 1}]))
    for name, more in [
        ("below the top", {"x": {"sign": "00", "y": [{"Sign": 1, "z": 2}]}}),
        ("in another case", {"SIGN": "00"}),
        ("at the end of a path", {"x.sign": "00"}),
    ]:
        takes(f"a sign {name} proves nothing and is not kept", body(**more))
    group.send("a key twice, forged", unauthenticated(), PATH, text[:-1].replace(good["sign"], "0" * 64) + ',"more":1,"more":1}')
    sent = body(x=[SITE], remark=SITE)
    kept = {**sent, "x": ["[REDACTED]"], "remark": "[REDACTED]"}
    del kept["sign"]
    group.send("the key is not kept, wherever it stands", recorded(action(sent, payload=kept)), PATH, sent)
    takes("nested 20 deep", body(x=Raw("[" * 20 + "]" * 20)))
    group.send("nested 20,000 deep", undecodable(), PATH, dump(body(x=Raw("[" * 20000 + "]" * 20000))))
    group.send("half a surrogate pair", undecodable(), PATH, dump(body(x=Raw('"\\ud800"'))))

    fields = {"track_id": fresh(), "event": "send", "remark": "déjà 😀"}
    escaped = Raw('"d\\u00e9j\\u00E0 \\ud83d\\ude00"')
    sent = {**fields, "remark": escaped, "sign": sign(fields)}
    expected = action(fields, payload={**fields, "remark": escaped})
    group.send("escapes stand for their characters", recorded(expected), PATH, sent)
    fields = {"track_id": fresh(), "event": "send"}
    sent = f' {{\n\t"event" : "send",\r\n "track_id":"{fields["track_id"]}","sign":"{sign(fields)}" }}\n'
    expected = action(fields, payload={"event": "send", "track_id": fields["track_id"]})
    group.send("white space and order do not matter", recorded(expected), PATH, sent)

    good = dump(body())
    for name, sent in [
        ("nothing", b""),
        ("a space", b" "),
        ("an array", f"[{good}]"),
        ("a string", json.dumps(good)),
        ("null", "null"),
        ("a number", "1"),
        ("cut off", good[:-1]),
        ("two objects", good + good),
        ("something behind it", good + "x"),
        ("a comma too many", good[:-1] + ",}"),
        ("a comment", good + "// sent by us"),
        ("single quotes", good.replace('"', "'")),
        ("a raw control character", good.replace("send", "se\nnd")),
        ("NaN", good[:-1] + ',"x":NaN}'),
        ("a leading zero", good[:-1] + ',"x":01}'),
        ("a byte order mark", "\ufeff" + good),
        ("UTF-16", good.encode("utf-16-le")),
        ("no UTF-8", good.replace("send", "s\xe9nd").encode("latin-1")),
        ("an overlong NUL", good.encode().replace(b"send", b"s\xc0\x80d")),
        ("a form", "track_id=t&event=send&sign=" + "0" * 32),
    ]:
        group.send(f"no JSON object: {name}", not_json(), PATH, sent)

    takes("64 KiB - 1", padded(body(), LARGEST_BODY - 1))
    takes("64 KiB", padded(body(), LARGEST_BODY))
    group.send("64 KiB + 1", too_large(), PATH, padded(body(), LARGEST_BODY + 1))
    takes("64 KiB as base64", padded(body(), LARGEST_BODY), headers=BINARY)
    group.send("64 KiB + 1 as base64", too_large(), PATH, padded(body(), LARGEST_BODY + 1), headers=BINARY)
    group.send("bytes count, not characters", too_large(), PATH, dump(body(x="é" * (LARGEST_BODY // 2))))
    group.send("a large one is not even authenticated", too_large(), PATH, "x" * 100_000)
    group.send("a large one as base64", too_large(), PATH, "x" * 100_000, headers=BINARY)

    for name, headers in [
        ("with a charset", [["content-type", "application/json; charset=utf-8"]]),
        ("as text", [["content-type", "text/plain"]]),
        ("without a type", []),
        ("as base64", BINARY),
        ("said to be a form", FORM),
    ]:
        takes(f"the type is not looked at: {name}", body(remark="é ✓"), headers=headers)
    for name, value in [
        ("host", "[::1]:3000"),
        ("host", "a_b.example.com"),
        ("x-forwarded-proto", "https, http"),
        ("x-forwarded-proto", "é"),
        ("content-length", "1"),
        ("cookie", 'a="b'),
    ]:
        headers = JSON + [[name, value]]
        takes(f"nothing follows from a strange header: {name}: {value!r}", body(), headers=headers)
    for host in ["", "[", "a b", 'a"b', "a/b"]:
        group.send(f"no host: {host!r}", undecodable(), PATH, body(), headers=JSON + [["host", host]])
    takes("the query string means nothing", body(), query="track_id=x&event=y&sign=z")


def routes(all):
    group = all.group("routes", KEYS)
    body = signed({"track_id": "t", "event": "send"})
    for method in ["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]:
        group.send(method, wrong_method("POST"), PATH, body, method=method)
    for path in ["/", "/giveaway", "/giveaway/actions/", "/giveaway/Actions", "//giveaway/actions"]:
        group.send(path, no_such_route(), path, body)


def key_lists(all):
    """A provider without usable keys is out of order; it accepts nothing and loses nothing."""
    fields = {"track_id": "t", "event": "send"}
    for name, list in [
        ("no keys", {"keys": []}),
        ("an empty key", keys(empty="")),
        ("an empty key among others", keys(site=SITE, empty="")),
        ("two keys of one name", {"keys": [{"id": "a", "secret": SITE}, {"id": "a", "secret": NEXT}]}),
        ("a key without a name", keys(**{"": SITE})),
        ("another form", {"secret": SITE}),
    ]:
        group = all.group(f"key lists: {name}", list)
        for secret in [SITE, ""]:
            group.send(f"signed with {secret!r}", unavailable(), PATH, signed(fields, secret))
