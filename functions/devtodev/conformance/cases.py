"""devtodev installs: an API key in the query string, the fields beside it or in the body."""

from itertools import count
from urllib.parse import quote_plus

from corpus import *

PATH = "/devtodev/installs"
KEY = "test-key-0000"
NEXT = "k&y é+%"
KEYS = keys(tracker=KEY, next=NEXT)
OWN_CODE = 409
"""A conflict's status: a team's own tracker sends, whose developers are to see it."""

IDENTIFIERS = ["ios_ifa", "ios_ifv", "os_id", "google_aid", "windows_aid", "user_id"]
UUIDS = ["ios_ifa", "ios_ifv", "google_aid", "windows_aid"]
NAMES = [
    "campaign_name",
    "s_publisher_name",
    "s_campaign_name",
    "s_site_name",
    "s_adgroup_name",
    "s_ad_name",
    "s_keyword_name",
    "s_placement_name",
    "device_model",
    "device_brand",
]
SOURCES = ["s_publisher", "s_campaign", "s_site", "s_adgroup", "s_ad"]
OPAQUE = ["id", "campaign_id", "os_id"]
OTHERS = ["install_timestamp", "click_timestamp", "country_code", "event_name", "cost"]
NO_IDENTIFIER = f"an identifier ({', '.join(IDENTIFIERS[:-1])} or {IDENTIFIERS[-1]})"

numbers = count(1)


def fresh():
    """An install id that no other case has."""
    return f"trk-{next(numbers)}"


def install(**change):
    """An install that has no more than it needs."""
    return {"publisher_name": "Publisher", "user_id": "u-1", **change}


def with_id(**change):
    return {"id": fresh(), **install(**change)}


def apikey(secret=KEY):
    return "apikey=" + percent(secret)


def form(fields):
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in fields.items())


def identity(fields, **normal):
    """The tracker's own id, or else a digest of what was installed from where and when; `normal` are
    identifiers in their normal form, where they were sent in another."""
    if "id" in fields:
        return key("devtodev", "install-id", str(fields["id"]))
    sent = {**fields, **normal}
    known = [(name, sent[name]) for name in IDENTIFIERS if sent.get(name)]
    source = [("publisher_name", sent["publisher_name"]), ("campaign_id", sent.get("campaign_id"))]
    whole = digest(*known, *source, ("install_timestamp", sent.get("install_timestamp")))
    return key("devtodev", "install", whole)


def kept(fields, user="u-1", normal=None, **more):
    """What is stored of an install."""
    return stored(identity(fields, **(normal or {})), "install", user, **more)


def corpus():
    all = Corpus("devtodev", ["apikey"])
    published(all)
    with_an_id(all)
    without_an_id(all)
    forms(all)
    times(all)
    credentials(all)
    queries(all)
    bodies(all)
    routes(all)
    key_lists(all)
    return all


def post(group, name, expected, fields, **how):
    group.send(name, expected, PATH, fields, how.pop("query", apikey()), **how)


def get(group, name, expected, query, **how):
    group.send(name, expected, PATH, query=query, method="GET", headers=[], **how)


def published(all):
    """The example of the provider's page, its braces put back."""
    example = {
        "install_timestamp": "2019-01-02 18:01:23",
        "click_timestamp": "2019-01-02 18:01:01",
        "publisher_name": "Publisher",
        "campaign_name": "Campaign",
        "country_code": "US",
        "s_campaign_name": "Advertising campaign name",
        "s_site_name": "Advertisement site",
        "s_adgroup_name": "Ad group",
        "s_ad_name": "Ad",
        "device_model": "Pixel 4",
        "device_brand": "Google",
        "google_aid": "0123456789ab-cdef-0123-456789abcdef",
        "cost": Raw("0.12"),
    }
    aid = "0123456789abcdef0123456789abcdef"
    normal = {"google_aid": aid}
    group = all.group("the provider's example", KEYS)
    post(group, "as JSON", recorded(kept(example, aid, normal)), example)
    id = identity(example, **normal)
    query = apikey() + "&" + form(example)
    get(group, "as a query string", duplicate(id), query)
    post(group, "as a form", duplicate(id), form(example), headers=FORM)
    post(group, "all of it in the query string of a POST", duplicate(id), b"", query=query)
    group = all.group("the template in the provider's list", KEYS)
    fields = install(google_aid="0123456789ab-cdef-0123-456789abcde")
    post(group, "has a digit too few", malformed("google_aid"), fields)

    group = all.group("the provider's example as a query string", KEYS)
    payload = {name: str(value) for name, value in example.items()}
    get(group, "kept as text", recorded(kept(example, aid, normal, payload=payload)), query)


