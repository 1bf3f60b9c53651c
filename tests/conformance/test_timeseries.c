/*
 * The contract of the time-series role against every implementation: each entry once, in any order
 * and batching, rebuilding, forgetting, and two handles on one shop. Reports are in
 * test_timeseries_reports.c.
 */
#include "support/alloc.h"
#include "tests/support/timeseries_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void order_and_batching_change_nothing(void **state)
{
    struct trade_fixture *fixture = *state;
    struct timeseries_entry *entries = trade_make(fixture);
    trade_apply(fixture, entries, TRADE_ENTRIES);
    const char *expected = trade_everything(fixture, fixture->store);
    assert_true(strlen(expected) > 10000);
    for (unsigned round = 0; round < 3; round++) {
        struct temp_folder folder;
        temp_folder_make(&folder);
        struct timeseries_store *store = trade_open(&folder);
        trade_shuffle(entries);
        for (size_t at = 0, count; at < TRADE_ENTRIES; at += count) {
            count = 1 + trade_pick(50);
            count = count < TRADE_ENTRIES - at ? count : TRADE_ENTRIES - at;
            trade_apply_to(fixture, store, false, entries + at, count);
        }
        assert_string_equal(trade_everything(fixture, store), expected);
        trade_close(&store);
        temp_folder_remove(&folder);
    }
}

/* ---- once ---- */

static void an_entry_is_applied_once(void **state)
{
    struct trade_fixture *fixture = *state;
    struct timeseries_entry *entries = trade_make(fixture);
    trade_apply(fixture, entries, 100);
    const char *expected = trade_everything(fixture, fixture->store);
    for (size_t i = 0; i < 100; i++) {
        assert_true(entries[i].applied);
        entries[i].time++; /* the id decides, not the content */
    }
    trade_apply(fixture, entries, 100);
    for (size_t i = 0; i < 100; i++)
        assert_false(entries[i].applied);
    assert_string_equal(trade_everything(fixture, fixture->store), expected);

    struct timeseries_entry twice[] = {entries[200], entries[200]};
    trade_apply(fixture, twice, 2);
    assert_true(twice[0].applied);
    assert_false(twice[1].applied);

    struct str ids[] = {entries[0].id, STR("unknown"), entries[200].id};
    struct timeseries_request has = trade_request(fixture, TIMESERIES_HAS);
    has.ids = ids;
    has.id_count = ARRAY_LENGTH(ids);
    trade_must(fixture->store, &has);
    assert_true(has.present[0]);
    assert_false(has.present[1]);
    assert_true(has.present[2]);
}

static void entries_come_back_as_they_were(void **state)
{
    struct trade_fixture *fixture = *state;
    struct timeseries_entry *entries = trade_make(fixture);
    trade_apply(fixture, entries, 1);
    struct timeseries_request request = trade_request(fixture, TIMESERIES_ENTRIES);
    request.from = entries[0].time;
    request.to = entries[0].time + 1;
    trade_must(fixture->store, &request);
    assert_int_equal(request.count, 1);
    const struct timeseries_entry *found = &request.found_entries[0];
    assert_true(str_equal(found->id, entries[0].id));
    assert_true(doc_equal(found->payload, entries[0].payload));
    assert_int_equal(found->line_count, entries[0].line_count);
    assert_int_equal(found->stock_count, entries[0].stock_count);
    for (size_t i = 0; i < found->line_count; i++) {
        assert_int_equal(found->lines[i].amount, entries[0].lines[i].amount);
        assert_true(str_equal(found->lines[i].sku, entries[0].lines[i].sku));
        assert_true(trade_passes(found->lines[i].category, entries[0].lines[i].category));
    }
    request.to = entries[0].time;
    trade_must(fixture->store, &request);
    assert_int_equal(request.count, 0);
    request.after = STR("no cursor");
    trade_must_fail(fixture->store, &request, ECOMMERCE_INVALID_ARGUMENT);
}

static void a_bad_entry_refuses_its_request_alone(void **state)
{
    struct trade_fixture *fixture = *state;
    struct timeseries_entry *entries = trade_make(fixture);
    struct timeseries_request good = trade_request(fixture, TIMESERIES_APPLY);
    struct timeseries_request bad = good, late = good, shadow = good;
    struct timeseries_entry two[] = {entries[1], {.id = STR_NONE}};
    good.entries = entries;
    bad.entries = two;
    late.entries = &entries[2];
    shadow.entries = &entries[3];
    good.entry_count = late.entry_count = shadow.entry_count = 1;
    bad.entry_count = 2;
    late.base.deadline = seams_monotonic(&system_seams) - 1;
    shadow.shadow = true; /* without a rebuild */
    struct timeseries_request *all[] = {&shadow, &bad, &late, &good};
    for (size_t i = 0; i < ARRAY_LENGTH(all); i++)
        timeseries_submit(fixture->store, all[i]);
    assert_true(timeseries_wait(fixture->store, &good));
    assert_false(timeseries_wait(fixture->store, &late));
    assert_false(timeseries_wait(fixture->store, &bad));
    assert_false(timeseries_wait(fixture->store, &shadow));
    assert_int_equal(late.base.error.code, ECOMMERCE_DEADLINE_EXCEEDED);
    assert_int_equal(bad.base.error.code, ECOMMERCE_INVALID_ARGUMENT);
    assert_string_equal(bad.base.error.field, "entries[1].id");
    assert_int_equal(shadow.base.error.code, ECOMMERCE_INVALID_TRANSITION);

    struct str ids[] = {entries[0].id, entries[1].id, entries[2].id, entries[3].id};
    struct timeseries_request has = trade_request(fixture, TIMESERIES_HAS);
    has.ids = ids;
    has.id_count = ARRAY_LENGTH(ids);
    trade_must(fixture->store, &has);
    for (size_t i = 0; i < ARRAY_LENGTH(ids); i++)
        assert_int_equal(has.present[i], i == 0);
}

