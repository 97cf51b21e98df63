"""sixth callbacks: HMAC-SHA256 over the body as it is, in a header."""

from itertools import count

from corpus import *

PATH = "/sixth/callbacks"
SECRET = "test-sixth-secret"
NEXT = "the next secret é"
KEYS = keys(main=SECRET, next=NEXT)
HEADER = "x-sixth-signature"

numbers = count(1)


def fields(**change):
    """A callback that no other case has."""
    return {"id": f"i-{next(numbers)}", "user": "u-1", "amount": "2.50", **change}


def points(fields, amount="2.50", **more):
    """What is stored of a callback that pays `amount`."""
    paid = {"amount": amount, "unit": "points"} if amount else {}
    return stored(key("sixth", "callback", fields["id"]), "points_earned", fields["user"], **paid, **more)


def send(group, name, expected, body, secret=SECRET, signature=None):
    signed = body if isinstance(body, (str, bytes)) else dump(body)
    signature = hmac_sha256(secret, signed).hex() if signature is None else signature
    group.send(name, expected, PATH, body, headers=JSON + [[HEADER, signature]])


def corpus():
    all = Corpus("sixth", [])
    outcomes(all)
    forms(all)
    forgeries(all)
    routes(all)
    return all


def outcomes(all):
    group = all.group("what becomes of a callback", KEYS)
    one = fields()
    send(group, "new", recorded(points(one)), one)
    send(group, "again", duplicate(points(one)["id"]), one)
    send(group, "again, its amount written otherwise", duplicate(points(one)["id"]), {**one, "amount": Raw("2.5")})
    more = {**one, "amount": "3"}
    send(group, "another amount", conflict(points(more, "3")), more)
    send(group, "the same conflict again", known_conflict(points(more)["id"]), more)
    other = {**one, "user": "u-2"}
    send(group, "another user", conflict(points(other)), other)
    rotated = fields()
    send(group, "signed with the other key", recorded(points(rotated, key_id="next")), rotated, NEXT)


def forms(all):
    group = all.group("what is read", KEYS)
    for amount in ("1", "0.01", "1e3", "12345678901234567890.12345678"):
        one = fields(amount=Raw(amount))
        paid = "1000" if amount == "1e3" else amount
        send(group, f"an amount of {amount}", recorded(points(one, paid)), one)
    nothing = fields(amount="0")
    send(group, "an amount of nothing pays nothing", recorded(points(nothing, "")), nothing)
    for name in ("id", "user", "amount"):
        send(group, f"without {name}", missing(name), fields(**{name: ABSENT}))
        send(group, f"{name} is null", missing(name), fields(**{name: None}))
        send(group, f"{name} is a list", malformed(name), fields(**{name: []}))
    send(group, "a negative amount", malformed("amount"), fields(amount="-1"))
    send(group, "a member twice", repeated("id"), '{"id":"a","id":"b","user":"u","amount":1}')
    send(group, "no JSON", not_json(), "points")


def forgeries(all):
    group = all.group("who is let in", KEYS)
    one = fields()
    send(group, "a secret that is nobody's", unauthenticated(), one, "a guess")
    send(group, "no signature", unauthenticated(), one, signature="")
    send(group, "the signature of another body", unauthenticated(), one, signature=hmac_sha256(SECRET, "{}").hex())
    group.send("no header", unauthenticated(), PATH, one)


def routes(all):
    group = all.group("routes", KEYS)
    group.send("another method", wrong_method("POST"), PATH, method="PUT")
    group.send("another path", no_such_route(), PATH + "/x")
