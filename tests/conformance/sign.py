#!/usr/bin/env python3
"""Writes the conformance corpus: one file of cases per provider, from the sources in `source/`.

    python3 tests/conformance/sign.py            writes the files anew
    python3 tests/conformance/sign.py --check    fails where a file is not what its source says

Python's standard library signs the requests; what is expected of each was written by hand, from the
providers' contracts.
"""

import importlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROVIDERS = ["giveaway", "claimr", "devtodev", "inbrain", "appvirality"]


def written(provider):
    """The file of `provider`, a case to a line."""
    data = importlib.import_module(provider).corpus().data()
    line = lambda value: json.dumps(value, ensure_ascii=False)
    out = ["{", f'  "provider": {line(data["provider"])},', '  "groups": [']
    for i, group in enumerate(data["groups"]):
        out += ["    {"]
        out += [f'      "{part}": {line(group[part])},' for part in ("name", "keys", "settings")]
        out += ['      "cases": [']
        out += [",\n".join(f"        {line(case)}" for case in group["cases"])]
        out += ["      ]", "    }" if i + 1 == len(data["groups"]) else "    },"]
    out += ["  ]", "}", ""]
    return "\n".join(out)


def main(arguments):
    if arguments not in ([], ["--check"]):
        sys.exit(__doc__)
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(HERE / "source"))
    stale = []
    for provider in PROVIDERS:
        file = HERE / f"{provider}.json"
        text = written(provider)
        if not arguments:
            file.write_text(text, encoding="utf-8")
        elif not file.is_file() or file.read_text(encoding="utf-8") != text:
            stale.append(file.name)
    if stale:
        sys.exit(f"{', '.join(stale)}: not what the source says; run tests/conformance/sign.py")


if __name__ == "__main__":
    main(sys.argv[1:])
