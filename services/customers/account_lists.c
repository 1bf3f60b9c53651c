/*
 * account_lists.c - staff accounts and API keys: two short lists, each one document, changed under
 * its version.
 */
#include "services/customers/accounts.h"
#include "services/customers/passwords.h"

#include <sodium.h>

enum { LIST_ATTEMPTS = 16, NAME_MAX_BYTES = 200, SCOPES_MAX = 32, SCOPE_MAX_BYTES = 64 };

struct list {
    const char *id;    /* of its document in COLLECTION_SHOP, and the name of its array */
    const char *key;   /* the field that names an entry */
    const char *audit; /* what a change of it is called */
    size_t most;
};

static const struct list staff = {"staff", "staff_id", "change staff account", STAFF_MAX};
static const struct list api_keys = {"api_keys", "key_id", "change api key", API_KEYS_MAX};

/* ---- lists ---- */

static bool read_list(struct call *call, const struct list *list, struct stored_document *stored,
                      ecommerce_error *err)
{
    bool found;
    *stored = (struct stored_document){0};
    if (!call_get(call, COLLECTION_SHOP, str_of(list->id), true, stored, &found, err)) {
        return false;
    }
    stored->version = found ? stored->version : 0;
    return true;
}

static bool find_entry(const struct list *list, const struct stored_document *stored, struct str id,
                       struct doc *entry)
{
    struct doc_iter iter;
    struct doc entries = doc_child(stored->doc, list->id);
    for (doc_iter_init(&iter, entries); doc_iter_next(&iter);) {
        if (str_equal(doc_text(iter.value.child, list->key), id)) {
            *entry = iter.value.child;
            return true;
        }
    }
    return false;
}

/* The list with this entry in the place of the one of its id, or at the end. */
static bool write_list(struct call *call, const struct list *list,
                       const struct stored_document *stored, struct str id, struct doc entry,
                       bool *written, ecommerce_error *err)
{
    struct doc_builder builder;
    struct doc_iter iter;
    bool placed = false;
    doc_builder_init(&builder);
    doc_open_array(&builder, list->id);
    struct doc entries = doc_child(stored->doc, list->id);
    for (doc_iter_init(&iter, entries); doc_iter_next(&iter);) {
        bool same = str_equal(doc_text(iter.value.child, list->key), id);
        doc_add_doc(&builder, NULL, same ? entry : iter.value.child);
        placed = placed || same;
    }
    if (!placed) {
        doc_add_doc(&builder, NULL, entry);
    }
    bool is_new = stored->version == 0;
    struct documents_request request = call_documents(
        call, is_new ? DOCUMENTS_INSERT : DOCUMENTS_REPLACE, COLLECTION_SHOP, str_of(list->id));
    request.doc = doc_finish(&builder);
    request.version = stored->version;
    bool ok =
        doc_builder_check(&builder, err) && documents_run(call->shop->documents, &request, err);
    doc_builder_release(&builder);
    *written = ok && (is_new ? request.inserted : request.replaced);
    return ok;
}

/* What becomes of an entry; `old` is empty when there was none. */
struct entry_change {
    struct str id;
    bool must_exist;
    void (*build)(const struct entry_change *change, struct doc old, struct doc_builder *out);
    struct str name, role, secret; /* secret: hash of a password or key */
    const struct str *scopes;
    size_t scope_count;
    int64_t now;
};

static bool try_change(struct call *call, const struct list *list,
                       const struct entry_change *change, struct doc *old, bool *written,
                       ecommerce_error *err)
{
    struct stored_document stored;
    struct doc_builder builder;
    *old = DOC_EMPTY;
    if (!read_list(call, list, &stored, err)) {
        return false;
    }
    bool found = find_entry(list, &stored, change->id, old);
    if (!found && change->must_exist) {
        return error_field(err, ECOMMERCE_NOT_FOUND, list->key, "nothing has the %s '%.*s'",
                           list->key, STR_ARG(change->id));
    }
    if (!found && doc_count(doc_child(stored.doc, list->id)) >= list->most) {
        return error_set(err, ECOMMERCE_LIMIT_EXCEEDED, "there are %zu already", list->most);
    }
    doc_builder_init(&builder);
    change->build(change, *old, &builder);
    struct doc entry = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err) &&
              write_list(call, list, &stored, change->id, entry, written, err);
    doc_builder_release(&builder);
    return ok;
}

