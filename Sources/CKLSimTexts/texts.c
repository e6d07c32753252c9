// SPDX-License-Identifier: GPL-3.0-or-later

#include "CKLSimTexts.h"

// clang knows #embed in every C; its warning says that others may not.
#pragma clang diagnostic ignored "-Wc23-extensions"

const char *klsim_alice(void) {
  static const char text[] = {
#embed "alice.txt" suffix(, 0)
  };
  return text;
}
