/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of src/web/page, embedded by scripts/embed-text. */
#ifndef WEB_ASSETS_H
#define WEB_ASSETS_H

extern const char web_page_html[], web_page_css[], web_page_js[], web_login_html[], web_login_js[],
	web_icon_svg[], web_openapi_json[];

#endif
