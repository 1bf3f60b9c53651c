#include "services/customers/customer_parts.h"

#include "services/catalog/merge_patch.h"

enum { PUT_ATTEMPTS = 8 };

bool customer_is_erased(struct doc customer)
{
    return doc_bool(customer, "erased", false);
}

bool customer_load(struct call *call, struct str customer_id, struct stored_document *stored,
                   ecommerce_error *err)
{
    bool found;
    if (!id_check(customer_id, "customer_id", err) ||
        !call_get(call, COLLECTION_CUSTOMERS, customer_id, true, stored, &found, err)) {
        return false;
    }
    return found || error_field(err, ECOMMERCE_NOT_FOUND, "customer_id",
                                "no customer has the id '%.*s'", STR_ARG(customer_id));
}

static bool is_stamp(struct str key)
{
    return str_is(key, "created_at") || str_is(key, "changed_at") || str_is(key, "erased_at");
}

void customer_show(struct call *call, struct doc customer, int64_t version)
{
    struct doc_iter iter;
    for (doc_iter_init(&iter, customer); doc_iter_next(&iter);) {
        if (is_stamp(iter.value.key) && iter.value.type == DOC_INT) {
            doc_add_time(call->out, iter.value.key.ptr, iter.value.integer);
        } else if (!str_is(iter.value.key, "erasing")) {
            doc_add_value(call->out, NULL, &iter.value);
        }
    }
    doc_add_int(call->out, "version", version);
}

/* ---- what a caller gives ---- */

/* Set by the engine; a document that was read may be put back as it is. */
static bool is_own_field(struct str key)
{
    return is_stamp(key) || str_is(key, "customer_id") || str_is(key, "version") ||
           str_is(key, "changed") || str_is(key, "erased") || str_is(key, "erasing");
}

static bool check_key(struct str key, ecommerce_error *err)
{
    if (key.len == 0 || key.ptr[0] == '$' || memchr(key.ptr, '.', key.len) != NULL) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "customer",
                           "'%.*s' is no name of a field", STR_ARG(key));
    }
    return true;
}

static bool must_be_text(struct str key)
{
    return str_is(key, "name") || str_is(key, "email") || str_is(key, "phone") ||
           str_is(key, "country");
}

static bool check_field(const struct doc_value *value, ecommerce_error *err)
{
    if (must_be_text(value->key) && value->type != DOC_TEXT && value->type != DOC_NULL) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, value->key.ptr, "it is not a text");
    }
    if (!str_is(value->key, "addresses") || value->type == DOC_NULL) {
        return check_key(value->key, err);
    }
    if (value->type != DOC_ARRAY) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "addresses", "it is not an array");
    }
    struct doc_iter iter;
    for (doc_iter_init(&iter, value->child); doc_iter_next(&iter);) {
        if (iter.value.type != DOC_DOCUMENT) {
            return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "addresses",
                               "each address is a document");
        }
    }
    return true;
}

/* The caller's fields, checked, the e-mail address normalised; nulls and empty addresses of e-mail
 * are left out. */
static bool add_fields(struct call *call, struct doc_builder *out, struct doc customer,
                       ecommerce_error *err)
{
    struct doc_iter iter;
    for (doc_iter_init(&iter, customer); doc_iter_next(&iter);) {
        const struct doc_value *value = &iter.value;
        struct str normal;
        if (is_own_field(value->key) || value->type == DOC_NULL) {
            continue;
        }
        if (!check_field(value, err)) {
            return false;
        }
        if (!str_is(value->key, "email")) {
            doc_add_value(out, NULL, value);
        } else if (value->text.len > 0) {
            if (!email_normalise(&call->arena, value->text, "email", &normal, err)) {
                return false;
            }
            doc_add_text(out, "email", normal);
        }
    }
    return true;
}

/* The content without stamps: what is compared. In the arena. */
static bool content_of(struct call *call, struct str customer_id, struct doc customer,
                       struct doc *content, ecommerce_error *err)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    builder.maximum = CUSTOMER_MAX_BYTES;
    doc_add_text(&builder, "customer_id", customer_id);
    bool ok = add_fields(call, &builder, customer, err);
    struct doc doc = doc_finish(&builder);
    ok = ok && doc_builder_check(&builder, err);
    if (ok && !doc_copy(&call->arena, doc, content)) {
        ok = error_memory(err);
    }
    doc_builder_release(&builder);
    return ok;
}

/* ---- writing ---- */

struct put {
    struct str customer_id;
    struct doc content;
    struct stored_document old; /* as read; version 0: there is none */
    struct claim old_claim, new_claim;
};

static bool stamp(struct call *call, const struct put *put, struct doc_builder *out,
                  ecommerce_error *err)
{
    int64_t now = call_wall(call);
    doc_add_all(out, put->content);
    doc_add_int(out, "created_at", doc_int(put->old.doc, "created_at", now));
    doc_add_int(out, "changed_at", now);
    return doc_builder_check(out, err);
}

/* *written false: the document is not the one that was read any more. */
static bool write_profile(struct call *call, const struct put *put, bool *written,
                          ecommerce_error *err)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    bool is_new = put->old.version == 0;
    struct documents_request request =
        call_documents(call, is_new ? DOCUMENTS_INSERT : DOCUMENTS_REPLACE, COLLECTION_CUSTOMERS,
                       put->customer_id);
    bool ok = stamp(call, put, &builder, err);
    request.doc = doc_finish(&builder);
    request.version = put->old.version;
    ok = ok && documents_run(call->shop->documents, &request, err);
    *written = ok && (is_new ? request.inserted : request.replaced);
    if (*written) {
        customer_show(call, request.doc, put->old.version + 1);
        doc_add_bool(call->out, "changed", true);
    }
    doc_builder_release(&builder);
    return ok;
}

