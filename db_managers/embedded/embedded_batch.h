/*
 * embedded_batch.h - the group commit of the derived stores: a lane's batch as one transaction.
 *
 * One sync pays for all requests that gathered. Each of them is all or nothing by itself: one that
 * fails by its own fault is settled with its error, and the others are written once more without
 * it. Failures are rare; savepoints would tax every request for them.
 */
#pragma once

#include "db_managers/base_manager.h"
#include "db_managers/embedded/sqlite/sqlite_file.h"

struct embedded_batch {
    struct sqlite_file *file;
    const struct seams *seams;
    void *context;
    /* After the transaction has begun, before the first write; may be called again for one batch.
     */
    bool (*begin)(void *context, struct sqlite_connection *writer, ecommerce_error *err);
    /* Writes one request and fills its outputs. On false the transaction is rolled back. */
    bool (*write)(void *context, struct sqlite_connection *writer, struct store_request *request,
                  ecommerce_error *err);
    /* After each commit or rollback of what `begin` saw begin. */
    void (*end)(void *context, bool committed);
};

/* Gives every request of the batch its result. */
void embedded_batch_run(const struct embedded_batch *batch, struct lane_request **requests,
                        size_t count);
