/*
 * test_lane_threads.c - the group-commit queue: what one thread may rely on, how the lead passes
 * from thread to thread, and that nothing is lost or run twice under many threads.
 */
#include "support/lane.h"

#include "support/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MAX_BATCH = 4, LOGGED = 64 };

struct job {
    struct lane_request request; /* first, so that a request is its job */
    int thread;
    int number;
    int runs;
    pthread_t ran_in;
};

/* What the batch function saw. Only the leader writes; the lane's lock orders leaders. */
struct book {
    struct lane lane;
    int order[LOGGED];
    size_t order_count;
    size_t sizes[LOGGED];
    size_t batch_count;
    atomic_bool gate_shut; /* the batch function waits while it is */
    atomic_bool at_gate;
};

static void run_book(void *context, struct lane_request **batch, size_t count)
{
    struct book *book = context;
    atomic_store(&book->at_gate, true);
    while (atomic_load(&book->gate_shut))
        system_seams.sleep_until(NULL, seams_monotonic(&system_seams) + 100);
    atomic_store(&book->at_gate, false);
    assert_true(book->batch_count < LOGGED);
    book->sizes[book->batch_count++] = count;
    for (size_t i = 0; i < count; i++) {
        struct job *job = (struct job *)batch[i];
        job->runs++;
        job->ran_in = pthread_self();
        assert_true(book->order_count < LOGGED);
        book->order[book->order_count++] = job->number;
    }
}

static int book_open(void **state)
{
    struct book *book = calloc(1, sizeof(*book));
    *state = book;
    return book && lane_init(&book->lane, &system_seams, MAX_BATCH, run_book, book) ? 0 : -1;
}

static int book_close(void **state)
{
    struct book *book = *state;
    lane_release(&book->lane);
    free(book);
    return 0;
}

static void submit_numbered(struct book *book, struct job *jobs, int count)
{
    for (int i = 0; i < count; i++) {
        jobs[i] = (struct job){.number = i};
        lane_submit(&book->lane, &jobs[i].request);
    }
}

static size_t queued(struct book *book)
{
    pthread_mutex_lock(&book->lane.lock);
    size_t count = book->lane.waiting;
    pthread_mutex_unlock(&book->lane.lock);
    return count;
}

static bool is_parked(struct book *book, const struct lane_request *request)
{
    pthread_mutex_lock(&book->lane.lock);
    bool parked = request->waiter != NULL;
    pthread_mutex_unlock(&book->lane.lock);
    return parked;
}

static void nap(void)
{
    system_seams.sleep_until(NULL, seams_monotonic(&system_seams) + 200);
}

static void alone_a_caller_runs_its_own_request(void **state)
{
    struct book *book = *state;
    struct job job;
    for (int i = 0; i < 3; i++) {
        submit_numbered(book, &job, 1);
        lane_wait(&book->lane, &job.request);
        assert_int_equal(job.runs, 1);
        assert_true(pthread_equal(job.ran_in, pthread_self()));
    }
    assert_int_equal(book->lane.batches, 3);
    assert_int_equal(book->lane.requests, 3);
}

static void requests_run_in_the_order_of_submission(void **state)
{
    struct book *book = *state;
    struct job jobs[10];
    submit_numbered(book, jobs, 10);
    for (int i = 9; i >= 0; i--)
        lane_wait(&book->lane, &jobs[i].request);
    assert_int_equal(book->order_count, 10);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(book->order[i], i);
        assert_int_equal(jobs[i].runs, 1);
    }
}

static void a_batch_holds_at_most_its_maximum(void **state)
{
    struct book *book = *state;
    struct job jobs[MAX_BATCH * 2 + 2];
    submit_numbered(book, jobs, MAX_BATCH * 2 + 2);
    lane_wait(&book->lane, &jobs[MAX_BATCH * 2 + 1].request);
    assert_int_equal(book->batch_count, 3);
    assert_int_equal(book->sizes[0], MAX_BATCH);
    assert_int_equal(book->sizes[1], MAX_BATCH);
    assert_int_equal(book->sizes[2], 2);
}

static void a_leader_stops_when_its_own_request_is_done(void **state)
{
    struct book *book = *state;
    struct job jobs[MAX_BATCH + 1];
    submit_numbered(book, jobs, MAX_BATCH + 1);
    lane_wait(&book->lane, &jobs[0].request);
    assert_int_equal(book->batch_count, 1);
    assert_int_equal(queued(book), 1);
    assert_false(book->lane.led);
    assert_int_equal(jobs[MAX_BATCH].runs, 0);
    lane_wait(&book->lane, &jobs[MAX_BATCH].request);
    assert_int_equal(jobs[MAX_BATCH].runs, 1);
}

