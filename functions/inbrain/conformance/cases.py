"""inBrain survey callbacks: MD5 over `PanelistId`, `RewardId` and the secret."""

from decimal import Decimal
from itertools import count

from corpus import *

SUCCESS = "/inbrain/success"
FAILURE = "/inbrain/failure"
SECRET = "test-callback-secret"
NEXT = "secret número 2"
KEYS = keys(main=SECRET, next=NEXT)

numbers = count(1)


def fresh():
    """A reward id that no other case has."""
    return f"c55b3483-5755-42f8-9bc5-{next(numbers):012}"


def survey(**change):
    return {
        "PanelistId": "user-7",
        "RewardType": "survey_completed",
        "RewardId": fresh(),
        "Reward": 100,
        "SessionId": "s-1",
        "RevenueAmount": Raw("1.00"),
        "IsTest": False,
        **change,
    }


def offer(type="offer_completed", **change):
    """As the provider's other pages show one, without `IsTest`."""
    return {
        "OfferId": 12345,
        "OfferGoalId": None,
        "OfferTitle": "Reach level 7",
        "PanelistId": "user-7",
        "RewardType": type,
        "RewardId": fresh(),
        "Reward": Raw("2.50"),
        "RevenueAmount": Raw("5.75"),
        "ClientId": "c-1",
        "Timestamp": "2025-06-25T14:00:00Z",
        **change,
    }


def sign(body, secret=SECRET):
    """What is absent or null adds nothing."""
    parts = (body.get(name, ABSENT) for name in ("PanelistId", "RewardId"))
    return md5("".join(str(part) for part in parts if part not in (ABSENT, None)) + secret)


def signed(body, secret=SECRET):
    return {"Sig": sign(body, secret), **body}


def identity(body):
    """Everything that pays for one reward id is one callback, and so are its tests; clicks and reversals
    have records of their own."""
    what = {"offer_clicked": "click", "offer_completion_reversed": "reversal"}
    return key("inbrain", what.get(body["RewardType"], "reward"), body["RewardId"])


def callback(body, amount="100", user="user-7", **more):
    """What is stored of a callback."""
    reward = {"amount": amount, "unit": "IAC"} if amount else {}
    test = body.get("IsTest") is True
    return stored(identity(body), body["RewardType"], user, test=test, **reward, **more)


def over_cap(amount):
    """Why a person has to look at an amount where nobody chose a cap."""
    return "over_cap" if amount and Decimal(amount) > 10_000 else None


def corpus():
    all = Corpus("inbrain", ["Sig", "Signature"])
    published(all)
    outcomes(all)
    types(all)
    captured(all)
    reversals(all)
    goals(all)
    forms(all)
    caps(all)
    signatures(all)
    bodies(all)
    routes(all)
    key_lists(all)
    return all


def published(all):
    """The examples of the provider's page. The `Sig` that is printed there is a placeholder; the one
    here is by `printf %s%s%s PANELIST REWARD test-callback-secret | md5sum`."""
    panelist = "6a8c5d53-d8bf-4a3e-ba54-460d00f5caa0"
    completed = {
        "Sig": "3b1efa474a83845091a8fcdaf52094a0",
        "PanelistId": panelist,
        "RewardType": "survey_completed",
        "RewardId": "c55b3483-5755-42f8-9bc5-5c185862e35a",
        "Reward": 100,
        "SessionId": "custom_session_value",
        "RevenueAmount": Raw("1.00"),
        "IsTest": False,
    }
    disqualified = {
        **completed,
        "RewardType": "survey_disqualified",
        "Reward": 2,
        "RevenueAmount": Raw("0.02"),
    }
    group = all.group("the provider's example of a completed survey", KEYS)
    group.send("with a genuine signature", recorded(callback(completed, user=panelist)), SUCCESS, completed)
    body = {**completed, "Sig": "cd917216cb4cb02648bb96ac77760269"}
    group.send("with its placeholder", unauthenticated(), SUCCESS, body)
    group.send(
        "the other example, under the same id",
        conflict(callback(disqualified, "2", panelist)),
        FAILURE,
        disqualified,
    )
    group = all.group("the provider's example of a disqualification", KEYS)
    expected = recorded(callback(disqualified, "2", panelist))
    group.send("with a genuine signature", expected, FAILURE, disqualified)


