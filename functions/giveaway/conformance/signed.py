"""Signs a request that is otherwise ready to be sent."""

import hashlib
import hmac

from signing import into_body, utf8, written


def sign(request, secret):
    def made_of(fields):
        names = [name for name in ("track_id", "event", "value", "remark") if fields.get(name) is not None]
        if any(written(fields[name]) is None for name in names):
            return None
        text = "&".join(f"{name}={fields[name]}" for name in names)
        return hmac.new(utf8(secret), utf8(text), hashlib.sha256).hexdigest()

    into_body(request, "sign", made_of)
