"""What a person decides, on the page alone."""

import re

from local import local
from pages import described, keep, opened
from playwright.sync_api import expect

# More presses than any of these pages has places to go.
PRESSES = 40


def record_that_waits(page, state):
    """Goes to the page of the only record in a state, by what needs a person."""
    page.goto("/")
    page.get_by_role("link", name="What needs a person").click()
    row = page.get_by_role("row").filter(has=page.get_by_role("cell", name=state, exact=True))
    row.get_by_role("link").first.click()
    expect(described(page, "State")).to_contain_text(state)


def form_of(page, button):
    return page.locator("form").filter(has=page.get_by_role("button", name=button, exact=True))


def decide(page, button, reason):
    form = form_of(page, button)
    form.get_by_role("textbox").fill(reason)
    form.get_by_role("button", name=button, exact=True).click()


def accepts_a_conflict(browser):
    """Both rewards are booked after it, and one before."""
    with local() as bundle, opened(browser, bundle) as page:
        bundle.trigger("conflict")
        record_that_waits(page, "conflict")
        amount = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="amount", exact=True))
        expect(amount.get_by_role("cell")).to_have_text([re.compile(r"\b100\b"), re.compile(r"\b500\b")])
        keep(page, "conflict")

        form_of(page, "accept").get_by_role("checkbox").check()
        decide(page, "accept", "the provider says that both count")
        # It changes while somebody looks at it.
        expect(described(page, "State")).to_contain_text("credited")
        expect(page.get_by_text("the provider says that both count")).to_be_visible()

        described(page, "User").get_by_role("link").click()
        expect(page.get_by_text("inbrain: 600 IAC")).to_be_visible()
        for booked in ("100 IAC", "500 IAC"):
            expect(page.get_by_role("cell", name=booked, exact=True)).to_be_visible()


def accepts_no_conflict_unasked(browser):
    """Without the box that says that both count, nothing is booked."""
    with local() as bundle, opened(browser, bundle) as page:
        bundle.trigger("conflict")
        record_that_waits(page, "conflict")
        record = page.url
        decide(page, "accept", "in a hurry")
        # The browser asks for the box; and without the browser's help, the command does.
        assert page.evaluate("document.querySelector('[name=yes]').matches(':invalid')")
        expect(page).to_have_url(record)
        page.evaluate("document.querySelector('[name=yes]').required = false")
        decide(page, "accept", "in a hurry")
        expect(page.get_by_role("heading", level=1)).to_have_text("That cannot be done")
        expect(page.get_by_role("main")).to_contain_text("came first")
        page.goto(record)
        expect(described(page, "State")).to_contain_text("conflict")


def puts_a_dead_letter_back(browser):
    """It is delivered then, because the third party is there again."""
    with local() as bundle, opened(browser, bundle) as page:
        bundle.trigger("dead-letter")
        record_that_waits(page, "dead")
        expect(page.get_by_role("cell", name="dead_letter", exact=True)).to_be_visible()
        form_of(page, "redrive").get_by_role("button").click()
        expect(described(page, "State")).to_contain_text("delivered")
        # The events as subscribers get them are there when the page is loaded.
        page.reload()
        expect(page.get_by_text('"detail-type": "delivered"')).to_be_visible()


def press_until_focused(page, locator):
    """Goes there with the tabulator key, and sees where it is."""
    for _ in range(PRESSES):
        page.keyboard.press("Tab")
        if locator.evaluate("it => it === document.activeElement"):
            expect(locator).to_have_css("outline-style", "solid")
            return
    raise AssertionError(f"{PRESSES} presses of the tabulator key do not lead to {locator}")


def accepts_by_keyboard(browser):
    """Without a mouse, from the list on."""
    with local() as bundle, opened(browser, bundle) as page:
        bundle.trigger("held")
        page.goto("/")
        press_until_focused(page, page.get_by_role("link", name="What needs a person"))
        page.keyboard.press("Enter")
        press_until_focused(page, page.get_by_role("row").nth(1).get_by_role("link").first)
        page.keyboard.press("Enter")
        expect(described(page, "State")).to_contain_text("held")
        form = form_of(page, "accept")
        press_until_focused(page, form.get_by_role("textbox"))
        page.keyboard.type("looked into")
        press_until_focused(page, form.get_by_role("button"))
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/records"))
        expect(described(page, "State")).to_contain_text("credited")
