# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m klsim`: the command itself."""

from klsim._command import main

main()
