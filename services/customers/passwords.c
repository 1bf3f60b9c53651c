#include "services/customers/passwords.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <strings.h>

#define PASSES 2ULL
#define MEMORY (19456UL * 1024UL)

/* ---- taking turns ---- */

static struct {
    pthread_once_t once;
    pthread_mutex_t lock;
    pthread_cond_t left;
    int hashing;
    int waiting;
    bool ready;
    char dummy[crypto_pwhash_STRBYTES];
} hashers = {
    .once = PTHREAD_ONCE_INIT,
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .left = PTHREAD_COND_INITIALIZER,
};

static_assert(crypto_pwhash_STRBYTES <= PASSWORD_HASH_TEXT, "a hash fits its buffer");

/* Nobody knows the password behind the dummy. */
static void prepare(void)
{
    unsigned char secret[32];
    if (sodium_init() < 0) {
        return;
    }
    randombytes_buf(secret, sizeof(secret));
    hashers.ready =
        crypto_pwhash_str(hashers.dummy, (const char *)secret, sizeof(secret), PASSES, MEMORY) == 0;
    sodium_memzero(secret, sizeof(secret));
}

static bool enter(ecommerce_error *err)
{
    pthread_once(&hashers.once, prepare);
    if (!hashers.ready) {
        return error_set(err, ECOMMERCE_INTERNAL, "passwords cannot be hashed on this system");
    }
    pthread_mutex_lock(&hashers.lock);
    bool full = hashers.waiting >= HASHERS_WAITING;
    if (!full) {
        hashers.waiting++;
        while (hashers.hashing >= HASHERS) {
            pthread_cond_wait(&hashers.left, &hashers.lock);
        }
        hashers.waiting--;
        hashers.hashing++;
    }
    pthread_mutex_unlock(&hashers.lock);
    return !full || error_set(err, ECOMMERCE_OVERLOADED, "too many passwords are being checked");
}

static void leave(void)
{
    pthread_mutex_lock(&hashers.lock);
    hashers.hashing--;
    pthread_cond_signal(&hashers.left);
    pthread_mutex_unlock(&hashers.lock);
}

/* ---- passwords ---- */

/* What is tried first, of eight characters and more; compared without regard to case. */
static const char *const common[] = {
    "password",  "password1",  "password12",    "password123", "passw0rd",   "12345678",
    "123456789", "1234567890", "12345678910",   "123123123",   "1q2w3e4r",   "1q2w3e4r5t",
    "1qaz2wsx",  "qwertyui",   "qwertyuiop",    "qwerty123",   "qwerty12",   "qwerty1234",
    "iloveyou",  "iloveyou1",  "sunshine",      "princess",    "football",   "baseball",
    "superman",  "starwars",   "trustno1",      "welcome1",    "welcome123", "letmein1",
    "whatever",  "michelle",   "jennifer",      "liverpool",   "computer",   "internet",
    "00000000",  "11111111",   "22222222",      "66666666",    "88888888",   "87654321",
    "987654321", "0987654321", "11223344",      "1122334455",  "abcd1234",   "abc12345",
    "abcdefgh",  "a1b2c3d4",   "aa123456",      "asdfghjk",    "asdfghjkl",  "zxcvbnm1",
    "q1w2e3r4",  "admin123",   "administrator", "changeme",    "secret123",  "mustang1",
    "corvette",  "chocolate",  "butterfly",     "dragon123",   "monkey123",  "charlie1",
};

static bool is_common(struct str password)
{
    for (size_t i = 0; i < ARRAY_LENGTH(common); i++) {
        if (password.len == strlen(common[i]) &&
            strncasecmp(password.ptr, common[i], password.len) == 0) {
            return true;
        }
    }
    return false;
}

bool password_check(struct str password, ecommerce_error *err)
{
    if (password.len < PASSWORD_MIN) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "password",
                           "a password has at least %d characters", PASSWORD_MIN);
    }
    if (password.len > PASSWORD_MAX) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "password",
                           "a password has at most %d bytes", PASSWORD_MAX);
    }
    return !is_common(password) ||
           error_field(err, ECOMMERCE_INVALID_ARGUMENT, "password",
                       "this password is one of those that are tried first");
}

bool password_hash(struct str password, char hash[PASSWORD_HASH_TEXT], ecommerce_error *err)
{
    if (!enter(err)) {
        return false;
    }
    memset(hash, 0, PASSWORD_HASH_TEXT);
    bool ok = crypto_pwhash_str(hash, password.ptr, password.len, PASSES, MEMORY) == 0;
    leave();
    return ok || error_memory(err);
}

bool password_verify(struct str password, struct str hash, bool *right, bool *weak,
                     ecommerce_error *err)
{
    char text[PASSWORD_HASH_TEXT] = {0};
    bool known = hash.len > 0 && hash.len < crypto_pwhash_STRBYTES;
    struct str tried = password.len <= PASSWORD_MAX && password.ptr ? password : STR("");
    if (!enter(err)) {
        return false;
    }
    memcpy(text, known ? hash.ptr : hashers.dummy, known ? hash.len : strlen(hashers.dummy));
    bool same = crypto_pwhash_str_verify(text, tried.ptr, tried.len) == 0;
    leave();
    *right = same && known && tried.ptr == password.ptr;
    if (weak != NULL) {
        *weak = *right && crypto_pwhash_str_needs_rehash(text, PASSES, MEMORY) != 0;
    }
    return true;
}
