/* ecommerce_operations.c - the typed functions about everything but orders. */
#include "ecommerce_arguments.h"

#include "services/catalog/catalog.h"

/* What takes one text. */
static bool run_with(ecommerce_system *system, const char *operation, const char *name,
                     const char *value, ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, name, value);
    return arguments_run(&args, system, operation, answer, err);
}

/* What takes nothing. */
static bool run_plain(ecommerce_system *system, const char *operation, ecommerce_document **answer,
                      ecommerce_error *err)
{
    return run_with(system, operation, NULL, NULL, answer, err);
}

struct write {
    const char *id_name, *id;
    const char *document_name;
    const ecommerce_document *document;
    const ecommerce_write_options *options;
};

static bool run_write(ecommerce_system *system, const char *operation, const struct write *write,
                      ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, write->id_name, write->id);
    arguments_document(&args, write->document_name, write->document);
    if (write->options != NULL) {
        arguments_version(&args, write->options->expected_version);
        arguments_flag(&args, "must_be_new", write->options->must_be_new);
    }
    return arguments_run(&args, system, operation, answer, err);
}

/* ---- catalogue ---- */

/* Straight to the service: this is the call of every page of a shop. */
static bool show_product(struct call *call, const char *product_id, bool with_recommendations,
                         ecommerce_error *err)
{
    struct product_details_options options = {.with_recommendations = with_recommendations};
    struct str id = str_of(product_id);
    if (product_id == NULL || !str_is_utf8(id)) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "product_id",
                           product_id == NULL ? "product_id is missing"
                                              : "product_id is not valid UTF-8");
    }
    return catalog_get_product_details(call, id, &options, err);
}

bool ecommerce_get_product_details(ecommerce_system *system, const char *product_id,
                                   bool with_recommendations, ecommerce_document **answer,
                                   ecommerce_error *err)
{
    struct call call;
    struct doc_builder out;
    ecommerce_document *ignored = NULL;
    answer = answer != NULL ? answer : &ignored;
    *answer = NULL;
    error_clear(err);
    system_call_begin(system, &call, &out, false);
    bool ok = show_product(&call, product_id, with_recommendations, err) &&
              system_take_answer(&call, answer, err);
    system_call_end(&call);
    ecommerce_document_free(&ignored);
    return ok;
}

bool ecommerce_put_product(ecommerce_system *system, const char *product_id,
                           const ecommerce_document *product,
                           const ecommerce_write_options *options, ecommerce_document **answer,
                           ecommerce_error *err)
{
    struct write write = {.id_name = "product_id",
                          .id = product_id,
                          .document_name = "product",
                          .document = product,
                          .options = options};
    return run_write(system, "put_product", &write, answer, err);
}

bool ecommerce_patch_product(ecommerce_system *system, const char *product_id,
                             const ecommerce_document *patch,
                             const ecommerce_write_options *options, ecommerce_document **answer,
                             ecommerce_error *err)
{
    struct write write = {.id_name = "product_id",
                          .id = product_id,
                          .document_name = "patch",
                          .document = patch,
                          .options = options};
    return run_write(system, "patch_product", &write, answer, err);
}

bool ecommerce_retire_product(ecommerce_system *system, const char *product_id,
                              const ecommerce_write_options *options, ecommerce_document **answer,
                              ecommerce_error *err)
{
    struct write write = {.id_name = "product_id", .id = product_id, .options = options};
    return run_write(system, "retire_product", &write, answer, err);
}

bool ecommerce_search_products(ecommerce_system *system, const ecommerce_search *search,
                               ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    static const ecommerce_search all;
    search = search != NULL ? search : &all;
    arguments_begin(&args);
    arguments_text(&args, "words", search->words);
    arguments_text(&args, "category", search->category);
    arguments_text(&args, "price_from", search->price_from);
    arguments_text(&args, "price_to", search->price_to);
    arguments_texts(&args, "attributes", search->attributes, search->attribute_count);
    arguments_flag(&args, "in_stock", search->in_stock);
    arguments_flag(&args, "with_retired", search->with_retired);
    arguments_flag(&args, "with_facets", search->with_facets);
    arguments_text(&args, "sort", search->sort);
    arguments_limit(&args, search->limit);
    arguments_text(&args, "cursor", search->cursor);
    return arguments_run(&args, system, "search_products", answer, err);
}

