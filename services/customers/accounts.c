/*
 * accounts.c - logins of customers. Staff and API keys: account_lists.c.
 */
#include "services/customers/accounts.h"

#include "services/customers/customer_parts.h"
#include "services/customers/passwords.h"

enum { WRITE_ATTEMPTS = 8 };

static bool wrong(ecommerce_error *err)
{
    return error_set(err, ECOMMERCE_NOT_FOUND, "no account has this name and password");
}

static bool expired(ecommerce_error *err)
{
    return error_field(err, ECOMMERCE_EXPIRED, "token", "the token is used or too old");
}

/* ---- the login document ---- */

struct login {
    struct str id; /* "login:..." */
    struct str customer_id;
    int64_t version; /* 0: there is none */
    struct str password, verified_email, verify_token, reset_token;
    int64_t created_at;
};

static bool read_login(struct call *call, struct str customer_id, struct login *login,
                       ecommerce_error *err)
{
    struct stored_document stored;
    bool found;
    char *id = arena_printf(&call->arena, "login:%.*s", STR_ARG(customer_id));
    *login = (struct login){.id = str_of(id), .customer_id = customer_id};
    if (id == NULL) {
        return error_memory(err);
    }
    if (!call_get(call, COLLECTION_UNIQUE, login->id, true, &stored, &found, err)) {
        return false;
    }
    login->version = found ? stored.version : 0;
    login->password = doc_text(stored.doc, "password");
    login->verified_email = doc_text(stored.doc, "verified_email");
    login->verify_token = doc_text(stored.doc, "verify_token");
    login->reset_token = doc_text(stored.doc, "reset_token");
    login->created_at = doc_int(stored.doc, "created_at", call_wall(call));
    return true;
}

static bool write_login(struct call *call, const struct login *login, bool *written,
                        ecommerce_error *err)
{
    struct doc_builder builder;
    bool is_new = login->version == 0;
    doc_builder_init(&builder);
    doc_add_text(&builder, "customer_id", login->customer_id);
    doc_add_text(&builder, "password", login->password);
    doc_add_text(&builder, "verified_email", login->verified_email);
    doc_add_int(&builder, "created_at", login->created_at);
    doc_add_int(&builder, "changed_at", call_wall(call));
    doc_add_text(&builder, "verify_token", login->verify_token);
    doc_add_text(&builder, "reset_token", login->reset_token);
    struct documents_request request = call_documents(
        call, is_new ? DOCUMENTS_INSERT : DOCUMENTS_REPLACE, COLLECTION_UNIQUE, login->id);
    request.doc = doc_finish(&builder);
    request.version = login->version;
    bool ok =
        doc_builder_check(&builder, err) && documents_run(call->shop->documents, &request, err);
    doc_builder_release(&builder);
    *written = ok && (is_new ? request.inserted : request.replaced);
    return ok;
}

static bool erase_unique(struct call *call, struct str id, bool *found, ecommerce_error *err)
{
    struct documents_request request = call_documents(call, DOCUMENTS_ERASE, COLLECTION_UNIQUE, id);
    if (!documents_run(call->shop->documents, &request, err)) {
        return false;
    }
    *found = request.found;
    return true;
}

/* One change of a login, done again when another was faster. */
struct login_change {
    struct str password;       /* STR_NONE: as it is */
    struct str verified_email; /* STR_NONE: as it is */
    const char *kind;          /* "verify", "reset": whose token is replaced; NULL: none */
    struct str token;          /* id of the new one; STR_NONE: used */
};

static void apply(struct login *login, const struct login_change *change, struct str *old_token)
{
    if (change->password.ptr != NULL) {
        login->password = change->password;
    }
    if (change->verified_email.ptr != NULL) {
        login->verified_email = change->verified_email;
    }
    if (change->kind != NULL) {
        bool verify = strcmp(change->kind, "verify") == 0;
        struct str *token = verify ? &login->verify_token : &login->reset_token;
        *old_token = *token;
        *token = change->token;
    }
}

static bool change_login(struct call *call, struct str customer_id,
                         const struct login_change *change, ecommerce_error *err)
{
    for (int attempt = 0; attempt < WRITE_ATTEMPTS; attempt++) {
        struct login login;
        struct str old_token = STR_NONE;
        bool written, found;
        if (!read_login(call, customer_id, &login, err)) {
            return false;
        }
        apply(&login, change, &old_token);
        if (!write_login(call, &login, &written, err)) {
            return false;
        }
        if (written) {
            return old_token.ptr == NULL || str_equal(old_token, change->token) ||
                   erase_unique(call, old_token, &found, err);
        }
    }
    return error_set(err, ECOMMERCE_OVERLOADED, "too many calls change this account at once");
}

/* ---- one-time tokens ---- */

static bool token_id(struct call *call, struct str token, struct str *id, ecommerce_error *err)
{
    char hash[SESSION_HASH_TEXT];
    token_hash(token, hash);
    char *text = arena_printf(&call->arena, "token:%s", hash);
    *id = str_of(text);
    return text != NULL || error_memory(err);
}

