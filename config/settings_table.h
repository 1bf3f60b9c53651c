/*
 * settings_table.h - every setting of the engine, one row each.
 *
 * This is the only place where a setting is declared. The enum of settings.h, the loader, `config
 * show`, `config check`, the help, docs/configuration.md and ecommerce_config.yaml.example all come
 * from here; the last two are written by `ECOMMERCE_UPDATE_DOCS=1 test_settings_files` and a test
 * fails while they differ from the table.
 *
 *   VALUE(identifier, path, type, minimum, maximum, default, unit, when, description)
 *   CHOICE(identifier, path, choices, default, when, description)
 *   SWITCH(identifier, path, default, when, description)
 *
 * Limits and defaults are written as a user writes them ("30 s", "64 MiB", "0.3") and in the form
 * that setting_format gives back, so that the table reads like the manual; a test parses every row.
 * The limits of a text count its bytes. `when` is START (read once, when the shop opens) or LIVE
 * (read at each use: settings_adopt changes it in a running program). A path is lower case with
 * '_' inside a name; a name is never both a setting and a section.
 *
 * A row is added together with the code that reads it, never before.
 */
#pragma once

/* One row is one line, broken only before its description. */
/* clang-format off */

/* Choices: X(enumerator, name). The enumerator is what settings_choice returns. */
#define DOCUMENTS_KINDS(X) X(DOCUMENTS_EMBEDDED, "embedded") X(DOCUMENTS_MONGODB, "mongodb")
#define LIVE_KINDS(X) X(LIVE_EMBEDDED, "embedded") X(LIVE_REDIS, "redis")
#define TIMESERIES_KINDS(X)                                                                        \
    X(TIMESERIES_EMBEDDED, "embedded") X(TIMESERIES_TIMESCALEDB, "timescaledb")
#define GRAPH_KINDS(X) X(GRAPH_EMBEDDED, "embedded") X(GRAPH_NEO4J, "neo4j")
#define CART_MERGES(X)                                                                             \
    X(CART_MERGE_ADD, "add") X(CART_MERGE_KEEP_CUSTOMER, "keep_customer")                          \
    X(CART_MERGE_KEEP_GUEST, "keep_guest") X(CART_MERGE_MAXIMUM, "maximum")
/* In the order of enum log_level. */
#define LOG_LEVELS(X)                                                                              \
    X(LOG_LEVEL_ERROR, "error") X(LOG_LEVEL_WARNING, "warning")                                    \
    X(LOG_LEVEL_INFO, "info") X(LOG_LEVEL_DEBUG, "debug")

