#include "tests/support/order_fixture.h"

#include "services/catalog/catalog.h"
#include "services/orders/checker.h"
#include "services/orders/document_scan.h"
#include "services/orders/relay.h"
#include "services/stock.h"
#include "support/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void put_product(struct shop_fixture *fixture, const char *id, const char *json)
{
    struct call call;
    ecommerce_error err;
    struct write_options options = {0};
    fixture_call_begin(&fixture->shop, &call);
    if (!catalog_put_product(&call, str_of(id), fixture_doc(&call, json), &options, &err)) {
        fail_msg("%s: %s", id, err.message);
    }
    fixture_call_end(&call);
}

static void put_customer(struct shop_fixture *fixture, const char *id)
{
    struct call call;
    ecommerce_error err;
    bool inserted;
    fixture_call_begin(&fixture->shop, &call);
    struct doc customer = fixture_doc(&call, "{'country': 'United Kingdom'}");
    assert_true(documents_insert(fixture->shop.documents, COLLECTION_CUSTOMERS, str_of(id),
                                 customer, 0, call.deadline, &inserted, &err));
    fixture_call_end(&call);
}

struct shop_fixture *order_fixture_open(unsigned flags, const char *const *settings)
{
    static const char *const foreground[] = {"relay.background=false", NULL};
    struct shop_fixture *fixture =
        shop_fixture_open_with(flags | FIXTURE_ORDERS, settings ? settings : foreground);
    put_product(fixture, "mug", "{'name': 'Mug', 'price': 7.5}");
    put_product(fixture, "cup", "{'name': 'Cup', 'price': 2}");
    put_product(fixture, "wrap", "{'name': 'Gift wrap', 'price': 1, 'tracked': false}");
    put_product(fixture, "tee",
                "{'name': 'T-shirt', 'price': 20, 'variants': ["
                "{'variant_id': 'shirt-s', 'sku': 'shirt', 'name': 'S'},"
                "{'variant_id': 'shirt-l', 'sku': 'shirt', 'name': 'L'}]}");
    put_customer(fixture, "ann");
    put_customer(fixture, "bob");
    return fixture;
}

void order_fixture_receive(struct shop_fixture *fixture, const char *item, int64_t quantity)
{
    struct call call;
    ecommerce_error err;
    struct stock_movement_request request = {.item_id = str_of(item), .quantity = quantity};
    fixture_call_begin(&fixture->shop, &call);
    if (!stock_receive(&call, &request, &err)) {
        fail_msg("%s: %s", item, err.message);
    }
    fixture_call_end(&call);
}

static struct stock_level level_of(struct shop_fixture *fixture, const char *sku)
{
    struct call call;
    ecommerce_error err;
    fixture_call_begin(&fixture->shop, &call);
    struct stock_line asked = {.sku = str_of(sku)};
    struct live_request request = call_live(&call, LIVE_LEVELS);
    request.lines = &asked;
    request.line_count = 1;
    assert_true(live_run(fixture->shop.live, &request, &err));
    struct stock_level level = request.levels[0];
    fixture_call_end(&call);
    return level;
}

int64_t order_fixture_available(struct shop_fixture *fixture, const char *sku)
{
    return level_of(fixture, sku).available;
}

int64_t order_fixture_held(struct shop_fixture *fixture, const char *sku)
{
    return level_of(fixture, sku).held;
}

static size_t parse_items(const char *text, struct order_item_request *items, char *storage)
{
    size_t count = 0;
    int length;
    char price[32];
    for (const char *at = text; *at != '\0'; at += length) {
        long long quantity;
        char *id = storage + count * 64;
        price[0] = '\0';
        length = 0;
        assert_true(sscanf(at, " %63[^:]:%lld%n", id, &quantity, &length) == 2);
        items[count] = (struct order_item_request){.item_id = str_of(id), .quantity = quantity};
        if (at[length] == '@') {
            int more = 0;
            assert_true(sscanf(at + length, "@%31[0-9.]%n", price, &more) == 1);
            struct currency pounds;
            ecommerce_error err;
            assert_true(currency_find(STR("GBP"), &pounds));
            assert_true(money_parse(str_of(price), &pounds, &items[count].price, &err));
            items[count].has_price = true;
            length += more;
        }
        count++;
    }
    return count;
}