bool ecommerce_put_category(ecommerce_system *system, const char *category_id,
                            const ecommerce_document *category, ecommerce_document **answer,
                            ecommerce_error *err)
{
    struct write write = {.id_name = "category_id",
                          .id = category_id,
                          .document_name = "category",
                          .document = category};
    return run_write(system, "put_category", &write, answer, err);
}

bool ecommerce_list_categories(ecommerce_system *system, ecommerce_document **answer,
                               ecommerce_error *err)
{
    return run_plain(system, "list_categories", answer, err);
}

bool ecommerce_retire_category(ecommerce_system *system, const char *category_id,
                               ecommerce_document **answer, ecommerce_error *err)
{
    return run_with(system, "retire_category", "category_id", category_id, answer, err);
}

/* ---- stock ---- */

static bool move_stock(ecommerce_system *system, const char *operation,
                       const ecommerce_stock_movement *movement, ecommerce_document **answer,
                       ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "item_id", movement->item_id);
    arguments_int(&args, "quantity", movement->quantity);
    arguments_text(&args, "reason", movement->reason);
    arguments_text(&args, "movement_id", movement->movement_id);
    arguments_text(&args, "key", movement->key);
    arguments_time(&args, "at", movement->at);
    return arguments_run(&args, system, operation, answer, err);
}

bool ecommerce_stock_receive(ecommerce_system *system, const ecommerce_stock_movement *movement,
                             ecommerce_document **answer, ecommerce_error *err)
{
    return move_stock(system, "stock_receive", movement, answer, err);
}

bool ecommerce_stock_adjust(ecommerce_system *system, const ecommerce_stock_movement *movement,
                            ecommerce_document **answer, ecommerce_error *err)
{
    return move_stock(system, "stock_adjust", movement, answer, err);
}

bool ecommerce_stock_show(ecommerce_system *system, const char *item_id,
                          ecommerce_document **answer, ecommerce_error *err)
{
    return run_with(system, "stock_show", "item_id", item_id, answer, err);
}

bool ecommerce_stock_low(ecommerce_system *system, size_t limit, const char *cursor,
                         ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_limit(&args, limit);
    arguments_text(&args, "cursor", cursor);
    return arguments_run(&args, system, "stock_low", answer, err);
}

bool ecommerce_stock_history(ecommerce_system *system, const char *item_id, int64_t from,
                             int64_t to, ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "item_id", item_id);
    arguments_time(&args, "from", from);
    arguments_time(&args, "to", to);
    return arguments_run(&args, system, "stock_history", answer, err);
}

bool ecommerce_stock_as_of(ecommerce_system *system, const char *item_id, int64_t at,
                           ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "item_id", item_id);
    arguments_time(&args, "at", at);
    return arguments_run(&args, system, "stock_as_of", answer, err);
}

/* ---- customers ---- */

bool ecommerce_put_customer(ecommerce_system *system, const char *customer_id,
                            const ecommerce_document *customer,
                            const ecommerce_write_options *options, ecommerce_document **answer,
                            ecommerce_error *err)
{
    struct write write = {.id_name = "customer_id",
                          .id = customer_id,
                          .document_name = "customer",
                          .document = customer,
                          .options = options};
    return run_write(system, "put_customer", &write, answer, err);
}

bool ecommerce_patch_customer(ecommerce_system *system, const char *customer_id,
                              const ecommerce_document *patch,
                              const ecommerce_write_options *options, ecommerce_document **answer,
                              ecommerce_error *err)
{
    struct write write = {.id_name = "customer_id",
                          .id = customer_id,
                          .document_name = "patch",
                          .document = patch,
                          .options = options};
    return run_write(system, "patch_customer", &write, answer, err);
}

