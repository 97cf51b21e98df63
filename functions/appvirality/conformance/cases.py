"""AppVirality reward webhooks: a secure key in the body."""

from itertools import count
from pathlib import Path

from corpus import *

REFERRAL = "/appvirality/referral/conversion"
FRIEND = "/appvirality/referral/friend-reward"
REFERRER = "/appvirality/referral/referrer-reward"
LOYALTY = "/appvirality/loyalty/conversion"
USER = "/appvirality/loyalty/user-reward"
KINDS = {
    REFERRAL: "referral_conversion",
    FRIEND: "referral_friend_reward",
    REFERRER: "referral_referrer_reward",
    LOYALTY: "loyalty_conversion",
    USER: "loyalty_user_reward",
}
CONVERTED = {REFERRAL: "friend", LOYALTY: "user"}

SECRET = "secure-key-0001"
NEXT = "clé-suivante ✓"
KEYS = keys(main=SECRET, next=NEXT)
NAMES = ["storeuserid", "userkey", "participantid", "emailid"]

numbers = count(1)


def fresh():
    """A reward detail id that no other case has."""
    return str(20000 + next(numbers))


# Bodies


def party(**change):
    """A friend, a referrer or a user, with what they are to be given. The provider's examples have more;
    what of it counts is in the cases."""
    return {
        "emailid": "friend@example.com",
        "storeuserid": "s-1",
        "rewardid": "",
        "rewarddtlid": fresh(),
        "reward_type": "InstoreCredits",
        "rewarded_date": "27-Mar-2015",
        "amount": "20",
        "reward_unit": "Rs",
        **change,
    }


def conversion(friend=None, **change):
    """Also the form of a friend's reward."""
    return {
        "success": True,
        "campaignid": "285",
        "eventname": "Install",
        "friend": friend if friend is not None else party(),
        "referrer": None,
        **change,
    }


def reward(**change):
    """A referrer's or a user's reward, not distributed yet."""
    return {
        "emailid": "referrer@example.com",
        "storeuserid": "s-2",
        "campaignid": "285",
        "rewardid": "",
        "reward_type": "InstoreCredits",
        "amount": "10",
        "reward_unit": "Rs",
        "rewarddetails": [detail("5"), detail("5")],
        **change,
    }


def detail(amount=None, id=ABSENT, **change):
    id = fresh() if id is ABSENT else id
    return {"rewarddtlid": id, "amount": amount, **change}


def keyed(body, secret=SECRET):
    return {"securekey": secret, **body}


# Identities


def there(fields, name):
    """Null and the empty string are nothing; a number is its digits."""
    value = fields.get(name, ABSENT)
    return None if value in (ABSENT, None, "") else str(value)


def recipient(fields):
    return next((name, there(fields, name)) for name in NAMES if there(fields, name))


def user(fields):
    """The ledger's user: the name that identifies, and an address in its one spelling."""
    name, value = recipient(fields)
    return one_spelling(value) if name == "emailid" else value


def conversion_id(path, body):
    parties = [body[name] for name in ("friend", "referrer", "user") if isinstance(body.get(name), dict)]
    parties.sort(key=lambda p: (there(p, "rewarddtlid") or "", recipient(p)))
    fields = []
    for fields_of in parties:
        fields += [("rewarddtlid", there(fields_of, "rewarddtlid")), recipient(fields_of)]
    if not any(there(p, "rewarddtlid") for p in parties):
        fields += [("extraInfo", there(body, "extraInfo") or there(body, "extrainfo"))]
        fields += [("rewarded_date", there(p, "rewarded_date")) for p in parties]
    return key("appvirality", KINDS[path], str(body["campaignid"]), body["eventname"], digest(*fields))


def reward_id(path, body):
    of = body["friend"] if path == FRIEND else body
    name, value = recipient(of)
    value = Address(value) if name == "emailid" else value
    parts = ["appvirality", KINDS[path], str(body["campaignid"]), name, value]
    if path == FRIEND:
        return key(*parts, str(of["rewarddtlid"]))
    if there(body, "rewardid") not in (None, "0"):
        return key(*parts, "rewardid", str(body["rewardid"]))
    details = sorted(str(detail["rewarddtlid"]) for detail in body["rewarddetails"])
    return key(*parts, "rewarddtlids", digest(*(("rewarddtlid", id) for id in details)))


def hook(path, body, amount=None, unit="Rs", **more):
    """What is stored of a body that came to `path`."""
    if path in CONVERTED:
        id, of = conversion_id(path, body), body[CONVERTED[path]]
    else:
        id, of = reward_id(path, body), body["friend"] if path == FRIEND else body
    given = {"amount": amount, "unit": unit} if amount else {}
    return stored(id, KINDS[path], user(of), **given, **more)


# Cases


def corpus():
    all = Corpus("appvirality", ["securekey"])
    published(all)
    conversions(all)
    friends(all)
    distributions(all)
    forms(all)
    addresses(all)
    amounts(all)
    held(all)
    secure_keys(all)
    bodies(all)
    routes(all)
    key_lists(all)
    return all