enum ecommerce_error_code order_fixture_place(struct shop_fixture *fixture, const char *customer,
                                              const char *items, const char *key, struct id *id,
                                              ecommerce_error *err)
{
    char storage[16 * 64];
    struct order_item_request parsed[16];
    struct call call;
    ecommerce_error own;
    err = err != NULL ? err : &own;
    fixture_call_begin(&fixture->shop, &call);
    struct order_request request = {
        .customer_id = str_of(customer),
        .items = parsed,
        .item_count = parse_items(items, parsed, storage),
        .key = str_of(key),
        .scope = customer == NULL ? STR("cart:1") : STR_NONE,
    };
    bool ok = orders_process(&call, &request, err);
    if (ok && id != NULL) {
        struct str order_id = doc_text(fixture_call_answer(&call), "order_id");
        snprintf(id->text, sizeof(id->text), "%.*s", STR_ARG(order_id));
    }
    fixture_call_end(&call);
    return ok ? ECOMMERCE_OK : err->code;
}

static enum ecommerce_error_code change(struct shop_fixture *fixture,
                                        const struct order_change_request *request)
{
    struct call call;
    ecommerce_error err;
    fixture_call_begin(&fixture->shop, &call);
    bool ok = orders_change(&call, request, &err);
    fixture_call_end(&call);
    return ok ? ECOMMERCE_OK : err.code;
}

enum ecommerce_error_code order_fixture_change(struct shop_fixture *fixture, const char *order_id,
                                               const char *kind, const char *key)
{
    struct order_change_request request = {
        .order_id = str_of(order_id), .kind = str_of(kind), .key = str_of(key)};
    return change(fixture, &request);
}

enum ecommerce_error_code order_fixture_return(struct shop_fixture *fixture, const char *order_id,
                                               const char *lines, const char *key)
{
    struct order_line_quantity parsed[16];
    struct order_change_request request = {
        .order_id = str_of(order_id), .kind = STR("returned"), .key = str_of(key), .lines = parsed};
    int length = 0;
    for (const char *at = lines; at != NULL && *at != '\0'; at += length) {
        long long line, quantity;
        assert_true(sscanf(at, " %lld:%lld%n", &line, &quantity, &length) == 2);
        parsed[request.line_count++] =
            (struct order_line_quantity){.line = line, .quantity = quantity};
    }
    return change(fixture, &request);
}

void order_fixture_state(struct shop_fixture *fixture, const char *order_id, char *state)
{
    struct call call;
    ecommerce_error err;
    fixture_call_begin(&fixture->shop, &call);
    if (!orders_get(&call, str_of(order_id), &err)) {
        fail_msg("%s: %s", order_id, err.message);
    }
    snprintf(state, 16, "%.*s", STR_ARG(doc_text(fixture_call_answer(&call), "status")));
    fixture_call_end(&call);
}

void order_fixture_drain(struct shop_fixture *fixture)
{
    struct call call;
    ecommerce_error err;
    fixture_call_begin(&fixture->shop, &call);
    if (!relay_drain(&call, &err)) {
        fail_msg("%s", err.message);
    }
    fixture_call_end(&call);
}

void order_fixture_check(struct shop_fixture *fixture)
{
    struct call call;
    ecommerce_error err;
    struct check_options options = {0};
    fixture_call_begin(&fixture->shop, &call);
    if (!checker_run(&call, &options, &err)) {
        fail_msg("%s", err.message);
    }
    struct doc answer = fixture_call_answer(&call);
    if (!doc_bool(answer, "clean", false)) {
        struct text text;
        text_init(&text, 0);
        json_write(&text, answer, false, JSON_INDENTED);
        fail_msg("%s", text_cstr(&text));
    }
    fixture_call_end(&call);
}

int64_t order_fixture_findings(struct shop_fixture *fixture, const char *kind, bool repair)
{
    struct call call;
    ecommerce_error err;
    struct check_options options = {.repair = repair};
    fixture_call_begin(&fixture->shop, &call);
    if (!checker_run(&call, &options, &err)) {
        fail_msg("%s", err.message);
    }
    int64_t count = doc_int(doc_child(fixture_call_answer(&call), "counts"), kind, 0);
    fixture_call_end(&call);
    return count;
}

static bool count_placed(void *context, struct arena *page, const struct stored_document *stored,
                         ecommerce_error *err)
{
    UNUSED(page);
    UNUSED(err);
    *(int64_t *)context += str_is(doc_text(stored->doc, "status"), "placed");
    return true;
}

int64_t order_fixture_count(struct shop_fixture *fixture)
{
    struct call call;
    ecommerce_error err;
    int64_t count = 0;
    fixture_call_begin(&fixture->shop, &call);
    assert_true(document_scan(&call, COLLECTION_ORDERS, count_placed, &count, &err));
    fixture_call_end(&call);
    return count;
}