bool ecommerce_get_customer(ecommerce_system *system, const char *customer_id,
                            ecommerce_document **answer, ecommerce_error *err)
{
    return run_with(system, "get_customer", "customer_id", customer_id, answer, err);
}

bool ecommerce_find_customer(ecommerce_system *system, const char *email,
                             ecommerce_document **answer, ecommerce_error *err)
{
    return run_with(system, "find_customer", "email", email, answer, err);
}

bool ecommerce_erase_customer(ecommerce_system *system, const char *customer_id,
                              ecommerce_document **answer, ecommerce_error *err)
{
    return run_with(system, "erase_customer", "customer_id", customer_id, answer, err);
}

bool ecommerce_export_customer(ecommerce_system *system, const char *customer_id,
                               ecommerce_document **answer, ecommerce_error *err)
{
    return run_with(system, "export_customer", "customer_id", customer_id, answer, err);
}

/* ---- carts ---- */

static void begin_cart(struct argument_builder *args, const ecommerce_cart *cart)
{
    arguments_begin(args);
    arguments_text(args, "cart_id", cart->cart_id);
    arguments_text(args, "customer_id", cart->customer_id);
    arguments_version(args, cart->expected_version);
}

bool ecommerce_cart_show(ecommerce_system *system, const ecommerce_cart *cart,
                         ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "cart_id", cart->cart_id);
    arguments_text(&args, "customer_id", cart->customer_id);
    return arguments_run(&args, system, "cart_show", answer, err);
}

bool ecommerce_cart_add(ecommerce_system *system, const ecommerce_cart *cart, const char *item_id,
                        int64_t quantity, ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    begin_cart(&args, cart);
    arguments_text(&args, "item_id", item_id);
    arguments_int(&args, "quantity", quantity);
    return arguments_run(&args, system, "cart_add", answer, err);
}

bool ecommerce_cart_set(ecommerce_system *system, const ecommerce_cart *cart, const char *item_id,
                        int64_t quantity, ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    begin_cart(&args, cart);
    arguments_text(&args, "item_id", item_id);
    arguments_int(&args, "quantity", quantity);
    return arguments_run(&args, system, "cart_set", answer, err);
}

bool ecommerce_cart_remove(ecommerce_system *system, const ecommerce_cart *cart,
                           const char *item_id, ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    begin_cart(&args, cart);
    arguments_text(&args, "item_id", item_id);
    return arguments_run(&args, system, "cart_remove", answer, err);
}

bool ecommerce_cart_clear(ecommerce_system *system, const ecommerce_cart *cart,
                          ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    begin_cart(&args, cart);
    return arguments_run(&args, system, "cart_clear", answer, err);
}

bool ecommerce_cart_merge(ecommerce_system *system, const ecommerce_cart *cart,
                          const char *guest_cart_id, ecommerce_document **answer,
                          ecommerce_error *err)
{
    struct argument_builder args;
    begin_cart(&args, cart);
    arguments_text(&args, "guest_cart_id", guest_cart_id);
    return arguments_run(&args, system, "cart_merge", answer, err);
}

bool ecommerce_cart_checkout(ecommerce_system *system, const ecommerce_cart *cart,
                             const ecommerce_checkout *checkout, ecommerce_document **answer,
                             ecommerce_error *err)
{
    struct argument_builder args;
    begin_cart(&args, cart);
    if (checkout != NULL) {
        arguments_text(&args, "key", checkout->key);
        arguments_document(&args, "contact", checkout->contact);
        arguments_text(&args, "country", checkout->country);
        arguments_text(&args, "delivery_method", checkout->delivery_method);
        arguments_text(&args, "delivery_cost", checkout->delivery_cost);
    }
    return arguments_run(&args, system, "cart_checkout", answer, err);
}

/* ---- sessions ---- */

