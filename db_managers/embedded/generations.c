/*
 * generations.c - the shared counters of changes: a mapped file. See generations.h.
 */
#include "db_managers/embedded/generations.h"

#include "support/alloc.h"
#include "support/error.h"
#include "support/text.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file: one page that says what it is, then the counters. */
enum { HEADER_SIZE = 4096, FILE_SIZE = HEADER_SIZE + GENERATION_SLOTS * 8 };
#define HEADER_MAGIC UINT64_C(0x3130736e6567636d) /* version and number of slots are part of it */

static_assert(sizeof(_Atomic uint64_t) == 8 && ATOMIC_LLONG_LOCK_FREE == 2,
              "counters are shared between processes: they must be plain words without locks");

static bool failed(int number, ecommerce_error *err)
{
    if (number == ENOSPC || number == EDQUOT)
        return error_set(err, ECOMMERCE_STORAGE_FULL, "generations: the disk or a quota is full");
    if (number == ENOMEM)
        return error_memory(err);
    if (number == EMFILE || number == ENFILE)
        return error_set(err, ECOMMERCE_UNAVAILABLE, "the process has no file handle left");
    if (number == EACCES || number == EPERM || number == EROFS)
        return error_set(err, ECOMMERCE_STORAGE_FAILED,
                         "generations: this user may not read and write the file and its folder");
    return error_set(err, ECOMMERCE_STORAGE_FAILED,
                     "the file 'generations' in the data folder cannot be shared");
}

static int open_file(const char *folder, ecommerce_error *err)
{
    struct text path = {0};
    int file = -1;
    text_printf(&path, "%s/generations", folder);
    if (!text_ok(&path)) {
        error_memory(err);
    } else {
        file = open(text_cstr(&path), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (file < 0)
            failed(errno, err);
    }
    text_release(&path);
    return file;
}

/* Another process may be making it at this moment: the file's lock is held. */
static bool lengthen(int file, ecommerce_error *err)
{
    struct stat status;
    if (fstat(file, &status) != 0)
        return failed(errno, err);
    if (status.st_size >= FILE_SIZE)
        return true;
    int number = posix_fallocate(file, 0, FILE_SIZE);
    return number == 0 || failed(number, err);
}

static bool stamp(int file, ecommerce_error *err)
{
    uint64_t magic = 0;
    if (pread(file, &magic, sizeof(magic), 0) != sizeof(magic))
        return failed(EIO, err);
    if (magic == HEADER_MAGIC)
        return true;
    if (magic != 0)
        return error_set(err, ECOMMERCE_STORE_VERSION,
                         "the file 'generations' in the data folder is of another version");
    magic = HEADER_MAGIC;
    return pwrite(file, &magic, sizeof(magic), 0) == sizeof(magic) || failed(EIO, err);
}

static bool prepare(int file, ecommerce_error *err)
{
    while (flock(file, LOCK_EX) != 0) {
        if (errno != EINTR)
            return failed(errno, err);
    }
    bool ok = lengthen(file, err) && stamp(file, err);
    flock(file, LOCK_UN);
    return ok;
}

bool generations_open(struct generations *generations, const char *folder, ecommerce_error *err)
{
    *generations = (struct generations){0};
    int file = open_file(folder, err);
    if (file < 0)
        return false;
    bool ok = prepare(file, err);
    if (ok) {
        void *map =
            mmap(NULL, FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, 0);
        if (map == MAP_FAILED)
            ok = failed(errno, err);
        else
            generations->slots = (_Atomic uint64_t *)((char *)map + HEADER_SIZE);
    }
    close(file);
    return ok;
}

void generations_close(struct generations *generations)
{
    if (!generations->slots)
        return;
    int code = munmap((char *)generations->slots - HEADER_SIZE, FILE_SIZE);
    assert(code == 0);
    UNUSED(code);
    generations->slots = NULL;
}

/* FNV-1a. It is part of the file's format: all processes must agree on a key's slot. */
#define HASH_START UINT64_C(0xcbf29ce484222325)

static uint64_t hash_more(uint64_t hash, struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ (unsigned char)s.ptr[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static size_t slot_of(uint64_t hash)
{
    return (size_t)((hash ^ hash >> 32 ^ hash >> 16) % GENERATION_SLOTS);
}

uint64_t generations_read(const struct generations *generations, struct str key)
{
    return atomic_load(&generations->slots[slot_of(hash_more(HASH_START, key))]);
}

void generations_count(const struct generations *generations, struct str key)
{
    atomic_fetch_add(&generations->slots[slot_of(hash_more(HASH_START, key))], 1);
}

static void add_slot(struct generation_set *set, const struct generations *generations, size_t slot)
{
    uint64_t bit = UINT64_C(1) << (slot % 64);
    if (set->slots[slot / 64] & bit)
        return;
    set->slots[slot / 64] |= bit;
    set->any = true;
    atomic_fetch_add(&generations->slots[slot], 1);
}

void generation_set_add(struct generation_set *set, const struct generations *generations,
                        struct str prefix, struct str name)
{
    add_slot(set, generations, slot_of(hash_more(hash_more(HASH_START, prefix), name)));
}

void generation_set_add_all(struct generation_set *set, const struct generations *generations)
{
    for (size_t slot = 0; slot < GENERATION_SLOTS; slot++)
        add_slot(set, generations, slot);
}

void generation_set_finish(struct generation_set *set, const struct generations *generations)
{
    if (!set->any)
        return;
    for (size_t word = 0; word < ARRAY_LENGTH(set->slots); word++) {
        for (uint64_t left = set->slots[word]; left != 0; left &= left - 1) {
            size_t slot = word * 64 + (size_t)__builtin_ctzll(left);
            atomic_fetch_add(&generations->slots[slot], 1);
        }
        set->slots[word] = 0;
    }
    set->any = false;
}
