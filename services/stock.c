#include "services/stock.h"

#include "services/catalog/catalog.h"
#include "services/orders/order_document.h"
#include "services/orders/order_facts.h"
#include "services/orders/recovery.h"
#include "services/orders/relay.h"

#include <inttypes.h>
#include <stdio.h>

enum { REASON_MAX = 255, LEVELS_A_PAGE = 500 };

/* ---- movements: insert the fact, then credit the counter ---- */

static bool sku_of(struct call *call, struct str item_id, struct str *sku, bool *tracked,
                   ecommerce_error *err)
{
    struct sellable sellable;
    bool found, needs_variant;
    if (!id_check(item_id, "product_id", err) ||
        !catalog_find_sellable(call, item_id, &sellable, &found, &needs_variant, err)) {
        return false;
    }
    if (needs_variant) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "product_id",
                           "'%.*s' is stocked by its variants: name one of them", STR_ARG(item_id));
    }
    *sku = found ? sellable.sku : item_id;
    *tracked = !found || sellable.tracked;
    if (!found) {
        struct documents_query query = {.terms = {{"skus", item_id}}, .term_count = 1, .limit = 1};
        struct documents_request request =
            call_documents(call, DOCUMENTS_QUERY, COLLECTION_PRODUCTS, STR_NONE);
        request.query = &query;
        if (!documents_run(call->shop->documents, &request, err)) {
            return false;
        }
        if (request.count == 0) {
            return error_field(err, ECOMMERCE_UNKNOWN_PRODUCT, "product_id",
                               "no product, variant or sku has the id '%.*s'", STR_ARG(item_id));
        }
    }
    return true;
}

struct moving {
    struct movement movement;
    struct id id;
    struct stored_document stored;
    bool replayed;
    struct documents_request insert;
    struct live_request credit;
};

static bool check_movement(const struct stock_movement_request *request, bool receipt,
                           ecommerce_error *err)
{
    int64_t most = INT64_C(1000000000);
    if (request->quantity == 0 || (receipt && request->quantity < 0)) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "quantity", "%s",
                           receipt ? "a received quantity is greater than zero"
                                   : "an adjustment is not zero");
    }
    if (request->quantity > most || request->quantity < -most) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "quantity",
                           "a quantity is at most %" PRId64, most);
    }
    if (request->reason.len > REASON_MAX ||
        (request->reason.ptr && !str_is_utf8(request->reason))) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "reason",
                           "a reason is UTF-8 of at most %d bytes", REASON_MAX);
    }
    if (request->key.len > 255) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "key", "a key has at most 255 bytes");
    }
    if (request->key.ptr != NULL && request->key.len == 0) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "key", "a key must not be empty");
    }
    return request->movement_id.ptr == NULL || id_check(request->movement_id, "movement_id", err);
}

static void name_movement(struct call *call, const struct stock_movement_request *request,
                          struct moving *moving)
{
    if (request->movement_id.ptr != NULL) {
        snprintf(moving->id.text, sizeof(moving->id.text), "%.*s", STR_ARG(request->movement_id));
    } else if (request->key.ptr != NULL) {
        struct str parts[] = {str_of(call->shop->shop_id.text), STR("movement"), request->key};
        id_derive(&moving->id, parts, ARRAY_LENGTH(parts));
    } else {
        id_new(call->shop->seams, &moving->id);
    }
}

static bool build_movement(struct call *call, struct moving *moving, ecommerce_error *err)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    movement_build(&builder, &moving->movement);
    struct doc doc = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err) &&
              (doc_copy(&call->arena, doc, &moving->movement.doc) || error_memory(err));
    doc_builder_release(&builder);
    if (!ok) {
        return false;
    }
    moving->movement.marks = facts_marks_of_movement(&moving->movement);
    moving->stored = (struct stored_document){.id = moving->movement.movement_id,
                                              .doc = moving->movement.doc,
                                              .version = 1,
                                              .marks = moving->movement.marks};
    moving->insert =
        call_documents(call, DOCUMENTS_INSERT, COLLECTION_MOVEMENTS, moving->stored.id);
    moving->insert.doc = moving->stored.doc;
    moving->insert.marks = moving->stored.marks;
    return true;
}

static bool prepare(struct call *call, const struct stock_movement_request *request, bool receipt,
                    struct moving *moving, ecommerce_error *err)
{
    struct str sku;
    bool tracked;
    if (!check_movement(request, receipt, err) ||
        !sku_of(call, request->item_id, &sku, &tracked, err)) {
        return false;
    }
    if (!tracked) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "product_id",
                           "'%.*s' is not kept in stock", STR_ARG(request->item_id));
    }
    name_movement(call, request, moving);
    moving->movement = (struct movement){
        .movement_id = str_of(moving->id.text),
        .kind = receipt ? STR("receipt") : STR("adjustment"),
        .sku = sku,
        .quantity = request->quantity,
        .at = request->at != 0 ? request->at : call_wall(call),
        .reason = request->reason,
        .tracked = true,
    };
    return build_movement(call, moving, err);
}