def with_an_id(all):
    group = all.group("with the tracker's own id", KEYS)
    first = with_id(
        os_id="o-1",
        google_aid="a" * 32,
        campaign_name="Campaign",
        campaign_id="001234",
        country_code="US",
        cost=Raw("1.50"),
        install_timestamp="2019-01-02 18:01:23",
    )
    id = identity(first)

    def again(name, fields, **how):
        post(group, name, duplicate(id), fields, **how)

    def differs(name, change, user="u-1"):
        fields = {**first, **change}
        post(group, f"conflict: {name}", conflict(kept(fields, user), OWN_CODE), fields)

    post(group, "first", recorded(kept(first)), first)
    again("again", first)
    again("under another of the keys", first, query=apikey(NEXT))
    for name, change in [
        ("the time of the install", {"install_timestamp": "2019-01-02 18:01:24"}),
        ("a click", {"click_timestamp": "2019-01-02 18:01:01"}),
        ("a device", {"device_model": "Pixel 4", "device_brand": "Google"}),
        ("a sub-publisher", {"s_publisher": "1", "s_publisher_name": "One"}),
        ("the event's name", {"event_name": "install"}),
        ("an unknown field", {"more": [1]}),
        ("the country in lower case", {"country_code": "us"}),
        ("the country in mixed case", {"country_code": "uS"}),
        ("the cost as text", {"cost": "1.5"}),
        ("the cost with an exponent", {"cost": Raw("150e-2")}),
        ("an identifier in upper case with hyphens", {"google_aid": "AAAAAAAA-aaaa-AAAA-aaaa-AAAAAAAAAAAA"}),
        ("nothing for the other identifiers", {"ios_ifa": None, "ios_ifv": "", "windows_aid": "0" * 32}),
    ]:
        again(f"what is no part of it may differ: {name}", {**first, **change})
    again("the fields the other way round", dict(reversed(first.items())))
    differs("another user", {"user_id": "u-2"}, "u-2")
    differs("another os_id", {"os_id": "o-2"})
    differs("another google_aid", {"google_aid": "b" * 32})
    differs("an identifier more", {"ios_ifa": "c" * 32})
    differs("an identifier less", {"os_id": ABSENT})
    differs("one identifier under another name", {"google_aid": ABSENT, "windows_aid": "a" * 32})
    differs("the publisher", {"publisher_name": "Publishe"})
    differs("the campaign's name", {"campaign_name": "Campaign 2"})
    differs("the campaign's id", {"campaign_id": "1234"})
    differs("the cost", {"cost": Raw("1.51")})
    fields = {**first, "cost": Raw("1.51")}
    post(group, "the same conflict again is put aside once", known_conflict(id, OWN_CODE), fields)
    for number in range(2):
        fields = {**first, "cost": Raw(f"2.{number}")}
        post(group, f"beyond ten, conflict {number} is not put aside and told the same", known_conflict(id, OWN_CODE), fields)
    again("the first is still the first", first)

    other = {**first, "id": fresh()}
    post(group, "another first", recorded(kept(other)), other)
    for name, change in [
        ("no cost", {"cost": ABSENT}),
        ("the country", {"country_code": "CA"}),
        ("no country", {"country_code": ""}),
    ]:
        fields = {**other, **change}
        post(group, f"conflict: {name}", conflict(kept(fields), OWN_CODE), fields)
    fields = {**first, "id": fresh()}
    post(group, "another id is another install", recorded(kept(fields)), fields)
    fields = with_id()
    post(group, "the key that matched is noted", recorded(kept(fields, key_id="next")), fields, query=apikey(NEXT))

    group = all.group("ids", KEYS)
    for name, id in [
        ("digits", "12"),
        ("a leading zero", "012"),
        ("a separator", "a#b"),
        ("an escaped separator", "a%23b"),
        ("like a hash", "~" + "0" * 64),
        *ADDRESSES,
        ("256 characters", "i" * 256),
        ("Unicode", "№ é 😀"),
        ("a space", " "),
    ]:
        fields = {**install(), "id": id}
        post(group, name, recorded(kept(fields)), fields)
    fields = {**install(), "id": 12}
    post(group, "a number is its digits", duplicate(identity(fields)), fields)
    get(group, "the same in a query string", duplicate(identity(fields)), f"{apikey()}&publisher_name=Publisher&user_id=u-1&id=12")


