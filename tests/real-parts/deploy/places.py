"""Where things are."""

import os
from pathlib import Path

PARTS = Path(__file__).resolve().parent.parent
PROJECT = PARTS.parent.parent
WORK = PROJECT / "target" / "real-parts" / "deploy"
# The programs that `cargo build` makes.
BUILT = Path(os.environ.get("CARGO_TARGET_DIR", PROJECT / "target")) / "debug"