def published(all):
    """The bodies of the provider's page, with the keys in them and other people's addresses."""
    list = keys(a="123456", b="123456789", c="samplessecurekey")
    group = all.group("the provider's examples", list)
    files = Path(__file__).parents[1] / "published"
    for path, file, key_id, amount, unit in [
        (REFERRAL, "referral-conversion", "a", None, None),
        (FRIEND, "referral-friend-reward", "c", "20", "Rs"),
        (REFERRER, "referral-referrer-reward", "c", "10", "Rs"),
        (LOYALTY, "loyalty-conversion", "b", None, None),
        (USER, "loyalty-user-reward", "b", "10", "Coins"),
    ]:
        text = (files / f"{file}.json").read_text(encoding="utf-8")
        body = json.loads(text)
        expected = hook(path, body, amount, unit, key_id=key_id)
        expected["item"]["payload"] = {n: v for n, v in body.items() if n != "securekey"}
        group.send(file, recorded(expected), path, text)
        group.send(f"{file}, by the Resend button", duplicate(expected["id"]), path, text)


def send(group, name, expected, path, body, **how):
    group.send(name, expected, path, keyed(body), **how)


def conversions(all):
    group = all.group("conversions", KEYS)
    friend, referrer = party(), party(storeuserid="s-9", amount="10", reviewperiod="0")
    first = conversion(friend, referrer=referrer)
    id = conversion_id(REFERRAL, first)

    def again(name, body):
        send(group, f"what is no part of it may differ: {name}", duplicate(id), REFERRAL, body)

    def differs(name, body, **more):
        send(group, f"conflict: {name}", conflict(hook(REFERRAL, body, **more)), REFERRAL, body)

    def another(name, body):
        send(group, f"another conversion: {name}", recorded(hook(REFERRAL, body)), REFERRAL, body)

    send(group, "a conversion never pays", recorded(hook(REFERRAL, first)), REFERRAL, first)
    again("nothing does", first)
    again("snapshots", {
        **first,
        "campaignname": "Mom grocery",
        "growthhack": "Word_of_Mouth",
        "extraInfo": "order%3D7",
        "message": "again",
        "friend": {**friend, "name": "Ann", "location": None, "platform": "Web", "rewardid": "47", "reachedmaxlimit": "True"},
        "referrer": {**referrer, "couponcode": "C", "expires": "31-Aug-2016", "rewarded_date": "28-Mar-2015"},
    })
    again("the names that do not identify", {**first, "friend": {**friend, "emailid": "", "participantid": None, "userkey": "k"}})
    again("numbers for text", {**first, "campaignid": 285, "friend": {**friend, "amount": Raw("20.0"), "rewarddtlid": int(friend["rewarddtlid"])}})
    again("True for true", {**first, "success": "True"})
    again("no word of success", {**first, "success": ABSENT})
    again("the order", dict(reversed(first.items())))
    differs("the friend's amount", {**first, "friend": {**friend, "amount": "21"}})
    differs("the referrer's amount", {**first, "referrer": {**referrer, "amount": None}})
    differs("the unit", {**first, "friend": {**friend, "reward_unit": "Coins"}})
    differs("the type", {**first, "referrer": {**referrer, "reward_type": "Other"}})
    differs("no success", {**first, "success": False}, held="not_successful")
    differs("friend and referrer exchanged", {**first, "friend": referrer, "referrer": friend})
    body = {**first, "friend": {**friend, "amount": "21"}}
    send(group, "the same conflict again is put aside once", known_conflict(id), REFERRAL, body)
    another("campaign", {**first, "campaignid": "0285"})
    another("event", {**first, "eventname": "install"})
    another("friend's detail", {**first, "friend": {**friend, "rewarddtlid": fresh()}})
    another("referrer's detail", {**first, "referrer": {**referrer, "rewarddtlid": fresh()}})
    another("friend", {**first, "friend": {**friend, "storeuserid": "s-3"}})
    another("the details exchanged", {
        **first,
        "friend": {**friend, "rewarddtlid": referrer["rewarddtlid"]},
        "referrer": {**referrer, "rewarddtlid": friend["rewarddtlid"]},
    })
    another("no referrer", {**first, "referrer": None})
    another("a name of another kind", {**first, "friend": {**friend, "storeuserid": None, "userkey": "s-1"}})

    none = conversion(party(rewarddtlid=None, amount=None, reward_type=None), extraInfo="order%3D1")
    another("without any reward", none)
    another("without any reward, another order", {**none, "extraInfo": "order%3D2"})
    another("without any reward, another day", {**none, "friend": {**none["friend"], "rewarded_date": "28-Mar-2015"}})
    body = {**none, "extraInfo": ABSENT, "extrainfo": "order%3D1"}
    expected = duplicate(conversion_id(REFERRAL, none))
    send(group, "without any reward, the other spelling", expected, REFERRAL, body)

    loyal = {**conversion(), "friend": None, "referrer": None, "user": party()}
    send(group, "loyalty", recorded(hook(LOYALTY, loyal)), LOYALTY, loyal)
    send(group, "loyalty, again", duplicate(conversion_id(LOYALTY, loyal)), LOYALTY, loyal)
    both = {**conversion(), "user": party()}
    send(group, "one body on two routes", recorded(hook(REFERRAL, both)), REFERRAL, both)
    send(group, "is two conversions", recorded(hook(LOYALTY, both)), LOYALTY, both)

    for nobody in [ABSENT, None, ""]:
        what = {None: "null", "": "empty"}.get(nobody, "absent") if nobody is not ABSENT else "absent"
        body = {**conversion(), "friend": nobody}
        send(group, f"friend {what}", missing("friend"), REFERRAL, body)
        body = {**conversion(), "user": nobody}
        send(group, f"user {what}", missing("user"), LOYALTY, body)
    send(group, "a referrer alone", missing("friend"), REFERRAL, {**conversion(), "friend": None, "referrer": party()})
    for name in ["friend", "referrer"]:
        for value in [[], "x", 7, True]:
            body = {**conversion(), name: value}
            send(group, f"{name}: {dump(value)}", malformed(name), REFERRAL, body)