/* One thread that submits one job and waits for it. */
struct caller {
    struct book *book;
    struct job job;
    pthread_t thread;
};

static void *call(void *argument)
{
    struct caller *caller = argument;
    lane_submit(&caller->book->lane, &caller->job.request);
    lane_wait(&caller->book->lane, &caller->job.request);
    return NULL;
}

static void caller_start(struct caller *caller, struct book *book, int number)
{
    *caller = (struct caller){.book = book, .job.number = number};
    assert_int_equal(pthread_create(&caller->thread, NULL, call, caller), 0);
}

/* A caller that leads and stands in the batch function until the gate opens. */
static void caller_start_leading(struct caller *caller, struct book *book, int number)
{
    atomic_store(&book->gate_shut, true);
    caller_start(caller, book, number);
    while (!atomic_load(&book->at_gate))
        nap();
}

static void caller_start_parked(struct caller *caller, struct book *book, int number)
{
    size_t before = queued(book);
    caller_start(caller, book, number);
    while (queued(book) == before || !is_parked(book, &caller->job.request))
        nap();
}

static void who_comes_during_a_batch_shares_the_next(void **state)
{
    struct book *book = *state;
    struct caller callers[MAX_BATCH + 1];
    caller_start_leading(&callers[0], book, 0);
    for (int i = 1; i <= MAX_BATCH; i++)
        caller_start_parked(&callers[i], book, i);
    atomic_store(&book->gate_shut, false);
    for (int i = 0; i <= MAX_BATCH; i++)
        assert_int_equal(pthread_join(callers[i].thread, NULL), 0);

    assert_int_equal(book->batch_count, 2);
    assert_int_equal(book->sizes[1], MAX_BATCH);
    for (int i = 0; i <= MAX_BATCH; i++)
        assert_int_equal(book->order[i], i);
    /* The first of those who waited led the second batch, not the first leader. */
    assert_true(pthread_equal(callers[2].job.ran_in, callers[1].thread));
    assert_false(book->lane.led);
}

static void the_lead_passes_over_requests_nobody_waits_for(void **state)
{
    struct book *book = *state;
    struct caller first;
    struct caller second;
    struct job unattended;
    caller_start_leading(&first, book, 1);
    submit_numbered(book, &unattended, 1);
    caller_start_parked(&second, book, 2);
    atomic_store(&book->gate_shut, false);
    assert_int_equal(pthread_join(first.thread, NULL), 0);
    assert_int_equal(pthread_join(second.thread, NULL), 0);

    /* It ran before the second caller's, in the order of submission, and led by that caller. */
    assert_int_equal(book->order[1], unattended.number);
    assert_true(pthread_equal(unattended.ran_in, second.thread));
    lane_wait(&book->lane, &unattended.request);
    assert_int_equal(unattended.runs, 1);
}

static void without_a_waiter_the_lane_goes_idle(void **state)
{
    struct book *book = *state;
    struct caller first;
    struct job late;
    caller_start_leading(&first, book, 1);
    submit_numbered(book, &late, 1);
    atomic_store(&book->gate_shut, false);
    assert_int_equal(pthread_join(first.thread, NULL), 0);

    assert_int_equal(book->batch_count, 1);
    assert_false(book->lane.led);
    lane_wait(&book->lane, &late.request);
    assert_true(pthread_equal(late.ran_in, pthread_self()));
}

/* A leader whose own request lies behind a full batch goes on leading until that is done. */
static void a_leader_with_a_late_request_runs_several_batches(void **state)
{
    struct book *book = *state;
    struct job ahead[MAX_BATCH * 2];
    struct caller caller;
    submit_numbered(book, ahead, MAX_BATCH * 2);
    caller_start(&caller, book, 99);
    assert_int_equal(pthread_join(caller.thread, NULL), 0);
    assert_int_equal(book->batch_count, 3);
    assert_int_equal(book->order[MAX_BATCH * 2], 99);
    for (int i = 0; i < MAX_BATCH * 2; i++) {
        lane_wait(&book->lane, &ahead[i].request);
        assert_int_equal(ahead[i].runs, 1);
    }
}

static void without_memory_there_is_no_lane(void **state)
{
    (void)state;
    struct lane lane;
    mem_fail_after(0);
    bool made = lane_init(&lane, &system_seams, MAX_BATCH, run_book, NULL);
    mem_fail_after(-1);
    assert_false(made);
    lane_release(&lane);
}

/* ---- many threads ---- */

enum { THREADS = 16, JOBS = 3000, WINDOW = 8 };

