"""What axe-core finds on each page: nothing, in the light and wide, nor in the dark and narrow."""

import json

from axe_playwright_python.base import AXE_SCRIPT
from local import local
from pages import DARK_AND_NARROW, LIGHT_AND_WIDE, hold_no_secret, keep, opened
from playwright.sync_api import expect

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
AXE = f"{AXE_SCRIPT}; axe.run({json.dumps(RULES)})"
# Each breaks one rule, and axe-core has to say so.
MISTAKES = {
    "html-has-lang": "document.documentElement.removeAttribute('lang')",
    "label": "document.querySelector('input[type=search]').closest('label').replaceWith(document.createElement('input'))",
    "color-contrast": "document.querySelector('h1').style.color = 'silver'",
    "region": "document.body.insertAdjacentHTML('beforeend', '<p>outside of every landmark')",
}


def in_query(id):
    return id.replace("#", "%23")


def views(bundle):
    """The address of every kind of page, once there is something to see on it."""
    yield "empty list", "/"
    for state in ("forged", "survey", "conflict", "held", "dead-letter", "no-route"):
        bundle.trigger(state)
    number = lambda outcome: bundle.requests(outcome=outcome)[-1]["number"]
    record = lambda outcome: bundle.requests(outcome=outcome)[-1]["record"]
    user = json.loads(bundle.requests(outcome="recorded")[-1]["body"])["PanelistId"]
    yield "list", "/"
    yield "list of nothing", "/?search=nowhere"
    yield "request refused", f"/requests/{number('not proved')}"
    yield "request without a route", f"/requests/{number('no route')}"
    yield "request recorded", f"/requests/{number('recorded')}"
    yield "record", f"/records?id={in_query(record('recorded'))}"
    yield "conflict", f"/records?id={in_query(record('conflict'))}"
    yield "dead letter", f"/records?id={in_query(record_of(bundle, 'giveaway'))}"
    yield "attention", "/attention"
    yield "what can be tried", "/try"
    yield "user", f"/users?user={user}"
    yield "problem", "/records?id=nobody"


def record_of(bundle, provider):
    return bundle.requests(provider=provider)[-1]["record"]


def found(page):
    """The rules that the page breaks, and where."""
    violations = page.evaluate(AXE)["violations"]
    return {each["id"]: [node["target"] for node in each["nodes"]] for each in violations}


def hold_outline(page):
    """One heading says what the page is, and one landmark has it."""
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page.get_by_role("main").get_by_role("heading", level=1)).to_be_visible()


def hold_width(page):
    """What is too wide scrolls in itself, and not the page."""
    expect(page.locator("html")).to_have_js_property("scrollWidth", page.viewport_size["width"])


def pass_axe(browser):
    broken = {}
    without_policy = {"bypass_csp": True}
    with (
        local() as bundle,
        opened(browser, bundle, **LIGHT_AND_WIDE | without_policy) as wide,
        opened(browser, bundle, **DARK_AND_NARROW | without_policy) as narrow,
    ):
        for name, path in views(bundle):
            for how, page in (("light and wide", wide), ("dark and narrow", narrow)):
                page.goto(path)
                hold_outline(page)
                hold_width(page)
                hold_no_secret(page)
                if (name, page) == ("list", wide):
                    expect(page.get_by_role("status")).to_contain_text("Connected")
                    keep(page, "list")
                broken |= {(name, how): rules for rules in [found(page)] if rules}
        for rule, mistake in MISTAKES.items():
            wide.goto("/")
            wide.evaluate(mistake)
            assert rule in found(wide), rule
    assert broken == {}, "\n".join(f"{where}: {rules}" for where, rules in broken.items())