def friends(all):
    group = all.group("a friend's reward", KEYS)
    first = conversion()
    friend = first["friend"]
    id = reward_id(FRIEND, first)

    def again(name, body):
        send(group, f"what is no part of it may differ: {name}", duplicate(id), FRIEND, body)

    def differs(name, body, amount="20", unit="Rs", **more):
        expected = conflict(hook(FRIEND, body, amount, unit, **more))
        send(group, f"conflict: {name}", expected, FRIEND, body)

    def another(name, body):
        expected = recorded(hook(FRIEND, body, "20"))
        send(group, f"another reward: {name}", expected, FRIEND, body)

    send(group, "first", recorded(hook(FRIEND, first, "20")), FRIEND, first)
    again("nothing does", first)
    again("the referrer beside", {**first, "referrer": party()})
    again("the referrer beside is not looked at", {**first, "referrer": ["x"]})
    again("distributed", {**first, "friend": {**friend, "rewardid": "47", "couponcode": "C", "expires": "1-Sep-2016"}})
    again("the day", {**first, "friend": {**friend, "rewarded_date": "28-Mar-2015"}})
    again("the cap reached", {**first, "friend": {**friend, "reachedmaxlimit": "True"}})
    again("the amount as a number", {**first, "friend": {**friend, "amount": 20}})
    again("the amount with decimals", {**first, "friend": {**friend, "amount": "20.00"}})
    again("the detail as a number", {**first, "friend": {**friend, "rewarddtlid": int(friend["rewarddtlid"])}})
    differs("the amount", {**first, "friend": {**friend, "amount": "21"}}, "21")
    differs("no amount", {**first, "friend": {**friend, "amount": None}}, None)
    differs("the unit", {**first, "friend": {**friend, "reward_unit": "Coins"}}, unit="Coins")
    differs("the type", {**first, "friend": {**friend, "reward_type": "Coupon"}})
    differs("the event", {**first, "eventname": "Signup"})
    differs("no success", {**first, "success": "False"}, held="not_successful")
    another("campaign", {**first, "campaignid": "286"})
    another("detail", {**first, "friend": {**friend, "rewarddtlid": "0" + friend["rewarddtlid"]}})
    another("friend, one detail id under two people", {**first, "friend": {**friend, "storeuserid": "s-8"}})
    another("a name of another kind", {**first, "friend": {**friend, "storeuserid": "", "participantid": "s-1"}})
    for name in ["userkey", "participantid", "emailid"]:
        value = {"emailid": "ann@example.com"}.get(name, "5")
        body = conversion(party(storeuserid=None, participantid=None, emailid=""))
        body["friend"][name] = value
        send(group, f"known by {name}", recorded(hook(FRIEND, body, "20")), FRIEND, body)
    for name, value in [*ADDRESSES, ("what does not look like one", "ann")]:
        if name != "an address":
            body = conversion(party(storeuserid=None, participantid=None, emailid=value))
            send(group, f"known by emailid: {name}", recorded(hook(FRIEND, body, "20")), FRIEND, body)

    for name, value in [("absent", ABSENT), ("null", None), ("empty", "")]:
        for field in ["rewarddtlid", "reward_type", "reward_unit"]:
            body = conversion(party(**{field: value}))
            send(group, f"{field} {name}", missing(f"friend.{field}"), FRIEND, body)
        for field in ["friend", "campaignid"]:
            body = {**conversion(), field: value}
            send(group, f"{field} {name}", missing(field), FRIEND, body)
        body = conversion(party(**{field: value for field in NAMES}))
        send(group, f"every name {name}", missing("friend.storeuserid"), FRIEND, body)
        for field in ["eventname", "success", "extraInfo", "extrainfo", "growthhack", "message", "referrer", "campaignname"]:
            body = {**conversion(), field: value}
            send(group, f"{field} {name}", recorded(hook(FRIEND, body, "20")), FRIEND, body)
        for field in ["rewardid", "rewarded_date", "expires", "reachedmaxlimit", "reward_description", "couponcode", "platform", "location", "name"]:
            body = conversion(party(**{field: value}))
            send(group, f"friend.{field} {name}", recorded(hook(FRIEND, body, "20")), FRIEND, body)


