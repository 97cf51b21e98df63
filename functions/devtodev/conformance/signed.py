"""Signs a request that is otherwise ready to be sent."""

from urllib.parse import urlencode, urlsplit, urlunsplit


def sign(request, secret):
    url = urlsplit(request.url)
    pairs = [pair for pair in url.query.split("&") if pair and pair.split("=")[0] != "apikey"]
    pairs.append(urlencode({"apikey": secret}))
    request.url = urlunsplit(url._replace(query="&".join(pairs)))
