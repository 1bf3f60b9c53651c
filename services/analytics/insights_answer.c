/* insights_answer.c - what is said of a customer, from what the stores said. */
#include "services/analytics/analytics_parts.h"
#include "support/timestamp.h"

#include <math.h>

/* The Gregorian calendar's mean month: 30.436875 days. */
#define MEAN_MONTH (30.436875 * 86400.0 * MICROSECONDS)

static void add_text(struct doc_builder *out, const char *key, struct doc doc)
{
    struct str text = doc_text(doc, key);
    if (text.ptr != NULL) {
        doc_add_text(out, key, text);
    }
}

static void write_profile(struct call *call, const struct insights *insights)
{
    doc_add_text(call->out, "customer_id", insights->customer_id);
    if (!insights->has_profile) {
        return;
    }
    int64_t created = doc_int(insights->profile, "created_at", 0);
    doc_open(call->out, "profile");
    add_text(call->out, "name", insights->profile);
    add_text(call->out, "email", insights->profile);
    add_text(call->out, "country", insights->profile);
    if (created != 0) {
        doc_add_time(call->out, "created_at", created);
    }
    doc_close(call->out);
}

/* ---- sales ---- */

static void write_spend(struct call *call, const struct sales_sums *totals)
{
    struct doc_builder *out = call->out;
    const struct currency *currency = &call->shop->currency;
    doc_open(out, "orders");
    doc_add_int(out, "placed", totals->orders);
    doc_add_int(out, "active", totals->active_orders);
    doc_add_int(out, "cancelled", totals->orders - totals->active_orders);
    doc_close(out);
    doc_open(out, "spend");
    doc_add_money(out, "gross", totals->gross, currency);
    doc_add_money(out, "cancelled", totals->cancelled, currency);
    doc_add_money(out, "returned", totals->returned, currency);
    doc_add_money(out, "net", sums_net(totals), currency);
    doc_close(out);
    if (totals->active_orders > 0) {
        doc_add_money(out, "average_order",
                      analytics_ratio(totals->gross - totals->cancelled, totals->active_orders),
                      currency);
    } else {
        doc_add_null(out, "average_order");
    }
}

static void write_time(struct doc_builder *out, const char *key, int64_t time, bool known)
{
    if (known) {
        doc_add_time(out, key, time);
    } else {
        doc_add_null(out, key);
    }
}

static double months_observed(const struct insights *insights)
{
    double months = (double)(insights->as_of - insights->totals.first) / MEAN_MONTH;
    return months < 1.0 ? 1.0 : months;
}

static void write_frequency(struct call *call, const struct insights *insights)
{
    const struct sales_sums *totals = &insights->totals;
    struct doc_builder *out = call->out;
    write_time(out, "first_order", totals->first, totals->orders > 0);
    write_time(out, "last_order", totals->last, totals->orders > 0);
    if (totals->orders == 0) {
        doc_add_null(out, "frequency");
        return;
    }
    doc_open(out, "frequency");
    if (totals->orders > 1) {
        double days = (double)(totals->last - totals->first) / (double)ANALYTICS_DAY;
        doc_add_double(out, "days_between_orders", days / (double)(totals->orders - 1));
    } else {
        doc_add_null(out, "days_between_orders");
    }
    double months = months_observed(insights);
    doc_add_double(out, "orders_per_month", (double)totals->active_orders / months);
    doc_add_double(out, "months_observed", months);
    doc_close(out);
}

/* average_order * orders_per_month * months, in which the active orders cancel out. */
static void write_prediction(struct call *call, const struct insights *insights)
{
    const struct sales_sums *totals = &insights->totals;
    int64_t months = settings_int(call->shop->settings, SETTING_CUSTOMERS_PREDICTED_MONTHS);
    double value = 0;
    if (totals->active_orders > 0) {
        double spent = (double)(totals->gross - totals->cancelled);
        value = spent / months_observed(insights) * (double)months;
    }
    /* Sums that are beyond exact doubles would be beyond any prediction. */
    const double most = 9e15;
    value = fmin(fmax(value, -most), most);
    doc_add_money(call->out, "predicted_value", llround(value), &call->shop->currency);
    doc_add_int(call->out, "predicted_months", months);
}

static void write_rfm(struct call *call, const struct insights *insights)
{
    if (!insights->rfm.known) {
        doc_add_null(call->out, "rfm");
        return;
    }
    doc_open(call->out, "rfm");
    doc_add_int(call->out, "recency", insights->rfm.recency);
    doc_add_int(call->out, "frequency", insights->rfm.frequency);
    doc_add_int(call->out, "monetary", insights->rfm.monetary);
    doc_adds(call->out, "segment", rfm_segment(&insights->rfm));
    doc_add_int(call->out, "customers", insights->rfm.customers);
    doc_close(call->out);
}