def distributions(all):
    for path, who in [(REFERRER, "a referrer's reward"), (USER, "a user's reward")]:
        group = all.group(who, KEYS)
        first = reward(rewardid="48")
        details = first["rewarddetails"]
        id = reward_id(path, first)

        def again(name, body):
            send(group, f"what is no part of it may differ: {name}", duplicate(id), path, body)

        def differs(name, body, amount="10", unit="Rs", **more):
            expected = conflict(hook(path, body, amount, unit, **more))
            send(group, f"conflict: {name}", expected, path, body)

        def another(name, body):
            expected = recorded(hook(path, body, "10"))
            send(group, f"another reward: {name}", expected, path, body)

        send(group, "first", recorded(hook(path, first, "10")), path, first)
        again("nothing does", first)
        again("the order of its details", {**first, "rewarddetails": details[::-1]})
        again("the spelling of its amounts", {**first, "amount": 10, "rewarddetails": [{**d, "amount": Raw("5.0")} for d in details]})
        again("its id as a number", {**first, "rewardid": 48})
        again("snapshots", {**first, "name": "Ann", "location": "", "platform": "Web", "campaignname": "x", "couponcode": "C", "rewarded_date": "1-Apr-2015", "emailid": "new@example.com"})
        differs("the amount and a share", {**first, "amount": "11", "rewarddetails": [details[0], {**details[1], "amount": "6"}]}, "11")
        differs("its shares", {**first, "rewarddetails": [{**details[0], "amount": "4"}, {**details[1], "amount": "6"}]})
        differs("one of its details", {**first, "rewarddetails": [details[0], detail("5")]})
        differs("one detail less", {**first, "amount": "5", "rewarddetails": details[:1]}, "5")
        differs("the unit", {**first, "reward_unit": "Coins"}, unit="Coins")
        differs("the type", {**first, "reward_type": "Other"})
        another("distribution", {**first, "rewardid": "048"})
        another("campaign", {**first, "campaignid": "286"})
        another("person", {**first, "storeuserid": "s-3"})
        another("a name of another kind", {**first, "storeuserid": "", "userkey": "s-2"})

        plain = reward()
        expected = duplicate(reward_id(path, plain))
        send(group, "not distributed yet: known by its details", recorded(hook(path, plain, "10")), path, plain)
        for value in [ABSENT, None, "0", 0]:
            name = "absent" if value is ABSENT else dump(value)
            send(group, f"not distributed yet: {name}", expected, path, {**plain, "rewardid": value})
        body = {**plain, "rewarddetails": plain["rewarddetails"][::-1]}
        send(group, "not distributed yet: the other way round", expected, path, body)
        body = {**plain, "rewardid": reward_id(path, plain).rsplit("#")[-1]}
        another("an id like the digest of its details", body)
        shifted = [detail("5", "12"), detail("5", "3")]
        another("details 12 and 3", {**plain, "rewarddetails": shifted})
        shifted = [detail("5", "1"), detail("5", "23")]
        another("details 1 and 23", {**plain, "rewarddetails": shifted})

        for name, value in [("absent", ABSENT), ("null", None), ("empty", "")]:
            for field in ["campaignid", "reward_type", "reward_unit", "rewarddetails"]:
                send(group, f"{field} {name}", missing(field), path, {**reward(), field: value})
            body = {**reward(), **{field: value for field in NAMES}}
            send(group, f"every name {name}", missing("storeuserid"), path, body)
            body = reward(rewarddetails=[detail("5"), {"rewarddtlid": value, "amount": "5"}])
            send(group, f"a detail's id {name}", missing("rewarddetails[1].rewarddtlid"), path, body)
            for field in ["success", "growthhack", "rewarded_date", "expires", "couponcode", "name", "location", "platform"]:
                body = {**reward(), field: value}
                send(group, f"{field} {name}: nothing lost", recorded(hook(path, body, "10")), path, body)
        for name, value, field in [
            ("an object", {}, "rewarddetails"),
            ("text", "9339", "rewarddetails"),
            ("an empty array, not distributed", [], "rewarddetails"),
            ("with a number", [1], "rewarddetails[0]"),
            ("with null", [detail("10"), None], "rewarddetails[1]"),
            ("with an array", [[]], "rewarddetails[0]"),
            ("with an array for an id", [detail("10", [])], "rewarddetails[0].rewarddtlid"),
            ("with no amount", [detail("ten")], "rewarddetails[0].amount"),
        ]:
            send(group, f"rewarddetails {name}", malformed(field), path, reward(rewarddetails=value))
        body = reward(rewarddetails=[detail("5", "7"), detail("5", 7)])
        send(group, "one detail twice", repeated("rewarddetails[1].rewarddtlid"), path, body)
        body = reward(amount="1000", rewarddetails=[detail("1", 100000 + i) for i in range(100)] + [detail("900")])
        send(group, "a hundred details and one", recorded(hook(path, body, "1000")), path, body)