def outcomes(all):
    group = all.group("recorded, duplicate, conflict", KEYS)
    first = survey()
    id = identity(first)

    def again(name, body, secret=SECRET):
        group.send(name, duplicate(id), SUCCESS, signed(body, secret))

    def differs(name, change, amount="100", user="user-7", path=SUCCESS):
        body = {**first, **change}
        expected = conflict(callback(body, amount, user, held=over_cap(amount)))
        group.send(f"conflict: {name}", expected, path, signed(body))

    group.send("first", recorded(callback(first)), SUCCESS, signed(first))
    again("again", first)
    again("under another of the keys", first, NEXT)
    for name, change in [
        ("another session", {"SessionId": "s-2"}),
        ("no session", {"SessionId": ABSENT}),
        ("the reward as text", {"Reward": "100"}),
        ("the reward with decimals", {"Reward": Raw("100.00")}),
        ("the reward with an exponent", {"Reward": Raw("1e2")}),
        ("the revenue's spelling", {"RevenueAmount": "1"}),
        ("unknown fields", {"Mid": "m", "UniqueSurveyId": None, "ClientId": "c", "Timestamp": "2025"}),
        ("the deprecated signature", {"Signature": "ff" * 32}),
    ]:
        again(f"what is no part of it may differ: {name}", {**first, **change})
    differs("the panelist", {"PanelistId": "user-8"}, user="user-8")
    differs("another amount, as whoever has seen a call could send", {"Reward": 100000}, "100000")
    differs("no amount", {"Reward": 0}, None)
    differs("the revenue", {"RevenueAmount": Raw("1.01")})
    differs("another type", {"RewardType": "profiler_completed"})
    differs("another type, by hand", {"RewardType": "ad_hoc"})
    differs("an offer", {"RewardType": "offer_completed"})
    differs("a disqualification", {"RewardType": "survey_disqualified"}, path=FAILURE)
    body = {**first, "Reward": 100000}
    group.send("the same conflict again is put aside once", known_conflict(id), SUCCESS, signed(body))
    again("the first is still the first", first)
    differs("a test", {"IsTest": True})
    for name, type in [("a click", "offer_clicked"), ("a reversal", "offer_completion_reversed")]:
        body = {**first, "RewardType": type}
        name = f"one reward id has its own record for {name}"
        group.send(name, recorded(callback(body, None)), SUCCESS, signed(body))
        group.send(f"{name}, once", duplicate(identity(body)), SUCCESS, signed(body))
        body = {**body, "IsTest": True}
        group.send(f"{name}, but for a test of it", conflict(callback(body, None)), SUCCESS, signed(body))
    body = survey()
    expected = recorded(callback(body, key_id="next"))
    group.send("the key that matched is noted", expected, SUCCESS, signed(body, NEXT))


def types(all):
    group = all.group("types and routes", KEYS)
    for type, path, other in [
        ("survey_completed", SUCCESS, FAILURE),
        ("profiler_completed", SUCCESS, FAILURE),
        ("ad_hoc", SUCCESS, FAILURE),
        ("survey_disqualified", FAILURE, SUCCESS),
    ]:
        body = survey(RewardType=type)
        group.send(f"{type} on the other route", malformed("RewardType"), other, signed(body))
        group.send(type, recorded(callback(body)), path, signed(body))
    for type, amount in [
        ("offer_completed", "2.50"),
        ("offer_clicked", None),
        ("offer_completion_reversed", None),
    ]:
        body = offer(type)
        group.send(f"{type} on the other route", malformed("RewardType"), FAILURE, signed(body))
        group.send(type, recorded(callback(body, amount)), SUCCESS, signed(body))
        body = offer(type, IsTest=None)
        group.send(f"{type}, IsTest null", recorded(callback(body, amount)), SUCCESS, signed(body))
        body = offer(type, IsTest=True)
        group.send(f"{type}, a test", recorded(callback(body, amount)), SUCCESS, signed(body))
    body = survey(RewardType="survey_disqualified", Reward=0, RevenueAmount=0)
    group.send("a disqualification without a reward", recorded(callback(body, None)), FAILURE, signed(body))
    for type in ["survey_started", "Survey_Completed", "survey_completed ", "", 1, ["ad_hoc"]]:
        for path in [SUCCESS, FAILURE]:
            group.send(f"{type!r} to {path}", malformed("RewardType"), path, signed(survey(RewardType=type)))
    for type in [ABSENT, None]:
        body = signed(survey(RewardType=type))
        name = "null" if type is None else "absent"
        group.send(f"type {name}", missing("RewardType"), SUCCESS, body)