def without_an_id(all):
    group = all.group("without an id", KEYS)
    first = install(campaign_id="7", cost=Raw("0.5"), country_code="FR", install_timestamp="2019-01-02 18:01:23")
    id = identity(first)
    post(group, "first", recorded(kept(first)), first)
    post(group, "again", duplicate(id), first)
    for name, change in [
        ("the device", {"device_model": "x"}),
        ("the click", {"click_timestamp": "2019-01-02 18:01:23"}),
        ("an empty id", {"id": ""}),
        ("null for an id", {"id": None}),
        ("the cost's spelling", {"cost": "0.50"}),
        ("an id that stands for none", {"google_aid": "00000000-0000-0000-0000-000000000000"}),
    ]:
        post(group, f"what is no part of it may differ: {name}", duplicate(id), {**first, **change})
    for name, change in [
        ("the cost", {"cost": Raw("0.6")}),
        ("the country", {"country_code": "BE"}),
        ("the campaign's name", {"campaign_name": "x"}),
    ]:
        fields = {**first, **change}
        post(group, f"conflict: {name}", conflict(kept(fields), OWN_CODE), fields)
    for name, change, user in [
        ("the user", {"user_id": "u-2"}, "u-2"),
        ("one identifier more", {"os_id": "o"}, "u-1"),
        ("the user's id as the device's", {"user_id": ABSENT, "os_id": "u-1"}, "u-1"),
        ("the publisher", {"publisher_name": "publisher"}, "u-1"),
        ("the campaign", {"campaign_id": "007"}, "u-1"),
        ("no campaign", {"campaign_id": ABSENT}, "u-1"),
        ("the time", {"install_timestamp": "2019-01-02 18:01:24"}, "u-1"),
        ("the time's spelling", {"install_timestamp": "2019-01-02T18:01:23Z"}, "u-1"),
        ("no time", {"install_timestamp": ABSENT}, "u-1"),
    ]:
        fields = {n: v for n, v in {**first, **change}.items() if v is not ABSENT}
        post(group, f"another install: {name}", recorded(kept(fields, user)), fields)

    group = all.group("fields that concatenate alike", KEYS)
    for fields, user in [
        ({"publisher_name": "ab", "user_id": "c"}, "c"),
        ({"publisher_name": "a", "user_id": "bc"}, "bc"),
        ({"publisher_name": "b", "user_id": "ca"}, "ca"),
        ({"publisher_name": "ab", "os_id": "c"}, "c"),
        ({"publisher_name": "ab", "user_id": "c", "campaign_id": "1"}, "c"),
        ({"publisher_name": "ab", "user_id": "c1"}, "c1"),
        ({"publisher_name": "ab1", "user_id": "c"}, "c"),
        ({"publisher_name": "ab", "os_id": "c", "user_id": "1"}, "1"),
        ({"publisher_name": "ab", "user_id": "c", "campaign_id": "2019-01-02 18:01:23"}, "c"),
        ({"publisher_name": "ab", "user_id": "c", "install_timestamp": "2019-01-02 18:01:23"}, "c"),
        ({"publisher_name": "ab", "user_id": "cinstall"}, "cinstall"),
    ]:
        post(group, " + ".join(f"{n}={v}" for n, v in fields.items()), recorded(kept(fields, user)), fields)


