#include "services/orders/order_facts.h"

#include <stdlib.h>

/* Quantities by sku: collected, then sorted and merged. */
struct sku_sums {
    struct stock_line *lines;
    size_t count;
};

static bool sums_init(struct arena *arena, struct sku_sums *sums, size_t capacity)
{
    sums->count = 0;
    sums->lines = arena_array(arena, capacity ? capacity : 1, sizeof(*sums->lines));
    return sums->lines != NULL;
}

static int by_sku(const void *a, const void *b)
{
    return str_compare(((const struct stock_line *)a)->sku, ((const struct stock_line *)b)->sku);
}

/* Sorted by sku: all stores lock and report in one order. */
static void sums_merge(struct sku_sums *sums)
{
    if (sums->count < 2) {
        return;
    }
    qsort(sums->lines, sums->count, sizeof(*sums->lines), by_sku);
    size_t kept = 0;
    for (size_t i = 1; i < sums->count; i++) {
        if (str_equal(sums->lines[i].sku, sums->lines[kept].sku)) {
            sums->lines[kept].quantity += sums->lines[i].quantity;
        } else {
            sums->lines[++kept] = sums->lines[i];
        }
    }
    sums->count = kept + 1;
}

bool facts_stock_of_order(struct arena *arena, const struct order *order, struct stock_line **lines,
                          size_t *count)
{
    struct sku_sums sums;
    if (!sums_init(arena, &sums, order->line_count)) {
        return false;
    }
    for (size_t i = 0; i < order->line_count; i++) {
        const struct order_line *line = &order->lines[i];
        if (line->tracked) {
            sums.lines[sums.count++] = (struct stock_line){line->sku, line->quantity};
        }
    }
    sums_merge(&sums);
    *lines = sums.lines;
    *count = sums.count;
    return true;
}

bool facts_credit_of_change(struct arena *arena, const struct order_change *change,
                            struct stock_line **lines, size_t *count)
{
    struct sku_sums sums;
    if (!sums_init(arena, &sums, change->line_count)) {
        return false;
    }
    for (size_t i = 0; change->restock && i < change->line_count; i++) {
        const struct change_line *line = &change->lines[i];
        if (line->tracked) {
            sums.lines[sums.count++] = (struct stock_line){line->sku, line->quantity};
        }
    }
    sums_merge(&sums);
    *lines = sums.lines;
    *count = sums.count;
    return true;
}

/* sign -1: went out (an order), +1: came back. */
static bool stock_changes(struct arena *arena, struct timeseries_entry *entry,
                          const struct stock_line *lines, size_t count, int sign)
{
    struct stock_change *changes = arena_array(arena, count ? count : 1, sizeof(*changes));
    if (changes == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        changes[i] = (struct stock_change){lines[i].sku, sign * lines[i].quantity};
    }
    entry->stock = changes;
    entry->stock_count = count;
    return true;
}

static int by_product(const void *a, const void *b)
{
    return str_compare(((const struct graph_line *)a)->product_id,
                       ((const struct graph_line *)b)->product_id);
}

static size_t merge_products(struct graph_line *lines, size_t count)
{
    if (count < 2) {
        return count;
    }
    qsort(lines, count, sizeof(*lines), by_product);
    size_t kept = 0;
    for (size_t i = 1; i < count; i++) {
        if (str_equal(lines[i].product_id, lines[kept].product_id)) {
            lines[kept].quantity += lines[i].quantity;
        } else {
            lines[++kept] = lines[i];
        }
    }
    return kept + 1;
}

static struct sale_line delivery_line(struct arena *arena, struct str method, int64_t number,
                                      int64_t cost)
{
    char *id = arena_printf(arena, "delivery:%.*s", STR_ARG(method));
    return (struct sale_line){.line = (int)number,
                              .product_id = str_of(id),
                              .sku = str_of(id),
                              .quantity = 1,
                              .amount = cost,
                              .service = true};
}

static bool order_sales(struct arena *arena, const struct order *order,
                        struct timeseries_entry *sales)
{
    struct sale_line *lines = arena_array(arena, order->line_count + 1, sizeof(*lines));
    if (lines == NULL) {
        return false;
    }
    size_t count = 0;
    for (size_t i = 0; i < order->line_count; i++) {
        const struct order_line *line = &order->lines[i];
        lines[count++] = (struct sale_line){
            .line = (int)line->line,
            .product_id = line->product_id,
            .sku = line->sku,
            .category = line->category,
            .quantity = line->quantity,
            .amount = line->amount,
            .service = !line->tracked,
        };
    }
    if (order->delivery_cost != 0) {
        struct sale_line delivery = delivery_line(
            arena, order->delivery_method, (int64_t)order->line_count + 1, order->delivery_cost);
        if (delivery.product_id.ptr == NULL) {
            return false;
        }
        lines[count++] = delivery;
    }
    sales->lines = lines;
    sales->line_count = count;
    return true;
}