/* *old: the entry as it was. */
static bool change_list(struct call *call, const struct list *list,
                        const struct entry_change *change, struct doc *old, ecommerce_error *err)
{
    bool written = false;
    for (int attempt = 0; attempt < LIST_ATTEMPTS && !written; attempt++) {
        if (!try_change(call, list, change, old, &written, err)) {
            return false;
        }
    }
    if (!written) {
        return error_set(err, ECOMMERCE_OVERLOADED, "too many calls change this list at once");
    }
    return shop_audit(call, list->audit, change->id, DOC_EMPTY, err);
}

/* An entry as the doors show it: without its secret, times readable. */
static void show_entry(struct doc_builder *out, struct doc entry)
{
    struct doc_iter iter;
    for (doc_iter_init(&iter, entry); doc_iter_next(&iter);) {
        struct str key = iter.value.key;
        bool time = str_is(key, "created_at") || str_is(key, "revoked_at");
        if (time && iter.value.type == DOC_INT) {
            doc_add_time(out, key.ptr, iter.value.integer);
        } else if (!str_is(key, "password") && !str_is(key, "hash")) {
            doc_add_value(out, NULL, &iter.value);
        }
    }
}

static bool show_one(struct call *call, const struct list *list, struct str id,
                     ecommerce_error *err)
{
    struct stored_document stored;
    struct doc entry = DOC_EMPTY;
    if (!read_list(call, list, &stored, err)) {
        return false;
    }
    (void)find_entry(list, &stored, id, &entry);
    show_entry(call->out, entry);
    return true;
}

static bool show_all(struct call *call, const struct list *list, const char *name,
                     ecommerce_error *err)
{
    struct stored_document stored;
    struct doc_iter iter;
    if (!read_list(call, list, &stored, err)) {
        return false;
    }
    doc_open_array(call->out, name);
    struct doc entries = doc_child(stored.doc, list->id);
    for (doc_iter_init(&iter, entries); doc_iter_next(&iter);) {
        doc_open(call->out, NULL);
        show_entry(call->out, iter.value.child);
        doc_close(call->out);
    }
    doc_close(call->out);
    return true;
}

static bool check_name(struct str name, ecommerce_error *err)
{
    if (name.len > NAME_MAX_BYTES || (name.ptr != NULL && !str_is_utf8(name))) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "name",
                           "a name is UTF-8 of at most %d bytes", NAME_MAX_BYTES);
    }
    return true;
}

static bool bad_role(struct str role, const char *roles, ecommerce_error *err)
{
    if (role.ptr == NULL) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "role", "role is missing: %s", roles);
    }
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "role", "'%.*s' is no role here: %s",
                       STR_ARG(role), roles);
}

/* ---- staff ---- */

static struct str given_or(struct str given, struct doc old, const char *key)
{
    return given.ptr != NULL ? given : doc_text(old, key);
}

static void build_staff(const struct entry_change *change, struct doc old, struct doc_builder *out)
{
    doc_add_text(out, "staff_id", change->id);
    doc_add_text(out, "name", given_or(change->name, old, "name"));
    doc_add_text(out, "role", given_or(change->role, old, "role"));
    doc_add_text(out, "password", given_or(change->secret, old, "password"));
    doc_add_bool(out, "disabled", false);
    doc_add_int(out, "created_at", doc_int(old, "created_at", change->now));
}

static void build_disabled(const struct entry_change *change, struct doc old,
                           struct doc_builder *out)
{
    struct doc_iter iter;
    UNUSED(change);
    for (doc_iter_init(&iter, old); doc_iter_next(&iter);) {
        if (!str_is(iter.value.key, "disabled")) {
            doc_add_value(out, NULL, &iter.value);
        }
    }
    doc_add_bool(out, "disabled", true);
}

