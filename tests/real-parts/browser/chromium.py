"""The browser: the one that CHROMIUM names, one that is installed, or else Debian's, which is installed as root or by sudo.
Debian's has no version of its own choosing here, because a release's archive keeps no older one that could be named.

By itself: whether there is one. Ends with 1, and says why, where there is none.
"""

import os
import platform
import shutil
import subprocess
import sys

NAMES = ["chromium", "google-chrome"]
# Text without a font has no width. The second one is for whoever is not root.
PACKAGES = ["chromium", "chromium-sandbox", "fonts-liberation"]


class NoBrowser(Exception):
    """Why there is no browser."""


def find():
    """The path of the one that is there; None where there is none."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def as_root():
    """What a command starts with that only root may give."""
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "--non-interactive"]
    if not shutil.which("sudo") or subprocess.run([*sudo, "true"], capture_output=True).returncode != 0:
        raise NoBrowser("to install Chromium takes root, or sudo that asks for no password")
    return sudo


def apt_get(*arguments):
    options = ["-q", "-o", "DPkg::Lock::Timeout=120", "-o", "APT::Sandbox::User=root", "-o", "Acquire::http::Timeout=30"]
    command = [*as_root(), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *options, *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines() or [""]
        raise NoBrowser(f"apt-get {arguments[0]}: {said[-1]}")


def is_debian():
    # Ubuntu's package of the name has no browser in it.
    try:
        return platform.freedesktop_os_release()["ID"] == "debian" and shutil.which("apt-get")
    except OSError:
        return False


def install():
    """Installs Debian's."""
    if not is_debian():
        raise NoBrowser("neither chromium nor google-chrome is installed, CHROMIUM names none, and this is not Debian")
    apt_get("update")
    apt_get("install", "--yes", "--no-install-recommends", *PACKAGES)


def hold_that_it_runs(browser):
    """A browser may be there and unable to run, as where a sandbox around it forbids what it needs."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    options = ["--headless", "--disable-gpu", "--disable-dev-shm-usage", *sandbox, "--dump-dom", "data:text/html,here"]
    try:
        done = subprocess.run([browser, *options], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoBrowser(f"{browser} does not run: {error}") from error
    if "here" not in done.stdout:
        said = done.stderr.strip().splitlines() or [""]
        raise NoBrowser(f"{browser} does not run: {said[-1]}")


def main():
    try:
        if not find():
            install()
        browser = find()
        if not browser:
            raise NoBrowser("none is there after it was installed")
        hold_that_it_runs(browser)
    except NoBrowser as none:
        sys.exit(f"nothing runs in a browser: {none}")


if __name__ == "__main__":
    main()