def forms(all):
    group = all.group("the forms and limits of the fields", KEYS)

    def takes(name, path=FRIEND, amount="20", friend=None, **change):
        body = conversion(party(**(friend or {})), **change)
        send(group, name, recorded(hook(path, body, amount)), path, body)

    def refuses(name, field, friend=None, **change):
        body = conversion(party(**(friend or {})), **change)
        send(group, name, malformed(field), FRIEND, body)

    for name, value in [
        ("a number", Raw("2832")),
        ("a leading zero", "002832"),
        ("a separator", "28#32"),
        *ADDRESSES,
        ("Unicode", "Kampagne № 1 😀"),
        ("320 characters", "c" * 320),
        ("320 characters of four bytes", "😀" * 320),
        ("40 digits", Raw("1234567890" * 4)),
    ]:
        takes(f"campaignid: {name}", campaignid=value)
        takes(f"storeuserid: {name}", friend={"storeuserid": value})
        takes(f"rewarddtlid: {name}", friend={"rewarddtlid": value})
    for name, value in [
        ("321 characters", "c" * 321),
        ("a number with a point", Raw("2.0")),
        ("a number with an exponent", Raw("2e3")),
        ("a negative number", -1),
        ("true", True),
        ("an array", ["1"]),
        ("an object", {}),
        ("a line feed", "a\nb"),
        ("NUL", "\0"),
        ("a C1 control", "a\x9fb"),
    ]:
        refuses(f"campaignid: {name}", "campaignid", campaignid=value)
        send(group, f"eventname: {name}", malformed("eventname"), REFERRAL, conversion(eventname=value))
        takes(f"eventname of a reward: {name}: it only describes", eventname=value)
        for field in NAMES + ["rewardid", "rewarddtlid", "reward_type", "reward_unit"]:
            if field not in NAMES and name in ("a negative number", "an object", "NUL"):
                continue
            refuses(f"friend.{field}: {name}", f"friend.{field}", friend={field: value})

    for value in ["True", "False", "true", "FALSE", True, False]:
        takes(f"reachedmaxlimit: {dump(value)}", friend={"reachedmaxlimit": value})
    for value in ["yes", "1", 1, "True ", [], "None"]:
        takes(f"reachedmaxlimit: {dump(value)}: nothing follows from it", friend={"reachedmaxlimit": value})
    for value in DATES:
        takes(f"dates: {dump(value)}", friend={"rewarded_date": value, "expires": value})
        body = reward(rewarded_date=value, expires=value, rewarddetails=[detail("10", rewarded_date=value)])
        send(group, f"dates of a whole: {dump(value)}", recorded(hook(REFERRER, body, "10")), REFERRER, body)
        body = conversion(party(rewarded_date=value), referrer=party(rewarded_date=value, expires=value))
        send(group, f"dates of a conversion: {dump(value)}", recorded(hook(REFERRAL, body)), REFERRAL, body)
    for name in ["extraInfo", "extrainfo"]:
        takes(f"{name}: URI-encoded", **{name: "a%3D1%26b%3D%25"})
        takes(f"{name}: long", **{name: "i" * 10_000})
        for value in [7, [], {}, True]:
            takes(f"{name}: {dump(value)}: it only describes", **{name: value})
    takes("both spellings", extraInfo="a", extrainfo="b")
    takes("campaignname: form-encoded", campaignname="mom+grocery%20%26+more")
    takes("what is not needed has no form", campaignname=7, message=[], growthhack={}, friend={"name": {}, "location": 1, "couponcode": [7]})
    body = conversion(party(storeuserid="s", userkey="k", participantid="p", emailid="e@example.com"))
    send(group, "the first name counts", recorded(hook(FRIEND, body, "20")), FRIEND, body)
    refuses("a later name is looked at all the same", "friend.emailid", friend={"emailid": Raw("1.5")})


