"""Signs a request that is otherwise ready to be sent."""

from signing import into_body


def sign(request, secret):
    into_body(request, "securekey", lambda _: secret)