/* The id is taken: the same movement again changes nothing, another one is a mistake. */
static bool take_replay(struct call *call, struct moving *moving, ecommerce_error *err)
{
    struct movement before;
    bool found;
    if (!call_get(call, COLLECTION_MOVEMENTS, moving->movement.movement_id, true, &moving->stored,
                  &found, err)) {
        return false;
    }
    if (!found) {
        return error_set(err, ECOMMERCE_IN_PROGRESS, "the same movement is in flight");
    }
    if (!movement_parse(&moving->stored, &before, err)) {
        return false;
    }
    if (!str_equal(before.sku, moving->movement.sku) ||
        before.quantity != moving->movement.quantity ||
        !str_equal(before.kind, moving->movement.kind)) {
        return error_field(err, ECOMMERCE_IDEMPOTENCY_KEY_REUSED, "movement_id",
                           "the id was used for another movement");
    }
    moving->movement = before;
    moving->replayed = true;
    return true;
}

/* The counter gets it at once; what fails here is repeated by the relay, which then takes the mark
 * off. */
static void submit_credit(struct call *call, struct moving *moving, struct stock_line *line)
{
    *line = (struct stock_line){moving->movement.sku, moving->movement.quantity};
    moving->credit = call_live(call, LIVE_CREDIT);
    moving->credit.epoch = order_runtime_epoch(call->shop->orders);
    moving->credit.id = moving->movement.movement_id;
    moving->credit.lines = line;
    moving->credit.line_count = 1;
    live_submit(call->shop->live, &moving->credit);
}

static void wait_credit(struct call *call, struct moving *moving)
{
    bool ok = live_wait(call->shop->live, &moving->credit);
    ecommerce_error err = {0};
    if (ok && moving->credit.outcome == LIVE_WRONG_EPOCH &&
        !recovery_align(call, &moving->credit.status, &err)) {
        log_write(call->shop->logger, LOG_WARNING, "stock", "%s", err.message);
    }
}

static bool move(struct call *call, struct moving *moving, size_t count, ecommerce_error *err)
{
    struct stock_line *lines = arena_array(&call->arena, count, sizeof(*lines));
    if (lines == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        documents_submit(call->shop->documents, &moving[i].insert);
    }
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        if (!documents_wait(call->shop->documents, &moving[i].insert)) {
            if (ok && err != NULL) {
                *err = moving[i].insert.base.error;
            }
            ok = false;
        }
    }
    for (size_t i = 0; ok && i < count; i++) {
        ok = moving[i].insert.inserted || take_replay(call, &moving[i], err);
    }
    for (size_t i = 0; i < count; i++) {
        if (moving[i].insert.inserted && moving[i].movement.quantity != 0) {
            submit_credit(call, &moving[i], &lines[i]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (moving[i].insert.inserted && moving[i].movement.quantity != 0) {
            wait_credit(call, &moving[i]);
        }
        if (moving[i].insert.inserted) {
            relay_hand_over(call->shop, FACT_MOVEMENT, &moving[i].stored);
        }
    }
    return ok;
}

static bool add_level(struct call *call, struct str sku, ecommerce_error *err)
{
    struct stock_line asked = {.sku = sku};
    struct live_request request = call_live(call, LIVE_LEVELS);
    request.lines = &asked;
    request.line_count = 1;
    if (!live_run(call->shop->live, &request, err)) {
        return false;
    }
    doc_add_int(call->out, "available", request.levels[0].available);
    doc_add_int(call->out, "held", request.levels[0].held);
    return true;
}

static bool move_one(struct call *call, const struct stock_movement_request *request, bool receipt,
                     ecommerce_error *err)
{
    struct moving *moving = arena_alloc(&call->arena, sizeof(*moving));
    if (moving == NULL) {
        return error_memory(err);
    }
    if (!prepare(call, request, receipt, moving, err) || !move(call, moving, 1, err)) {
        return false;
    }
    call->replayed = moving->replayed;
    doc_add_text(call->out, "movement_id", moving->movement.movement_id);
    doc_add_text(call->out, "kind", moving->movement.kind);
    doc_add_text(call->out, "sku", moving->movement.sku);
    doc_add_int(call->out, "quantity", moving->movement.quantity);
    doc_add_time(call->out, "at", moving->movement.at);
    ecommerce_error ignored = {0};
    if (!add_level(call, moving->movement.sku, &ignored)) {
        call_degrade(call, ROLE_LIVE, &ignored); /* the movement is done, whatever it made */
    }
    call_add_condition(call);
    return true;
}

bool stock_receive(struct call *call, const struct stock_movement_request *request,
                   ecommerce_error *err)
{
    return move_one(call, request, true, err);
}

bool stock_adjust(struct call *call, const struct stock_movement_request *request,
                  ecommerce_error *err)
{
    return move_one(call, request, false, err);
}

bool stock_receive_batch(struct call *call, const struct stock_movement_request *requests,
                         size_t count, ecommerce_error *err)
{
    struct moving *moving = arena_array(&call->arena, count ? count : 1, sizeof(*moving));
    if (moving == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        if (!prepare(call, &requests[i], true, &moving[i], err)) {
            return error_under(err, "receipts[%zu]", i);
        }
    }
    return move(call, moving, count, err);
}

/* ---- returns without an order ---- */

static bool check_unlinked(const struct unlinked_return *request, ecommerce_error *err)
{
    if (request->quantity <= 0 || request->quantity > 1000000000) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "quantity",
                           "a quantity is 1 to 1000000000");
    }
    if (request->refund < 0) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "refund", "a refund is not negative");
    }
    if (request->key.len == 0 || request->key.len > 255) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "key",
                           "an unlinked return needs an idempotency key of 1 to 255 bytes");
    }
    return request->customer_id.ptr == NULL || id_check(request->customer_id, "customer_id", err);
}

