"""A newcomer's first minute: something was sent, it comes, it was refused, and the page says why."""

import contextlib
import re

from local import inbrain_signature, key_of, local
from pages import described, hold_no_secret, keep, opened
from playwright.sync_api import expect

# When the page was loaded, in milliseconds.
LOADED = "performance.timeOrigin"


def sees_why_a_callback_is_refused(browser):
    """The key was saved with the line end that an editor puts behind it."""
    secret, reward = key_of("InbrainFunction"), "7d3e9a52-1c48-4f6b-9e07-b2a4c6d80001"
    with local() as bundle, opened(browser, bundle) as page:
        page.goto("/")
        expect(page.get_by_role("status")).to_have_text(re.compile("^Connected"))
        loaded = page.evaluate(LOADED)
        row = page.get_by_role("row").filter(has_text="not proved")
        expect(row).to_have_count(0)
        assert bundle.send_inbrain(reward, f"{secret}\n") == 401
        expect(row).to_be_visible()
        expect(row).to_contain_text("401")
        assert page.evaluate(LOADED) == loaded, "the row came with another load of the page"
        hold_no_secret(page)

        row.get_by_role("link", name="POST /inbrain/success").click()
        stopped = page.get_by_role("listitem").filter(has_text="it stopped here")
        expect(stopped).to_have_count(1)
        expect(stopped).to_contain_text("proved")
        expect(stopped).to_contain_text("the secret of the key sample with a line end behind it")
        hold_no_secret(page)
        # Nor what would be right.
        assert inbrain_signature(reward, secret) not in page.content()
        # What has to be signed, as the recipe says it; and what has.
        expect(page.get_by_text(f"p-1{reward}{{secret}}", exact=True)).to_be_visible()
        keep(page, "refused-request")

        # The same with the right key is taken.
        page.get_by_role("button", name="Sign and send").click()
        expect(page.get_by_text("recorded: recorded")).to_be_visible()
        expect(page.get_by_role("listitem").filter(has_text="effect")).to_contain_text("credited")
        hold_no_secret(page)


def tries_what_there_is(browser):
    """A state, a sample, and a third party that fails: each is a button, and seen at once."""
    with local() as bundle, opened(browser, bundle) as page:
        page.goto("/")
        page.get_by_role("link", name="Try", exact=True).click()
        page.get_by_role("button", name="held", exact=True).click()
        expect(described(page, "State")).to_contain_text("held")

        page.goto("/try")
        page.get_by_label("are answered").select_option("503, unavailable")
        page.get_by_label("so many times").fill("100")
        page.get_by_role("button", name="Have them fail").click()
        expect(page.get_by_text('"status":503')).to_be_visible()
        page.get_by_text("giveaway (", exact=False).first.click()
        page.get_by_role("button", name="giveaway-action", exact=True).click()
        page.get_by_role("link", name=re.compile("^giveaway#action#")).click()
        expect(page.get_by_role("cell", name="retried", exact=True).first).to_be_visible()
        # When it is tried again, counted down.
        expect(described(page, "Next attempt")).to_have_text(re.compile(r"^(in \d+ s|now) \("))
        expect(page.get_by_role("listitem").filter(has_text="/giveaway/task/callback").first).to_contain_text("503")

        page.goto("/try")
        page.get_by_role("button", name="No more faults").click()
        expect(page.get_by_text("None: every call is answered")).to_be_visible()
        assert bundle.faults() == []


def is_told_when_the_bundle_ends(browser):
    with contextlib.ExitStack() as until_it_ends:
        bundle = until_it_ends.enter_context(local())
        with opened(browser, bundle) as page:
            page.goto("/")
            expect(page.get_by_role("status")).to_have_text(re.compile("^Connected"))
            until_it_ends.close()
            expect(page.get_by_role("status")).to_have_text("Not connected", timeout=5_000)
