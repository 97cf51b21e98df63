"""The console of the deployed stack: the page that the operator's own rights make, on a port of this machine."""

import contextlib
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from places import BUILT, WORK
from processes import environment


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """What a form answers is looked at, and not followed."""

    def redirect_request(self, *_):
        return None


class Console:
    """The page of a stack."""

    def __init__(self, url, key):
        self.url = url
        cookies = urllib.request.HTTPCookieProcessor()
        self.opener = urllib.request.build_opener(NoRedirect, cookies)
        assert self.ask("/")[0] == 403
        assert self.ask(f"/?key={key}")[0] == 303

    def ask(self, path, form=None):
        """Status and text of a page, or of what a form is answered."""
        body = None if form is None else urllib.parse.urlencode(form).encode()
        try:
            with self.opener.open(self.url + path, body, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def get(self, path):
        status, text = self.ask(path)
        assert status == 200, (path, status, text)
        return text

    def record(self, id):
        return self.get("/records?" + urllib.parse.urlencode({"id": id}))


@contextlib.contextmanager
def console(endpoint, stack):
    """The page of `stack` until the end of the `with`."""
    command = [BUILT / "callbacks", "console", "--stack", stack, "--console-port", "0", "--since", "24h"]
    with (WORK / "console.log").open("w") as errors:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": errors}
        process = subprocess.Popen(command, env=environment(endpoint), text=True, **pipes)
    try:
        # It ends, and its output with it, where there is no page.
        said = process.stdout.readline()
        address = re.match(r"Console +(http://127\.0\.0\.1:\d+)/\?key=(\w+) ", said)
        assert address, (said, (WORK / "console.log").read_text())
        yield Console(*address.groups())
    finally:
        process.terminate()
        process.wait(20)


def accept(page, stack, id, caller):
    """Accepts the record `id`, where that is confirmed for `stack` alone; it is kept who did it."""
    token = re.search(r'name="token" value="([0-9a-f]+)"', page.record(id))[1]
    order = {"token": token, "act": "accept", "id": id, "reason": "paid by hand before"}
    for unconfirmed in ({}, {"stack": "another"}, {"stack": stack, "token": "0" * 32}):
        status, text = page.ask("/act", order | unconfirmed)
        assert status in (403, 422), (status, text)
    assert "accepted by" not in page.record(id)
    status, text = page.ask("/act", order | {"stack": stack})
    assert status == 303, (status, text)
    assert f"accepted by {caller}: paid by hand before" in page.record(id)


def look(page, recorded):
    """What the list has: requests that were recorded, and those that were refused, of which there is no record."""
    for outcome in ("recorded", "duplicate", "conflict", "not proved", "refused"):
        rows = page.get("/?" + urllib.parse.urlencode({"outcome": outcome})).count("<tr class=")
        assert rows > 0, outcome
    refused = page.get("/?outcome=not+proved&provider=inbrain")
    number = re.search(r'href="(/requests/\d+)"', refused)[1]
    assert "<strong>proved</strong> (it stopped here)" in page.get(number)
    way = page.record(recorded)
    assert "As they are logged, the last one first" in way and "<td>settled</td>" in way, way
    # What is for one machine alone is not there.
    assert page.ask("/try")[0] == 404