bool ecommerce_session_begin(ecommerce_system *system, const char *customer_id,
                             const ecommerce_document *data, ecommerce_document **answer,
                             ecommerce_error *err)
{
    struct write write = {
        .id_name = "customer_id", .id = customer_id, .document_name = "data", .document = data};
    return run_write(system, "session_begin", &write, answer, err);
}

bool ecommerce_session_show(ecommerce_system *system, const char *token,
                            ecommerce_document **answer, ecommerce_error *err)
{
    return run_with(system, "session_show", "token", token, answer, err);
}

bool ecommerce_session_touch(ecommerce_system *system, const char *token,
                             ecommerce_document **answer, ecommerce_error *err)
{
    return run_with(system, "session_touch", "token", token, answer, err);
}

bool ecommerce_session_set_data(ecommerce_system *system, const char *token,
                                const ecommerce_document *data, bool merge,
                                ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "token", token);
    arguments_document(&args, "data", data);
    arguments_flag(&args, "merge", merge);
    return arguments_run(&args, system, "session_set_data", answer, err);
}

bool ecommerce_session_end(ecommerce_system *system, const char *token, ecommerce_document **answer,
                           ecommerce_error *err)
{
    return run_with(system, "session_end", "token", token, answer, err);
}

bool ecommerce_session_end_all(ecommerce_system *system, const char *customer_id,
                               ecommerce_document **answer, ecommerce_error *err)
{
    return run_with(system, "session_end_all", "customer_id", customer_id, answer, err);
}

/* ---- log-ins ---- */

bool ecommerce_register(ecommerce_system *system, const char *email, const char *password,
                        const ecommerce_document *profile, ecommerce_document **answer,
                        ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "email", email);
    arguments_text(&args, "password", password);
    arguments_document(&args, "profile", profile);
    return arguments_run(&args, system, "register", answer, err);
}

bool ecommerce_verify_email(ecommerce_system *system, const char *token,
                            ecommerce_document **answer, ecommerce_error *err)
{
    return run_with(system, "verify_email", "token", token, answer, err);
}

bool ecommerce_log_in(ecommerce_system *system, const char *email, const char *password,
                      ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "email", email);
    arguments_text(&args, "password", password);
    return arguments_run(&args, system, "log_in", answer, err);
}

bool ecommerce_log_out(ecommerce_system *system, const char *token, ecommerce_document **answer,
                       ecommerce_error *err)
{
    return run_with(system, "log_out", "token", token, answer, err);
}

bool ecommerce_log_out_everywhere(ecommerce_system *system, const char *token,
                                  ecommerce_document **answer, ecommerce_error *err)
{
    return run_with(system, "log_out_everywhere", "token", token, answer, err);
}

bool ecommerce_request_password_reset(ecommerce_system *system, const char *email,
                                      ecommerce_document **answer, ecommerce_error *err)
{
    return run_with(system, "request_password_reset", "email", email, answer, err);
}

bool ecommerce_reset_password(ecommerce_system *system, const char *token, const char *password,
                              ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "token", token);
    arguments_text(&args, "password", password);
    return arguments_run(&args, system, "reset_password", answer, err);
}

/* ---- staff and API keys ---- */

bool ecommerce_staff_put(ecommerce_system *system, const ecommerce_staff *staff,
                         ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "staff_id", staff->staff_id);
    arguments_text(&args, "name", staff->name);
    arguments_text(&args, "role", staff->role);
    arguments_text(&args, "password", staff->password);
    return arguments_run(&args, system, "staff_put", answer, err);
}

bool ecommerce_staff_disable(ecommerce_system *system, const char *staff_id,
                             ecommerce_document **answer, ecommerce_error *err)
{
    return run_with(system, "staff_disable", "staff_id", staff_id, answer, err);
}

bool ecommerce_staff_list(ecommerce_system *system, ecommerce_document **answer,
                          ecommerce_error *err)
{
    return run_plain(system, "staff_list", answer, err);
}

