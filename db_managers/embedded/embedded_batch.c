/* embedded_batch.c - many requests, one transaction, a result for each. */
#include "db_managers/embedded/embedded_batch.h"

#include "support/error.h"

static struct store_request *request_of(struct lane_request *lane_request)
{
    /* struct store_request begins with the lane's part. */
    return (struct store_request *)lane_request;
}

static bool is_settled(const struct store_request *request)
{
    return request->ok || request->error.code != ECOMMERCE_OK;
}

/* Refuses those whose time is over; nothing of them has been written. Says how many are left, and
 * how long the most patient one will wait for other processes. */
static size_t refuse_late(const struct embedded_batch *batch, struct lane_request **requests,
                          size_t count, int64_t *latest)
{
    int64_t now = seams_monotonic(batch->seams);
    size_t left = 0;
    *latest = now;
    for (size_t i = 0; i < count; i++) {
        struct store_request *request = request_of(requests[i]);
        if (is_settled(request))
            continue;
        if (request->deadline <= now) {
            error_set(&request->error, ECOMMERCE_DEADLINE_EXCEEDED,
                      "the time was over before the write began");
            continue;
        }
        left++;
        if (request->deadline > *latest)
            *latest = request->deadline;
    }
    return left;
}

/* Failures that come from the request itself; all others are the file's and fail the batch. */
static bool is_its_own(const ecommerce_error *error)
{
    switch (error->code) {
    case ECOMMERCE_NOT_FOUND:
    case ECOMMERCE_INVALID_ARGUMENT:
    case ECOMMERCE_INVALID_TRANSITION:
    case ECOMMERCE_LIMIT_EXCEEDED:
    case ECOMMERCE_OUT_OF_MEMORY:
    case ECOMMERCE_INTERNAL:
        return true;
    default:
        return false;
    }
}

enum pass { PASS_WRITTEN, PASS_AGAIN, PASS_FAILED };

/* Writes what is not settled. AGAIN: one request failed by its own fault and has been settled; the
 * transaction holds a part of it. */
static enum pass write_all(const struct embedded_batch *batch, struct lane_request **requests,
                           size_t count, ecommerce_error *err)
{
    struct sqlite_connection *writer = sqlite_file_writer(batch->file);
    if (!batch->begin(batch->context, writer, err))
        return PASS_FAILED;
    for (size_t i = 0; i < count; i++) {
        struct store_request *request = request_of(requests[i]);
        if (is_settled(request))
            continue;
        if (!batch->write(batch->context, writer, request, err)) {
            if (!is_its_own(err))
                return PASS_FAILED;
            request->error = *err;
            return PASS_AGAIN;
        }
    }
    return PASS_WRITTEN;
}

static enum pass run_once(const struct embedded_batch *batch, struct lane_request **requests,
                          size_t count, ecommerce_error *err)
{
    struct sqlite_connection *writer = sqlite_file_writer(batch->file);
    enum pass pass = write_all(batch, requests, count, err);
    if (pass == PASS_WRITTEN && !sqlite_commit(writer, err))
        pass = PASS_FAILED;
    if (pass != PASS_WRITTEN)
        sqlite_rollback(writer);
    batch->end(batch->context, pass == PASS_WRITTEN);
    return pass;
}

void embedded_batch_run(const struct embedded_batch *batch, struct lane_request **requests,
                        size_t count)
{
    struct sqlite_connection *writer = sqlite_file_writer(batch->file);
    ecommerce_error error = {0};
    int64_t latest;
    while (refuse_late(batch, requests, count, &latest) > 0) {
        error_clear(&error);
        if (!sqlite_begin(writer, latest, &error))
            break;
        /* Waiting for another process may have taken some requests' time. */
        refuse_late(batch, requests, count, &latest);
        if (run_once(batch, requests, count, &error) != PASS_AGAIN)
            break;
    }
    for (size_t i = 0; i < count; i++) {
        struct store_request *request = request_of(requests[i]);
        if (is_settled(request))
            continue;
        request->ok = error.code == ECOMMERCE_OK;
        request->error = error;
    }
}
