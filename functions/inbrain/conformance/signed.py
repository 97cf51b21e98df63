"""Signs a request that is otherwise ready to be sent."""

import hashlib

from signing import into_body, utf8, written


def sign(request, secret):
    def made_of(fields):
        parts = [fields[name] for name in ("PanelistId", "RewardId") if fields.get(name) is not None]
        if any(written(part) is None for part in parts):
            return None
        return hashlib.md5(utf8("".join(parts) + secret)).hexdigest()

    into_body(request, "Sig", made_of)
