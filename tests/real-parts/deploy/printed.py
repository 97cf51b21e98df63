"""What `cargo run -- sign` prints: a request, as a command line for curl."""

import urllib.request


def parsed(curl):
    """The request of a command, from its words."""
    assert curl[:2] == ["curl", "-gsS"], curl
    options = list(zip(curl[3::2], curl[4::2]))
    headers = dict(value.split(": ", 1) for option, value in options if option == "-H")
    body = next((value.encode() for option, value in options if option == "--data-raw"), None)
    return urllib.request.Request(curl[2], data=body, headers=headers)
