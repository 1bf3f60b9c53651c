#include "services/orders/epochs.h"

#include "services/orders/order_changes.h"

#include <inttypes.h>
#include <stdio.h>

enum { COUNTED_IDS_A_PART = 5000 };

/* Twelve digits, so that ids sort like numbers. */
static struct id seal_id(int64_t epoch)
{
    struct id id;
    snprintf(id.text, sizeof(id.text), "%012" PRId64, epoch);
    return id;
}

static struct id base_id(int64_t epoch)
{
    struct id id;
    snprintf(id.text, sizeof(id.text), "%012" PRId64 "/base", epoch);
    return id;
}

static struct id part_id(int64_t epoch, int64_t part)
{
    struct id id;
    snprintf(id.text, sizeof(id.text), "%012" PRId64 "/base/%06" PRId64, epoch, part);
    return id;
}

bool epochs_newest(struct call *call, int64_t known, int64_t *newest, ecommerce_error *err)
{
    int64_t epoch = known;
    for (;;) {
        struct id id = seal_id(epoch + 1);
        struct stored_document seal;
        bool found;
        if (!call_get(call, COLLECTION_EPOCHS, str_of(id.text), true, &seal, &found, err)) {
            return false;
        }
        if (!found) {
            *newest = epoch;
            return true;
        }
        epoch++;
    }
}

bool epochs_base(struct call *call, int64_t epoch, struct epoch_base *base, bool *found,
                 ecommerce_error *err)
{
    struct id id = base_id(epoch);
    struct stored_document stored;
    *base = (struct epoch_base){0};
    if (!call_get(call, COLLECTION_EPOCHS, str_of(id.text), true, &stored, found, err)) {
        return false;
    }
    if (*found) {
        base->epoch = epoch;
        base->parent = doc_int(stored.doc, "parent", 0);
        base->identity = doc_text(stored.doc, "live_identity");
        base->counted = doc_child(stored.doc, "counted");
        base->parts = doc_int(stored.doc, "parts", 0);
    }
    return true;
}

bool epochs_newest_base(struct call *call, int64_t from, struct epoch_base *base,
                        ecommerce_error *err)
{
    *base = (struct epoch_base){0};
    for (int64_t epoch = from; epoch > 0; epoch--) {
        bool found;
        if (!epochs_base(call, epoch, base, &found, err)) {
            return false;
        }
        if (found) {
            return true;
        }
    }
    return true;
}

static bool insert_document(struct call *call, struct id id, struct doc_builder *builder, bool *won,
                            ecommerce_error *err)
{
    struct doc doc = doc_finish(builder);
    if (!doc_builder_check(builder, err)) {
        return false;
    }
    return documents_insert(call->shop->documents, COLLECTION_EPOCHS, str_of(id.text), doc, 0,
                            call->deadline, won, err);
}

bool epochs_seal(struct call *call, int64_t epoch, bool *won, ecommerce_error *err)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    doc_add_int(&builder, "epoch", epoch);
    doc_add_int(&builder, "sealed_at", call_wall(call));
    doc_adds(&builder, "sealed_by", call->shop->orders->node.text);
    bool ok = insert_document(call, seal_id(epoch), &builder, won, err);
    doc_builder_release(&builder);
    return ok;
}

static void add_ids(struct doc_builder *builder, const struct str *ids, size_t count)
{
    doc_open_array(builder, "counted");
    for (size_t i = 0; i < count; i++) {
        doc_add_text(builder, NULL, ids[i]);
    }
    doc_close(builder);
}

static bool write_parts(struct call *call, int64_t epoch, const struct str *counted, size_t count,
                        int64_t *parts, ecommerce_error *err)
{
    *parts = 0;
    if (count <= COUNTED_IDS_A_PART) {
        return true;
    }
    for (size_t at = 0; at < count; at += COUNTED_IDS_A_PART) {
        size_t length = count - at < COUNTED_IDS_A_PART ? count - at : COUNTED_IDS_A_PART;
        struct doc_builder builder;
        bool won;
        doc_builder_init(&builder);
        add_ids(&builder, counted + at, length);
        bool ok = insert_document(call, part_id(epoch, *parts), &builder, &won, err);
        doc_builder_release(&builder);
        if (!ok) {
            return false;
        }
        (*parts)++;
    }
    return true;
}

/* With the witness of the live store it is for: one that was exchanged or restored is then not
 * counted again at each opening until an order comes. */
static bool insert_base(struct call *call, const struct epoch_base *base,
                        struct doc_builder *builder, bool *won, ecommerce_error *err)
{
    struct id id = base_id(base->epoch);
    struct documents_request request =
        call_documents(call, DOCUMENTS_INSERT, COLLECTION_EPOCHS, str_of(id.text));
    request.doc = doc_finish(builder);
    if (base->sequence > 0) {
        request.witness_identity = base->identity;
        request.witness_sequence = base->sequence;
    }
    if (!doc_builder_check(builder, err) || !documents_run(call->shop->documents, &request, err)) {
        return false;
    }
    *won = request.inserted;
    return true;
}