def addresses(all):
    """`emailid` is an address by its name: hidden in ids whatever it looks like, and a user in one
    spelling. Ids are opaque, so that two spellings are two records, of which the ledger pays one."""
    group = all.group("addresses", KEYS)
    for email, user in [
        ("ann@example.com", "ann@example.com"),
        ("Ann@Example.COM", "ann@example.com"),
        ("ann%40example.com", "ann@example.com"),
        ("ann%2540example.com", "ann@example.com"),
        ("ann\uff20example.com", "ann@example.com"),
        (" ann@example.com ", "ann@example.com"),
        ("Ann", "ann"),
        ("1234", "1234"),
    ]:
        for path, body, amount in [
            (FRIEND, conversion(party(storeuserid=None, emailid=email)), "20"),
            (USER, reward(storeuserid="", emailid=email), "10"),
            (REFERRAL, conversion(party(storeuserid=None, emailid=email)), None),
        ]:
            expected = hook(path, body, amount)
            assert expected["item"]["user"] == user
            send(group, f"{email!r} to {path}", recorded(expected), path, body)
    body = conversion(party(storeuserid=None, emailid=" "))
    send(group, "a blank is no name", missing("friend.storeuserid"), FRIEND, body)
    for id in ["Ann@Example.com", "ann%40example.com"]:
        body = conversion(party(storeuserid=id))
        send(group, f"an id is opaque: {id}", recorded(hook(FRIEND, body, "20")), FRIEND, body)


DATES = [
    "3-Aug-2016",
    "3-Sept-2026",
    "10-June-2023",
    "2016-08-03",
    "2016-08-03T10:00:00Z",
    "1-Mar-2015 10:25:13",
    "3-Aug-2016 12:00 AM",
    "3-Aug-2016 ",
    "8/3/2016 12:00:00 AM",
    "31-Apr-2015",
    "3-Aug-16",
    "3 ao\u00fbt 2016",
    "today",
    "",
    None,
    3,
    [],
    {},
    True,
]
"""Nothing follows from a date."""


def amounts(all):
    group = all.group("amounts", KEYS)
    digits = "1234567890123456789012345678"
    for written, amount in [
        ("0", None),
        ("0.00", None),
        ("1", "1"),
        ("2.50", "2.50"),
        ("0.1", "0.1"),
        ("9007199254740993", "9007199254740993"),
        ("1.5e1", "15"),
        (digits, digits),
        ("0." + digits, "0." + digits),
    ]:
        for value in [written, Raw(written)]:
            body = conversion(party(amount=value))
            name = f"{'number' if isinstance(value, Raw) else 'text'} {written}"
            send(group, name, recorded(hook(FRIEND, body, amount)), FRIEND, body)
    for value in [ABSENT, None, ""]:
        name = "absent" if value is ABSENT else dump(value)
        body = conversion(party(amount=value, reward_unit=None, reward_type="Other"))
        send(group, f"{name}: a reward that is no sum", recorded(hook(FRIEND, body)), FRIEND, body)
        body = conversion(party(amount=value, reward_unit=None))
        send(group, f"{name}: credits without a sum", recorded(hook(FRIEND, body)), FRIEND, body)
    body = conversion(party(amount="10", reward_unit="%", reward_type="Coupon"))
    send(group, "a unit of its own", recorded(hook(FRIEND, body, "10", "%")), FRIEND, body)
    body = conversion(party(amount="10", reward_unit=None, reward_type="Coupon"))
    send(group, "a coupon without a unit", recorded(hook(FRIEND, body)), FRIEND, body)
    for value in ["-1", Raw("-0.01"), "ten", "1,000", "1 ", "+1", "$1", "NaN", "1" * 29, "1e29", True, [], {}]:
        body = conversion(party(amount=value))
        send(group, f"no amount: {dump(value)}", malformed("friend.amount"), FRIEND, body)
        body = reward(amount=value)
        send(group, f"no amount of a whole: {dump(value)}", malformed("amount"), REFERRER, body)


def held(all):
    group = all.group("what waits for a person", KEYS)

    def waits(name, why, path, body, amount):
        send(group, name, recorded(hook(path, body, amount, held=why)), path, body)

    for success in [False, "False", "false", "yes", "1", 1, "True ", [], "None"]:
        waits(f"no success: {dump(success)}", "not_successful", FRIEND, conversion(success=success), "20")
        waits(f"no success: {dump(success)}, a conversion", "not_successful", REFERRAL, conversion(success=success), None)
    for success in [True, "True", None, ABSENT]:
        name = "absent" if success is ABSENT else dump(success)
        waits(f"success: {name}", None, FRIEND, conversion(success=success), "20")
    for type in ["Cash", "instorecredits", "Coupon "]:
        body = conversion(party(reward_type=type))
        waits(f"a type that the page does not have: {type!r}", "unknown_reward_type", FRIEND, body, "20")
    for name, amount, shares, why in [
        ("5 + 5", "10", ["5", "5"], None),
        ("2.5 + 7.50", "10.00", [Raw("2.5"), "7.50"], None),
        ("0.1 + 0.2, exactly", "0.3", [Raw("0.1"), Raw("0.2")], None),
        ("5 + 4.99", "10", ["5", "4.99"], "sum_mismatch"),
        ("5 + 5.01", "10", ["5", "5.01"], "sum_mismatch"),
        ("10 alone", "20", ["10"], "sum_mismatch"),
        ("10 and nothing", "10", ["10", None], "sum_mismatch"),
        ("no shares", "10", [None, None], None),
    ]:
        for path in [REFERRER, USER]:
            body = reward(amount=amount, rewarddetails=[detail(share) for share in shares])
            waits(f"{name} of {amount}, to {path}", why, path, body, amount)
    body = reward(amount=None, rewarddetails=[detail("5"), detail("5")])
    waits("no amount, some shares", None, REFERRER, body, None)
    for path in [REFERRER, USER]:
        for value in [ABSENT, None, "", []]:
            name = "absent" if value is ABSENT else dump(value)
            body = reward(rewardid=fresh(), rewarddetails=value)
            waits(f"distributed, details {name}, to {path}", "no_details", path, body, "10")
            expected = duplicate(reward_id(path, body))
            send(group, f"the same again, details {name}, to {path}", expected, path, {**body, "location": "Pune"})
        for id in ["0", 0, "", None]:
            body = reward(rewardid=id, rewarddetails=[])
            expected = malformed("rewarddetails")
            send(group, f"not distributed ({dump(id)}), no details, to {path}", expected, path, body)