def captured(all):
    """What whoever has seen one call can make of its `Sig`, which covers neither type nor amount nor the
    flag of a test."""
    group = all.group("a call that was captured", KEYS)

    def forged_from(name, seen, amount, *later):
        expected = recorded(callback(seen, amount))
        group.send(f"{name}: as it was sent", expected, SUCCESS, signed(seen))
        for what, change, amount in later:
            body = {**seen, **change}
            expected = conflict(callback(body, amount, held=over_cap(amount)))
            group.send(f"{name}: {what}", expected, SUCCESS, signed(body))

    paid, small = {"IsTest": False, "Reward": 1000000}, {"IsTest": False}
    forged_from(
        "a test",
        survey(IsTest=True, Reward=1),
        "1",
        ("as a payment of a million", paid, "1000000"),
        ("as a payment of as much", small, "1"),
        ("as a payment of another type", {**small, "RewardType": "ad_hoc"}, "1"),
        ("as an offer", {**small, "RewardType": "offer_completed"}, "1"),
    )
    forged_from("a payment", survey(), "100", ("as a test", {"IsTest": True}, "100"))
    forged_from("a second test", survey(IsTest=True), "100", ("as another test", {"Reward": 5}, "5"))

    click = offer("offer_clicked", Reward=0)
    expected = recorded(callback(click, None))
    group.send("a click: as it was sent", expected, SUCCESS, signed(click))
    body = {**click, "RewardType": "offer_completed", "Reward": 1000000}
    expected = recorded(callback(body, "1000000", held="over_cap"))
    group.send("a click: as a completion of a million", expected, SUCCESS, signed(body))
    body = {**click, "RewardType": "offer_completed", "Reward": Raw("2.50")}
    expected = conflict(callback(body, "2.50"))
    group.send("a click: the genuine completion behind it", expected, SUCCESS, signed(body))


def reversals(all):
    """Nothing follows from a reversal's amounts, whose sign is published nowhere."""
    group = all.group("the amounts of a reversal", KEYS)
    for name, value in [
        ("above zero", Raw("2.50")),
        ("below zero", Raw("-2.50")),
        ("below zero, as text", "-2.50"),
        ("zero", 0),
        ("null", None),
        ("absent", ABSENT),
        ("an empty text", ""),
        ("a word", "n/a"),
        ("more than an amount can hold", Raw("1" * 40)),
    ]:
        for field in ["Reward", "RevenueAmount"]:
            body = offer("offer_completion_reversed", **{field: value})
            group.send(f"{field}: {name}", recorded(callback(body, None)), SUCCESS, signed(body))
            group.send(f"{field}: {name}, again", duplicate(identity(body)), SUCCESS, signed(body))
    body = offer("offer_completion_reversed", Reward=None, RevenueAmount=None)
    group.send("both null", recorded(callback(body, None)), SUCCESS, signed(body))
    again = {n: v for n, v in body.items() if v is not None}
    group.send("both absent is the same", duplicate(identity(body)), SUCCESS, signed(again))
    again = {**body, "Reward": Raw("-2.5")}
    group.send("conflict: an amount behind none", conflict(callback(again, None)), SUCCESS, signed(again))
    for type in ["offer_completed", "offer_clicked"]:
        for name, value, expected in [
            ("below zero", Raw("-2.50"), malformed),
            ("null", None, missing),
            ("absent", ABSENT, missing),
        ]:
            for field in ["Reward", "RevenueAmount"]:
                body = signed(offer(type, **{field: value}))
                group.send(f"{type}, {field}: {name}", expected(field), SUCCESS, body)