def forms(all):
    group = all.group("the forms and limits of the fields", KEYS)

    def takes(name, change, user="u-1"):
        fields = with_id(**change)
        post(group, name, recorded(kept(fields, user)), fields)

    def refuses(name, change, expected):
        post(group, name, expected, with_id(**change))

    descriptive = NAMES + SOURCES
    every = descriptive + [name for name in OPAQUE if name != "id"] + OTHERS + UUIDS
    takes("every optional field null", {name: None for name in every})
    takes("every optional field empty", {name: "" for name in every})
    empty = "".join(f"&{name}=" for name in every)
    fields = with_id()
    payload = {name: "" for name in every}
    payload = {"publisher_name": "Publisher", "user_id": "u-1", "id": fields["id"], **payload}
    query = f"{apikey()}&publisher_name=Publisher&user_id=u-1&id={fields['id']}{empty}"
    get(group, "every optional parameter empty", recorded(kept(fields, payload=payload)), query)

    for name in OPAQUE + ["publisher_name", "user_id"]:
        change = {name: "n" * 256} if name not in ("id", "user_id") else {}
        if change:
            takes(f"{name}: 256 characters", change)
        refuses(f"{name}: 257 characters", {name: "n" * 257}, malformed(name))
        refuses(f"{name}: an array", {name: ["n"]}, malformed(name))
        refuses(f"{name}: a control character", {name: "a\x07b"}, malformed(name))
    takes("numbers for text", {name: 3310 for name in descriptive + ["campaign_id"]})
    refuses("campaign_id: a number with a point", {"campaign_id": Raw("1.0")}, malformed("campaign_id"))
    for name in descriptive:
        for what, value in [
            ("256 characters of four bytes", "😀" * 256),
            ("1,000 characters", "n" * 1000),
            ("a control character", "a\x07b"),
            ("a macro that was not filled in", "{adgroup}"),
            ("a number with a point", Raw("1.0")),
            ("true", True),
            ("an array", ["n"]),
        ]:
            takes(f"{name}: {what} only describes", {name: value})

    for name, publisher, expected in [
        ("absent", ABSENT, missing),
        ("null", None, missing),
        ("empty", "", missing),
        ("an object", {}, malformed),
    ]:
        refuses(f"publisher_name: {name}", {"publisher_name": publisher}, expected("publisher_name"))

    uuid = "0123456789abcdef0123456789abcdef"
    for name in UUIDS:
        takes(f"{name} alone", {"user_id": ABSENT, name: uuid}, uuid)
        refuses(f"{name}: 31 digits", {name: uuid[:-1]}, malformed(name))
        refuses(f"{name}: 33 digits", {name: uuid + "0"}, malformed(name))
        refuses(f"{name}: no hex", {name: "g" + uuid[1:]}, malformed(name))
    takes("os_id alone", {"user_id": ABSENT, "os_id": "x"}, "x")
    takes("uuid: upper case, RFC 9562", {"ios_ifa": "01234567-89AB-CDEF-0123-456789ABCDEF"})
    for name, written in [
        ("in braces", "{01234567-89ab-cdef-0123-456789abcdef}"),
        ("with spaces", "01234567 89ab cdef 0123 456789abcdef"),
        ("a macro that was not filled in", "{idfa}"),
        ("full-width digits", "０１２３４５６７８９abcdef0123456789abcdef"),
        ("a number", Raw("12345678901234567890123456789012")),
    ]:
        refuses(f"uuid: {name}", {"ios_ifa": written}, malformed("ios_ifa"))
    zero = "00000000-0000-0000-0000-000000000000"
    for name, change in [
        ("none", {}),
        ("all null", {name: None for name in IDENTIFIERS}),
        ("all empty", {name: "" for name in IDENTIFIERS}),
        ("zeros: no consent", {"ios_ifa": zero, "google_aid": "0" * 32}),
    ]:
        refuses(f"identifiers: {name}", {"user_id": ABSENT, **change}, missing(NO_IDENTIFIER))

    for country in ["US", "us", "Gb", "ax", "TW"]:
        takes(f"country_code: {country}", {"country_code": country})
    for country in ["XX", "UK", "EU", "USA", "U", " US", "840", "U\u212a"]:
        refuses(f"country_code: {country}", {"country_code": country}, malformed("country_code"))
    refuses("country_code: a number", {"country_code": 840}, malformed("country_code"))

    takes("event_name: install", {"event_name": "install"})
    for event in ["Install", "purchase", "install ", True]:
        refuses(f"event_name: {event!r}", {"event_name": event}, malformed("event_name"))

    digits = "1234567890123456789012345678"
    for cost in ["0", "0.00", "99.99", "1e-2", digits, "0." + digits, "007.5"]:
        takes(f"cost: text {cost}", {"cost": cost})
    for cost in ["0", "0.12", "99.99", "1E2", digits, "0." + digits, "-0"]:
        takes(f"cost: number {cost}", {"cost": Raw(cost)})
    for cost in ["-0.01", "0,12", "$1", " ", "1 ", "free", "NaN", "1" * 29]:
        refuses(f"cost: {cost!r}", {"cost": cost}, malformed("cost"))
    refuses("cost: a negative number", {"cost": -1}, malformed("cost"))
    refuses("cost: false", {"cost": False}, malformed("cost"))


