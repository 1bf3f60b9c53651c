#include "services/customers/sessions.h"

#include "services/catalog/merge_patch.h"

#include <stdio.h>

enum { SESSIONS_LISTED = 1000, DATA_ATTEMPTS = 8 };

static const char *const role_names[] = {
    [SESSION_GUEST] = "guest",
    [SESSION_CUSTOMER] = "customer",
    [SESSION_STAFF] = "staff",
    [SESSION_ADMIN] = "admin",
};

void token_hash(struct str token, char hash[SESSION_HASH_TEXT])
{
    struct sha256 sha;
    sha256_of(&sha, token.ptr, token.len);
    hex_encode(sha.bytes, SHA256_BYTES, hash);
}

static bool expired(ecommerce_error *err)
{
    return error_field(err, ECOMMERCE_EXPIRED, "token", "the session has ended");
}

static bool is_staff(enum session_kind kind)
{
    return kind == SESSION_STAFF || kind == SESSION_ADMIN;
}

/* Customers and staff have ids of their own: the prefix keeps them apart. */
static struct str owner_of(struct call *call, enum session_kind kind, struct str subject,
                           ecommerce_error *err)
{
    const char *prefix = is_staff(kind) ? "staff" : "customer";
    char *owner = arena_printf(&call->arena, "%s:%.*s", prefix, STR_ARG(subject));
    if (owner == NULL) {
        error_memory(err);
    }
    return str_of(owner);
}

static int64_t ends_at(struct call *call, int64_t began_at)
{
    return began_at + settings_duration(call->shop->settings, SETTING_SESSIONS_ABSOLUTE);
}

static int64_t expiry_of(struct call *call, int64_t began_at, int64_t used_at)
{
    int64_t idle = used_at + settings_duration(call->shop->settings, SETTING_SESSIONS_IDLE);
    int64_t end = ends_at(call, began_at);
    return idle < end ? idle : end;
}

/* ---- storing ---- */

static bool check_data(struct doc data, ecommerce_error *err)
{
    if (data.size > SESSION_DATA_MAX) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "data",
                           "a session's data has at most %d bytes", SESSION_DATA_MAX);
    }
    return true;
}

static struct str subject_of(const struct session *session)
{
    return session->staff_id.ptr != NULL ? session->staff_id : session->customer_id;
}

/* *stored false: it is not there with this version any more. */
static bool store(struct call *call, struct session *session, int64_t version, bool *stored,
                  ecommerce_error *err)
{
    struct str subject = subject_of(session);
    enum session_kind kind = session->staff_id.ptr != NULL ? SESSION_STAFF : SESSION_CUSTOMER;
    struct str owner = STR_NONE;
    if (subject.ptr != NULL) {
        owner = owner_of(call, kind, subject, err);
        if (owner.ptr == NULL) {
            return false;
        }
    }
    struct doc_builder builder;
    doc_builder_init(&builder);
    doc_add_text(&builder, "subject", subject);
    doc_add_text(&builder, "role", session->role);
    doc_add_int(&builder, "began_at", session->began_at);
    doc_add_int(&builder, "used_at", session->used_at);
    doc_add_doc(&builder, "data", session->data);
    struct live_request request = call_live(call, LIVE_PUT);
    request.space = SPACE_SESSIONS;
    request.key = str_of(session->hash);
    request.owner = owner;
    request.version = version;
    request.doc = doc_finish(&builder);
    session->expires_at = expiry_of(call, session->began_at, session->used_at);
    request.expires_at = session->expires_at;
    bool ok = doc_builder_check(&builder, err) && live_run(call->shop->live, &request, err);
    *stored = ok && request.stored;
    session->version = request.value.version;
    doc_builder_release(&builder);
    return ok;
}

