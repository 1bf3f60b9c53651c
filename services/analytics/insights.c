/*
 * insights.c - one customer: every store is asked before any is waited for.
 *
 * The one thing that must come first is as_of, where it depends on the newest sale; the profile,
 * the carts and the recommendations are on their way meanwhile.
 */
#include "services/analytics/analytics_parts.h"
#include "services/analytics/recommendation_parts.h"
#include "support/timestamp.h"

enum { RECOMMENDATION_LISTS = 2, CARTS_LOOKED_AT = 20 };

struct inquiry {
    struct call *call;
    struct str customer_id;
    struct as_of_question as_of;
    struct documents_request profile;
    struct live_request carts;
    struct recommendation_question lists[RECOMMENDATION_LISTS];
    struct rfm_question rfm;
    struct timeseries_request totals, monthly, products, categories;
    int64_t all[2];
    int64_t bounds[INSIGHT_MONTHS + 1];
};

/* ---- asking ---- */

static void ask_for_recommendations(struct inquiry *inquiry)
{
    static const enum recommendation_kind kinds[RECOMMENDATION_LISTS] = {RECOMMEND_FOR_CUSTOMER,
                                                                         RECOMMEND_BUY_AGAIN};
    int64_t count = settings_int(inquiry->call->shop->settings, SETTING_RECOMMENDATIONS_COUNT);
    for (size_t i = 0; i < RECOMMENDATION_LISTS; i++) {
        inquiry->lists[i] = (struct recommendation_question){
            .kind = kinds[i], .key = inquiry->customer_id, .count = (size_t)count};
        recommendations_begin(inquiry->call, &inquiry->lists[i], NULL);
    }
}

static void ask_at_any_time(struct inquiry *inquiry)
{
    struct call *call = inquiry->call;
    inquiry->profile =
        call_documents(call, DOCUMENTS_GET, COLLECTION_CUSTOMERS, inquiry->customer_id);
    documents_submit(call->shop->documents, &inquiry->profile);
    inquiry->carts = call_live(call, LIVE_LIST);
    inquiry->carts.space = SPACE_CARTS;
    inquiry->carts.owner = inquiry->customer_id;
    inquiry->carts.limit = CARTS_LOOKED_AT;
    live_submit(call->shop->live, &inquiry->carts);
    ask_for_recommendations(inquiry);
}

/* The last INSIGHT_MONTHS months; the last one ends with as_of. */
static void set_months(struct inquiry *inquiry)
{
    const struct timezone_table *zone = inquiry->call->shop->zone;
    struct local_time local;
    timezone_local(zone, inquiry->as_of.as_of, &local);
    for (int i = 0; i < INSIGHT_MONTHS; i++) {
        int64_t month = (int64_t)local.month - INSIGHT_MONTHS + i;
        int64_t year = local.year + floor_divide(month, 12);
        int number = (int)(month - floor_divide(month, 12) * 12) + 1;
        inquiry->bounds[i] = timezone_utc(zone, year, number, 1, 0, 0, 0);
    }
    inquiry->bounds[INSIGHT_MONTHS] = inquiry->all[1];
}

static struct timeseries_request own_sales(struct inquiry *inquiry,
                                           enum timeseries_operation operation)
{
    struct timeseries_request request = call_timeseries(inquiry->call, operation);
    request.filter.customer_id = inquiry->customer_id;
    request.from = inquiry->all[0];
    request.to = inquiry->all[1];
    return request;
}

static void ask_for_sales(struct inquiry *inquiry)
{
    struct timeseries_store *store = inquiry->call->shop->timeseries;
    inquiry->all[0] = ANALYTICS_BEGINNING;
    inquiry->all[1] = inquiry->as_of.as_of + 1;
    inquiry->totals = own_sales(inquiry, TIMESERIES_SALES);
    inquiry->totals.bounds = inquiry->all;
    inquiry->totals.bound_count = 2;
    timeseries_submit(store, &inquiry->totals);
    set_months(inquiry);
    inquiry->monthly = own_sales(inquiry, TIMESERIES_SALES);
    inquiry->monthly.bounds = inquiry->bounds;
    inquiry->monthly.bound_count = INSIGHT_MONTHS + 1;
    timeseries_submit(store, &inquiry->monthly);
    inquiry->products = own_sales(inquiry, TIMESERIES_RANKING);
    inquiry->products.dimension = DIMENSION_PRODUCT;
    inquiry->products.limit = INSIGHT_FAVOURITES;
    timeseries_submit(store, &inquiry->products);
    inquiry->categories = own_sales(inquiry, TIMESERIES_RANKING);
    inquiry->categories.dimension = DIMENSION_CATEGORY;
    inquiry->categories.limit = INSIGHT_FAVOURITES / 2 + 1; /* one may be "none" */
    timeseries_submit(store, &inquiry->categories);
    inquiry->rfm = (struct rfm_question){.customer_id = inquiry->customer_id,
                                         .as_of = inquiry->as_of.as_of,
                                         .latest = inquiry->as_of.latest};
    rfm_ask(inquiry->call, &inquiry->rfm);
}

/* ---- waiting ---- */