def goals(all):
    group = all.group("the goals of an offer", KEYS)
    for type, amount in [
        ("offer_completed", "2.50"),
        ("offer_clicked", None),
        ("offer_completion_reversed", None),
    ]:
        first = offer(type, OfferGoalId=7)
        group.send(f"{type}: one", recorded(callback(first, amount)), SUCCESS, signed(first))
        group.send(f"{type}: again", duplicate(identity(first)), SUCCESS, signed(first))
        body = {**first, "OfferGoalId": "7"}
        group.send(f"{type}: as text", duplicate(identity(first)), SUCCESS, signed(body))
        for name, goal in [("another", 8), ("a leading zero", "07"), ("none", None)]:
            body = {**first, "OfferGoalId": goal}
            group.send(f"conflict: {type}: {name}", conflict(callback(body, amount)), SUCCESS, signed(body))
        body = offer(type)
        group.send(f"{type}: null", recorded(callback(body, amount)), SUCCESS, signed(body))
        body = {**body, "OfferGoalId": ABSENT}
        group.send(f"{type}: absent is the same", duplicate(identity(body)), SUCCESS, signed(body))
    for goal in [True, [7], {}]:
        body = signed(offer(OfferGoalId=goal))
        group.send(f"no goal: {dump(goal)}", malformed("OfferGoalId"), SUCCESS, body)
    body = survey(OfferGoalId=[7])
    group.send("a survey has none", recorded(callback(body)), SUCCESS, signed(body))
    body = {**body, "OfferGoalId": 8}
    group.send("a survey has none, again", duplicate(identity(body)), SUCCESS, signed(body))


