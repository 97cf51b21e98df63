"""A newcomer's first minute: something was sent, it comes, it was refused, and the page says why."""

import contextlib
import re

from local import inbrain_signature, key_of, local
from pages import hold_no_secret, keep, opened
from playwright.sync_api import expect

# When the page was loaded, in milliseconds.
LOADED = "performance.timeOrigin"


def sees_why_a_callback_is_refused(browser):
    """The key was saved with the line end that an editor puts behind it."""
    secret, reward = key_of("InbrainFunction"), "reward-1"
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
        keep(page, "list")

        row.get_by_role("link", name="POST /inbrain/success").click()
        stopped = page.get_by_role("listitem").filter(has_text="it stopped here")
        expect(stopped).to_have_count(1)
        expect(stopped).to_contain_text("proved")
        expect(stopped).to_contain_text("the secret of the key sample with a line end behind it")
        hold_no_secret(page)
        # Nor what would be right.
        assert inbrain_signature(reward, secret) not in page.content()
        keep(page, "refused-request")


def is_told_when_the_bundle_ends(browser):
    with contextlib.ExitStack() as until_it_ends:
        bundle = until_it_ends.enter_context(local())
        with opened(browser, bundle) as page:
            page.goto("/")
            expect(page.get_by_role("status")).to_have_text(re.compile("^Connected"))
            until_it_ends.close()
            expect(page.get_by_role("status")).to_have_text("Not connected", timeout=5_000)
