#include "services/orders/rebuild.h"

#include "services/orders/document_scan.h"

struct walking {
    struct fact_walk *walk;
    struct strmap voided;
};

static bool damage(struct walking *walking, enum documents_collection collection, struct str id,
                   const ecommerce_error *why)
{
    struct fact_walk *walk = walking->walk;
    return why->code == ECOMMERCE_STORAGE_FAILED && walk->damaged != NULL &&
           walk->damaged(walk->context, collection, id, why);
}

static bool see_order(void *context, struct arena *page, const struct stored_document *stored,
                      ecommerce_error *err)
{
    struct walking *walking = context;
    struct order order;
    struct fact_entries fact = {.id = stored->id,
                                .collection = COLLECTION_ORDERS,
                                .marks = stored->marks,
                                .has_sales = true,
                                .has_graph = true,
                                .order = &order};
    if (!order_parse(page, stored, &order, err)) {
        return damage(walking, COLLECTION_ORDERS, stored->id, err);
    }
    if (order.aborted || (stored->marks & MARK_STOCK) ||
        strmap_get(&walking->voided, order.order_id) != NULL) {
        return true;
    }
    walking->walk->orders++;
    return (facts_of_order(page, &order, &fact.sales, &fact.graph) || error_memory(err)) &&
           walking->walk->each(walking->walk->context, page, &fact, err);
}

static bool see_change(void *context, struct arena *page, const struct stored_document *stored,
                       ecommerce_error *err)
{
    struct walking *walking = context;
    struct order_change change;
    struct fact_entries fact = {.id = stored->id,
                                .collection = COLLECTION_ORDER_CHANGES,
                                .marks = stored->marks,
                                .change = &change};
    if (!change_parse(page, stored, &change, err)) {
        return damage(walking, COLLECTION_ORDER_CHANGES, stored->id, err);
    }
    if (change.kind == CHANGE_VOID) {
        return true;
    }
    walking->walk->changes++;
    return (facts_of_change(page, &change, &fact.sales, &fact.has_sales, &fact.graph,
                            &fact.has_graph) ||
            error_memory(err)) &&
           walking->walk->each(walking->walk->context, page, &fact, err);
}

static bool see_movement(void *context, struct arena *page, const struct stored_document *stored,
                         ecommerce_error *err)
{
    struct walking *walking = context;
    struct movement movement;
    struct fact_entries fact = {.id = stored->id,
                                .collection = COLLECTION_MOVEMENTS,
                                .marks = stored->marks,
                                .has_sales = true,
                                .movement = &movement};
    if (!movement_parse(stored, &movement, err)) {
        return damage(walking, COLLECTION_MOVEMENTS, stored->id, err);
    }
    walking->walk->movements++;
    return (facts_of_movement(page, &movement, &fact.sales) || error_memory(err)) &&
           walking->walk->each(walking->walk->context, page, &fact, err);
}

bool facts_walk(struct call *call, struct fact_walk *walk, ecommerce_error *err)
{
    struct walking walking = {.walk = walk};
    walk->orders = walk->changes = walk->movements = 0;
    bool ok = scan_void_orders(call, &walking.voided, err) &&
              document_scan(call, COLLECTION_ORDERS, see_order, &walking, err) &&
              document_scan(call, COLLECTION_ORDER_CHANGES, see_change, &walking, err) &&
              document_scan(call, COLLECTION_MOVEMENTS, see_movement, &walking, err);
    strmap_release(&walking.voided);
    return ok;
}