bool orders_return_unlinked(struct call *call, const struct unlinked_return *request,
                            ecommerce_error *err)
{
    struct sellable sellable;
    bool found, needs_variant;
    struct moving *moving = arena_alloc(&call->arena, sizeof(*moving));
    if (moving == NULL) {
        return error_memory(err);
    }
    if (!check_unlinked(request, err) || !id_check(request->item_id, "product_id", err) ||
        !catalog_find_sellable(call, request->item_id, &sellable, &found, &needs_variant, err)) {
        return false;
    }
    if (!found || needs_variant) {
        return error_field(err, ECOMMERCE_UNKNOWN_PRODUCT, "product_id",
                           "no product has the id '%.*s'", STR_ARG(request->item_id));
    }
    struct str parts[] = {str_of(call->shop->shop_id.text), STR("unlinked_return"), request->key};
    id_derive(&moving->id, parts, ARRAY_LENGTH(parts));
    moving->movement = (struct movement){
        .movement_id = str_of(moving->id.text),
        .kind = STR("unlinked_return"),
        .sku = sellable.sku,
        .quantity = sellable.tracked && !request->no_restock ? request->quantity : 0,
        .at = request->at != 0 ? request->at : call_wall(call),
        .product_id = sellable.product_id,
        .category = sellable.category,
        .customer_id = request->customer_id,
        .country = request->country,
        .returned = request->quantity,
        .amount = request->refund,
        .tracked = sellable.tracked,
    };
    if (!build_movement(call, moving, err) || !move(call, moving, 1, err)) {
        return false;
    }
    call->replayed = moving->replayed;
    doc_add_text(call->out, "movement_id", moving->movement.movement_id);
    doc_add_text(call->out, "product_id", sellable.product_id);
    doc_add_int(call->out, "quantity", moving->movement.returned);
    doc_add_money(call->out, "refund_due", moving->movement.amount, &call->shop->currency);
    doc_add_time(call->out, "at", moving->movement.at);
    return true;
}

/* ---- levels ---- */

static int64_t threshold_of(struct call *call, const struct stored_document *product)
{
    return doc_int(product->doc, "low_stock_threshold",
                   settings_int(call->shop->settings, SETTING_STOCK_LOW_THRESHOLD));
}

/* The product that a sku belongs to, for its threshold and name; the first by id where several
 * share it. */
static bool product_of_sku(struct call *call, struct str sku, struct stored_document *product,
                           bool *found, ecommerce_error *err)
{
    struct documents_query query = {
        .terms = {{"skus", sku}}, .term_count = 1, .order = ORDER_BY_ID, .limit = 1};
    struct documents_request request =
        call_documents(call, DOCUMENTS_QUERY, COLLECTION_PRODUCTS, STR_NONE);
    request.query = &query;
    if (!documents_run(call->shop->documents, &request, err)) {
        return false;
    }
    *found = request.count > 0;
    if (*found) {
        *product = request.documents[0];
    }
    return true;
}