static bool make_token(struct call *call, const char *kind, struct str customer_id,
                       struct str email, int64_t lifetime, char token[44], ecommerce_error *err)
{
    struct login_change change = {.kind = kind};
    struct doc_builder builder;
    token_new(call->shop->seams, token);
    if (!token_id(call, str_of(token), &change.token, err)) {
        return false;
    }
    doc_builder_init(&builder);
    doc_adds(&builder, "kind", kind);
    doc_add_text(&builder, "customer_id", customer_id);
    doc_add_text(&builder, "email", email);
    doc_add_int(&builder, "expires_at", call_wall(call) + lifetime);
    struct doc doc = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err) &&
              documents_insert(call->shop->documents, COLLECTION_UNIQUE, change.token, doc, 0,
                               call->deadline, NULL, err) &&
              change_login(call, customer_id, &change, err);
    doc_builder_release(&builder);
    return ok;
}

struct token_claim {
    struct str customer_id, email;
};

/* Reads it, checks it against the profile, uses it up. */
static bool use_token(struct call *call, struct str token, const char *kind,
                      struct token_claim *claim, ecommerce_error *err)
{
    struct stored_document stored, customer;
    struct str id;
    bool found = false, known = false;
    if (!token_id(call, token, &id, err) ||
        !call_get(call, COLLECTION_UNIQUE, id, true, &stored, &found, err)) {
        return false;
    }
    if (!found || !str_is(doc_text(stored.doc, "kind"), kind)) {
        return expired(err);
    }
    *claim = (struct token_claim){.customer_id = doc_text(stored.doc, "customer_id"),
                                  .email = doc_text(stored.doc, "email")};
    if (!erase_unique(call, id, &found, err) ||
        !call_get(call, COLLECTION_CUSTOMERS, claim->customer_id, true, &customer, &known, err)) {
        return false;
    }
    bool current = known && str_equal(doc_text(customer.doc, "email"), claim->email);
    bool in_time = call_wall(call) < doc_int(stored.doc, "expires_at", 0);
    return (found && current && in_time) || expired(err);
}

/* ---- the operations ---- */

static bool put_customer(struct call *call, struct str customer_id, struct str email,
                         struct doc profile, ecommerce_error *err)
{
    const struct write_options options = {.must_be_new = true};
    struct doc_builder builder, ignored;
    struct doc_builder *out = call->out;
    struct doc_iter iter;
    doc_builder_init(&builder);
    doc_builder_init(&ignored);
    doc_add_text(&builder, "email", email);
    for (doc_iter_init(&iter, profile); doc_iter_next(&iter);) {
        if (!str_is(iter.value.key, "email")) {
            doc_add_value(&builder, NULL, &iter.value);
        }
    }
    struct doc doc = doc_finish(&builder);
    call->out = &ignored;
    bool ok =
        doc_builder_check(&builder, err) && customers_put(call, customer_id, doc, &options, err);
    call->out = out;
    doc_builder_release(&ignored);
    doc_builder_release(&builder);
    return ok;
}

/* The customer is made first: whoever crashes here has one without a login, which a password reset
 * gives it. */
bool accounts_register(struct call *call, struct str email, struct str password, struct doc profile,
                       ecommerce_error *err)
{
    char hash[PASSWORD_HASH_TEXT], token[44];
    struct login_change change = {0};
    struct str normal;
    struct id made;
    if (!email_normalise(&call->arena, email, "email", &normal, err) ||
        !password_check(password, err) || !password_hash(password, hash, err)) {
        return false;
    }
    id_new(call->shop->seams, &made);
    char *customer_id = arena_strdup(&call->arena, made.text);
    change.password = str_of(hash);
    if (customer_id == NULL) {
        return error_memory(err);
    }
    if (!put_customer(call, str_of(customer_id), normal, profile, err) ||
        !change_login(call, str_of(customer_id), &change, err) ||
        !make_token(call, "verify", str_of(customer_id), normal, VERIFY_TOKEN_LIFETIME, token,
                    err)) {
        return false;
    }
    doc_adds(call->out, "customer_id", customer_id);
    doc_adds(call->out, "verification_token", token);
    return true;
}

bool accounts_verify_email(struct call *call, struct str token, ecommerce_error *err)
{
    struct token_claim claim;
    if (!use_token(call, token, "verify", &claim, err)) {
        return false;
    }
    const struct login_change change = {.verified_email = claim.email, .kind = "verify"};
    if (!change_login(call, claim.customer_id, &change, err)) {
        return false;
    }
    doc_add_text(call->out, "customer_id", claim.customer_id);
    doc_add_bool(call->out, "verified", true);
    return true;
}

