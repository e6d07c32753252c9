// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCommand
import MyComponents

try registerMyComponents()
KLSimProgram.main()