bool stock_show(struct call *call, struct str item_id, ecommerce_error *err)
{
    struct str sku;
    struct stored_document product;
    bool tracked, found;
    if (!sku_of(call, item_id, &sku, &tracked, err) ||
        !product_of_sku(call, sku, &product, &found, err)) {
        return false;
    }
    doc_add_text(call->out, "sku", sku);
    doc_add_bool(call->out, "tracked", tracked);
    if (!tracked) {
        return true;
    }
    struct stock_line asked = {.sku = sku};
    struct live_request request = call_live(call, LIVE_LEVELS);
    request.lines = &asked;
    request.line_count = 1;
    if (!live_run(call->shop->live, &request, err)) {
        return false;
    }
    int64_t threshold = found ? threshold_of(call, &product) : 0;
    doc_add_int(call->out, "available", request.levels[0].available);
    doc_add_int(call->out, "held", request.levels[0].held);
    doc_add_int(call->out, "threshold", threshold);
    doc_add_bool(call->out, "low", request.levels[0].available <= threshold);
    return true;
}

static bool show_if_low(struct call *call, const struct stock_level *level, size_t *shown,
                        ecommerce_error *err)
{
    struct stored_document product;
    bool found;
    struct arena_mark mark = arena_save(&call->arena);
    if (!product_of_sku(call, level->sku, &product, &found, err)) {
        return false;
    }
    int64_t threshold = found ? threshold_of(call, &product) : 0;
    if (found && !doc_bool(product.doc, "retired", false) && level->available <= threshold) {
        doc_open(call->out, NULL);
        doc_add_text(call->out, "sku", level->sku);
        doc_add_text(call->out, "product_id", product.id);
        doc_add_text(call->out, "name", doc_text(product.doc, "name"));
        doc_add_int(call->out, "available", level->available);
        doc_add_int(call->out, "threshold", threshold);
        doc_close(call->out);
        (*shown)++;
    }
    arena_restore(&call->arena, mark);
    return true;
}

bool stock_list_low(struct call *call, size_t limit, struct str cursor, ecommerce_error *err)
{
    size_t most = (size_t)settings_int(call->shop->settings, SETTING_SEARCH_MAX_PAGE);
    size_t shown = 0;
    bool end = false;
    limit = limit == 0 || limit > most ? most : limit;
    doc_open_array(call->out, "items");
    while (!end && shown < limit) {
        struct live_request request = call_live(call, LIVE_LEVELS_SCAN);
        request.after = cursor;
        request.limit = LEVELS_A_PAGE;
        if (!live_run(call->shop->live, &request, err)) {
            return false;
        }
        end = request.level_count < LEVELS_A_PAGE;
        for (size_t i = 0; i < request.level_count; i++) {
            if (shown == limit) {
                end = false;
                break;
            }
            cursor = request.levels[i].sku;
            if (!show_if_low(call, &request.levels[i], &shown, err)) {
                return false;
            }
        }
    }
    doc_close(call->out);
    doc_add_text(call->out, "cursor", end ? STR_NONE : cursor);
    return true;
}

/* ---- time travel ---- */

bool stock_history(struct call *call, struct str item_id, int64_t from, int64_t to,
                   ecommerce_error *err)
{
    struct str sku;
    bool tracked;
    if (!sku_of(call, item_id, &sku, &tracked, err)) {
        return false;
    }
    struct timeseries_request request = call_timeseries(call, TIMESERIES_STOCK_HISTORY);
    request.key = sku;
    request.from = from;
    request.to = to;
    if (!timeseries_run(call->shop->timeseries, &request, err)) {
        return false;
    }
    doc_add_text(call->out, "sku", sku);
    doc_open_array(call->out, "movements");
    for (size_t i = 0; i < request.count; i++) {
        doc_open(call->out, NULL);
        doc_add_time(call->out, "at", request.points[i].time);
        doc_add_text(call->out, "id", request.points[i].id);
        doc_add_int(call->out, "quantity", request.points[i].quantity);
        doc_add_int(call->out, "level", request.points[i].level);
        doc_close(call->out);
    }
    doc_close(call->out);
    return true;
}

bool stock_as_of(struct call *call, struct str item_id, int64_t at, ecommerce_error *err)
{
    struct str sku;
    bool tracked;
    if (!sku_of(call, item_id, &sku, &tracked, err)) {
        return false;
    }
    struct timeseries_request request = call_timeseries(call, TIMESERIES_STOCK_HISTORY);
    request.key = sku;
    request.from = INT64_MIN;
    request.to = at == INT64_MAX ? at : at + 1; /* at that time: what happened then included */
    if (!timeseries_run(call->shop->timeseries, &request, err)) {
        return false;
    }
    doc_add_text(call->out, "sku", sku);
    doc_add_time(call->out, "as_of", at);
    doc_add_int(call->out, "level", request.count ? request.points[request.count - 1].level : 0);
    return true;
}
