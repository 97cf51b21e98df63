"""Where things are."""

import os
from pathlib import Path

HERE = Path(__file__).resolve().parent
PARTS = HERE.parent
PROJECT = PARTS.parent.parent
WORK = PROJECT / "target" / "real-parts" / "deploy"
# The programs that `cargo build` makes.
BUILT = Path(os.environ.get("CARGO_TARGET_DIR", PROJECT / "target")) / "debug"
# What was asked of the policies of roles; see asked.py.
ASKED = WORK / "asked.jsonl"
