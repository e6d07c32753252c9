// SPDX-License-Identifier: GPL-3.0-or-later

/// Texts that a program carries along, so that it finds them wherever it is installed.

#ifndef CKLSIMTEXTS_H
#define CKLSIMTEXTS_H

/// Lewis Carroll, Alice's Adventures in Wonderland, 1865, which is in the public domain: the
/// Millennium Fulcrum Edition 2.9, ASCII, ended by a zero.
const char *klsim_alice(void);

/// The page of a report before and after its data: HTML, CSS and JavaScript, UTF-8, each ended by a zero.
const char *klsim_page_start(void);
const char *klsim_page_end(void);

#endif