def secure_keys(all):
    group = all.group("secure keys", KEYS)
    body = conversion()
    id = reward_id(FRIEND, body)
    for name, sent in [
        ("wrong", keyed(body, "secure-key-0002")),
        ("truncated", keyed(body, SECRET[:-1])),
        ("longer", keyed(body, SECRET + "0")),
        ("with a space behind", keyed(body, SECRET + " ")),
        ("with a NUL behind", keyed(body, SECRET + "\0")),
        ("the second, decomposed", keyed(body, NEXT.replace("é", "e\u0301"))),
        ("a number", keyed(body, 1)),
        ("an array", keyed(body, [SECRET])),
        ("true", keyed(body, True)),
        ("null", keyed(body, None)),
        ("empty", keyed(body, "")),
        ("absent", body),
        ("another provider's", keyed(body, "test-claimr-secret")),
        ("the id of a key", keyed(body, "main")),
        ("a digest of it", keyed(body, hashlib.sha256(SECRET.encode()).hexdigest())),
        ("under another name", {"SecureKey": SECRET, **body}),
        ("below the top", {**body, "friend": keyed(body["friend"])}),
    ]:
        group.send(f"forged: {name}", unauthenticated(), FRIEND, sent)
    group.send("forged: in a header", unauthenticated(), FRIEND, body, headers=JSON + [["securekey", SECRET]])
    group.send("forged: in the query string", unauthenticated(), FRIEND, body, f"securekey={SECRET}")
    sent = {"securekey": "x", "campaignid": [], "a": Raw('{"b":1,"b":2}')}
    group.send("forged and malformed: nothing is learnt of the rules", unauthenticated(), FRIEND, sent)
    text = dump(keyed(body))
    for name, sent in [
        ("twice, alike", text[:-1] + f',"securekey":"{SECRET}"}}'),
        ("twice, first wrong", text.replace("{", '{"securekey":"x",', 1)),
        ("twice, once escaped", text[:-1] + ',"\\u0073ecurekey":"x"}'),
    ]:
        group.send(f"the key {name}", unauthenticated(), FRIEND, sent)
    group.send("forged, and a key twice", unauthenticated(), FRIEND, dump(keyed(body, "x"))[:-1] + ',"more":1,"more":1}')

    group.send("genuine", recorded(hook(FRIEND, body, "20")), FRIEND, keyed(body))
    group.send("genuine, sent last", duplicate(id), FRIEND, {**body, "securekey": SECRET})
    group.send("genuine, the other key", duplicate(id), FRIEND, keyed(body, NEXT))
    sent = {**body, "securekey": Raw('"secure-key-000\\u0031"')}
    group.send("genuine, escaped", duplicate(id), FRIEND, sent)
    body = conversion()
    expected = recorded(hook(FRIEND, body, "20", key_id="next"))
    group.send("the key that matched is noted", expected, FRIEND, keyed(body, NEXT))
    group.send("its name escaped, and it is not kept", duplicate(reward_id(FRIEND, body)), FRIEND, dump(body)[:-1] + f',"secure\\u006bey":"{SECRET}"}}')
    body = conversion()
    sent = dump(body)[:-1] + f',"secure\\u006bey":"{SECRET}"}}'
    expected = recorded(hook(FRIEND, body, "20", payload=body))
    group.send("its name escaped, and it is still not kept", expected, FRIEND, sent)
    body = conversion()
    sent = {**keyed(body), "SecureKey": "x", "more": {"securekey": "x", "a": [SECRET]}}
    expected = recorded(hook(FRIEND, body, "20", payload={**body, "more": {"a": ["[REDACTED]"]}}))
    group.send("in another case, below the top, as a value: it is not kept", expected, FRIEND, sent)