static void parse(struct call *call, const struct live_value *value, struct session *session)
{
    struct str subject = doc_text(value->doc, "subject");
    session->role = doc_text(value->doc, "role");
    bool staff = str_is(session->role, "staff") || str_is(session->role, "admin");
    session->staff_id = staff ? subject : STR_NONE;
    session->customer_id = staff ? STR_NONE : subject;
    session->data = doc_child(value->doc, "data");
    session->began_at = doc_int(value->doc, "began_at", 0);
    session->used_at = doc_int(value->doc, "used_at", 0);
    session->expires_at = expiry_of(call, session->began_at, session->used_at);
    session->version = value->version;
}

static bool load(struct call *call, struct str token, struct session *session, ecommerce_error *err)
{
    *session = (struct session){0};
    if (token.len == 0) {
        return expired(err);
    }
    token_hash(token, session->hash);
    struct live_request request = call_live(call, LIVE_GET);
    request.space = SPACE_SESSIONS;
    request.key = str_of(session->hash);
    if (!live_run(call->shop->live, &request, err)) {
        return false;
    }
    if (!request.found) {
        return expired(err);
    }
    parse(call, &request.value, session);
    /* Also when the settings have become stricter since it was stored. */
    return session->expires_at > call_wall(call) || expired(err);
}

/* ---- showing ---- */

static void show(struct call *call, const struct session *session)
{
    struct doc_builder *out = call->out;
    doc_adds(out, "session", session->hash);
    doc_add_text(out, "role", session->role);
    if (session->customer_id.ptr != NULL) {
        doc_add_text(out, "customer_id", session->customer_id);
    }
    if (session->staff_id.ptr != NULL) {
        doc_add_text(out, "staff_id", session->staff_id);
    }
    doc_add_doc(out, "data", session->data);
    doc_add_time(out, "began_at", session->began_at);
    doc_add_time(out, "used_at", session->used_at);
    doc_add_time(out, "expires_at", session->expires_at);
    doc_add_time(out, "ends_at", ends_at(call, session->began_at));
}

/* ---- the operations ---- */

bool sessions_begin(struct call *call, enum session_kind kind, struct str subject, struct doc data,
                    ecommerce_error *err)
{
    char token[44];
    bool stored;
    bool guest = kind == SESSION_GUEST;
    if ((!guest && !id_check(subject, is_staff(kind) ? "staff_id" : "customer_id", err)) ||
        !check_data(data, err)) {
        return false;
    }
    struct session session = {
        .customer_id = guest || is_staff(kind) ? STR_NONE : subject,
        .staff_id = is_staff(kind) ? subject : STR_NONE,
        .role = str_of(role_names[kind]),
        .data = data,
        .began_at = call_wall(call),
        .used_at = call_wall(call),
    };
    token_new(call->shop->seams, token);
    token_hash(str_of(token), session.hash);
    if (!store(call, &session, VERSION_NONE, &stored, err)) {
        return false;
    }
    if (!stored) {
        return error_set(err, ECOMMERCE_INTERNAL, "two sessions drew the same token");
    }
    doc_adds(call->out, "token", token);
    doc_adds(call->out, "session", session.hash);
    doc_add_text(call->out, "role", session.role);
    doc_add_time(call->out, "expires_at", session.expires_at);
    doc_add_time(call->out, "ends_at", ends_at(call, session.began_at));
    return true;
}

static bool due(struct call *call, const struct session *session)
{
    int64_t every = settings_duration(call->shop->settings, SETTING_SESSIONS_IDLE) / 10;
    every = every < SESSION_TOUCH_EVERY ? every : SESSION_TOUCH_EVERY;
    return call_wall(call) - session->used_at >= every;
}

bool sessions_use(struct call *call, struct str token, struct session *session,
                  ecommerce_error *err)
{
    bool stored;
    if (!load(call, token, session, err)) {
        return false;
    }
    if (!due(call, session)) {
        return true;
    }
    session->used_at = call_wall(call);
    int64_t version = session->version;
    if (!store(call, session, version, &stored, err)) {
        return false;
    }
    /* Another use was faster, or it was ended: what is there now says which. */
    return stored || load(call, token, session, err);
}

