#include "services/customers/customer_parts.h"

enum { CLAIM_ATTEMPTS = 5 };

/* ---- addresses ---- */

static bool is_local(struct str local)
{
    if (local.len == 0 || local.len > 64) {
        return false;
    }
    for (size_t i = 0; i < local.len; i++) {
        unsigned char c = (unsigned char)local.ptr[i];
        if (c <= ' ' || c == 0x7f || strchr("\"(),:;<>[\\]@", c) != NULL) {
            return false;
        }
        bool dot_before = i == 0 || local.ptr[i - 1] == '.';
        if (c == '.' && (dot_before || i + 1 == local.len)) {
            return false;
        }
    }
    return true;
}

static bool is_label(struct str label)
{
    if (label.len == 0 || label.len > 63 || label.ptr[0] == '-' ||
        label.ptr[label.len - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < label.len; i++) {
        unsigned char c = (unsigned char)label.ptr[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c >= 0x80;
        if (!fine) {
            return false;
        }
    }
    return true;
}

static bool is_domain(struct str domain)
{
    size_t labels = 0;
    while (domain.ptr != NULL) {
        const char *dot = domain.len ? memchr(domain.ptr, '.', domain.len) : NULL;
        size_t length = dot ? (size_t)(dot - domain.ptr) : domain.len;
        if (!is_label(str_make(domain.ptr, length))) {
            return false;
        }
        labels++;
        domain = dot ? str_make(dot + 1, domain.len - length - 1) : STR_NONE;
    }
    return labels >= 2;
}

bool email_normalise(struct arena *arena, struct str email, const char *field, struct str *normal,
                     ecommerce_error *err)
{
    struct str trimmed = str_trim(email);
    const char *at = trimmed.len ? memchr(trimmed.ptr, '@', trimmed.len) : NULL;
    if (at == NULL || trimmed.len > EMAIL_MAX || !str_is_utf8(trimmed)) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, field, "this is no e-mail address");
    }
    char *copy = arena_str(arena, trimmed);
    if (copy == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < trimmed.len; i++) {
        copy[i] = copy[i] >= 'A' && copy[i] <= 'Z' ? (char)(copy[i] - 'A' + 'a') : copy[i];
    }
    size_t local = (size_t)(at - trimmed.ptr);
    *normal = str_make(copy, trimmed.len);
    if (!is_local(str_make(copy, local)) ||
        !is_domain(str_make(copy + local + 1, trimmed.len - local - 1))) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, field, "this is no e-mail address");
    }
    return true;
}

/* ---- claims ---- */

static bool claim_id(struct call *call, struct str email, struct str *id, ecommerce_error *err)
{
    char *text = arena_printf(&call->arena, "email:%.*s", STR_ARG(email));
    *id = str_of(text);
    return text != NULL || error_memory(err);
}

static bool get_claim(struct call *call, struct str email, struct claim *claim,
                      struct stored_document *stored, ecommerce_error *err)
{
    *claim = (struct claim){0};
    if (!claim_id(call, email, &claim->id, err) ||
        !call_get(call, COLLECTION_UNIQUE, claim->id, true, stored, &claim->found, err)) {
        return false;
    }
    claim->version = claim->found ? stored->version : 0;
    return true;
}

bool claim_read(struct call *call, struct str email, struct claim *claim, ecommerce_error *err)
{
    struct stored_document stored;
    if (email.ptr == NULL) {
        *claim = (struct claim){0};
        return true;
    }
    return get_claim(call, email, claim, &stored, err);
}

/* A claim {customer_id, at}, or {released, at} without a customer: inserted when `version` is 0,
 * else in place of that version. *written false: somebody else was faster. */
