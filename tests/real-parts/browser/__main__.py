"""Drives the page of `cargo run` in a real browser, headless: what a newcomer sees, what a person decides, what somebody
sent, who may use it, and what a page of a stranger cannot do. Each check has a bundle of its own, on free ports.

Run by tests/real-parts/run, which builds, looks for a browser, and installs what drives it. Usage: python browser
[NAME...], a name being a part of a check's.
"""

import os
import signal
import sys
import time
from pathlib import Path

# The bundle's program is started in the same way.
sys.path.append(str(Path(__file__).resolve().parent.parent / "deploy"))

import accessible
import chromium
import decisions
import hostile
import newcomer
import stranger
from pages import SCREENSHOTS
from places import PROJECT
from playwright.sync_api import sync_playwright

CHECKS = [
    newcomer.sees_why_a_callback_is_refused,
    newcomer.tries_what_there_is,
    newcomer.is_told_when_the_bundle_ends,
    decisions.accepts_a_conflict,
    decisions.accepts_no_conflict_unasked,
    decisions.puts_a_dead_letter_back,
    decisions.accepts_by_keyboard,
    hostile.is_text,
    hostile.is_stopped_by_the_policy,
    accessible.pass_axe,
    stranger.neither_reads_nor_steers,
]


def named(check):
    return f"{check.__module__} {check.__name__.replace('_', ' ')}"


def main(wanted):
    # So that whoever ends this ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    checks = [check for check in CHECKS if not wanted or any(word in named(check) for word in wanted)]
    if not checks:
        sys.exit(__doc__)
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not take root.
        sandbox = os.geteuid() != 0
        browser = playwright.chromium.launch(executable_path=chromium.find(), chromium_sandbox=sandbox)
        print(f"   Chromium {browser.version}", flush=True)
        for check in checks:
            started = time.monotonic()
            check(browser)
            print(f"   {time.monotonic() - started:5.1f} s  {named(check)}", flush=True)
        browser.close()
    for screenshot in sorted(SCREENSHOTS.glob("*.png")):
        print(f"   {screenshot.relative_to(PROJECT)}")


if __name__ == "__main__":
    main(sys.argv[1:])