bool ecommerce_staff_log_in(ecommerce_system *system, const char *staff_id, const char *password,
                            ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "staff_id", staff_id);
    arguments_text(&args, "password", password);
    return arguments_run(&args, system, "staff_log_in", answer, err);
}

bool ecommerce_api_key_create(ecommerce_system *system, const ecommerce_api_key *key,
                              ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "name", key->name);
    arguments_text(&args, "role", key->role);
    arguments_texts(&args, "scopes", key->scopes, key->scope_count);
    return arguments_run(&args, system, "api_key_create", answer, err);
}

bool ecommerce_api_key_list(ecommerce_system *system, ecommerce_document **answer,
                            ecommerce_error *err)
{
    return run_plain(system, "api_key_list", answer, err);
}

bool ecommerce_api_key_revoke(ecommerce_system *system, const char *key_id,
                              ecommerce_document **answer, ecommerce_error *err)
{
    return run_with(system, "api_key_revoke", "key_id", key_id, answer, err);
}

/* ---- analytics, recommendations, behaviour ---- */

bool ecommerce_get_customer_insights(ecommerce_system *system, const char *customer_id,
                                     int64_t as_of, ecommerce_document **answer,
                                     ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "customer_id", customer_id);
    arguments_time(&args, "as_of", as_of);
    return arguments_run(&args, system, "get_customer_insights", answer, err);
}

bool ecommerce_report(ecommerce_system *system, const char *name,
                      const ecommerce_report_options *options, ecommerce_document **answer,
                      ecommerce_error *err)
{
    struct argument_builder args;
    static const ecommerce_report_options standard;
    options = options != NULL ? options : &standard;
    arguments_begin(&args);
    arguments_text(&args, "name", name);
    arguments_time(&args, "from", options->from);
    arguments_time(&args, "to", options->to);
    arguments_time(&args, "as_of", options->as_of);
    arguments_text(&args, "by", options->by);
    arguments_limit(&args, options->limit);
    arguments_text(&args, "category", options->category);
    arguments_text(&args, "country", options->country);
    arguments_text(&args, "product_id", options->product_id);
    arguments_flag(&args, "with_services", options->with_services);
    return arguments_run(&args, system, "report", answer, err);
}

bool ecommerce_recommend(ecommerce_system *system, const char *kind, const char *id, size_t limit,
                         ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "kind", kind);
    arguments_text(&args, "id", id);
    arguments_limit(&args, limit);
    return arguments_run(&args, system, "recommend", answer, err);
}

bool ecommerce_record_event(ecommerce_system *system, const ecommerce_event *event,
                            ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "kind", event->kind);
    arguments_text(&args, "customer_id", event->customer_id);
    arguments_text(&args, "product_id", event->product_id);
    arguments_text(&args, "session", event->session);
    arguments_text(&args, "text", event->text);
    arguments_time(&args, "at", event->at);
    arguments_text(&args, "key", event->key);
    return arguments_run(&args, system, "record_event", answer, err);
}

/* ---- imports ---- */

bool ecommerce_import_retail(ecommerce_system *system, const char *path,
                             ecommerce_document **answer, ecommerce_error *err)
{
    return run_with(system, "import_retail", "path", path, answer, err);
}

bool ecommerce_import_products(ecommerce_system *system, const char *path,
                               ecommerce_document **answer, ecommerce_error *err)
{
    return run_with(system, "import_products", "path", path, answer, err);
}

bool ecommerce_import_customers(ecommerce_system *system, const char *path,
                                ecommerce_document **answer, ecommerce_error *err)
{
    return run_with(system, "import_customers", "path", path, answer, err);
}

bool ecommerce_export_products(ecommerce_system *system, const char *path,
                               ecommerce_document **answer, ecommerce_error *err)
{
    return run_with(system, "export_products", "path", path, answer, err);
}

bool ecommerce_export_customers(ecommerce_system *system, const char *path,
                                ecommerce_document **answer, ecommerce_error *err)
{
    return run_with(system, "export_customers", "path", path, answer, err);
}