static bool write_claim(struct call *call, struct claim *claim, struct str customer_id,
                        bool *written, ecommerce_error *err)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    if (customer_id.ptr != NULL) {
        doc_add_text(&builder, "customer_id", customer_id);
    } else {
        doc_add_bool(&builder, "released", true);
    }
    doc_add_int(&builder, "at", call_wall(call));
    enum documents_operation operation = claim->found ? DOCUMENTS_REPLACE : DOCUMENTS_INSERT;
    struct documents_request request =
        call_documents(call, operation, COLLECTION_UNIQUE, claim->id);
    request.doc = doc_finish(&builder);
    request.version = claim->version;
    bool ok =
        doc_builder_check(&builder, err) && documents_run(call->shop->documents, &request, err);
    doc_builder_release(&builder);
    *written = ok && (claim->found ? request.replaced : request.inserted);
    if (*written) {
        claim->version++;
        claim->found = true;
    }
    return ok;
}

/* Left over by a call that did not end: nobody has the address that it claims. */
static bool is_left_over(struct call *call, struct str email, const struct stored_document *claim,
                         bool *left_over, ecommerce_error *err)
{
    struct stored_document customer;
    struct str holder = doc_text(claim->doc, "customer_id");
    bool found = false;
    *left_over = false;
    if (call_wall(call) - doc_int(claim->doc, "at", 0) <= CLAIM_SETTLED) {
        return true;
    }
    if (holder.ptr != NULL &&
        !call_get(call, COLLECTION_CUSTOMERS, holder, true, &customer, &found, err)) {
        return false;
    }
    *left_over = !found || !str_equal(doc_text(customer.doc, "email"), email);
    return true;
}

static bool taken(ecommerce_error *err)
{
    return error_field(err, ECOMMERCE_ALREADY_EXISTS, "email",
                       "another customer has this e-mail address");
}

bool claim_take(struct call *call, struct str email, struct str customer_id, struct claim *claim,
                ecommerce_error *err)
{
    for (int attempt = 0; attempt < CLAIM_ATTEMPTS; attempt++) {
        struct stored_document stored;
        bool mine = false, free_again = false, written = false;
        if (!get_claim(call, email, claim, &stored, err)) {
            return false;
        }
        if (claim->found) {
            mine = str_equal(doc_text(stored.doc, "customer_id"), customer_id);
            if (!mine && !is_left_over(call, email, &stored, &free_again, err)) {
                return false;
            }
            if (!mine && !free_again) {
                return taken(err);
            }
        }
        /* One's own is written as well: whoever is about to give it up learns that it is wanted. */
        if (!write_claim(call, claim, customer_id, &written, err)) {
            return false;
        }
        claim->was_mine = mine;
        if (written) {
            return true;
        }
    }
    return taken(err);
}

void claim_release(struct call *call, const struct claim *claim)
{
    struct claim old = *claim;
    ecommerce_error err = {0};
    bool written = false;
    if (!old.found) {
        return;
    }
    if (write_claim(call, &old, STR_NONE, &written, &err) && written) {
        /* Fresh, so that nobody takes it over meanwhile. */
        struct documents_request request =
            call_documents(call, DOCUMENTS_ERASE, COLLECTION_UNIQUE, old.id);
        written = documents_run(call->shop->documents, &request, &err);
    }
    if (!written && err.code != ECOMMERCE_OK) {
        log_write(call->shop->logger, LOG_INFO, "customers", "an old claim is left over: %s",
                  err.message);
    }
}

bool customers_by_email(struct call *call, struct str email, struct stored_document *customer,
                        bool *found, ecommerce_error *err)
{
    struct stored_document stored;
    struct claim claim;
    if (!get_claim(call, email, &claim, &stored, err)) {
        return false;
    }
    struct str holder = claim.found ? doc_text(stored.doc, "customer_id") : STR_NONE;
    *found = false;
    if (holder.ptr != NULL &&
        !call_get(call, COLLECTION_CUSTOMERS, holder, true, customer, found, err)) {
        return false;
    }
    *found = *found && str_equal(doc_text(customer->doc, "email"), email);
    return true;
}
