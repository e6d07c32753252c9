// SPDX-License-Identifier: GPL-3.0-or-later

#include "CKLSimTexts.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

const char *klsim_page_start(void) {
  static const char text[] = {
#embed "page/head.html"
      ,
#embed "page/style.css"
      ,
#embed "page/body.html" suffix(, 0)
  };
  return text;
}

// The scripts in the order in which they build on each other; sections.js names the sections.
const char *klsim_page_end(void) {
  static const char text[] = {
#embed "page/script.html"
      ,
#embed "page/base.js"
      ,
#embed "page/data.js"
      ,
#embed "page/charts.js"
      ,
#embed "page/table.js"
      ,
#embed "page/verdicts.js"
      ,
#embed "page/map.js"
      ,
#embed "page/cells.js"
      ,
#embed "page/explore.js"
      ,
#embed "page/sections.js"
      ,
#embed "page/foot.html" suffix(, 0)
  };
  return text;
}