bool ecommerce_export_orders(ecommerce_system *system, const char *path,
                             ecommerce_document **answer, ecommerce_error *err)
{
    return run_with(system, "export_orders", "path", path, answer, err);
}

bool ecommerce_export_stock(ecommerce_system *system, const char *path, ecommerce_document **answer,
                            ecommerce_error *err)
{
    return run_with(system, "export_stock", "path", path, answer, err);
}

bool ecommerce_import_stock(ecommerce_system *system, const char *path, const char *key,
                            ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "path", path);
    arguments_text(&args, "key", key);
    return arguments_run(&args, system, "import_stock", answer, err);
}

static void add_count(struct argument_builder *args, const char *name, int64_t count)
{
    if (count != 0) {
        arguments_int(args, name, count);
    }
}

bool ecommerce_demo(ecommerce_system *system, const ecommerce_demo_options *options,
                    ecommerce_document **answer, ecommerce_error *err)
{
    static const ecommerce_demo_options standard;
    struct argument_builder args;
    options = options != NULL ? options : &standard;
    arguments_begin(&args);
    add_count(&args, "seed", options->seed);
    add_count(&args, "products", options->products);
    add_count(&args, "customers", options->customers);
    add_count(&args, "orders", options->orders);
    add_count(&args, "carts", options->carts);
    add_count(&args, "days", options->days);
    arguments_time(&args, "now", options->now);
    return arguments_run(&args, system, "demo", answer, err);
}

/* ---- for operators ---- */

bool ecommerce_health(ecommerce_system *system, ecommerce_document **answer, ecommerce_error *err)
{
    return run_plain(system, "health", answer, err);
}

bool ecommerce_metrics(ecommerce_system *system, ecommerce_document **answer, ecommerce_error *err)
{
    return run_plain(system, "metrics", answer, err);
}

static bool query_log(ecommerce_system *system, const char *operation,
                      const ecommerce_log_query *query, ecommerce_document **answer,
                      ecommerce_error *err)
{
    static const ecommerce_log_query all;
    struct argument_builder args;
    query = query != NULL ? query : &all;
    arguments_begin(&args);
    arguments_text(&args, "kind", query->kind);
    arguments_time(&args, "from", query->from);
    arguments_time(&args, "to", query->to);
    arguments_limit(&args, query->limit);
    arguments_text(&args, "cursor", query->cursor);
    return arguments_run(&args, system, operation, answer, err);
}

bool ecommerce_errors(ecommerce_system *system, const ecommerce_log_query *query,
                      ecommerce_document **answer, ecommerce_error *err)
{
    return query_log(system, "errors", query, answer, err);
}

bool ecommerce_audit(ecommerce_system *system, const ecommerce_log_query *query,
                     ecommerce_document **answer, ecommerce_error *err)
{
    return query_log(system, "audit", query, answer, err);
}

bool ecommerce_check(ecommerce_system *system, bool repair, bool dry_run, size_t limit,
                     ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_flag(&args, "repair", repair);
    arguments_flag(&args, "dry_run", dry_run);
    arguments_limit(&args, limit);
    return arguments_run(&args, system, "check", answer, err);
}

bool ecommerce_rebuild(ecommerce_system *system, const char *what, ecommerce_document **answer,
                       ecommerce_error *err)
{
    return run_with(system, "rebuild", "what", what, answer, err);
}

bool ecommerce_parked_list(ecommerce_system *system, size_t limit, ecommerce_document **answer,
                           ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_limit(&args, limit);
    return arguments_run(&args, system, "parked_list", answer, err);
}

bool ecommerce_parked_replay(ecommerce_system *system, const char *id, ecommerce_document **answer,
                             ecommerce_error *err)
{
    return run_with(system, "parked_replay", "id", id, answer, err);
}

bool ecommerce_parked_drop(ecommerce_system *system, const char *id, const char *reason,
                           ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "id", id);
    arguments_text(&args, "reason", reason);
    return arguments_run(&args, system, "parked_drop", answer, err);
}
