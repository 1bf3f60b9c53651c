/* bench_disk.c - what a commit costs at least: writing a block and making it durable. */
#include "bench/bench_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 4096, BLOCKS = 1024 };

struct disk {
    int file;
    size_t next;
    uint8_t block[BLOCK];
};

static bool disk_failed(ecommerce_error *err)
{
    return error_set(err, ECOMMERCE_STORAGE_FAILED, "the disk's measurement: %s", strerror(errno));
}

/* Within a file that is there already, as a write-ahead log is after its first round. */
static bool write_block(void *context, struct bench_caller *caller, ecommerce_error *err)
{
    struct disk *disk = context;
    disk->block[0] = (uint8_t)caller->turn;
    off_t place = (off_t)(disk->next++ % BLOCKS) * BLOCK;
    if (pwrite(disk->file, disk->block, BLOCK, place) != BLOCK || fdatasync(disk->file) != 0)
        return disk_failed(err);
    return true;
}

static bool fill(struct disk *disk, ecommerce_error *err)
{
    for (size_t i = 0; i < BLOCKS; i++) {
        if (write(disk->file, disk->block, BLOCK) != BLOCK)
            return disk_failed(err);
    }
    return fsync(disk->file) == 0 || disk_failed(err);
}

static bool measure(struct disk *disk, const struct bench_options *options, struct doc_builder *out,
                    ecommerce_error *err)
{
    struct bench_load load = {.step = write_block,
                              .context = disk,
                              .callers = 1,
                              .weight = 1,
                              .warm_up = options->seconds / 4,
                              .seconds = options->seconds};
    struct bench_figures figures;
    if (!fill(disk, err) || !bench_load_run(&load, &figures, err))
        return false;
    doc_open(out, "disk");
    bench_add(out, "fdatasync_per_second", figures.per_second);
    bench_add(out, "p50_us", figures.p50);
    bench_add(out, "p99_us", figures.p99);
    doc_close(out);
    return true;
}

bool bench_disk(const struct bench_options *options, const struct bench_shop *shop,
                struct doc_builder *out, ecommerce_error *err)
{
    char path[8192];
    struct disk disk = {0};
    bench_shop_path(shop, "blocks", NULL, path, sizeof(path));
    disk.file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (disk.file < 0)
        return disk_failed(err);
    bool ok = measure(&disk, options, out, err);
    close(disk.file);
    unlink(path);
    return ok;
}
