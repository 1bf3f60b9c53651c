/* operations_catalog.c - products, categories and search. */
#include "operations/operation_values.h"

static bool get_product_details(struct call *call, const struct arguments *arguments,
                                ecommerce_error *err)
{
    size_t limit;
    if (!argument_limit(arguments, &limit, err)) {
        return false;
    }
    struct product_details_options options = {
        .with_recommendations = argument_bool(arguments, "with_recommendations"),
        .recommendation_count = limit,
    };
    return catalog_get_product_details(call, argument_text(arguments, "product_id"), &options, err);
}

static bool put_product(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    struct write_options options;
    return argument_write_options(arguments, &options, err) &&
           catalog_put_product(call, argument_text(arguments, "product_id"),
                               argument_doc(arguments, "product"), &options, err);
}

static bool patch_product(struct call *call, const struct arguments *arguments,
                          ecommerce_error *err)
{
    struct write_options options;
    return argument_write_options(arguments, &options, err) &&
           catalog_patch_product(call, argument_text(arguments, "product_id"),
                                 argument_doc(arguments, "patch"), &options, err);
}

static bool retire_product(struct call *call, const struct arguments *arguments,
                           ecommerce_error *err)
{
    struct write_options options;
    return argument_write_options(arguments, &options, err) &&
           catalog_retire_product(call, argument_text(arguments, "product_id"), &options, err);
}

static bool read_sort(const struct arguments *arguments, struct search_options *options,
                      ecommerce_error *err)
{
    static const char *const names[] = {
        [SORT_RELEVANCE] = "relevance",
        [SORT_PRICE] = "price",
        [SORT_PRICE_DESCENDING] = "price_descending",
        [SORT_NAME] = "name",
        [SORT_NEWEST] = "newest",
    };
    struct str sort = argument_text(arguments, "sort");
    if (sort.ptr == NULL) {
        return true;
    }
    for (unsigned i = 0; i < ARRAY_LENGTH(names); i++) {
        if (str_is(sort, names[i])) {
            options->sort = i;
            return true;
        }
    }
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "sort",
                       "'%.*s' is none of relevance, price, price_descending, name, newest",
                       STR_ARG(sort));
}

static bool search_products(struct call *call, const struct arguments *arguments,
                            ecommerce_error *err)
{
    struct search_options options = {
        .words = argument_text(arguments, "words"),
        .category = argument_text(arguments, "category"),
        .in_stock_only = argument_bool(arguments, "in_stock"),
        .with_retired = argument_bool(arguments, "with_retired"),
        .with_facets = argument_bool(arguments, "with_facets"),
        .cursor = argument_text(arguments, "cursor"),
    };
    return argument_money(arguments, "price_from", &options.price_from, &options.has_price_from,
                          err) &&
           argument_money(arguments, "price_to", &options.price_to, &options.has_price_to, err) &&
           argument_texts(call, arguments, "attributes", &options.attributes,
                          &options.attribute_count, err) &&
           read_sort(arguments, &options, err) && argument_limit(arguments, &options.limit, err) &&
           catalog_search(call, &options, err);
}

static bool put_category(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return catalog_put_category(call, argument_text(arguments, "category_id"),
                                argument_doc(arguments, "category"), err);
}

static bool list_categories(struct call *call, const struct arguments *arguments,
                            ecommerce_error *err)
{
    UNUSED(arguments);
    return catalog_list_categories(call, err);
}

static bool retire_category(struct call *call, const struct arguments *arguments,
                            ecommerce_error *err)
{
    return catalog_retire_category(call, argument_text(arguments, "category_id"), err);
}

#define PRODUCT_ID                                                                                 \
    {                                                                                              \
        "product_id", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION, "Id of the product"    \
    }
#define CATEGORY_ID                                                                                \
    {                                                                                              \
        "category_id", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION, "Id of the category"  \
    }
#define EXPECTED_VERSION                                                                           \
    {                                                                                              \
        "expected_version", ARGUMENT_INTEGER, 0, "Only if it still has the version that was read"  \
    }

const struct operation catalog_operations[] = {
    {.name = "get_product_details",
     .command = "product show",
     .summary = "Show a product with price, availability and, on request, recommendations",
     .run = get_product_details,
     .arguments = {PRODUCT_ID,
                   {"with_recommendations", ARGUMENT_BOOL, 0,
                    "Also what is bought together with it, and what is similar"},
                   {"limit", ARGUMENT_INTEGER, 0, "Recommendations of each kind"}}},
    {.name = "put_product",
     .command = "product put",
     .summary = "Create a product or replace it as a whole",
     .flags = OPERATION_CHANGES,
     .run = put_product,
     .arguments = {PRODUCT_ID,
                   {"product", ARGUMENT_DOCUMENT, ARGUMENT_REQUIRED | ARGUMENT_FILE,
                    "name, price, description, categories, attributes, variants, and fields of "
                    "the shop's own"},
                   EXPECTED_VERSION,
                   {"must_be_new", ARGUMENT_BOOL, 0, "Refuse when the product exists"}}},
    {.name = "patch_product",
     .command = "product patch",
     .summary = "Change some fields of a product (RFC 7396: null removes a field)",
     .flags = OPERATION_CHANGES,
     .run = patch_product,
     .arguments = {PRODUCT_ID,
                   {"patch", ARGUMENT_DOCUMENT, ARGUMENT_REQUIRED | ARGUMENT_FILE,
                    "The fields that change"},
                   EXPECTED_VERSION}},
    {.name = "retire_product",
     .command = "product retire",
     .summary = "Sell a product no longer; orders that have it keep it",
     .flags = OPERATION_CHANGES,
     .run = retire_product,
     .arguments = {PRODUCT_ID, EXPECTED_VERSION}},
    {.name = "search_products",
     .command = "product search",
     .summary = "Search products by words, category, price and attributes",
     .run = search_products,
     .arguments = {{"words", ARGUMENT_TEXT, ARGUMENT_POSITION | ARGUMENT_REST,
                    "All must match; the last may be the beginning of a word"},
                   {"category", ARGUMENT_TEXT, 0, "In this category or any below it"},
                   {"price_from", ARGUMENT_MONEY, 0, "At this price or above"},
                   {"price_to", ARGUMENT_MONEY, 0, "At this price or below"},
                   {"attributes", ARGUMENT_TEXTS, 0, "name=value; all must hold"},
                   {"in_stock", ARGUMENT_BOOL, 0, "Only what can be bought now"},
                   {"with_retired", ARGUMENT_BOOL, 0, "Also products that are sold no longer"},
                   {"with_facets", ARGUMENT_BOOL, 0,
                    "Also how many there are by category, attribute and price"},
                   {"sort", ARGUMENT_TEXT, 0, "relevance, price, price_descending, name or newest"},
                   {"limit", ARGUMENT_INTEGER, 0, "Products in one answer"},
                   {"cursor", ARGUMENT_TEXT, 0, "Where the answer before ended"}}},
    {.name = "put_category",
     .command = "category put",
     .summary = "Create a category or replace it",
     .flags = OPERATION_CHANGES,
     .run = put_category,
     .arguments = {CATEGORY_ID,
                   {"category", ARGUMENT_DOCUMENT, ARGUMENT_REQUIRED | ARGUMENT_FILE,
                    "name and parent"}}},
    {.name = "list_categories",
     .command = "category list",
     .summary = "Show the tree of categories",
     .run = list_categories},
    {.name = "retire_category",
     .command = "category retire",
     .summary = "Take a category out of the tree",
     .flags = OPERATION_CHANGES,
     .run = retire_category,
     .arguments = {CATEGORY_ID}},
    {.name = NULL},
};