def forms(all):
    # Without a cap, so that an amount's digits are all that is looked at.
    group = all.group("the forms and limits of the fields", KEYS, {"MAX_REWARD": ""})

    def takes(name, amount="100", user="user-7", **change):
        body = survey(**change)
        group.send(name, recorded(callback(body, amount, user)), SUCCESS, signed(body))

    def refuses(name, expected, **change):
        group.send(name, expected, SUCCESS, signed(survey(**change)))

    takes("PanelistId: an address", user="ann@example.com", PanelistId="ann@example.com")
    takes("PanelistId: 256 characters", user="p" * 256, PanelistId="p" * 256)
    takes("PanelistId: Unicode", user="名前 é 😀", PanelistId="名前 é 😀")
    takes("PanelistId: a leading zero", user="007", PanelistId="007")
    for name, value, expected in [
        ("absent", ABSENT, missing),
        ("null", None, missing),
        ("empty", "", malformed),
        ("a number", 7, malformed),
        ("257 characters", "p" * 257, malformed),
        ("NUL", "user\0", malformed),
        ("a line feed", "user\n7", malformed),
    ]:
        refuses(f"PanelistId: {name}", expected("PanelistId"), PanelistId=value)
    for name in ["PanelistId", "RewardId"]:
        for value in [True, ["user-7"], {}]:
            body = survey(**{name: value})
            rest = {n: v for n, v in body.items() if n != name}
            body = {"Sig": sign(rest), **body}
            group.send(f"{name}: {dump(value)} has no signed form", unauthenticated(), SUCCESS, body)

    takes("RewardId: upper case", RewardId="C55B3483-5755-42F8-9BC5-ABCDEFABCDEF")
    takes("RewardId: lower case is another", RewardId="c55b3483-5755-42f8-9bc5-abcdefabcdef")
    for name, value, expected in [
        ("absent", ABSENT, missing),
        ("null", None, missing),
        ("empty", "", malformed),
        ("a number", 55, malformed),
        ("without hyphens", "c55b3483575542f89bc55c185862e35a", malformed),
        ("in braces", "{c55b3483-5755-42f8-9bc5-5c185862e35a}", malformed),
        ("hyphens elsewhere", "c55b34835-755-42f8-9bc5-5c185862e35a", malformed),
        ("no hex", "c55b3483-5755-42f8-9bc5-5c185862e35g", malformed),
        ("36 bytes, 35 characters", "c55b3483-5755-42f8-9bc5-5c185862e3é", malformed),
        ("a space before", " c55b3483-5755-42f8-9bc5-5c185862e35", malformed),
        ("a line feed behind", "c55b3483-5755-42f8-9bc5-5c185862e35\n", malformed),
    ]:
        refuses(f"RewardId: {name}", expected("RewardId"), RewardId=value)

    digits = "1234567890123456789012345678"
    for written, amount in [
        ("0", None),
        ("0.00", None),
        ("-0", None),
        ("0.1", "0.1"),
        ("12.50", "12.50"),
        ("9007199254740993", "9007199254740993"),
        ("9007199254740.993", "9007199254740.993"),
        ("1.5e1", "15"),
        (digits, digits),
        ("0." + digits, "0." + digits),
    ]:
        takes(f"Reward: number {written}", amount, Reward=Raw(written))
        takes(f"Reward: text {written}", amount, Reward=written)
    takes("RevenueAmount: zero", RevenueAmount=0)
    takes("RevenueAmount: text", RevenueAmount="0.35")
    takes("RevenueAmount: 28 decimals", RevenueAmount=Raw("0." + digits))
    for name in ["Reward", "RevenueAmount"]:
        for absent in [ABSENT, None]:
            refuses(f"{name}: {'null' if absent is None else 'absent'}", missing(name), **{name: absent})
        for value in ["", " ", "12 ", "1,5", "+1", "0x1", "-1", Raw("-0.01"), True, [], {}, "NaN"]:
            refuses(f"{name}: {dump(value)}", malformed(name), **{name: value})
        for value in ["1" * 29, "0." + "0" * 28 + "1", "1e29", "1e-29", "1e999999999"]:
            refuses(f"{name}: {value}, more than an amount can hold", malformed(name), **{name: Raw(value)})

    takes("IsTest: true", IsTest=True)
    for absent in [ABSENT, None]:
        refuses(f"IsTest: {'null' if absent is None else 'absent'}", missing("IsTest"), IsTest=absent)
    for value in ["true", "false", "", 0, 1, []]:
        refuses(f"IsTest: {dump(value)}", malformed("IsTest"), IsTest=value)
    body = offer(IsTest="false")
    group.send("IsTest: text in an offer", malformed("IsTest"), SUCCESS, signed(body))

    takes("SessionId: absent", SessionId=ABSENT)
    takes("SessionId: null", SessionId=None)
    takes("SessionId: empty", SessionId="")
    takes("SessionId: 5,000 characters", SessionId="s" * 5000)
    for value in [7, True, ["s"], {"s": 1}, "s\0"]:
        takes(f"SessionId: {dump(value)} says nothing that anything follows from", SessionId=value)


def caps(all):
    group = all.group("a cap of 100", KEYS, {"MAX_REWARD": "100.00"})
    for name, amount, held, change in [
        ("below it", "99.99", None, {}),
        ("at it", "100", None, {}),
        ("above it", "100.01", "over_cap", {}),
        ("far above it", "1" * 28, "over_cap", {}),
        ("above it, as text", "101", "over_cap", {"Reward": "101"}),
        ("above it, a test", "101", None, {"IsTest": True}),
    ]:
        body = survey(**{"Reward": Raw(amount), **change})
        group.send(name, recorded(callback(body, amount, held=held)), SUCCESS, signed(body))
    body = survey(RewardType="survey_disqualified", Reward=101)
    group.send("above it, on the other route", recorded(callback(body, "101", held="over_cap")), FAILURE, signed(body))
    for type in ["offer_clicked", "offer_completion_reversed"]:
        body = survey(RewardType=type, Reward=101)
        group.send(f"above it, nothing paid: {type}", recorded(callback(body, None)), SUCCESS, signed(body))
    group = all.group("the cap where nobody chose one", KEYS)
    for amount in ["10000", "10000.01", "1000000"]:
        body = survey(Reward=Raw(amount))
        expected = recorded(callback(body, amount, held=over_cap(amount)))
        group.send(amount, expected, SUCCESS, signed(body))
    for cap, held in [("", None), ("0", "over_cap")]:
        group = all.group(f"a cap of {cap or 'nothing'}", KEYS, {"MAX_REWARD": cap})
        body = survey(Reward=Raw("0.01"))
        group.send("a cent", recorded(callback(body, "0.01", held=held)), SUCCESS, signed(body))
        body = survey(Reward=0)
        group.send("nothing", recorded(callback(body, None)), SUCCESS, signed(body))