/* Best effort: the old hash is good until the next log-in. */
static void hash_again(struct call *call, struct str customer_id, struct str password)
{
    char hash[PASSWORD_HASH_TEXT];
    ecommerce_error err = {0};
    struct login_change change = {0};
    bool ok = password_hash(password, hash, &err);
    change.password = str_of(hash);
    if (!ok || !change_login(call, customer_id, &change, &err)) {
        log_write(call->shop->logger, LOG_WARNING, "accounts", "a password keeps its old hash: %s",
                  err.message);
    }
}

static bool find_login(struct call *call, struct str email, struct login *login, bool *found,
                       ecommerce_error *err)
{
    struct stored_document customer;
    ecommerce_error ignored;
    struct str normal;
    *login = (struct login){0};
    *found = false;
    if (!email_normalise(&call->arena, email, "email", &normal, &ignored)) {
        return ignored.code == ECOMMERCE_INVALID_ARGUMENT || error_memory(err);
    }
    if (!customers_by_email(call, normal, &customer, found, err)) {
        return false;
    }
    return !*found || read_login(call, doc_text(customer.doc, "customer_id"), login, err);
}

bool accounts_log_in(struct call *call, struct str email, struct str password, ecommerce_error *err)
{
    struct login login;
    bool found, right, weak;
    if (!find_login(call, email, &login, &found, err) ||
        !password_verify(password, login.password, &right, &weak, err)) {
        return false;
    }
    if (!right) {
        log_write(call->shop->logger, LOG_INFO, "accounts", "a log-in failed");
        return wrong(err);
    }
    if (weak) {
        hash_again(call, login.customer_id, password);
    }
    if (!sessions_begin(call, SESSION_CUSTOMER, login.customer_id, DOC_EMPTY, err)) {
        return false;
    }
    struct stored_document customer;
    if (!customer_load(call, login.customer_id, &customer, err)) {
        return false;
    }
    bool verified = login.verified_email.ptr != NULL &&
                    str_equal(login.verified_email, doc_text(customer.doc, "email"));
    doc_add_text(call->out, "customer_id", login.customer_id);
    doc_add_bool(call->out, "email_verified", verified);
    return true;
}

bool accounts_log_out(struct call *call, struct str token, ecommerce_error *err)
{
    return sessions_end(call, token, err);
}

bool accounts_log_out_everywhere(struct call *call, struct str token, ecommerce_error *err)
{
    struct session session;
    int64_t ended;
    if (!sessions_use(call, token, &session, err)) {
        return false;
    }
    bool staff = session.staff_id.ptr != NULL;
    if (!staff && session.customer_id.ptr == NULL) {
        return sessions_end(call, token, err);
    }
    if (!sessions_end_all(call, staff ? SESSION_STAFF : SESSION_CUSTOMER,
                          staff ? session.staff_id : session.customer_id, &ended, err)) {
        return false;
    }
    doc_add_int(call->out, "ended", ended);
    return true;
}

bool accounts_request_password_reset(struct call *call, struct str email, ecommerce_error *err)
{
    struct stored_document customer;
    struct str normal;
    char token[44];
    bool found;
    if (!email_normalise(&call->arena, email, "email", &normal, err) ||
        !customers_by_email(call, normal, &customer, &found, err)) {
        return false;
    }
    struct str customer_id = found ? doc_text(customer.doc, "customer_id") : STR_NONE;
    if (found &&
        !make_token(call, "reset", customer_id, normal, RESET_TOKEN_LIFETIME, token, err)) {
        return false;
    }
    doc_add_bool(call->out, "accepted", true);
    if (found) {
        doc_add_text(call->out, "customer_id", customer_id);
        doc_add_text(call->out, "email", normal);
        doc_adds(call->out, "reset_token", token);
    }
    return true;
}

bool accounts_reset_password(struct call *call, struct str token, struct str password,
                             ecommerce_error *err)
{
    struct token_claim claim;
    char hash[PASSWORD_HASH_TEXT];
    int64_t ended;
    if (!password_check(password, err) || !use_token(call, token, "reset", &claim, err) ||
        !password_hash(password, hash, err)) {
        return false;
    }
    const struct login_change change = {
        .password = str_of(hash), .verified_email = claim.email, .kind = "reset"};
    if (!change_login(call, claim.customer_id, &change, err) ||
        !sessions_end_all(call, SESSION_CUSTOMER, claim.customer_id, &ended, err) ||
        !shop_audit(call, "reset password", claim.customer_id, DOC_EMPTY, err)) {
        return false;
    }
    doc_add_text(call->out, "customer_id", claim.customer_id);
    doc_add_int(call->out, "ended", ended);
    return true;
}

bool accounts_erase_login(struct call *call, struct str customer_id, ecommerce_error *err)
{
    struct login login;
    bool found;
    if (!read_login(call, customer_id, &login, err)) {
        return false;
    }
    if (login.version == 0) {
        return true;
    }
    return (login.verify_token.ptr == NULL ||
            erase_unique(call, login.verify_token, &found, err)) &&
           (login.reset_token.ptr == NULL || erase_unique(call, login.reset_token, &found, err)) &&
           erase_unique(call, login.id, &found, err);
}
