"""What a page of another origin can do that the browser has open beside the console: nothing."""

import contextlib
import http.server
import json
import re
import threading
import urllib.request

from local import local
from pages import opened
from playwright.sync_api import expect

FAULT = {"provider": "giveaway", "status": 503, "times": 2}
# What a script gets of an address: the text, or that there was none.
READ = "url => fetch(url).then((answer) => answer.text(), () => null)"
# A request that a browser sends without asking whether it may.
SEND = "([url, text]) => fetch(url, {method: 'POST', mode: 'no-cors', body: text}).then(() => 'sent', () => 'not sent')"
LISTEN = """url => new Promise((done) => {
  const stream = new EventSource(url);
  stream.onopen = () => done("open");
  stream.onerror = () => done("refused");
})"""
SUBMIT = """([url, fields]) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = url;
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement("input");
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}"""
FRAME = """url => new Promise((done) => {
  const frame = document.createElement("iframe");
  frame.onload = done;
  frame.src = url;
  document.body.append(frame);
})"""


class Blank(http.server.BaseHTTPRequestHandler):
    """A page with nothing on it."""

    def do_GET(self):
        # The browser may have gone to another page meanwhile.
        with contextlib.suppress(ConnectionError):
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!DOCTYPE html><title>Stranger</title>")

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served():
    """A stranger's page, by a name that is the console's host (another origin of the same site) and by one that is
    not (another site)."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Blank) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield [f"http://{host}:{server.server_port}/" for host in ("127.0.0.1", "localhost")]
        server.shutdown()


def stolen(page, path):
    """The hidden fields of a page's first form, token included: what a stranger could at best know."""
    page.goto(path)
    hidden = page.locator("form[method=post]").first.locator("input[type=hidden]")
    return {field.get_attribute("name"): field.get_attribute("value") for field in hidden.all()}


def tell_stand_ins(bundle):
    """Does by a program what the stranger tries; the stand-ins obey."""
    content = json.dumps(FAULT).encode()
    headers = {"content-type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(f"{bundle.providers}/faults", content, headers)).close()


def cannot_read(page, bundle):
    for url in (f"{bundle.console}/requests.json", f"{bundle.console}/", f"{bundle.providers}/faults"):
        assert page.evaluate(READ, url) is None, url
    assert page.evaluate(LISTEN, f"{bundle.console}/events") == "refused"
    page.evaluate(FRAME, f"{bundle.console}/")
    framed = page.frames[-1]
    assert framed != page.main_frame and "Requests" not in framed.content(), framed.url


def cannot_submit(page, url, fields):
    """A form of the page's is refused, wherever it leads."""
    with page.expect_response(url) as answered:
        page.evaluate(SUBMIT, [url, fields])
    assert answered.value.status == 403, (url, answered.value.status)
    expect(page.locator("body")).to_contain_text(re.compile("Another page asks|Web pages are not answered"))
    page.go_back()


def neither_reads_nor_steers(browser):
    with local() as bundle, opened(browser, bundle) as own, served() as strangers:
        bundle.trigger("held")
        (held,) = bundle.requests()
        record = f"/records?id={held['record'].replace('#', '%23')}"
        forms = {"/requests/1/send": stolen(own, "/requests/1"), "/act": stolen(own, record) | {"reason": "mine now"}}
        # The console's own page may, so that it is not for another reason that the stranger may not.
        assert "inbrain" in own.evaluate(READ, "/requests.json") and own.evaluate(LISTEN, "/events") == "open"
        for address in strangers:
            with contextlib.closing(browser.new_page()) as page:
                page.goto(address)
                cannot_read(page, bundle)
                for path, fields in forms.items():
                    assert "token" in fields, (path, fields)
                    cannot_submit(page, f"{bundle.console}{path}", fields)
                cannot_submit(page, f"{bundle.providers}/faults", {"provider": "giveaway"})
                page.evaluate(SEND, [f"{bundle.providers}/faults", json.dumps(FAULT)])
                page.evaluate(SEND, [f"{bundle.console}/requests/1/send", f"token={forms['/act']['token']}"])
        assert bundle.requests() == [held] and bundle.faults() == []
        own.reload()
        expect(own.get_by_role("main")).to_contain_text("held")
        tell_stand_ins(bundle)
        assert bundle.faults() != []