def times(all):
    group = all.group("times", KEYS)
    installed, clicked = "install_timestamp", "click_timestamp"

    def takes(name, payload=None, **change):
        fields = with_id(**change)
        post(group, name, recorded(kept(fields, payload=payload)), fields)

    def refuses(name, field, **change):
        post(group, name, malformed(field), with_id(**change))

    for time in [
        "2019-01-02 18:01:23",
        "2019-01-02T18:01:23Z",
        "2019-01-02T18:01:23.999Z",
        "2019-01-02T18:01:23+02:00",
        "2024-02-29 00:00:00",
        "1999-12-31 23:59:59",
    ]:
        takes(time, install_timestamp=time)
    for time in [
        "2019-01-02",
        "2019-01-02 18:01",
        "2019-01-02T18:01:23",
        "2019-01-02  18:01:23",
        "02.01.2019 18:01:23",
        "2019-13-01 00:00:00",
        "2023-02-29 00:00:00",
        "2019-01-02 24:00:00",
        "2016-12-31 23:59:60",
        "2019-01-02T18:01:23+25:00",
        "20190102T180123Z",
        "1546452083",
        "now",
        "２０１９-01-02 18:01:23",
    ]:
        refuses(f"no time: {time}", installed, install_timestamp=time)
        refuses(f"no time for a click: {time}", clicked, click_timestamp=time)
    refuses("no time: a number", installed, install_timestamp=1546452083)
    takes("a click at the install", install_timestamp="2019-01-02 18:01:23", click_timestamp="2019-01-02 18:01:23")
    takes(
        "a click at the install, in another zone",
        install_timestamp="2019-01-02 18:01:23",
        click_timestamp="2019-01-02T21:01:23+03:00",
    )
    refuses(
        "a click after the install",
        clicked,
        install_timestamp="2019-01-02 18:01:23",
        click_timestamp="2019-01-02 18:01:24",
    )
    refuses(
        "a click after the install, in another zone",
        clicked,
        install_timestamp="2019-01-02T21:01:23+03:00",
        click_timestamp="2019-01-02 18:01:24",
    )
    assert NOW == "2026-08-01 12:00:00"
    takes("an install 24 hours ahead", install_timestamp="2026-08-02 12:00:00")
    refuses("an install a second further ahead", installed, install_timestamp="2026-08-02 12:00:01")
    refuses("the same in another zone", installed, install_timestamp="2026-08-02T11:00:01-01:00")
    refuses("an install in another millennium", installed, install_timestamp="2999-01-01 00:00:00")
    takes("a click now, without an install's time", click_timestamp=NOW)
    refuses("a click in a second, without an install's time", clicked, click_timestamp="2026-08-01 12:00:01")