bool facts_of_order(struct arena *arena, const struct order *order, struct timeseries_entry *sales,
                    struct graph_entry *graph)
{
    *sales = (struct timeseries_entry){
        .id = order->order_id,
        .kind = SALE_PLACED,
        .order_id = order->order_id,
        .customer_id = order->customer_id,
        .country = order->country,
        .time = order->placed_at,
        .payload = order->doc,
    };
    *graph = (struct graph_entry){
        .id = order->order_id,
        .kind = GRAPH_ORDER,
        .order_id = order->order_id,
        .customer_id = order->customer_id,
        .time = order->placed_at,
    };
    struct stock_line *stock;
    size_t stock_count;
    struct graph_line *products =
        arena_array(arena, order->line_count ? order->line_count : 1, sizeof(*products));
    if (products == NULL || !order_sales(arena, order, sales) ||
        !facts_stock_of_order(arena, order, &stock, &stock_count) ||
        !stock_changes(arena, sales, stock, stock_count, -1)) {
        return false;
    }
    size_t count = 0;
    for (size_t i = 0; i < order->line_count; i++) {
        if (order->lines[i].tracked) {
            products[count++] =
                (struct graph_line){order->lines[i].product_id, order->lines[i].quantity};
        }
    }
    graph->lines = products;
    graph->line_count = merge_products(products, count);
    return true;
}

static bool takes_back(const struct order_change *change)
{
    return change->kind == CHANGE_CANCELLED || change->kind == CHANGE_RETURNED;
}

static bool change_lines(struct arena *arena, const struct order_change *change,
                         struct timeseries_entry *sales, struct graph_entry *graph)
{
    size_t capacity = change->line_count ? change->line_count : 1;
    struct sale_line *lines = arena_array(arena, capacity, sizeof(*lines));
    struct graph_line *products = arena_array(arena, capacity, sizeof(*products));
    if (lines == NULL || products == NULL) {
        return false;
    }
    size_t product_count = 0;
    for (size_t i = 0; i < change->line_count; i++) {
        const struct change_line *line = &change->lines[i];
        lines[i] = (struct sale_line){
            .line = (int)line->line,
            .product_id = line->product_id,
            .sku = line->sku,
            .category = line->category,
            .quantity = line->quantity,
            .amount = line->amount,
            .service = !line->tracked,
        };
        if (line->tracked) {
            products[product_count++] = (struct graph_line){line->product_id, line->quantity};
        }
    }
    sales->lines = lines;
    sales->line_count = change->line_count;
    graph->lines = products;
    graph->line_count = merge_products(products, product_count);
    return true;
}

bool facts_of_change(struct arena *arena, const struct order_change *change,
                     struct timeseries_entry *sales, bool *has_sales, struct graph_entry *graph,
                     bool *has_graph)
{
    *has_sales = *has_graph = takes_back(change);
    if (!takes_back(change)) {
        return true;
    }
    *sales = (struct timeseries_entry){
        .id = change->change_id,
        .kind = change->kind == CHANGE_CANCELLED ? SALE_CANCELLED : SALE_RETURNED,
        .order_id = change->order_id,
        .customer_id = change->customer_id,
        .country = change->country,
        .time = change->at,
        .payload = change->doc,
    };
    *graph = (struct graph_entry){
        .id = change->change_id,
        .kind = GRAPH_TAKE_BACK,
        .order_id = change->order_id,
        .customer_id = change->customer_id,
        .time = change->at,
    };
    struct stock_line *stock;
    size_t stock_count;
    return change_lines(arena, change, sales, graph) &&
           facts_credit_of_change(arena, change, &stock, &stock_count) &&
           stock_changes(arena, sales, stock, stock_count, 1);
}

bool facts_of_movement(struct arena *arena, const struct movement *movement,
                       struct timeseries_entry *sales)
{
    *sales = (struct timeseries_entry){
        .id = movement->movement_id,
        .kind = SALE_RETURNED,
        .customer_id = movement->customer_id,
        .country = movement->country,
        .time = movement->at,
        .payload = movement->doc,
    };
    if (movement->returned > 0) {
        struct sale_line *line = arena_alloc(arena, sizeof(*line));
        if (line == NULL) {
            return false;
        }
        *line = (struct sale_line){
            .line = 1,
            .product_id = movement->product_id,
            .sku = movement->sku,
            .category = movement->category,
            .quantity = movement->returned,
            .amount = movement->amount,
            .service = !movement->tracked,
        };
        sales->lines = line;
        sales->line_count = 1;
    }
    struct stock_line stock = {movement->sku, movement->quantity};
    return stock_changes(arena, sales, &stock, movement->quantity != 0 ? 1 : 0, 1);
}

unsigned facts_marks_of_change(const struct order_change *change)
{
    if (!takes_back(change)) {
        return 0;
    }
    return change->restock ? MARKS_ALL : MARK_TIMESERIES | MARK_GRAPH;
}

unsigned facts_marks_of_movement(const struct movement *movement)
{
    return movement->quantity != 0 ? MARK_STOCK | MARK_TIMESERIES : MARK_TIMESERIES;
}
