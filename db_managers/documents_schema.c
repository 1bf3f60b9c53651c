/* documents_schema.c - the collections, their indexes, and which documents bear marks. */
#include "db_managers/documents_store.h"

#include <assert.h>
#include <string.h>

const struct documents_schema documents_schema[DOCUMENTS_COLLECTIONS] = {
    [COLLECTION_PRODUCTS] = {.name = "products",
                             .indexes = {{"tokens", INDEX_TEXT_ARRAY},
                                         {"categories", INDEX_TEXT_ARRAY},
                                         {"attributes", INDEX_TEXT_ARRAY},
                                         {"skus", INDEX_TEXT_ARRAY},
                                         {"item_ids", INDEX_TEXT_ARRAY},
                                         {"price", INDEX_NUMBER},
                                         {"changed_at", INDEX_NUMBER}}},
    [COLLECTION_CATEGORIES] = {.name = "categories", .indexes = {{"parent", INDEX_TEXT}}},
    [COLLECTION_CUSTOMERS] = {.name = "customers", .indexes = {{"created_at", INDEX_NUMBER}}},
    [COLLECTION_UNIQUE] = {.name = "unique_values"},
    [COLLECTION_ORDERS] = {.name = "orders",
                           .indexes = {{"customer_id", INDEX_TEXT},
                                       {"number", INDEX_TEXT},
                                       {"placed_at", INDEX_NUMBER}},
                           .marked = true},
    [COLLECTION_ORDER_CHANGES] = {.name = "order_changes",
                                  .indexes = {{"at", INDEX_NUMBER}},
                                  .marked = true},
    [COLLECTION_ORDER_CONTACTS] = {.name = "order_contacts",
                                   .indexes = {{"customer_id", INDEX_TEXT}, {"email", INDEX_TEXT}}},
    [COLLECTION_ORDER_STATES] = {.name = "order_states",
                                 .indexes = {{"status", INDEX_TEXT},
                                             {"customer_id", INDEX_TEXT},
                                             {"placed_at", INDEX_NUMBER}}},
    [COLLECTION_MOVEMENTS] = {.name = "movements",
                              .indexes = {{"sku", INDEX_TEXT}, {"at", INDEX_NUMBER}},
                              .marked = true},
    [COLLECTION_EPOCHS] = {.name = "epochs"},
    [COLLECTION_ERRORS] = {.name = "errors",
                           .indexes = {{"at", INDEX_NUMBER}, {"kind", INDEX_TEXT}}},
    [COLLECTION_AUDIT] = {.name = "audit", .indexes = {{"at", INDEX_NUMBER}, {"kind", INDEX_TEXT}}},
    [COLLECTION_SHOP] = {.name = "shop"},
};

int documents_index_of(enum documents_collection collection, const char *field)
{
    assert(collection < DOCUMENTS_COLLECTIONS && field);
    const struct documents_index *indexes = documents_schema[collection].indexes;
    for (int i = 0; i < DOCUMENTS_MAX_INDEXES && indexes[i].field; i++) {
        if (strcmp(indexes[i].field, field) == 0)
            return i;
    }
    return -1;
}
