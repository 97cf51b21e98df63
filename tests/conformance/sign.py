#!/usr/bin/env python3
"""Writes the conformance corpus: each provider's `conformance/cases.json`, from the `cases.py` beside it.

    python3 tests/conformance/sign.py            writes the files anew
    python3 tests/conformance/sign.py --check    fails where a file is not what its source says

Python's standard library signs the requests; what is expected of each was written by hand, from the
providers' contracts.
"""

import importlib.util
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]


def cases(source):
    """The corpus that a provider's `cases.py` makes."""
    spec = importlib.util.spec_from_file_location(f"{source.parents[1].name}_cases", source)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.corpus()


def written(corpus):
    """A corpus as text, a case to a line."""
    data = corpus.data()
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
    sys.path.insert(0, str(HERE))
    stale = []
    for source in sorted(PROJECT.glob("functions/*/conformance/cases.py")):
        file = source.with_suffix(".json")
        text = written(cases(source))
        if not arguments:
            file.write_text(text, encoding="utf-8")
        elif not file.is_file() or file.read_text(encoding="utf-8") != text:
            stale.append(str(file.relative_to(PROJECT)))
    if stale:
        sys.exit(f"{', '.join(stale)}: not what the source says; run tests/conformance/sign.py")


if __name__ == "__main__":
    main(sys.argv[1:])
