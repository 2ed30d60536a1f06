/*
 * html_page - how the HTML report looks, and what its filters do
 *
 * The page needs nothing from elsewhere.  Without JavaScript it has no filters, and all the rest.
 */
#ifndef CMD_REPORT_HTML_PAGE_H
#define CMD_REPORT_HTML_PAGE_H

extern const char html_style[], html_script[];

#endif