#define SETTINGS_TABLE(VALUE, CHOICE, SWITCH)                                                      \
    VALUE(SHOP_NAME, "shop.name", TEXT, "1", "200", "Shop", "", START,                             \
          "Name of the shop, as its documents and reports show it")                                \
    VALUE(SHOP_CURRENCY, "shop.currency", CURRENCY, "3", "3", "GBP", "", START,                    \
          "ISO 4217 code of the currency that prices and orders are in")                           \
    VALUE(SHOP_TIME_ZONE, "shop.time_zone", TIME_ZONE, "1", "64", "UTC", "", START,                \
          "Time zone whose days, weeks and months reports count, such as Europe/London")           \
                                                                                                   \
    CHOICE(STORES_DOCUMENTS_KIND, "stores.documents.kind", DOCUMENTS_KINDS, "embedded", START,     \
          "Store of products, customers and orders: the facts")                                    \
    CHOICE(STORES_LIVE_KIND, "stores.live.kind", LIVE_KINDS, "embedded", START,                    \
          "Store of carts, sessions, stock counters and the cache")                                \
    CHOICE(STORES_TIMESERIES_KIND, "stores.timeseries.kind", TIMESERIES_KINDS, "embedded", START,  \
          "Store of sales lines, stock levels and customer events, for analytics")                 \
    CHOICE(STORES_GRAPH_KIND, "stores.graph.kind", GRAPH_KINDS, "embedded", START,                 \
          "Store of who bought what with what, for recommendations")                               \
    VALUE(STORES_EMBEDDED_FOLDER, "stores.embedded.folder", TEXT, "1", "4000", "./shop-data",      \
          "", START,                                                                               \
          "Folder of the embedded stores' files; made when it is missing")                         \
                                                                                                   \
    VALUE(ORDERS_DEADLINE, "orders.deadline", DURATION, "100 ms", "5 min", "10 s", "", START,      \
          "Time in which an order is placed or surely not placed")                                 \
    VALUE(ORDERS_GRACE, "orders.grace", DURATION, "1 s", "1 h", "30 s", "", START,                 \
          "How long past its deadline a reservation without an order is left alone")               \
    VALUE(ORDERS_PARK_AFTER, "orders.park_after", INTEGER, "1", "1000", "8", "failures", START,    \
          "Failures to relay an order after which it is parked for an operator")                   \
    VALUE(ORDERS_LEASE, "orders.lease", DURATION, "1 s", "10 min", "15 s", "", START,              \
          "How long one process has the relay and the sweeper to itself unless it renews")         \
    VALUE(ORDERS_REBUILD_OVERTAKE, "orders.rebuild_overtake", DURATION, "1 s", "10 min", "10 s",   \
          "", START,                                                                               \
          "Age at which an unfinished rebuild of the stock counters is overtaken")                 \
    VALUE(ORDERS_MAX_LINES, "orders.max_lines", INTEGER, "1", "100000", "10000", "lines", START,   \
          "Lines of an order at most")                                                             \
    VALUE(ORDERS_MAX_BYTES, "orders.max_bytes", SIZE, "1 KiB", "8 MiB", "1 MiB", "", START,        \
          "Size of an order's document at most")                                                   \
    VALUE(ORDERS_MAX_QUANTITY, "orders.max_quantity", INTEGER, "1", "1000000000", "1000000",       \
          "units", START,                                                                          \
          "Units in one line of an order at most")                                                 \
    SWITCH(ORDERS_REQUIRE_IDEMPOTENCY_KEY, "orders.require_idempotency_key", "false", START,       \
          "Refuse an order without an idempotency key")                                            \
    SWITCH(ORDERS_SHIP_UNPAID, "orders.ship_unpaid", "false", START,                               \
          "Allow an order to be shipped before it is paid")                                        \
                                                                                                   \
    SWITCH(RELAY_BACKGROUND, "relay.background", "true", START,                                    \
          "Relay orders to analytics and recommendations by a thread of this process")             \
    VALUE(RELAY_BATCH, "relay.batch", INTEGER, "1", "10000", "1024", "orders", START,              \
          "Orders relayed in one batch at most")                                                   \
    VALUE(RELAY_QUEUE, "relay.queue", INTEGER, "1", "1000000", "4096", "orders", START,            \
          "Orders handed over inside the process at most; others wait for the scan")               \
    VALUE(RELAY_SCAN_INTERVAL, "relay.scan_interval", DURATION, "10 ms", "1 h", "1 s", "", START,  \
          "Time between two scans for orders that nobody handed over")                             \
    VALUE(SWEEPER_INTERVAL, "sweeper.interval", DURATION, "100 ms", "1 h", "5 s", "", START,       \
          "Time between two searches for reservations that were left behind")                      \
                                                                                                   \
    VALUE(CARTS_LIFETIME, "carts.lifetime", DURATION, "1 s", "3650 d", "30 d", "", START,          \
          "Time after its last change at which a cart expires")                                    \
    CHOICE(CARTS_MERGE, "carts.merge", CART_MERGES, "add", START,                                  \
          "Quantity of an item that both carts have when a guest's joins a customer's")            \
    VALUE(CARTS_MAX_ITEMS, "carts.max_items", INTEGER, "1", "10000", "500", "items", START,        \
          "Different items in a cart at most")                                                     \
    VALUE(SESSIONS_IDLE, "sessions.idle", DURATION, "1 s", "365 d", "30 min", "", START,           \
          "Time without use after which a session ends")                                           \
    VALUE(SESSIONS_ABSOLUTE, "sessions.absolute", DURATION, "1 s", "365 d", "12 h", "", START,     \
          "Age at which a session ends even if it is used")                                        \
                                                                                                   \
    VALUE(CACHE_LIFETIME, "cache.lifetime", DURATION, "1 s", "1 d", "1 min", "", START,            \
          "Time for which a cached answer is used unless it is invalidated")                       \
    VALUE(CACHE_MAX_BYTES, "cache.max_bytes", SIZE, "64 KiB", "64 GiB", "64 MiB", "", START,       \
          "Size of the cache at most")                                                             \
    VALUE(CACHE_STAMPEDE_WAIT, "cache.stampede_wait", DURATION, "0 s", "30 s", "250 ms", "",       \
          START,                                                                                   \
          "How long a reader waits for another that computes the same answer")                     \
    VALUE(STOCK_LOW_THRESHOLD, "stock.low_threshold", INTEGER, "0", "1000000000", "5", "units",    \
          LIVE,                                                                                    \
          "Stock at or below which a product is low, unless it names its own threshold")           \
    VALUE(SEARCH_DEFAULT_PAGE, "search.default_page", INTEGER, "1", "1000", "20", "results", LIVE, \
          "Results on a page when the caller names no number")                                     \
    VALUE(SEARCH_MAX_PAGE, "search.max_page", INTEGER, "1", "1000", "100", "results", LIVE,        \
          "Results on a page at most")                                                             \
    VALUE(LANES_MAX_BATCH, "lanes.max_batch", INTEGER, "1", "4096", "256", "requests", START,      \
          "Concurrent requests that share one commit or one round trip at most")                   \
                                                                                                   \
    VALUE(RECOMMENDATIONS_COUNT, "recommendations.count", INTEGER, "1", "100", "10", "products",   \
          LIVE,                                                                                    \
          "Recommendations when the caller names no number")                                       \
    VALUE(RECOMMENDATIONS_POPULAR_WINDOW, "recommendations.popular_window", DURATION, "1 h",       \
          "36500 d", "14 d", "", START,                                                            \
          "Popularity: age at which a sale counts 1/e of a new one")                               \
    VALUE(RECOMMENDATIONS_TREND_WINDOW, "recommendations.trend_window", DURATION, "1 h",           \
          "36500 d", "7 d", "", START,                                                             \
          "Trend: age at which a sale counts 1/e of a new one")                                    \
    VALUE(RECOMMENDATIONS_WALK_WINDOW, "recommendations.walk_window", DURATION, "1 h",             \
          "36500 d", "180 d", "", START,                                                           \
          "Bought together: age at which a basket counts 1/e of a new one")                        \
    VALUE(RECOMMENDATIONS_WALK_SIZE_POWER, "recommendations.walk_size_power", NUMBER, "0", "4",    \
          "0.25", "", START,                                                                       \
          "Bought together: how much less a large basket says about each pair in it")              \
    VALUE(RECOMMENDATIONS_WALK_DAMPING, "recommendations.walk_damping", NUMBER, "0", "4", "0.1",   \
          "", START,                                                                               \
          "Bought together: how much a popular product is held back")                              \
    VALUE(RECOMMENDATIONS_WALK_PRIOR, "recommendations.walk_prior", NUMBER, "0", "1000000",        \
          "37.6", "", START,                                                                       \
          "Bought together: weight of popularity beside the common baskets")                       \
    VALUE(RECOMMENDATIONS_SIMILAR_WINDOW, "recommendations.similar_window", DURATION, "1 h",       \
          "36500 d", "180 d", "", START,                                                           \
          "Similar: age at which a basket counts 1/e of a new one")                                \
    VALUE(RECOMMENDATIONS_SIMILAR_SIZE_POWER, "recommendations.similar_size_power", NUMBER, "0",   \
          "4", "0.75", "", START,                                                                  \
          "Similar: how much less a large basket says about each pair in it")                      \
    VALUE(RECOMMENDATIONS_AGAIN_OWN_WINDOW, "recommendations.again_own_window", DURATION, "1 h",   \
          "36500 d", "1500 d", "", START,                                                          \
          "Buy again: age at which an own purchase counts 1/e of a new one")                       \
    VALUE(RECOMMENDATIONS_AGAIN_FLOOR, "recommendations.again_floor", NUMBER, "0", "1000",         \
          "0.1", "", START,                                                                        \
          "Buy again: added to the own purchases, to let the trend speak too")                     \
    VALUE(RECOMMENDATIONS_AGAIN_POWER, "recommendations.again_power", NUMBER, "0", "4", "0.3",     \
          "", START,                                                                               \
          "Buy again: how much the trend counts")                                                  \
    VALUE(RECOMMENDATIONS_BLEND_OWN_WINDOW, "recommendations.blend_own_window", DURATION, "1 h",   \
          "36500 d", "300 d", "", START,                                                           \
          "For a customer: age at which an own basket counts 1/e of a new one")                    \
    VALUE(RECOMMENDATIONS_BLEND_NEAR, "recommendations.blend_near", NUMBER, "0", "1000", "0.2",    \
          "", START,                                                                               \
          "For a customer: weight of products near to those bought, for discovery")                \
    VALUE(RECOMMENDATIONS_BLEND_POPULAR, "recommendations.blend_popular", NUMBER, "0", "1000",     \
          "0.3", "", START,                                                                        \
          "For a customer: weight of popularity")                                                  \
    VALUE(RECOMMENDATIONS_BLEND_FLOOR, "recommendations.blend_floor", NUMBER, "0", "1",            \
          "0.0001", "", START,                                                                     \
          "For a customer: added to the popularity that damps unpopular products")                 \
    VALUE(RECOMMENDATIONS_BLEND_POWER, "recommendations.blend_power", NUMBER, "0", "4", "0.1",     \
          "", START,                                                                               \
          "For a customer: how much unpopular products are damped")                                \
    VALUE(RECOMMENDATIONS_BLEND_NEIGHBOURS, "recommendations.blend_neighbours", INTEGER, "1",      \
          "200", "20", "products", START,                                                          \
          "For a customer: products that count as near to each one")                               \
                                                                                                   \
    VALUE(ANALYTICS_STALE_AFTER, "analytics.stale_after", DURATION, "1 h", "36500 d", "30 d",      \
          "", START,                                                                               \
          "Age of the newest sale beyond which reports count back from it, not from now")          \
    VALUE(CUSTOMERS_PREDICTED_MONTHS, "customers.predicted_months", INTEGER, "1", "120", "12",     \
          "months", START,                                                                         \
          "Months ahead that a customer's predicted value covers")                                 \
                                                                                                   \
    CHOICE(LOG_LEVEL, "log.level", LOG_LEVELS, "info", LIVE,                                       \
          "Least urgent level that is written to the log")                                         \
    VALUE(LOG_FILE, "log.file", TEXT, "0", "4000", "", "", START,                                  \
          "File that the log is appended to; standard error when empty")

/* Settings of which the first must not exceed the second: PAIR(lesser, greater). */
#define SETTINGS_PAIRS(PAIR)                                                                       \
    PAIR(SEARCH_DEFAULT_PAGE, SEARCH_MAX_PAGE)                                                     \
    PAIR(SESSIONS_IDLE, SESSIONS_ABSOLUTE)

/* clang-format on */