/* ---- rebuilding and forgetting ---- */

static void a_rebuild_takes_the_place_of_what_was(void **state)
{
    struct trade_fixture *fixture = *state;
    struct timeseries_entry *entries = trade_make(fixture);
    struct timeseries_entry wrong = entries[0];
    wrong.id = STR("should not be here");
    trade_apply(fixture, entries, TRADE_ENTRIES);
    const char *expected = trade_everything(fixture, fixture->store);
    for (unsigned round = 0; round < 3; round++) { /* each set is used again */
        trade_apply(fixture, &wrong, 1);
        const char *spoilt = trade_everything(fixture, fixture->store);
        assert_string_not_equal(spoilt, expected);
        struct timeseries_request begin = trade_request(fixture, TIMESERIES_SHADOW_BEGIN);
        trade_must(fixture->store, &begin);
        trade_apply_to(fixture, fixture->store, true, &wrong, 1);
        trade_must(fixture->store, &begin); /* empties it */
        trade_shuffle(entries);
        trade_apply_to(fixture, fixture->store, true, entries, TRADE_ENTRIES);
        assert_string_equal(trade_everything(fixture, fixture->store), spoilt);

        struct text text = {0};
        trade_print_entries(fixture, fixture->store, true, &text);
        trade_print_digests(fixture, fixture->store, true, &text);
        assert_int_equal(strncmp(text_cstr(&text), expected, text.len), 0);
        text_release(&text);

        struct timeseries_request swap = trade_request(fixture, TIMESERIES_SHADOW_SWAP);
        trade_must(fixture->store, &swap);
        assert_string_equal(trade_everything(fixture, fixture->store), expected);
        trade_must_fail(fixture->store, &swap, ECOMMERCE_INVALID_TRANSITION);
    }
}

static void a_dropped_shadow_leaves_no_trace(void **state)
{
    struct trade_fixture *fixture = *state;
    struct timeseries_entry *entries = trade_make(fixture);
    trade_apply(fixture, entries, 10);
    const char *expected = trade_everything(fixture, fixture->store);
    struct timeseries_request begin = trade_request(fixture, TIMESERIES_SHADOW_BEGIN);
    struct timeseries_request drop = trade_request(fixture, TIMESERIES_SHADOW_DROP);
    struct timeseries_request digests = trade_request(fixture, TIMESERIES_DIGESTS);
    trade_must(fixture->store, &begin);
    trade_apply_to(fixture, fixture->store, true, entries, TRADE_ENTRIES);
    trade_must(fixture->store, &drop);
    trade_must(fixture->store, &drop);
    assert_string_equal(trade_everything(fixture, fixture->store), expected);
    digests.shadow = true;
    trade_must_fail(fixture->store, &digests, ECOMMERCE_INVALID_TRANSITION);
}

static void a_forgotten_customer_leaves_the_facts(void **state)
{
    struct trade_fixture *fixture = *state;
    struct timeseries_entry *entries = trade_make(fixture);
    trade_apply(fixture, entries, TRADE_ENTRIES);
    struct text before = {0}, after = {0};
    trade_print_digests(fixture, fixture->store, false, &before);
    struct timeseries_request forget = trade_request(fixture, TIMESERIES_FORGET_CUSTOMER);
    forget.key = STR("ann03");
    trade_must(fixture->store, &forget);
    trade_must(fixture->store, &forget);
    trade_print_digests(fixture, fixture->store, false, &after);
    assert_string_equal(text_cstr(&after), text_cstr(&before));
    text_release(&before);
    text_release(&after);

    struct timeseries_request request = trade_request(fixture, TIMESERIES_ENTRIES);
    request.limit = TRADE_ENTRIES;
    trade_must(fixture->store, &request);
    size_t known = 0;
    for (size_t i = 0; i < request.count; i++) {
        const struct timeseries_entry *entry = &request.found_entries[i];
        struct str customer = doc_text(entry->payload, "customer_id");
        assert_true(!customer.ptr || !str_is(customer, "ann03"));
        assert_true(!entry->customer_id.ptr || !str_is(entry->customer_id, "ann03"));
        trade_assert_str(doc_text(entry->payload, "note"), "as it was");
        known += customer.ptr != NULL;
    }
    assert_true(known > 0);

    /* One who comes back is new, also to another handle that knew the old one. */
    entries[0].id = STR("again");
    entries[0].customer_id = STR("ann03");
    trade_apply(fixture, entries, 1);
    request = trade_request(fixture, TIMESERIES_RANKING);
    request.dimension = DIMENSION_CUSTOMER;
    request.filter.customer_id = STR("ann03");
    trade_must(fixture->store, &request);
    assert_int_equal(request.count, 1);
    assert_int_equal(request.sums[0].orders, 1);
}