bool sessions_get(struct call *call, struct str token, ecommerce_error *err)
{
    struct session session;
    if (!load(call, token, &session, err)) {
        return false;
    }
    show(call, &session);
    return true;
}

bool sessions_touch(struct call *call, struct str token, ecommerce_error *err)
{
    struct session session;
    if (!sessions_use(call, token, &session, err)) {
        return false;
    }
    show(call, &session);
    return true;
}

static bool new_data(struct call *call, struct doc old, struct doc change, bool merge,
                     struct doc *data, ecommerce_error *err)
{
    struct doc_builder merged;
    doc_builder_init(&merged);
    merge_patch_add(&merged, merge ? old : DOC_EMPTY, merge ? change : DOC_EMPTY);
    *data = merge ? doc_finish(&merged) : change;
    bool ok = doc_builder_check(&merged, err) && check_data(*data, err);
    if (ok && !doc_copy(&call->arena, *data, data)) {
        ok = error_memory(err);
    }
    doc_builder_release(&merged);
    return ok;
}

static bool change_data(struct call *call, struct str token, struct doc change, bool merge,
                        ecommerce_error *err)
{
    struct session session;
    bool stored = false;
    for (int attempt = 0; attempt < DATA_ATTEMPTS && !stored; attempt++) {
        if (!load(call, token, &session, err) ||
            !new_data(call, session.data, change, merge, &session.data, err)) {
            return false;
        }
        session.used_at = call_wall(call);
        int64_t version = session.version;
        if (!store(call, &session, version, &stored, err)) {
            return false;
        }
    }
    if (!stored) {
        return error_set(err, ECOMMERCE_OVERLOADED, "too many calls change this session at once");
    }
    show(call, &session);
    return true;
}

bool sessions_set_data(struct call *call, struct str token, struct doc data, ecommerce_error *err)
{
    return change_data(call, token, data, false, err);
}

bool sessions_merge_data(struct call *call, struct str token, struct doc patch,
                         ecommerce_error *err)
{
    return change_data(call, token, patch, true, err);
}

bool sessions_end(struct call *call, struct str token, ecommerce_error *err)
{
    char hash[SESSION_HASH_TEXT];
    token_hash(token, hash);
    struct live_request request = call_live(call, LIVE_DELETE);
    request.space = SPACE_SESSIONS;
    request.key = str_of(hash);
    request.version = VERSION_ANY;
    if (!live_run(call->shop->live, &request, err)) {
        return false;
    }
    doc_add_bool(call->out, "ended", request.found);
    return true;
}

bool sessions_end_all(struct call *call, enum session_kind kind, struct str subject, int64_t *ended,
                      ecommerce_error *err)
{
    *ended = 0;
    struct live_request request = call_live(call, LIVE_DELETE_OWNER);
    request.space = SPACE_SESSIONS;
    request.owner = owner_of(call, kind, subject, err);
    if (request.owner.ptr == NULL || !live_run(call->shop->live, &request, err)) {
        return false;
    }
    *ended = (int64_t)request.count;
    return true;
}

bool sessions_add_all(struct call *call, const char *name, struct str customer_id,
                      ecommerce_error *err)
{
    struct live_request request = call_live(call, LIVE_LIST);
    request.space = SPACE_SESSIONS;
    request.limit = SESSIONS_LISTED;
    request.owner = owner_of(call, SESSION_CUSTOMER, customer_id, err);
    if (request.owner.ptr == NULL || !live_run(call->shop->live, &request, err)) {
        return false;
    }
    doc_open_array(call->out, name);
    for (size_t i = 0; i < request.count; i++) {
        struct session session;
        parse(call, &request.values[i], &session);
        snprintf(session.hash, sizeof(session.hash), "%.*s", STR_ARG(request.values[i].key));
        doc_open(call->out, NULL);
        show(call, &session);
        doc_close(call->out);
    }
    doc_close(call->out);
    return true;
}