def signatures(all):
    group = all.group("signatures", KEYS)
    body = survey()
    panelist, reward = body["PanelistId"], body["RewardId"]
    genuine = sign(body)
    for name, sig in [
        ("absent", ABSENT),
        ("null", None),
        ("empty", ""),
        ("a number", 12),
        ("an array", [genuine]),
        ("truncated by a byte", genuine[:-2]),
        ("truncated by a digit", genuine[:-1]),
        ("longer by a byte", genuine + "00"),
        ("with a space before", " " + genuine),
        ("one bit off", ("0" if genuine[0] != "0" else "1") + genuine[1:]),
        ("base64", base64.b64encode(bytes.fromhex(genuine)).decode()),
        ("a float that a loose comparison takes for zero", "0e462097431906509019562988736854"),
        ("under another key", sign(body, "test-callback-secre")),
        ("under another provider's key", sign(body, "test-claimr-secret")),
        ("under an empty key", sign(body, "")),
        ("under the id of the key", sign(body, "main")),
        ("of another reward", sign({**body, "RewardId": fresh()})),
        ("of another panelist", sign({**body, "PanelistId": "user-8"})),
        ("of the fields the other way round", md5(reward + panelist + SECRET)),
        ("with the secret first", md5(SECRET + panelist + reward)),
        ("with separators", md5(f"{panelist}|{reward}|{SECRET}")),
        ("of the panelist alone", md5(panelist + SECRET)),
        ("of the reward alone", md5(reward + SECRET)),
        ("of the secret alone", md5(SECRET)),
        ("of the body", md5(dump(body) + SECRET)),
        ("HMAC-MD5", hmac_sha256(SECRET, panelist + reward, "md5").hex()),
        ("SHA-256", hashlib.sha256(to_bytes(panelist + reward + SECRET)).hexdigest()),
    ]:
        group.send(f"forged: {name}", unauthenticated(), SUCCESS, {"Sig": sig, **body})
    group.send("forged: under another name", unauthenticated(), SUCCESS, {"sig": genuine, **body})
    group.send("forged: as the deprecated one", unauthenticated(), SUCCESS, {"Signature": genuine, **body})
    sent = {"Sig": "0" * 32, "PanelistId": "", "Reward": "-1", "x": Raw('{"a":1,"a":2}')}
    group.send("forged and malformed: nothing is learnt of the rules", unauthenticated(), SUCCESS, sent)

    for name, parts in [
        ("one character to the left", (panelist + reward[0], reward[1:])),
        ("one character to the right", (panelist[:-1], panelist[-1] + reward)),
        ("a group to the left", (panelist + reward[:9], reward[9:])),
        ("all to the right", ("", panelist + reward)),
        ("all to the left", (panelist + reward, "")),
    ]:
        sent = {"Sig": genuine, **body, "PanelistId": parts[0], "RewardId": parts[1]}
        assert sign(sent) == genuine
        field = "PanelistId" if not parts[0] else "RewardId"
        group.send(f"the boundary shifted: {name}", malformed(field), SUCCESS, sent)

    group.send("genuine, upper case", recorded(callback(body)), SUCCESS, {"Sig": genuine.upper(), **body})
    sig = genuine[:16].upper() + genuine[16:]
    group.send("genuine, mixed case", duplicate(identity(body)), SUCCESS, {"Sig": sig, **body})
    group.send("genuine, sent last", duplicate(identity(body)), SUCCESS, {**body, "Sig": genuine})


