/* live_store.c - what all implementations of the live role share. */
#include "db_managers/live_store.h"

bool live_run(struct live_store *store, struct live_request *request, ecommerce_error *err)
{
    live_submit(store, request);
    if (live_wait(store, request))
        return true;
    if (err)
        *err = request->base.error;
    return false;
}
