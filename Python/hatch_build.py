# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the static command that KLSIM_BINARY names into the wheel, and the platform into its name.

Without KLSIM_BINARY the wheel is pure Python and calls an installed klsim.
"""

import os
import platform
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BundledCommand(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        binary = os.environ.get("KLSIM_BINARY")
        if not binary or version == "editable":
            return
        build_data["force_include"][binary] = "klsim/bin/klsim"
        build_data["pure_python"] = False
        # A static command needs no library of the system; these are the oldest Linux that pip knows.
        machine = platform.machine()
        build_data["tag"] = f"py3-none-manylinux_2_17_{machine}.manylinux2014_{machine}"