def bodies(all):
    group = all.group("bodies", KEYS)

    def takes(name, body, **how):
        group.send(name, recorded(callback(body)), SUCCESS, signed(body), **how)

    good = survey()
    text = dump(signed(good))
    for name, sent, expected in [
        ("Sig twice", text[:-1] + ',"Sig":"00"}', unauthenticated()),
        ("PanelistId twice", text[:-1] + ',"PanelistId":"user-7"}', unauthenticated()),
        ("RewardId twice, once escaped", text[:-1] + ',"Reward\\u0049d":"x"}', unauthenticated()),
        ("Reward twice", text[:-1] + ',"Reward":1000}', repeated("Reward")),
        ("IsTest twice", text[:-1] + ',"IsTest":true}', repeated("IsTest")),
        ("an unknown key twice", text[:-1] + ',"more":1,"more":1}', repeated("more")),
        ("a key twice, deeper", text[:-1] + ',"x":{"y":[{"a":1,"a":1}]}}', repeated("a")),
    ]:
        group.send(name, expected, SUCCESS, sent)
    takes("a Sig below the top or in another case is not kept", survey(x={"Sig": "00", "y": [{"signature": 1}]}, SIG="00"))
    group.send("a key twice, forged", unauthenticated(), SUCCESS, text[:-1].replace(sign(good), "0" * 32) + ',"more":1,"more":1}')
    takes("nested 20 deep", survey(x=Raw("[" * 20 + "]" * 20)))
    deep = dump(signed(survey(x=Raw('{"a":' * 5000 + "1" + "}" * 5000))))
    group.send("nested 5,000 deep", undecodable(), SUCCESS, deep)
    group.send("half a surrogate pair", undecodable(), SUCCESS, dump(signed(survey(x=Raw('"\\ud800\\ud800"')))))
    body = survey()
    sent = {"Sig": sign({**body, "PanelistId": "é😀"}), **body, "PanelistId": Raw('"\\u00E9\\ud83d\\ude00"')}
    payload = {n: v for n, v in sent.items() if n != "Sig"}
    expected = recorded(callback(body, user="é😀", payload=payload))
    group.send("escapes stand for their characters", expected, SUCCESS, sent)

    for name, sent in [
        ("nothing", b""),
        ("an array", f"[{text}]"),
        ("null", "null"),
        ("a string", json.dumps(text)),
        ("cut off", text[:-1]),
        ("two objects", text + text),
        ("a byte order mark", "\ufeff" + text),
        ("UTF-16", text.encode("utf-16-le")),
        ("no UTF-8", text.encode().replace(b"user-7", b"user-\xff")),
        ("a form", "Sig=00&PanelistId=user-7"),
    ]:
        group.send(f"no JSON object: {name}", not_json(), SUCCESS, sent)

    takes("64 KiB - 1", survey(pad="x" * (LARGEST_BODY - 1 - len(dump(signed(survey(pad="")))))))
    takes("64 KiB", survey(pad="x" * (LARGEST_BODY - len(dump(signed(survey(pad="")))))))
    group.send("64 KiB + 1", too_large(), SUCCESS, padded(signed(survey()), LARGEST_BODY + 1))
    body = padded(signed(survey()), LARGEST_BODY)
    group.send("64 KiB as base64", recorded(callback(body)), SUCCESS, body, headers=BINARY)
    body = padded(signed(survey()), LARGEST_BODY + 1)
    group.send("64 KiB + 1 as base64", too_large(), SUCCESS, body, headers=BINARY)
    group.send("a large one is not even authenticated", too_large(), FAILURE, "x" * 100_000)
    takes("another type of content", survey(), headers=[["content-type", "text/plain"]])
    takes("the query string means nothing", survey(), query="Sig=x&IsTest=true")


def routes(all):
    group = all.group("routes", KEYS)
    for path in [SUCCESS, FAILURE]:
        for method in ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"]:
            group.send(f"{method} {path}", wrong_method("POST"), path, signed(survey()), method=method)
    for path in ["/inbrain", "/inbrain/", "/inbrain/success/", "/inbrain/Success", "/inbrain/callback"]:
        group.send(path, no_such_route(), path, signed(survey()))


def key_lists(all):
    for name, list in [
        ("no keys", {"keys": []}),
        ("an empty key", keys(empty="")),
        ("an empty key among others", keys(main=SECRET, empty="")),
        ("another form", {"keys": {"main": SECRET}}),
    ]:
        group = all.group(f"key lists: {name}", list)
        for secret in [SECRET, ""]:
            group.send(f"signed with {secret!r}", unavailable(), SUCCESS, signed(survey(), secret))
