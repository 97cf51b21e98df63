"""What `conformance/signed.py` in a provider's folder signs a request with."""

import json


class Digits(str):
    """A number, as it is written: that is what is signed."""


def written(value):
    return value if isinstance(value, (str, Digits)) else None


def utf8(text):
    # Half a surrogate pair is no text, and is refused; here it has to be something.
    return text.encode("utf-8", "surrogatepass")


def into_body(request, name, made_of):
    """Puts a credential into a JSON body as the member `name`: what `made_of` makes of the others, or nothing."""
    try:
        body = json.loads(request.body or b"", parse_float=Digits, parse_int=Digits)
        plain = json.loads(request.body)
    except ValueError:
        return
    if not isinstance(body, dict):
        return
    credential = made_of(body)
    if credential is not None:
        # Written as it was, so that the digits stay those that are signed.
        plain.pop(name, None)
        digits = json.dumps(plain)
        body = json.loads(digits, parse_float=Digits, parse_int=Digits)
        request.prepare_body(json.dumps(plain | {name: made_of(body)}), None)
