"""Signs a request that is otherwise ready to be sent."""

import hashlib
import hmac

from signing import utf8


def sign(request, secret):
    body = request.body or b""
    body = utf8(body) if isinstance(body, str) else body
    request.headers["x-sixth-signature"] = hmac.new(utf8(secret), body, hashlib.sha256).hexdigest()
