"""A page in the browser, and what every check asks of it."""

import contextlib

from local import SECRETS
from places import PROJECT
from playwright.sync_api import expect

SCREENSHOTS = PROJECT / "target" / "real-parts" / "screenshots"
LIGHT_AND_WIDE = {"viewport": {"width": 1200, "height": 900}, "color_scheme": "light"}
DARK_AND_NARROW = {"viewport": {"width": 360, "height": 800}, "color_scheme": "dark"}

expect.set_options(timeout=10_000)


@contextlib.contextmanager
def opened(browser, bundle, **options):
    """A page of its own, whose addresses are the console's; no script on it fails, and its policy forbids nothing that
    the page itself does."""
    with contextlib.closing(browser.new_context(base_url=bundle.console, **LIGHT_AND_WIDE | options)) as context:
        context.set_default_timeout(10_000)
        page, problems = context.new_page(), []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: "Content Security Policy" in said.text and problems.append(said.text))
        yield page
        assert problems == [], problems


def hold_no_secret(page):
    """The page shows no key, whole or in part of its source."""
    source = page.content()
    shown = [secret for secret in SECRETS if secret in source]
    assert SECRETS and shown == [], (page.url, shown)


def keep(page, name):
    """A screenshot of what is seen first, for people. README.md has two of them, from docs/images/."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def described(page, term):
    """What a record's page says of `term`."""
    return page.locator("dt").get_by_text(term, exact=True).locator("xpath=following-sibling::dd[1]")
