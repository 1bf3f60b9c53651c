/*
 * document_scan.h - every document of a collection, page by page, in bounded memory.
 */
#pragma once

#include "services/shop.h"
#include "support/strmap.h"

/* `page` is emptied after each page; what is to be kept is copied elsewhere. False stops the scan.
 */
typedef bool scan_document(void *context, struct arena *page, const struct stored_document *stored,
                           ecommerce_error *err);

/* Sees every document that is there throughout; those that come or go meanwhile perhaps. Decisive
 * reads. */
bool document_scan(struct call *call, enum documents_collection collection, scan_document *each,
                   void *context, ecommerce_error *err) MUST_CHECK;
/* Ids of all void orders, into a set whose keys live in the call's arena. */
bool scan_void_orders(struct call *call, struct strmap *set, ecommerce_error *err) MUST_CHECK;
