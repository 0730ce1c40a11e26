// SPDX-License-Identifier: GPL-2.0-or-later
"use strict";
document.getElementById("wrong").hidden = !new URLSearchParams(location.search).has("wrong");