static void write_returns(struct call *call, const struct sales_sums *totals)
{
    doc_open(call->out, "returns");
    doc_add_money(call->out, "value", totals->returned, &call->shop->currency);
    if (totals->gross > totals->cancelled) {
        doc_add_double(call->out, "rate",
                       (double)totals->returned / (double)(totals->gross - totals->cancelled));
    } else {
        doc_add_null(call->out, "rate");
    }
    doc_add_int(call->out, "units_back", totals->units_back);
    doc_close(call->out);
}

/* ---- lists ---- */

static void write_favourites(struct call *call, const char *list, const char *key,
                             const struct sales_sums *rows, size_t count, size_t most,
                             const struct str *names)
{
    struct doc_builder *out = call->out;
    doc_open_array(out, list);
    for (size_t i = 0, shown = 0; i < count && shown < most; i++) {
        if (rows[i].key.ptr == NULL || rows[i].orders == 0) {
            continue; /* in no category, or only ever given back */
        }
        shown++;
        doc_open(out, NULL);
        doc_add_text(out, key, rows[i].key);
        if (names != NULL && names[i].ptr != NULL) {
            doc_add_text(out, "name", names[i]);
        }
        doc_add_money(out, "net", sums_net(&rows[i]), &call->shop->currency);
        doc_add_int(out, "units", rows[i].units);
        doc_add_int(out, "orders", rows[i].orders);
        doc_close(out);
    }
    doc_close(out);
}

static bool write_all_favourites(struct call *call, const struct insights *insights,
                                 ecommerce_error *err)
{
    struct str *names;
    if (!product_names(call, insights->products, insights->product_count, &names, err)) {
        return false;
    }
    if (insights->has_products) {
        write_favourites(call, "favourite_products", "product_id", insights->products,
                         insights->product_count, INSIGHT_FAVOURITES, names);
    }
    if (insights->has_categories) {
        write_favourites(call, "favourite_categories", "category", insights->categories,
                         insights->category_count, INSIGHT_FAVOURITES / 2, NULL);
    }
    return true;
}

static void write_months(struct call *call, const struct insights *insights)
{
    bool any = insights->has_totals && insights->totals.orders > 0;
    doc_open_array(call->out, "monthly");
    for (size_t i = 0; i < insights->month_count; i++) {
        if (!any || insights->bounds[i + 1] <= insights->totals.first) {
            continue;
        }
        doc_open(call->out, NULL);
        period_write(call, "period", GRAIN_MONTH, insights->bounds[i]);
        doc_add_time(call->out, "start", insights->bounds[i]);
        sums_write(call, &insights->months[i]);
        doc_close(call->out);
    }
    doc_close(call->out);
}

static void write_cart(struct call *call, const struct live_value *cart)
{
    struct doc items = doc_child(cart->doc, "items");
    if (doc_is_empty(items)) {
        return;
    }
    int64_t units = 0;
    struct doc_iter it;
    for (doc_iter_init(&it, items); doc_iter_next(&it);) {
        units += it.value.type == DOC_DOCUMENT ? doc_int(it.value.child, "quantity", 0) : 0;
    }
    doc_open(call->out, NULL);
    doc_add_text(call->out, "cart_id", cart->key);
    doc_add_int(call->out, "items", (int64_t)doc_count(items));
    doc_add_int(call->out, "units", units);
    write_time(call->out, "expires_at", cart->expires_at, cart->expires_at != INT64_MAX);
    doc_close(call->out);
}

static void write_carts(struct call *call, const struct insights *insights)
{
    doc_open_array(call->out, "open_carts");
    for (size_t i = 0; i < insights->cart_count; i++) {
        write_cart(call, &insights->carts[i]);
    }
    doc_close(call->out);
}

bool insights_write(struct call *call, const struct insights *insights, ecommerce_error *err)
{
    write_profile(call, insights);
    doc_adds(call->out, "currency", call->shop->currency.code);
    if (insights->has_totals) {
        write_spend(call, &insights->totals);
        write_frequency(call, insights);
        write_prediction(call, insights);
        write_returns(call, &insights->totals);
    }
    if (insights->has_rfm) {
        write_rfm(call, insights);
    }
    if (!write_all_favourites(call, insights, err)) {
        return false;
    }
    if (insights->has_monthly) {
        write_months(call, insights);
    }
    if (insights->has_carts) {
        write_carts(call, insights);
    }
    return true;
}