def credentials(all):
    group = all.group("keys", KEYS)
    fields = "publisher_name=Publisher&user_id=u-1&id=k"
    id = key("devtodev", "install-id", "k")
    payload = {"publisher_name": "Publisher", "user_id": "u-1", "id": "k"}
    expected = recorded(kept({"id": "k"}, payload=payload, key_id="next"))
    get(group, "a key of all sorts of characters", expected, f"{apikey(NEXT)}&{fields}")
    for name, query in [
        ("first", f"{apikey()}&{fields}"),
        ("last", f"{fields}&{apikey()}"),
        ("with its name escaped", f"{fields}&%61pi%6Bey={KEY}"),
        ("with a plus for its space", f"{fields}&apikey=k%26y+%C3%A9%2b%25"),
    ]:
        get(group, f"the key {name}", duplicate(id), query)
        post(group, f"the key {name}, in a POST", duplicate(id), b"", query=query)
    for name, query in [
        ("absent", ""),
        ("without a value", "apikey"),
        ("empty", "apikey="),
        ("wrong", "apikey=test-key-0001"),
        ("truncated", f"apikey={KEY[:-1]}"),
        ("longer", f"apikey={KEY}0"),
        ("with a space behind", f"apikey={KEY}%20"),
        ("with a NUL behind", f"apikey={KEY}%00"),
        ("in upper case", f"apikey={KEY.upper()}"),
        ("escaped twice", "apikey=" + percent(percent(NEXT))),
        ("under another name", f"ApiKey={KEY}"),
        ("in another parameter", f"id=apikey={KEY}"),
        ("the id of a key", "apikey=tracker"),
        ("another provider's", "apikey=test-claimr-secret"),
        ("a digest of it", "apikey=" + hashlib.sha256(KEY.encode()).hexdigest()),
        ("both keys, joined", f"apikey={KEY},{percent(NEXT)}"),
    ]:
        get(group, f"forged: {name}", unauthenticated(), f"{query}&{fields}")
        body = with_id(apikey=KEY)
        post(group, f"forged: {name}, in a POST with the key in the body", unauthenticated(), body, query=query)
    get(group, "forged and malformed: nothing is learnt of the rules", unauthenticated(), "apikey=x&cost=-1&cost=-1")
    post(group, "forged, and no JSON: likewise", unauthenticated(), "{", query="apikey=x")
    headers = JSON + [["apikey", KEY], ["authorization", KEY], ["x-api-key", KEY]]
    post(group, "forged: the key in a header", unauthenticated(), with_id(), query="", headers=headers)
    for name, query in [
        ("twice", f"apikey={KEY}&apikey={KEY}"),
        ("twice, first wrong", f"apikey=x&{fields}&apikey={KEY}"),
        ("twice, once escaped", f"apikey={KEY}&%61pikey="),
    ]:
        get(group, f"the key {name}", unauthenticated(), query)
    for name, query in [
        ("and cannot be decoded", "apikey=x&a=%"),
        ("and cannot be decoded itself", "apikey=%"),
        ("and a field twice", "apikey=x&publisher_name=a&publisher_name=a"),
    ]:
        get(group, f"forged, {name}: nothing is learnt of it", unauthenticated(), query)
    get(group, "the key, and again where it cannot be decoded", undecodable(), f"apikey={KEY}&{fields}&apikey=%")
    body = with_id(apikey="another", more=1)
    post(group, "a key in the body is not kept", recorded(kept(body)), body)
    body = with_id(APIKEY="another", x={"apikey": "another", "y": [{"ApiKey": 1, "z": 2}]})
    post(group, "a key in the body is not kept in any case nor at any depth", recorded(kept(body)), body)
    body = with_id(**{"x.apikey": "another", "url": f"https://example.com/?apikey={KEY}&a=1", "y": [KEY]})
    kept_of_it = {**body, "url": "https://example.com/?apikey=[REDACTED]&a=1", "y": ["[REDACTED]"]}
    del kept_of_it["x.apikey"]
    post(group, "the key is not kept as a value either", recorded(kept(body, payload=kept_of_it)), body)


