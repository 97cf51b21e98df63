"""Whatever somebody sent is text: it is read as it is, and does nothing. The pages' policy is off for this, so that it is
the pages and not the browser that keep scripts from running; that the policy would is a check of its own."""

import contextlib
import html
from urllib.parse import quote

from local import local
from pages import opened
from playwright.sync_api import expect

SCRIPT = "<script>pwned=1</script>"
IMAGE = '"><img src=x onerror="pwned=2;alert(2)">'
ADDRESS = "javascript:pwned=3"
# What follows is written from right to left, up to the end of the text.
REVERSED = "abc\u202egnp.exe"
BROKEN = "one\0two\r\nthree"
TEXTS = [SCRIPT, IMAGE, ADDRESS, REVERSED, BROKEN]
# What pages load of their own: nothing that a text could ask for.
OWN = {"document", "script", "stylesheet", "eventsource", "fetch"}
POLICY = """new Promise((done) => {
  document.addEventListener("securitypolicyviolation", (event) => done(event.violatedDirective));
  document.body.insertAdjacentHTML("beforeend", '<p onclick="pwned=4">');
  document.body.lastElementChild.click();
  setTimeout(() => done("nothing"), 5000);
})"""


def is_own(request, bundle):
    # The browser asks for the last one by itself.
    here = request.resource_type in OWN and request.url.startswith(f"{bundle.console}/")
    return here or request.url == f"{bundle.console}/favicon.ico"


def watched(page, bundle):
    """What the page does that it was not made for, as it is noticed."""
    noticed = []
    page.on("request", lambda request: is_own(request, bundle) or noticed.append(f"asks for {request.url}"))
    page.on("dialog", lambda dialog: (noticed.append(f"says {dialog.message}"), dialog.dismiss()))
    return noticed


def did_nothing(page, noticed):
    """At the end of loading, scripts and images that are on the page have had their turn."""
    pwned = page.evaluate("window.pwned")
    links = page.locator("[href^='javascript:' i], [src^='javascript:' i], [action^='javascript:' i]").count()
    return noticed == [] and pwned is None and links == 0


def hold(page, noticed):
    assert did_nothing(page, noticed), (page.url, noticed, page.evaluate("window.pwned"))


def claimr(text, **more):
    """A callback with `text` for its id and its user."""
    return {"id": text, "scope": "user_login", "user_id": text} | more


def send_everything(bundle):
    for text in TEXTS:
        # What no identifier may have in it is refused, and shown all the same.
        assert bundle.send_claimr(claimr(text)) == (400 if text is BROKEN else 200), text
        on_one_line = text.replace("\0", "").replace("\r\n", "")
        headers = {"x-note": on_one_line, "referer": on_one_line, "content-type": on_one_line}
        assert bundle.send("POST", f"/nowhere/{quote(text)}?{quote(text)}={quote(text)}", headers, text) == 404, text
    # Some of it a path and a query may have as it is.
    assert bundle.send("GET", f"/{ADDRESS}?{ADDRESS}", {}, "") == 404
    for text in TEXTS[:-1]:
        # The same identity with something else in it: a conflict, which a person decides.
        assert bundle.send_claimr(claimr(text, user_id=f"{text}{text}")) == 200, text


def read_requests(page, bundle, noticed):
    """Each request's page, and that it shows what came."""
    for request in bundle.requests():
        page.goto(f"/requests/{request['number']}")
        hold(page, noticed)
        body = page.get_by_role("heading", name="Body").locator("xpath=following-sibling::pre[1]")
        # The parser of HTML leaves out what no text may have in it.
        if request["body"]:
            expect(body).to_have_text(request["body"].replace("\0", ""))
            expect(body).to_be_visible()


def read_headers(page, bundle, noticed):
    for text in (SCRIPT, IMAGE, ADDRESS, REVERSED):
        (number,) = (it["number"] for it in bundle.requests(outcome="no route") if it["body"] == text)
        page.goto(f"/requests/{number}")
        for header in ("x-note", "referer", "content-type"):
            row = page.get_by_role("row").filter(has=page.get_by_role("cell", name=header, exact=True))
            expect(row.get_by_role("cell").last).to_have_text(text)
        expect(page.locator("dd").get_by_text(quote(text)).first).to_be_visible()
        hold(page, noticed)


def read_records(page, bundle, noticed):
    """Records, users, and what needs a person."""
    page.goto("/attention")
    for text in (SCRIPT, IMAGE, ADDRESS, REVERSED):
        expect(page.get_by_role("link", name=f"{text}{text}", exact=True)).to_be_visible()
    hold(page, noticed)
    for request in bundle.requests(provider="claimr"):
        if not request["record"]:
            continue
        page.goto(f"/records?id={quote(request['record'], safe='')}")
        expect(page.get_by_role("main")).to_contain_text(request["record"])
        hold(page, noticed)
    for text in (SCRIPT, IMAGE, ADDRESS, REVERSED):
        page.goto(f"/users?user={quote(text, safe='')}")
        expect(page.get_by_role("code").get_by_text(text, exact=True)).to_be_visible()
        hold(page, noticed)


def read_what_was_asked(page, noticed):
    """What stands in an address comes back on the page."""
    for text in TEXTS:
        searched = quote(text, safe="")
        for path in (f"/?search={searched}&provider={searched}&outcome={searched}", f"/records?id={searched}"):
            page.goto(path)
            hold(page, noticed)
    page.goto(f"/?search={quote(IMAGE)}")
    expect(page.get_by_role("searchbox")).to_have_value(IMAGE)


def escapes_nothing(page):
    """Takes the pages' escapes away."""

    def unescaped(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=html.unescape(answer.text()))

    page.route("**/requests/*", unescaped)


@contextlib.contextmanager
def without_policy(browser, bundle):
    with opened(browser, bundle, bypass_csp=True) as page:
        yield page, watched(page, bundle)


def is_text(browser):
    with local() as bundle:
        with without_policy(browser, bundle) as (page, noticed):
            page.goto("/")
            expect(page.get_by_role("status")).to_contain_text("Connected")
            # Rows that come by themselves are put there by a script.
            send_everything(bundle)
            expect(page.get_by_role("row")).to_have_count(1 + len(bundle.requests()))
            hold(page, noticed)
            page.goto("/")
            hold(page, noticed)
            read_requests(page, bundle, noticed)
            read_headers(page, bundle, noticed)
            read_records(page, bundle, noticed)
            read_what_was_asked(page, noticed)
        is_noticed_otherwise(browser, bundle)


def is_noticed_otherwise(browser, bundle):
    """A page that escapes nothing does all that is looked for."""
    (number,) = (it["number"] for it in bundle.requests(outcome="no route") if it["body"] == IMAGE)
    # Such a page has scripts in it that cannot be read as well, which is no problem here.
    with contextlib.closing(browser.new_context(base_url=bundle.console, bypass_csp=True)) as context:
        page = context.new_page()
        noticed = watched(page, bundle)
        escapes_nothing(page)
        page.goto(f"/requests/{number}")
        page.wait_for_function("window.pwned")
        assert not did_nothing(page, noticed)
        assert any("says 2" in it for it in noticed) and any("asks for" in it for it in noticed), noticed


def is_stopped_by_the_policy(browser):
    """What would be on a page in spite of this does not run: the second line."""
    with local() as bundle, contextlib.closing(browser.new_context(base_url=bundle.console)) as context:
        page = context.new_page()
        page.goto("/")
        assert page.evaluate(POLICY) == "script-src-attr"
        assert page.evaluate("window.pwned") is None