/* The first error wins; what comes after it is waited for all the same, since it is in flight. */
static bool take_sales(struct inquiry *inquiry, struct timeseries_request *request, bool so_far,
                       bool *has, ecommerce_error *err)
{
    *has = timeseries_wait(inquiry->call->shop->timeseries, request);
    return so_far &&
           (*has || analytics_miss(inquiry->call, ROLE_TIMESERIES, &request->base.error, err));
}

static bool take_all_sales(struct inquiry *inquiry, struct insights *insights, bool so_far,
                           ecommerce_error *err)
{
    bool ok = take_sales(inquiry, &inquiry->totals, so_far, &insights->has_totals, err);
    ok = take_sales(inquiry, &inquiry->monthly, ok, &insights->has_monthly, err);
    ok = take_sales(inquiry, &inquiry->products, ok, &insights->has_products, err);
    ok = take_sales(inquiry, &inquiry->categories, ok, &insights->has_categories, err);
    ecommerce_error later;
    ok = rfm_take(inquiry->call, &inquiry->rfm, &insights->has_rfm, ok ? err : &later) && ok;
    if (insights->has_totals && inquiry->totals.count > 0) {
        insights->totals = inquiry->totals.sums[0];
    }
    insights->bounds = inquiry->bounds;
    insights->months = inquiry->monthly.sums;
    insights->month_count = insights->has_monthly ? inquiry->monthly.count : 0;
    insights->products = inquiry->products.sums;
    insights->product_count = insights->has_products ? inquiry->products.count : 0;
    insights->categories = inquiry->categories.sums;
    insights->category_count = insights->has_categories ? inquiry->categories.count : 0;
    insights->rfm = inquiry->rfm.rfm;
    return ok;
}

static bool take_carts(struct inquiry *inquiry, struct insights *insights, bool so_far,
                       ecommerce_error *err)
{
    struct live_request *request = &inquiry->carts;
    insights->has_carts = live_wait(inquiry->call->shop->live, request);
    insights->carts = request->values;
    insights->cart_count = insights->has_carts ? request->count : 0;
    return so_far && (insights->has_carts ||
                      analytics_miss(inquiry->call, ROLE_LIVE, &request->base.error, err));
}

static bool unknown_customer(struct str customer_id, ecommerce_error *err)
{
    return error_field(err, ECOMMERCE_UNKNOWN_CUSTOMER, "customer_id",
                       "no customer has the id '%.*s'", STR_ARG(customer_id));
}

/* Without the documents, sales prove that there is such a customer. */
static bool take_profile(struct inquiry *inquiry, struct insights *insights, bool so_far,
                         ecommerce_error *err)
{
    struct documents_request *request = &inquiry->profile;
    bool answered = documents_wait(inquiry->call->shop->documents, request);
    if (!so_far) {
        return false;
    }
    if (answered) {
        insights->has_profile = request->found;
        insights->profile = request->document.doc;
        return (request->found && !doc_bool(insights->profile, "erased", false)) ||
               unknown_customer(inquiry->customer_id, err);
    }
    if (!insights->has_totals || insights->totals.orders == 0) {
        if (err != NULL) {
            *err = request->base.error;
        }
        return false;
    }
    return analytics_miss(inquiry->call, ROLE_DOCUMENTS, &request->base.error, err);
}

static bool take_lists(struct inquiry *inquiry, bool so_far, ecommerce_error *err)
{
    if (!so_far) {
        for (size_t i = 0; i < RECOMMENDATION_LISTS; i++) {
            recommendations_abandon(inquiry->call, &inquiry->lists[i]);
        }
        return false;
    }
    ecommerce_error why = {0};
    if (recommendations_finish(inquiry->call, inquiry->lists, RECOMMENDATION_LISTS, NULL, &why)) {
        return true;
    }
    for (size_t i = 0; i < RECOMMENDATION_LISTS; i++) {
        inquiry->lists[i].pick_count = 0;
    }
    return analytics_miss(inquiry->call, ROLE_DOCUMENTS, &why, err);
}

static bool inquire(struct inquiry *inquiry, struct insights *insights,
                    const struct insights_options *options, ecommerce_error *err)
{
    as_of_ask(inquiry->call, &inquiry->as_of, options->has_as_of, options->as_of);
    ask_at_any_time(inquiry);
    bool ok = as_of_take(inquiry->call, &inquiry->as_of, err);
    insights->as_of = inquiry->as_of.as_of;
    if (ok) {
        ask_for_sales(inquiry);
        ok = take_all_sales(inquiry, insights, ok, err);
    }
    ok = take_carts(inquiry, insights, ok, err);
    ok = take_profile(inquiry, insights, ok, err);
    return take_lists(inquiry, ok, err);
}

bool analytics_get_customer_insights(struct call *call, struct str customer_id,
                                     const struct insights_options *options, ecommerce_error *err)
{
    struct inquiry inquiry = {.call = call, .customer_id = customer_id};
    struct insights insights = {.customer_id = customer_id};
    if (!id_check(customer_id, "customer_id", err) || !inquire(&inquiry, &insights, options, err) ||
        !insights_write(call, &insights, err)) {
        return false;
    }
    recommendations_write(call, call->out, "recommendations", &inquiry.lists[0]);
    recommendations_write(call, call->out, "buy_again", &inquiry.lists[1]);
    /* Parts of the answer may have set theirs: what counts is the instant of the analysis. */
    call->as_of = insights.as_of;
    return true;
}