bool epochs_open(struct call *call, const struct epoch_base *base, const struct str *counted,
                 size_t counted_count, bool *won, ecommerce_error *err)
{
    int64_t parts;
    if (!write_parts(call, base->epoch, counted, counted_count, &parts, err)) {
        return false;
    }
    struct doc_builder builder;
    doc_builder_init(&builder);
    doc_add_int(&builder, "epoch", base->epoch);
    doc_add_int(&builder, "parent", base->parent);
    doc_add_text(&builder, "live_identity", base->identity);
    doc_add_int(&builder, "opened_at", call_wall(call));
    doc_adds(&builder, "opened_by", call->shop->orders->node.text);
    doc_add_int(&builder, "parts", parts);
    add_ids(&builder, counted, parts == 0 ? counted_count : 0);
    bool ok = insert_base(call, base, &builder, won, err);
    doc_builder_release(&builder);
    return ok;
}

static bool add_to_set(struct call *call, struct doc ids, struct strmap *set, ecommerce_error *err)
{
    struct doc_iter iter;
    for (doc_iter_init(&iter, ids); doc_iter_next(&iter);) {
        if (iter.value.type == DOC_TEXT && !strmap_put(set, iter.value.text, call)) {
            return error_memory(err);
        }
    }
    return true;
}

/* The array in one part; a part that a base names and that is not there is damage. */
static bool read_part(struct call *call, const struct epoch_base *base, int64_t part,
                      struct doc *ids, ecommerce_error *err)
{
    struct id id = part_id(base->epoch, part);
    struct stored_document stored;
    bool found;
    if (!call_get(call, COLLECTION_EPOCHS, str_of(id.text), true, &stored, &found, err)) {
        return false;
    }
    if (!found) {
        return error_set(err, ECOMMERCE_STORAGE_FAILED,
                         "part %" PRId64 " of epoch %" PRId64 " is missing", part, base->epoch);
    }
    *ids = doc_child(stored.doc, "counted");
    return true;
}

bool epochs_counted(struct call *call, const struct epoch_base *base, struct strmap *set,
                    ecommerce_error *err)
{
    if (!add_to_set(call, base->counted, set, err)) {
        return false;
    }
    for (int64_t part = 0; part < base->parts; part++) {
        struct doc ids;
        if (!read_part(call, base, part, &ids, err) || !add_to_set(call, ids, set, err)) {
            return false;
        }
    }
    return true;
}

static bool lists(struct doc ids, struct str order_id)
{
    struct doc_iter iter;
    for (doc_iter_init(&iter, ids); doc_iter_next(&iter);) {
        if (iter.value.type == DOC_TEXT && str_equal(iter.value.text, order_id)) {
            return true;
        }
    }
    return false;
}

static bool base_lists(struct call *call, const struct epoch_base *base, struct str order_id,
                       bool *listed, ecommerce_error *err)
{
    *listed = lists(base->counted, order_id);
    for (int64_t part = 0; part < base->parts && !*listed; part++) {
        struct doc ids;
        if (!read_part(call, base, part, &ids, err)) {
            return false;
        }
        *listed = lists(ids, order_id);
    }
    return true;
}

/* Follows the parents back from the newest base to the one that was counted from the order's epoch.
 */
static bool judge_by_bases(struct call *call, const struct order *order, int64_t newest,
                           enum judgement *judgement, ecommerce_error *err)
{
    struct epoch_base base;
    bool found;
    if (!epochs_base(call, newest, &base, &found, err)) {
        return false;
    }
    if (!found) {
        *judgement = JUDGED_UNDECIDED;
        return true;
    }
    while (base.parent > order->epoch) {
        int64_t parent = base.parent;
        if (parent >= base.epoch) {
            return error_set(err, ECOMMERCE_STORAGE_FAILED,
                             "the base of epoch %" PRId64 " names a later parent", base.epoch);
        }
        if (!epochs_base(call, parent, &base, &found, err)) {
            return false;
        }
        if (!found) {
            return error_set(err, ECOMMERCE_STORAGE_FAILED,
                             "the base of epoch %" PRId64 " is missing", parent);
        }
    }
    bool listed = false;
    if (base.parent == order->epoch && !base_lists(call, &base, order->order_id, &listed, err)) {
        return false;
    }
    *judgement = listed ? JUDGED_VALID : JUDGED_VOID;
    return true;
}

bool epochs_judge(struct call *call, const struct order *order, int64_t newest,
                  enum judgement *judgement, ecommerce_error *err)
{
    if (order->epoch == newest && (order->marks & MARK_STOCK)) {
        /* Whoever voided it saw a newer epoch before we read the newest: there is none. */
        *judgement = JUDGED_VALID;
        return true;
    }
    bool is_void;
    if (!changes_find_void(call, order->order_id, &is_void, err)) {
        return false;
    }
    if (is_void || !(order->marks & MARK_STOCK)) {
        *judgement = is_void ? JUDGED_VOID : JUDGED_VALID;
        return true;
    }
    return judge_by_bases(call, order, newest, judgement, err);
}