bool staff_put(struct call *call, struct str staff_id, struct str name, struct str role,
               struct str password, ecommerce_error *err)
{
    char hash[PASSWORD_HASH_TEXT];
    struct doc old;
    struct entry_change change = {
        .id = staff_id, .build = build_staff, .name = name, .role = role, .now = call_wall(call)};
    if (!id_check(staff_id, "staff_id", err) || !check_name(name, err)) {
        return false;
    }
    if (!str_is(role, "staff") && !str_is(role, "admin")) {
        return bad_role(role, "staff or admin", err);
    }
    if (password.ptr != NULL) {
        if (!password_check(password, err) || !password_hash(password, hash, err)) {
            return false;
        }
        change.secret = str_of(hash);
    }
    if (!change_list(call, &staff, &change, &old, err)) {
        return false;
    }
    int64_t ended;
    bool other_rights = password.ptr != NULL || !str_equal(role, doc_text(old, "role"));
    if (other_rights && !sessions_end_all(call, SESSION_STAFF, staff_id, &ended, err)) {
        return false;
    }
    return show_one(call, &staff, staff_id, err);
}

bool staff_disable(struct call *call, struct str staff_id, ecommerce_error *err)
{
    const struct entry_change change = {
        .id = staff_id, .build = build_disabled, .must_exist = true};
    struct doc old;
    int64_t ended;
    return change_list(call, &staff, &change, &old, err) &&
           sessions_end_all(call, SESSION_STAFF, staff_id, &ended, err) &&
           show_one(call, &staff, staff_id, err);
}

bool staff_list(struct call *call, ecommerce_error *err)
{
    return show_all(call, &staff, "staff", err);
}

bool staff_log_in(struct call *call, struct str staff_id, struct str password, ecommerce_error *err)
{
    struct stored_document stored;
    struct doc entry = DOC_EMPTY;
    bool right;
    if (!read_list(call, &staff, &stored, err)) {
        return false;
    }
    bool found = find_entry(&staff, &stored, staff_id, &entry);
    bool enabled = found && !doc_bool(entry, "disabled", true);
    struct str hash = enabled ? doc_text(entry, "password") : STR_NONE;
    if (!password_verify(password, hash, &right, NULL, err)) {
        return false;
    }
    if (!right) {
        log_write(call->shop->logger, LOG_WARNING, "accounts", "a log-in of staff failed");
        return error_set(err, ECOMMERCE_NOT_FOUND, "no account has this name and password");
    }
    bool admin = str_is(doc_text(entry, "role"), "admin");
    if (!sessions_begin(call, admin ? SESSION_ADMIN : SESSION_STAFF, staff_id, DOC_EMPTY, err)) {
        return false;
    }
    doc_add_text(call->out, "staff_id", staff_id);
    return true;
}

/* ---- API keys ---- */

static bool check_scope(struct str scope, ecommerce_error *err)
{
    bool fine = scope.len > 0 && scope.len <= SCOPE_MAX_BYTES;
    for (size_t i = 0; fine && i < scope.len; i++) {
        char c = scope.ptr[i];
        fine = (c >= 'a' && c <= 'z') || c == '_' || c == ':' || c == '.';
    }
    return fine || error_field(err, ECOMMERCE_INVALID_ARGUMENT, "scopes",
                               "a scope is 1 to %d of a-z, '_', ':' and '.'", SCOPE_MAX_BYTES);
}

static bool check_key_request(struct str name, struct str role, const struct str *scopes,
                              size_t scope_count, ecommerce_error *err)
{
    if (!str_is(role, "customer") && !str_is(role, "staff") && !str_is(role, "admin")) {
        return bad_role(role, "customer, staff or admin", err);
    }
    if (scope_count > SCOPES_MAX) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "scopes", "a key has at most %d scopes",
                           SCOPES_MAX);
    }
    for (size_t i = 0; i < scope_count; i++) {
        if (!check_scope(scopes[i], err)) {
            return false;
        }
    }
    return check_name(name, err);
}

