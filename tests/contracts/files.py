"""The files of the corpus, which corpus_a.py and corpus_b.py write and check."""

import json
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "corpus"


def written(corpus):
    """A corpus as text, a case to a line."""
    line = lambda value: json.dumps(value, ensure_ascii=False)
    cases = ",\n".join("    " + line(case) for case in corpus["cases"])
    head = ",\n".join(f"  {line(name)}: {line(corpus[name])}" for name in ["version", "contract", "keys"])
    return f'{{\n{head},\n  "cases": [\n{cases}\n  ]\n}}\n'


def keep(corpora, check, command):
    """Writes each corpus; or, to `check`, ends where a file has another text than the one that `command` writes."""
    FOLDER.mkdir(exist_ok=True)
    stale = []
    for corpus in corpora:
        file = FOLDER / f"{corpus['contract']}.json"
        text = written(corpus)
        if not check:
            file.write_text(text, encoding="utf-8")
            print(f"{len(corpus['cases']):4} {corpus['contract']}")
        elif not file.is_file() or file.read_text(encoding="utf-8") != text:
            stale.append(file.name)
    if stale:
        sys.exit(f"{', '.join(stale)}: not what the source says; run {command}")
