/* import_demo_behaviour.c - what the demonstration's customers looked at, and their open carts. */
#include "services/imports/import_demo_parts.h"

#include "services/analytics/events.h"
#include "services/carts/carts.h"

static struct str customer_of(const struct demo_plan *plan, uint32_t customer)
{
    return customer == DEMO_NONE ? STR_NONE : str_of(plan->customers[customer].customer_id);
}

static bool record(void *context, size_t index, struct call *call, ecommerce_error *err)
{
    static const char *const kinds[] = {[DEMO_VIEWED] = "viewed",
                                        [DEMO_SEARCHED] = "searched",
                                        [DEMO_ADDED_TO_CART] = "added_to_cart"};
    const struct demo_import *import = context;
    const struct demo_behaviour *behaviour = &import->plan->behaviour[index];
    const char *product = behaviour->product == DEMO_NONE
                              ? NULL
                              : import->plan->products[behaviour->product].product_id;
    struct event event = {
        .kind = str_of(kinds[behaviour->kind]),
        .customer_id = customer_of(import->plan, behaviour->customer),
        .item_id = str_of(product),
        .text = str_of(behaviour->query),
        .at = behaviour->at,
    };
    return demo_key(import, &call->arena, 'e', index, &event.event_id, err) &&
           demo_key(import, &call->arena, 's', behaviour->session, &event.session, err) &&
           record_event(call, &event, err);
}

/* Sets, and does not add: once is as good as twice. */
static bool fill_cart(void *context, size_t index, struct call *call, ecommerce_error *err)
{
    const struct demo_import *import = context;
    const struct demo_plan *plan = import->plan;
    const struct demo_cart_item *item = &plan->cart_items[index];
    const struct demo_product *product = &plan->products[item->product];
    struct str item_id =
        str_of(item->variant == DEMO_NONE ? product->product_id
                                          : product->variants[item->variant].variant_id);
    struct cart_ref ref = {
        .customer_id = customer_of(plan, item->customer),
        .trusted = true,
    };
    return demo_key(import, &call->arena, 'k', item->cart, &ref.cart_id, err) &&
           carts_set(call, &ref, item_id, item->quantity, err);
}

static bool fill_carts(struct demo_import *import, ecommerce_error *err)
{
    const struct demo_plan *plan = import->plan;
    size_t *starts = arena_array(&import->call->arena, plan->cart_item_count + 1, sizeof(*starts));
    size_t carts = 0;
    if (starts == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < plan->cart_item_count; i++) {
        if (i == 0 || plan->cart_items[i].cart != plan->cart_items[i - 1].cart) {
            starts[carts++] = i;
        }
    }
    starts[carts] = plan->cart_item_count;
    return import_crew_run(import->call, starts, carts, fill_cart, import, &import->carts, err);
}

static bool relay_events(struct demo_import *import, ecommerce_error *err)
{
    struct doc_builder out;
    struct call call;
    bool more = true, ok = true;
    import_call_begin(import->call->shop, &call, &out);
    while (ok && more) {
        import_call_again(&call);
        ok = events_relay_step(&call, &more, err);
    }
    import_call_end(&call);
    return ok;
}

bool demo_import_behaviour(struct demo_import *import, ecommerce_error *err)
{
    return import_crew_run(import->call, NULL, import->plan->behaviour_count, record, import,
                           &import->events, err) &&
           fill_carts(import, err) && relay_events(import, err);
}