static void build_key(const struct entry_change *change, struct doc old, struct doc_builder *out)
{
    UNUSED(old);
    doc_add_text(out, "key_id", change->id);
    doc_add_text(out, "hash", change->secret);
    doc_add_text(out, "name", change->name);
    doc_add_text(out, "role", change->role);
    doc_open_array(out, "scopes");
    for (size_t i = 0; i < change->scope_count; i++) {
        doc_add_text(out, NULL, change->scopes[i]);
    }
    doc_close(out);
    doc_add_int(out, "created_at", change->now);
}

static void build_revoked(const struct entry_change *change, struct doc old,
                          struct doc_builder *out)
{
    struct doc_value revoked;
    doc_add_all(out, old);
    if (!doc_get(old, "revoked_at", &revoked)) {
        doc_add_int(out, "revoked_at", change->now);
    }
}

bool api_keys_create(struct call *call, struct str name, struct str role, const struct str *scopes,
                     size_t scope_count, ecommerce_error *err)
{
    char token[44], hash[SESSION_HASH_TEXT];
    struct id id;
    struct doc old;
    if (!check_key_request(name, role, scopes, scope_count, err)) {
        return false;
    }
    token_new(call->shop->seams, token);
    char *key = arena_printf(&call->arena, "ek_%s", token);
    if (key == NULL) {
        return error_memory(err);
    }
    id_new(call->shop->seams, &id);
    token_hash(str_of(key), hash);
    const struct entry_change change = {
        .id = str_of(id.text),
        .build = build_key,
        .name = name,
        .role = role,
        .secret = str_of(hash),
        .scopes = scopes,
        .scope_count = scope_count,
        .now = call_wall(call),
    };
    if (!change_list(call, &api_keys, &change, &old, err)) {
        return false;
    }
    doc_adds(call->out, "key", key);
    return show_one(call, &api_keys, change.id, err);
}

bool api_keys_list(struct call *call, ecommerce_error *err)
{
    return show_all(call, &api_keys, "keys", err);
}

bool api_keys_revoke(struct call *call, struct str key_id, ecommerce_error *err)
{
    const struct entry_change change = {
        .id = key_id, .build = build_revoked, .must_exist = true, .now = call_wall(call)};
    struct doc old;
    if (!change_list(call, &api_keys, &change, &old, err)) {
        return false;
    }
    doc_add_text(call->out, "key_id", key_id);
    doc_add_bool(call->out, "revoked", true);
    return true;
}

/* Each hash is compared in constant time; where in the list it stands is no secret. */
static bool find_key(struct doc entries, const char *hash, struct doc *entry)
{
    struct doc_iter iter;
    struct doc_value revoked;
    for (doc_iter_init(&iter, entries); doc_iter_next(&iter);) {
        struct str stored = doc_text(iter.value.child, "hash");
        if (stored.len == SESSION_HASH_TEXT - 1 &&
            sodium_memcmp(stored.ptr, hash, stored.len) == 0) {
            *entry = iter.value.child;
            return !doc_get(*entry, "revoked_at", &revoked);
        }
    }
    return false;
}

bool api_keys_check(struct call *call, struct str key, struct api_key *found, ecommerce_error *err)
{
    struct stored_document stored;
    struct doc entry = DOC_EMPTY;
    char hash[SESSION_HASH_TEXT];
    token_hash(key, hash);
    if (!read_list(call, &api_keys, &stored, err)) {
        return false;
    }
    if (!find_key(doc_child(stored.doc, api_keys.id), hash, &entry)) {
        return error_field(err, ECOMMERCE_EXPIRED, "key", "this API key is not in use");
    }
    *found = (struct api_key){
        .key_id = doc_text(entry, "key_id"),
        .name = doc_text(entry, "name"),
        .role = doc_text(entry, "role"),
        .scopes = doc_child(entry, "scopes"),
    };
    return true;
}