def bodies(all):
    group = all.group("bodies", KEYS)

    def takes(name, body, **how):
        send(group, name, recorded(hook(FRIEND, body, "20")), FRIEND, body, **how)

    text = dump(keyed(conversion()))
    whole = dump(keyed(reward()))
    for path, name, sent, expected in [
        (FRIEND, "campaignid twice", text[:-1] + ',"campaignid":"285"}', repeated("campaignid")),
        (FRIEND, "friend twice", text[:-1] + ',"friend":null}', repeated("friend")),
        (FRIEND, "friend twice, once escaped", text[:-1] + ',"fr\\u0069end":{}}', repeated("friend")),
        (FRIEND, "amount twice", text.replace('"amount":', '"amount":"1000","amount":'), repeated("amount")),
        (FRIEND, "an unknown key twice", text[:-1] + ',"more":1,"more":1}', repeated("more")),
        (FRIEND, "a key of the referrer's twice", text.replace('"referrer":null', '"referrer":{"a":1,"a":1}'), repeated("a")),
        (REFERRER, "a detail's amount twice", whole.replace('"amount":"5"', '"amount":"5","amount":"500"'), repeated("amount")),
        (USER, "rewarddetails twice", whole[:-1] + ',"rewarddetails":[]}', repeated("rewarddetails")),
    ]:
        group.send(name, expected, path, sent)
    takes("nested 20 deep", conversion(x=Raw("[" * 20 + "]" * 20)))
    send(group, "nested 20,000 deep", undecodable(), FRIEND, conversion(x=Raw("[" * 20000 + "]" * 20000)))
    send(group, "half a surrogate pair", undecodable(), FRIEND, conversion(x=Raw('"\\ud800"')))
    body = conversion(party(storeuserid=Raw('"\\u00e9"')))
    expected = hook(FRIEND, conversion({**body["friend"], "storeuserid": "é"}), "20", payload=body)
    send(group, "escapes stand for their characters", recorded(expected), FRIEND, body)
    for name, sent in [
        ("nothing", b""),
        ("an array", f"[{text}]"),
        ("null", "null"),
        ("a string", json.dumps(text)),
        ("cut off", text[:-1]),
        ("two objects", text + text),
        ("a byte order mark", "\ufeff" + text),
        ("no UTF-8", text.encode().replace(b"s-1", b"s-\xef")),
        ("a form", f"securekey={SECRET}&campaignid=285"),
    ]:
        group.send(f"no JSON object: {name}", not_json(), FRIEND, sent)

    for size, name in [(LARGEST_BODY - 1, "64 KiB - 1"), (LARGEST_BODY, "64 KiB")]:
        body = padded(keyed(conversion()), size)
        group.send(name, recorded(hook(FRIEND, body, "20")), FRIEND, body)
    body = padded(keyed(conversion()), LARGEST_BODY)
    group.send("64 KiB as base64", recorded(hook(FRIEND, body, "20")), FRIEND, body, headers=BINARY)
    for headers, name in [(JSON, "64 KiB + 1"), (BINARY, "64 KiB + 1 as base64")]:
        body = padded(keyed(conversion()), LARGEST_BODY + 1)
        group.send(name, too_large(), FRIEND, body, headers=headers)
    group.send("a large one is not even authenticated", too_large(), USER, "x" * 100_000)
    takes("another type of content", conversion(), headers=[["content-type", "text/plain"]])
    takes("the query string means nothing", conversion(), query="securekey=x&campaignid=1")


def routes(all):
    group = all.group("routes", KEYS)
    friend, whole = keyed(conversion()), keyed(reward())
    for path in KINDS:
        for method in ["GET", "PUT"]:
            group.send(f"{method} {path}", wrong_method("POST"), path, friend, method=method)
    for path in ["/appvirality", "/appvirality/referral", "/appvirality/referral/user-reward", "/appvirality/loyalty/friend-reward", f"{FRIEND}/"]:
        group.send(path, no_such_route(), path, friend)
    group.send("a friend's body as a referrer's", missing("rewarddetails"), REFERRER, friend)
    group.send("a referrer's body as a friend's", missing("friend"), FRIEND, whole)
    group.send("a referrer's body as a conversion", missing("eventname"), REFERRAL, whole)
    expected = recorded(hook(REFERRER, whole, "10"))
    group.send("one body as a referrer's", expected, REFERRER, whole)
    group.send("and as a user's is two rewards", recorded(hook(USER, whole, "10")), USER, whole)


def key_lists(all):
    for name, list in [
        ("no keys", {"keys": []}),
        ("an empty key", keys(empty="")),
        ("an empty key among others", keys(main=SECRET, empty="")),
        ("another form", {"keys": [SECRET]}),
    ]:
        group = all.group(f"key lists: {name}", list)
        group.send("with a key", unavailable(), FRIEND, keyed(conversion()))
        group.send("with an empty key", unauthenticated(), FRIEND, keyed(conversion(), ""))
