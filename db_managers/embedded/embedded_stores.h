/*
 * embedded_stores.h - the four roles on SQLite files in one folder.
 *
 *   documents.db   synchronous=FULL   the facts
 *   live.db        synchronous=NORMAL may lose its newest writes with the power; noticed by its
 * sequence timeseries.db  synchronous=FULL   derived graph.db       synchronous=FULL   derived
 *   generations    a shared memory map that tells processes that something changed
 *
 * WAL mode: several processes may use one shop at once. Each file holds its schema's version
 * (PRAGMA user_version): an older one is migrated, a newer one refused with
 * ECOMMERCE_STORE_VERSION.
 */
#pragma once

#include "db_managers/documents_store.h"
#include "db_managers/graph_store.h"
#include "db_managers/live_store.h"
#include "db_managers/timeseries_store.h"

struct embedded_options {
    const char *folder; /* created when missing, mode 0700 */
    size_t max_batch;   /* requests a group commit takes at most */
    const struct seams *seams;
    const struct logger *logger;
    const char *vfs; /* SQLite VFS; NULL: the default. Tests inject disk faults through it. */
};

struct documents_store *embedded_documents_open(const struct embedded_options *options,
                                                ecommerce_error *err) MUST_CHECK;
struct live_store *embedded_live_open(const struct embedded_options *options,
                                      ecommerce_error *err) MUST_CHECK;
struct timeseries_store *embedded_timeseries_open(const struct embedded_options *options,
                                                  ecommerce_error *err) MUST_CHECK;

struct recommendation_parameters; /* basket_index.h */
/* parameters NULL: the defaults */
struct graph_store *embedded_graph_open(const struct embedded_options *options,
                                        const struct recommendation_parameters *parameters,
                                        ecommerce_error *err) MUST_CHECK;
