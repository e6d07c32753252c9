# SPDX-License-Identifier: GPL-3.0-or-later
"""An installed wheel works by itself: it is small, its command is in it, links no library, and gives frames.

    python check_wheel.py WHEEL
"""

import subprocess
import sys
import sysconfig
from pathlib import Path

import klsim

SIZE = Path(sys.argv[1]).stat().st_size
assert SIZE < 12e6, f"{SIZE} bytes: does something import Foundation, which brings 34 MB of data?"
assert "pandas" not in sys.modules, "pandas is to be loaded when a frame is made, not before"
PACKAGE = Path(klsim.__file__).parent
assert PACKAGE.is_relative_to(sysconfig.get_path("purelib")), PACKAGE
assert klsim.command() == PACKAGE / "bin" / "klsim"
# A program that links libraries names their loader near its start.
assert b"/ld-" not in klsim.command().read_bytes()[:4096], "the command is not static"
for program in [klsim.command(), Path(sysconfig.get_path("scripts")) / "klsim"]:
    told = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
    assert told.stdout.startswith("klsim "), told
frame = klsim.run(epochs=10, quiet=True)
assert len(frame) == 2 * 11
assert frame["objective"].dtype == "category"
last = frame[frame["epoch"] == 10].set_index("objective")["tail_error"]
assert last.round(4).to_dict() == {"fkl": 0.1291, "rkl": 0.3568}, last
try:
    klsim.run(teacher="absent")
except klsim.KLSimError as error:
    assert error.exit_code == 64
else:
    raise AssertionError("no error")
print(f"{klsim.command()} works: {told.stdout.strip()}")