def queries(all):
    group = all.group("query strings", KEYS)
    base = f"{apikey()}&publisher_name=P"

    def takes(name, query, **fields):
        fields = {"publisher_name": "P", **fields}
        expected = kept(fields, fields["user_id"], payload=fields)
        get(group, name, recorded(expected), query)

    takes("a plus is a space", f"{base}&user_id=a+b", user_id="a b")
    takes("an escaped plus is a plus", f"{base}&user_id=a%2Bb", user_id="a+b")
    takes("escapes in lower case", f"{base}&user_id=%c3%a9", user_id="é")
    takes("four bytes", f"{base}&user_id=%F0%9F%98%80", user_id="😀")
    takes("an equals sign in a value", f"{base}&user_id=a=b", user_id="a=b")
    takes("an escaped ampersand", f"{base}&user_id=a%26cost%3D1", user_id="a&cost=1")
    takes("empty pairs", f"&&{base}&&user_id=c&", user_id="c")
    takes("a parameter without a value", f"{base}&user_id=d&s_ad", user_id="d", s_ad="")
    takes("numbers are their digits", f"{base}&user_id=0012&cost=1.50", user_id="0012", cost="1.50")
    takes("a quote and a backslash", f"{base}&user_id=%22%5C", user_id='"\\')
    get(group, "a semicolon is no separator", malformed("cost"), f"{base}&user_id=e&cost=1;country_code=FR")
    get(group, "brackets make no list", missing(NO_IDENTIFIER), f"{base}&user_id[]=e")

    for name, query in [
        ("a parameter twice", f"{base}&user_id=u&cost=1&cost=1"),
        ("a parameter twice, once escaped", f"{base}&user_id=u&cost=1&c%6Fst=2"),
        ("a parameter twice, once empty", f"{base}&user_id=u&cost&cost=1"),
    ]:
        get(group, name, repeated("cost"), query)
        post(group, f"{name}, in a POST", repeated("cost"), {}, query=query)
    get(group, "an unknown parameter twice", repeated("more"), f"{base}&user_id=u&more=1&more=2")
    for query in ["a=%", "a=%4", "a=%zz", "a=%FF", "a=%C3", "%=a", "a=%C0%80", "a=%ED%A0%80"]:
        get(group, f"cannot be decoded: {query}", undecodable(), f"{base}&user_id=u&{query}")
        get(group, f"without a key that is not told: {query}", unauthenticated(), query)
    for query in ["user_id=a b", "user_id=a<b", "user_id=a>b", "user_id=é b", "user_id=a\tb", "user_id=a\\\nb"]:
        get(group, f"no query string: {query!r}", undecodable(), f"{base}&{query}")
    get(group, "control characters", malformed("user_id"), f"{base}&user_id=a%00b")