struct storm {
    struct lane lane;
    struct seams seams;
    atomic_long parks, unparks;
    atomic_int running; /* batch functions at work; never above 1 */
    int next[THREADS];  /* the number expected next from each thread */
    long disorder;
    size_t largest;
    unsigned pace;
};

static void count_park(void *context, struct parker *parker, int64_t deadline)
{
    struct storm *storm = context;
    atomic_fetch_add(&storm->parks, 1);
    system_seams.park(NULL, parker, deadline);
}

static void count_unpark(void *context, struct parker *parker)
{
    struct storm *storm = context;
    atomic_fetch_add(&storm->unparks, 1);
    system_seams.unpark(NULL, parker);
}

static void run_storm(void *context, struct lane_request **batch, size_t count)
{
    struct storm *storm = context;
    if (atomic_fetch_add(&storm->running, 1) != 0)
        storm->disorder++;
    for (size_t i = 0; i < count; i++) {
        struct job *job = (struct job *)batch[i];
        job->runs++;
        if (job->number != storm->next[job->thread]++)
            storm->disorder++;
    }
    if (count > storm->largest)
        storm->largest = count;
    if (++storm->pace % 16 == 0)
        nap();
    atomic_fetch_sub(&storm->running, 1);
}

struct rider {
    struct storm *storm;
    int thread;
    long wrong;
    pthread_t id;
};

/* Submits a window of jobs and waits for them forwards, backwards or from the middle in turn. */
static void *ride(void *argument)
{
    struct rider *rider = argument;
    struct lane *lane = &rider->storm->lane;
    int number = 0;
    for (int round = 0; number < JOBS; round++) {
        struct job jobs[WINDOW];
        int size = 1 + (round * 7 + rider->thread) % WINDOW;
        size = size < JOBS - number ? size : JOBS - number;
        for (int i = 0; i < size; i++) {
            jobs[i] = (struct job){.thread = rider->thread, .number = number++};
            lane_submit(lane, &jobs[i].request);
        }
        for (int i = 0; i < size; i++) {
            int at = round % 3 == 0 ? i : round % 3 == 1 ? size - 1 - i : (i + size / 2) % size;
            lane_wait(lane, &jobs[at].request);
            rider->wrong += jobs[at].runs != 1;
        }
    }
    return NULL;
}

static void every_request_of_many_threads_runs_once_and_in_order(void **state)
{
    (void)state;
    static struct storm storm;
    static struct rider riders[THREADS];
    storm.seams = system_seams;
    storm.seams.park = count_park;
    storm.seams.unpark = count_unpark;
    storm.seams.context = &storm;
    assert_true(lane_init(&storm.lane, &storm.seams, 64, run_storm, &storm));
    for (int i = 0; i < THREADS; i++) {
        riders[i] = (struct rider){.storm = &storm, .thread = i};
        assert_int_equal(pthread_create(&riders[i].id, NULL, ride, &riders[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(riders[i].id, NULL), 0);
        assert_int_equal(riders[i].wrong, 0);
        assert_int_equal(storm.next[i], JOBS);
    }
    assert_int_equal(storm.disorder, 0);
    assert_int_equal(storm.lane.requests, (uint64_t)THREADS * JOBS);
    assert_true(storm.lane.batches < storm.lane.requests);
    assert_true(storm.largest > 1);
    assert_int_equal(atomic_load(&storm.parks), atomic_load(&storm.unparks));
    assert_true(atomic_load(&storm.parks) > 0);
    print_message("%lu requests in %lu batches, the largest of %zu, %ld sleeps\n",
                  (unsigned long)storm.lane.requests, (unsigned long)storm.lane.batches,
                  storm.largest, atomic_load(&storm.parks));
    lane_release(&storm.lane);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(alone_a_caller_runs_its_own_request, book_open, book_close),
        cmocka_unit_test_setup_teardown(requests_run_in_the_order_of_submission, book_open,
                                        book_close),
        cmocka_unit_test_setup_teardown(a_batch_holds_at_most_its_maximum, book_open, book_close),
        cmocka_unit_test_setup_teardown(a_leader_stops_when_its_own_request_is_done, book_open,
                                        book_close),
        cmocka_unit_test_setup_teardown(who_comes_during_a_batch_shares_the_next, book_open,
                                        book_close),
        cmocka_unit_test_setup_teardown(the_lead_passes_over_requests_nobody_waits_for, book_open,
                                        book_close),
        cmocka_unit_test_setup_teardown(without_a_waiter_the_lane_goes_idle, book_open, book_close),
        cmocka_unit_test_setup_teardown(a_leader_with_a_late_request_runs_several_batches,
                                        book_open, book_close),
        cmocka_unit_test(without_memory_there_is_no_lane),
        cmocka_unit_test(every_request_of_many_threads_runs_once_and_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