/* ---- handles, files, memory ---- */

static void two_handles_see_each_other(void **state)
{
    struct trade_fixture *fixture = *state;
    struct timeseries_entry *entries = trade_make(fixture);
    struct timeseries_store *other = trade_open(&fixture->folder);
    for (size_t i = 0; i < 100; i++)
        trade_apply_to(fixture, i % 2 ? other : fixture->store, false, &entries[i], 1);
    assert_string_equal(trade_everything(fixture, other),
                        trade_everything(fixture, fixture->store));

    /* A number that one handle remembers may have been given up by the other. */
    struct timeseries_request forget = trade_request(fixture, TIMESERIES_FORGET_CUSTOMER);
    struct timeseries_request ranking = trade_request(fixture, TIMESERIES_RANKING);
    forget.key = ranking.filter.customer_id = STR("ann01");
    ranking.dimension = DIMENSION_CUSTOMER;
    trade_must(other, &forget);
    struct timeseries_entry again = entries[0];
    again.id = STR("again");
    again.customer_id = STR("ann01");
    trade_apply(fixture, &again, 1);
    trade_must(other, &ranking);
    assert_int_equal(ranking.count, 1);
    assert_int_equal(ranking.sums[0].orders, 1);
    trade_close(&other);
}

static void what_was_acknowledged_is_there_after_reopening(void **state)
{
    struct trade_fixture *fixture = *state;
    trade_apply(fixture, trade_make(fixture), TRADE_ENTRIES);
    const char *expected = trade_everything(fixture, fixture->store);
    trade_close(&fixture->store);
    fixture->store = trade_open(&fixture->folder);
    assert_string_equal(trade_everything(fixture, fixture->store), expected);
}

/* Runs the request with ever more memory until it has enough. */
static void starve(struct trade_fixture *fixture, struct timeseries_request *request)
{
    bool done = false;
    for (long successes = 0; !done; successes++) {
        ecommerce_error error = {0};
        struct arena arena = {0};
        request->base.arena = &arena;
        mem_fail_after(successes);
        done = timeseries_run(fixture->store, request, &error);
        mem_fail_after(-1);
        if (!done)
            assert_string_equal(ecommerce_error_name(error.code), "out_of_memory");
        arena_release(&arena);
    }
}

static void failing_allocations_change_nothing(void **state)
{
    struct trade_fixture *fixture = *state;
    struct timeseries_entry *entries = trade_make(fixture);
    struct timeseries_request request = trade_request(fixture, TIMESERIES_APPLY);
    request.entries = entries;
    request.entry_count = TRADE_ENTRIES;
    starve(fixture, &request);
    for (size_t i = 0; i < TRADE_ENTRIES; i++)
        assert_true(entries[i].applied);
    const char *starved = trade_everything(fixture, fixture->store);
    static const enum timeseries_operation reads[] = {
        TIMESERIES_RANKING,      TIMESERIES_ENTRIES,           TIMESERIES_STOCK_AT,
        TIMESERIES_DIGESTS,      TIMESERIES_CUSTOMER_PRODUCTS, TIMESERIES_STOCK_HISTORY,
        TIMESERIES_SHADOW_BEGIN, TIMESERIES_SHADOW_DROP};
    for (size_t i = 0; i < ARRAY_LENGTH(reads); i++) {
        struct timeseries_request read = trade_request(fixture, reads[i]);
        read.key = STR("p03");
        starve(fixture, &read);
    }
    struct temp_folder folder;
    temp_folder_make(&folder);
    struct timeseries_store *store = trade_open(&folder);
    trade_apply_to(fixture, store, false, entries, TRADE_ENTRIES);
    assert_string_equal(trade_everything(fixture, store), starved);
    trade_close(&store);
    temp_folder_remove(&folder);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, trade_setup, trade_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(order_and_batching_change_nothing),
        EACH(an_entry_is_applied_once),
        EACH(entries_come_back_as_they_were),
        EACH(a_bad_entry_refuses_its_request_alone),
        EACH(a_rebuild_takes_the_place_of_what_was),
        EACH(a_dropped_shadow_leaves_no_trace),
        EACH(a_forgotten_customer_leaves_the_facts),
        EACH(two_handles_see_each_other),
        EACH(what_was_acknowledged_is_there_after_reopening),
        EACH(failing_allocations_change_nothing),
    };
    int failed = 0;
    for (size_t i = 0; i < timeseries_implementation_count; i++) {
        timeseries_tested = &timeseries_implementations[i];
        failed += cmocka_run_group_tests_name(timeseries_tested->name, tests, NULL, NULL);
    }
    return failed;
}