def bodies(all):
    group = all.group("bodies", KEYS)

    def takes(name, fields, **how):
        post(group, name, recorded(kept(fields)), fields, **how)

    takes("a charset", with_id(), headers=[["content-type", "application/json; charset=utf-8"]])
    takes("JSON without a type", with_id(), headers=[])
    takes("JSON as base64", with_id(device_model="é"), headers=BINARY)
    fields = with_id(device_model="x y & é=+%", s_ad="")
    expected = recorded(kept(fields, payload=fields))
    post(group, "a form", expected, form(fields), headers=FORM)
    headers = [["content-type", "Application/X-WWW-Form-Urlencoded ; charset=UTF-8"]]
    post(group, "a form with a charset", duplicate(identity(fields)), form(fields), headers=headers)
    post(group, "a form that is not said to be one", not_json(), form(fields))
    post(group, "JSON that is said to be a form", missing("publisher_name"), dump(with_id()), headers=FORM)

    fields = with_id()
    body = {name: fields[name] for name in ["id", "publisher_name"]}
    payload = {"user_id": "u-1", **body}
    expected = recorded(kept(fields, payload=payload))
    post(group, "query string and body together", expected, body, query=f"{apikey()}&user_id=u-1")
    for name, query in [("alike", "user_id=u-1"), ("otherwise", "user_id=u-2"), ("empty", "user_id=")]:
        post(group, f"a field in both, {name}", repeated("user_id"), with_id(), query=f"{apikey()}&{query}")
        post(group, f"a field in both, {name}, in a form", repeated("user_id"), form(install()), query=f"{apikey()}&{query}", headers=FORM)
    fields = with_id()
    query = f"{apikey()}&{form(fields)}"
    expected = recorded(kept(fields, payload={n: fields[n] for n in fields}))
    group.send("the body of a GET means nothing", expected, PATH, dump({"user_id": "u-2"}), query, method="GET")

    text = dump(with_id())
    for name, sent, expected in [
        ("user_id twice", text.replace("{", '{"user_id":"x",'), repeated("user_id")),
        ("user_id twice, once escaped", text[:-1] + ',"user_\\u0069d":"u-1"}', repeated("user_id")),
        ("the key twice", text[:-1] + ',"apikey":"k","apikey":"k"}', repeated("apikey")),
        ("an unknown key twice", text[:-1] + ',"more":1,"more":1}', repeated("more")),
        ("a key twice, deeper", text[:-1] + ',"x":[{"y":{"a":1,"a":1}}]}', repeated("a")),
    ]:
        post(group, name, expected, sent)
    post(group, "a form's field twice", repeated("user_id"), "user_id=a&user_id=a", headers=FORM)
    post(group, "a form's field twice, once escaped", repeated("user_id"), "user_id=a&user%5Fid=a", headers=FORM)
    for name, sent in [("a broken escape", "a=%"), ("no UTF-8", "a=%FF"), ("raw bytes", b"a=\xff")]:
        post(group, f"a form with {name}", undecodable(), sent, headers=FORM)

    takes("nested 20 deep", with_id(x=Raw("[" * 20 + "]" * 20)))
    post(group, "nested 20,000 deep", undecodable(), dump(with_id(x=Raw("[" * 20000 + "]" * 20000))))
    post(group, "half a surrogate pair", undecodable(), dump(with_id(x=Raw('"\\ud800"'))))
    for name, sent in [
        ("a space", b" "),
        ("an array", f"[{text}]"),
        ("null", "null"),
        ("a string", json.dumps(text)),
        ("cut off", text[:-1]),
        ("two objects", text + text),
        ("braces left out, as on the page", text[1:-1]),
        ("a byte order mark", "\ufeff" + text),
        ("no UTF-8", text.encode().replace(b"u-1", b"u-\xff")),
    ]:
        post(group, f"no JSON object: {name}", not_json(), sent)

    takes("64 KiB - 1", padded(with_id(), LARGEST_BODY - 1))
    takes("64 KiB", padded(with_id(), LARGEST_BODY))
    post(group, "64 KiB + 1", too_large(), padded(with_id(), LARGEST_BODY + 1))
    takes("64 KiB as base64", padded(with_id(), LARGEST_BODY), headers=BINARY)
    post(group, "64 KiB + 1 as base64", too_large(), padded(with_id(), LARGEST_BODY + 1), headers=BINARY)
    fields = with_id(pad="")
    fields["pad"] = "x" * (LARGEST_BODY - len(form(fields)))
    post(group, "a form of 64 KiB", recorded(kept(fields, payload=fields)), form(fields), headers=FORM)
    post(group, "a form of 64 KiB + 1", too_large(), form(fields) + "x", headers=FORM)
    post(group, "a large one is not even authenticated", too_large(), "x" * 100_000, query="")


def routes(all):
    group = all.group("routes", KEYS)
    for method in ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]:
        group.send(method, wrong_method("GET, POST"), PATH, with_id(), apikey(), method=method)
    for path in ["/devtodev", "/devtodev/installs/", "/devtodev/install", "/Devtodev/installs"]:
        group.send(path, no_such_route(), path, with_id(), apikey())


def key_lists(all):
    for name, list in [
        ("no keys", {"keys": []}),
        ("an empty key", keys(empty="")),
        ("an empty key among others", keys(tracker=KEY, empty="")),
        ("another form", [KEY]),
    ]:
        group = all.group(f"key lists: {name}", list)
        post(group, "with a key", unavailable(), with_id())
        post(group, "with an empty key", unauthenticated(), with_id(), query="apikey=")
