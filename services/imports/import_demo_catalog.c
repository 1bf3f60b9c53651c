/*
 * import_demo_catalog.c - the demonstration's categories, products and customers, as they are at
 * the end of its history. What is there already stays as the shop has it now.
 */
#include "services/imports/import_demo_parts.h"

#include "services/catalog/catalog.h"
#include "services/customers/customers.h"

/* ---- categories ---- */

static bool put_category(void *context, size_t index, struct call *call, ecommerce_error *err)
{
    const struct demo_import *import = context;
    const struct demo_category *category = &import->plan->categories[index];
    struct stored_document before;
    struct doc_builder builder;
    if (!call_get(call, COLLECTION_CATEGORIES, str_of(category->id), true, &before, &call->replayed,
                  err)) {
        return false;
    }
    if (call->replayed) {
        return true;
    }
    doc_builder_init(&builder);
    doc_adds(&builder, "name", category->name);
    if (category->parent != DEMO_NONE) {
        doc_adds(&builder, "parent", import->plan->categories[category->parent].id);
    }
    struct doc doc = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err) &&
              catalog_put_category(call, str_of(category->id), doc, err);
    doc_builder_release(&builder);
    return ok;
}

/* ---- products ---- */

static void add_attributes(struct doc_builder *out, const struct demo_product *product)
{
    doc_open(out, "attributes");
    for (size_t i = 0; i < product->attribute_count; i++) {
        const struct demo_attribute *attribute = &product->attributes[i];
        if (attribute->text != NULL) {
            doc_adds(out, attribute->name, attribute->text);
        } else {
            doc_add_int(out, attribute->name, attribute->number);
        }
    }
    doc_close(out);
}

static void add_variants(struct doc_builder *out, const struct demo_plan *plan,
                         const struct demo_product *product, const struct currency *currency)
{
    doc_open_array(out, "variants");
    for (size_t i = 0; i < product->variant_count; i++) {
        const struct demo_variant *variant = &product->variants[i];
        doc_open(out, NULL);
        doc_adds(out, "variant_id", variant->variant_id);
        doc_adds(out, "sku", plan->skus[variant->sku].sku);
        doc_adds(out, "name", variant->value);
        doc_add_money(out, "price", variant->price, currency);
        doc_open(out, "attributes");
        doc_adds(out, product->variant_axis, variant->value);
        doc_close(out);
        doc_close(out);
    }
    doc_close(out);
}

static void build_product(struct doc_builder *out, const struct demo_plan *plan,
                          const struct demo_product *product, const struct currency *currency)
{
    doc_adds(out, "name", product->name);
    doc_adds(out, "description", product->description);
    doc_add_money(out, "price", product->price, currency);
    doc_open_array(out, "categories");
    doc_adds(out, NULL, plan->categories[product->category].id);
    doc_close(out);
    doc_open_array(out, "images");
    doc_adds(out, NULL, product->image);
    doc_close(out);
    doc_add_bool(out, "tracked", product->tracked);
    doc_add_bool(out, "retired", product->retired_at != 0);
    add_attributes(out, product);
    if (product->variant_count > 0) {
        add_variants(out, plan, product, currency);
    } else {
        doc_adds(out, "sku", plan->skus[product->sku].sku);
    }
}

static bool put_product(void *context, size_t index, struct call *call, ecommerce_error *err)
{
    const struct demo_import *import = context;
    const struct demo_product *product = &import->plan->products[index];
    struct write_options options = {.must_be_new = true};
    struct doc_builder builder;
    doc_builder_init(&builder);
    build_product(&builder, import->plan, product, &call->shop->currency);
    struct doc doc = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err) &&
              catalog_put_product(call, str_of(product->product_id), doc, &options, err);
    doc_builder_release(&builder);
    return import_new_or_there(call, ok, err);
}

/* ---- customers ---- */

static bool put_customer(void *context, size_t index, struct call *call, ecommerce_error *err)
{
    const struct demo_import *import = context;
    const struct demo_customer *customer = &import->plan->customers[index];
    struct write_options options = {.must_be_new = true};
    struct doc_builder builder;
    doc_builder_init(&builder);
    doc_adds(&builder, "name", customer->name);
    doc_adds(&builder, "email", customer->email);
    doc_adds(&builder, "country", customer->address.country);
    doc_open_array(&builder, "addresses");
    doc_open(&builder, NULL);
    doc_adds(&builder, "line", customer->address.line);
    doc_adds(&builder, "postal_code", customer->address.postal_code);
    doc_adds(&builder, "city", customer->address.city);
    doc_adds(&builder, "country", customer->address.country);
    doc_close(&builder);
    doc_close(&builder);
    struct doc doc = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err) &&
              customers_put(call, str_of(customer->customer_id), doc, &options, err);
    doc_builder_release(&builder);
    return import_new_or_there(call, ok, err);
}

/* Categories one after the other: parents come first in the plan. */
bool demo_import_catalog(struct demo_import *import, ecommerce_error *err)
{
    const struct demo_plan *plan = import->plan;
    size_t all_in_one[] = {0, plan->category_count};
    log_write(import->call->shop->logger, LOG_INFO, import->progress.name,
              "%zu products, %zu customers, %zu orders", plan->product_count, plan->customer_count,
              plan->order_count);
    return import_crew_run(import->call, all_in_one, 1, put_category, import, &import->categories,
                           err) &&
           import_crew_run(import->call, NULL, plan->product_count, put_product, import,
                           &import->products, err) &&
           import_crew_run(import->call, NULL, plan->customer_count, put_customer, import,
                           &import->customers, err);
}
