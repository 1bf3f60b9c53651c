/* graph_store.c - what all implementations of the graph role share. */
#include "db_managers/graph_store.h"

bool graph_run(struct graph_store *store, struct graph_request *request, ecommerce_error *err)
{
    graph_submit(store, request);
    if (graph_wait(store, request))
        return true;
    if (err)
        *err = request->base.error;
    return false;
}