/* Claim first, profile second, the old claim last: see customers.h. */
static bool write(struct call *call, struct put *put, bool *written, ecommerce_error *err)
{
    struct str old_email = doc_text(put->old.doc, "email");
    struct str new_email = doc_text(put->content, "email");
    bool changes = !str_equal(old_email, new_email);
    ecommerce_error local = {0};
    *written = false;
    if (changes && !claim_read(call, old_email, &put->old_claim, err)) {
        return false;
    }
    if (changes && new_email.ptr != NULL &&
        !claim_take(call, new_email, put->customer_id, &put->new_claim, err)) {
        return false;
    }
    bool ok = write_profile(call, put, written, &local);
    if (!ok && err != NULL) {
        *err = local;
    }
    bool unknown = ecommerce_error_class_of(local.code) == ECOMMERCE_CLASS_OUTCOME_UNKNOWN;
    if (changes && *written) {
        claim_release(call, &put->old_claim);
    } else if (changes && !unknown && !put->new_claim.was_mine) {
        claim_release(call, &put->new_claim);
    }
    return ok;
}

static bool check_old(const struct put *put, const struct write_options *options,
                      ecommerce_error *err)
{
    if (customer_is_erased(put->old.doc)) {
        return error_field(err, ECOMMERCE_ALREADY_EXISTS, "customer_id",
                           "the customer '%.*s' was erased, and the id is not used again",
                           STR_ARG(put->customer_id));
    }
    if (options->must_be_new && put->old.version != 0) {
        return error_field(err, ECOMMERCE_ALREADY_EXISTS, "customer_id",
                           "a customer has the id '%.*s'", STR_ARG(put->customer_id));
    }
    if (options->expected_version != 0 && options->expected_version != put->old.version) {
        return error_field(err, ECOMMERCE_VERSION_CONFLICT, "version",
                           "the customer has the version %lld now", (long long)put->old.version);
    }
    return true;
}

static bool is_unchanged(struct call *call, const struct put *put, bool *unchanged,
                         ecommerce_error *err)
{
    struct doc before;
    *unchanged = false;
    if (put->old.version == 0) {
        return true;
    }
    if (!content_of(call, put->customer_id, put->old.doc, &before, err)) {
        return false;
    }
    *unchanged = doc_equal(before, put->content);
    return true;
}

/* One try with the document as it is now. *done false: it changed while we wrote. */
static bool try_put(struct call *call, struct put *put, const struct write_options *options,
                    bool *done, ecommerce_error *err)
{
    bool unchanged;
    *done = false;
    if (!check_old(put, options, err) || !is_unchanged(call, put, &unchanged, err)) {
        return false;
    }
    if (unchanged) {
        customer_show(call, put->old.doc, put->old.version);
        doc_add_bool(call->out, "changed", false);
        *done = true;
        return true;
    }
    return write(call, put, done, err);
}

static bool too_busy(ecommerce_error *err)
{
    return error_set(err, ECOMMERCE_OVERLOADED, "too many calls change this customer at once");
}

bool customers_put(struct call *call, struct str customer_id, struct doc customer,
                   const struct write_options *options, ecommerce_error *err)
{
    static const struct write_options none = {0};
    struct put put = {.customer_id = customer_id};
    options = options ? options : &none;
    if (!id_check(customer_id, "customer_id", err) ||
        !content_of(call, customer_id, customer, &put.content, err)) {
        return false;
    }
    for (int attempt = 0; attempt < PUT_ATTEMPTS; attempt++) {
        bool found, done;
        if (!call_get(call, COLLECTION_CUSTOMERS, customer_id, true, &put.old, &found, err) ||
            !try_put(call, &put, options, &done, err)) {
            return false;
        }
        if (done) {
            return true;
        }
    }
    return too_busy(err);
}

static bool patched(struct call *call, struct put *put, struct doc patch, ecommerce_error *err)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    merge_patch_add(&builder, put->old.doc, patch);
    struct doc doc = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err) &&
              content_of(call, put->customer_id, doc, &put->content, err);
    doc_builder_release(&builder);
    return ok;
}

bool customers_patch(struct call *call, struct str customer_id, struct doc patch,
                     const struct write_options *options, ecommerce_error *err)
{
    static const struct write_options none = {0};
    struct put put = {.customer_id = customer_id};
    options = options ? options : &none;
    for (int attempt = 0; attempt < PUT_ATTEMPTS; attempt++) {
        bool done;
        if (!customer_load(call, customer_id, &put.old, err) || !patched(call, &put, patch, err) ||
            !try_put(call, &put, options, &done, err)) {
            return false;
        }
        if (done) {
            return true;
        }
    }
    return too_busy(err);
}

/* ---- reading ---- */

bool customers_get(struct call *call, struct str customer_id, ecommerce_error *err)
{
    struct stored_document stored;
    if (!customer_load(call, customer_id, &stored, err)) {
        return false;
    }
    customer_show(call, stored.doc, stored.version);
    return true;
}

bool customers_find_by_email(struct call *call, struct str email, ecommerce_error *err)
{
    struct stored_document customer;
    struct str normal;
    bool found;
    if (!email_normalise(&call->arena, email, "email", &normal, err) ||
        !customers_by_email(call, normal, &customer, &found, err)) {
        return false;
    }
    if (!found) {
        return error_field(err, ECOMMERCE_NOT_FOUND, "email", "no customer has this address");
    }
    customer_show(call, customer.doc, customer.version);
    return true;
}
