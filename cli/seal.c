/* fovea key, sign, verify: models that a program takes only from whom it trusts. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/json.h"
#include "cli/secret.h"
#include "update/ed25519.h"
#include "update/seal.h"

static const char DATE_FORM[] = "a date, as 2028-01-31";

/* Seconds since 1970 of the last second of a day, of the proleptic Gregorian calendar in UTC; 0: not a date. */
static uint64_t end_of_day(const char *text) {
    int year, month, day, used = 0;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3 || text[used] ||
        strspn(text, "0123456789-") != 10 || used != 10 || year < 1970 || month < 1 || month > 12)
        return 0;
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day < 1 || day > lengths[month - 1] + (month == 2 && leap)) return 0;
    const int before = year - 1;
    int64_t days = (int64_t)before * 365 + before / 4 - before / 100 + before / 400 - 719162;
    for (int i = 0; i < month - 1; i++) days += lengths[i] + (i == 1 && leap);
    return (uint64_t)(days + day) * 86400 - 1;
}

/* "2028-01-31T23:59:59Z"; a time beyond what the system's calendar holds as its number. */
static const char *print_time(uint64_t seconds, char text[32]) {
    const time_t when = (time_t)seconds;
    const struct tm *parts = seconds >> 40 ? NULL : gmtime(&when);
    if (!parts || strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", parts) == 0)
        snprintf(text, 32, "%llu", (unsigned long long)seconds);
    return text;
}

/* Of now, or of SOURCE_DATE_EPOCH, so that a build can be repeated to the byte. */
static uint64_t time_of_build(void) {
    const char *given = getenv("SOURCE_DATE_EPOCH");
    char *end = NULL;
    const unsigned long long seconds = given ? strtoull(given, &end, 10) : 0;
    return end && end != given && *end == 0 ? seconds : (uint64_t)time(NULL);
}

struct seal_wishes {
    const char *key, *name, *not_after, *out;
    long version, app;
};
#define SEAL_OPTIONS(wishes)                                                                       \
    {"--key", OPTION_TEXT, &(wishes).key, 0, 0, "FILE", "the secret key"},                         \
        {"--name",                                                                                 \
         OPTION_TEXT,                                                                              \
         &(wishes).name,                                                                           \
         0,                                                                                        \
         0,                                                                                        \
         "NAME",                                                                                   \
         "the model's name, which programs check: letters, digits, '.', '-', '_'"},                \
        {"--version",                                                                              \
         OPTION_WHOLE,                                                                             \
         &(wishes).version,                                                                        \
         1,                                                                                        \
         2147483647,                                                                               \
         "N",                                                                                      \
         "a version above the previous one; programs refuse others"},                              \
        {"--min-app",                                                                              \
         OPTION_WHOLE,                                                                             \
         &(wishes).app,                                                                            \
         1,                                                                                        \
         2147483647,                                                                               \
         "N",                                                                                      \
         "lowest version of the program that may use it"},                                         \
        {"--not-after",                                                                            \
         OPTION_TEXT,                                                                              \
         &(wishes).not_after,                                                                      \
         0,                                                                                        \
         0,                                                                                        \
         "DATE",                                                                                   \
         "last day of validity, as 2028-01-31, for programs with a clock"},                        \
        {"-o", OPTION_TEXT, &(wishes).out, 0, 0, "FILE", "the signed file"},

/* What the words of a command say; an exit code, 0 where all is well. */
static int read_wishes(const struct seal_wishes *wishes, enum fovea_seal_kind kind,
                       struct fovea_seal *seal) {
    memset(seal, 0, sizeof *seal);
    if (!wishes->key || !wishes->name || !wishes->out || wishes->version == 0)
        return cli_fail(CLI_BAD_USAGE, "--key, --name, --version and -o are needed");
    if (!seal_name_holds(wishes->name))
        return cli_fail(CLI_BAD_USAGE, "--name takes 1 to %d letters, digits, '.', '-', '_'",
                        FOVEA_SEAL_NAME - 1);
    if (wishes->not_after && !(seal->not_after = end_of_day(wishes->not_after)))
        return cli_fail(CLI_BAD_USAGE, "--not-after takes %s, not '%s'", DATE_FORM,
                        wishes->not_after);
    seal->kind = kind;
    memcpy(seal->name, wishes->name, strlen(wishes->name) + 1);
    seal->version = (uint64_t)wishes->version;
    seal->app = (uint32_t)wishes->app;
    seal->created = time_of_build();
    return CLI_DONE;
}

/* Writes header and content. */
static bool write_sealed(const struct seal_wishes *wishes, const struct fovea_seal *seal,
                         const uint8_t *content, size_t size, struct trouble *trouble) {
    uint8_t secret[SECRET_BYTES], header[FOVEA_SEAL_BYTES];
    struct file_output output = {0};
    if (!secret_load(wishes->key, secret, trouble)) return false;
    seal_write(header, seal, content, size, secret);
    secret_forget(secret);
    bool done = output_open(&output, wishes->out, trouble) &&
                output_write(&output, header, sizeof header) &&
                output_write(&output, content, size) && output_commit(&output);
    output_abandon(&output);
    return done;
}

/* ---- fovea key ---- */

static int key_new(const char *path) {
    uint8_t secret[SECRET_BYTES], key[FOVEA_KEY_BYTES];
    char text[HEX_TEXT];
    struct trouble trouble = {0};
    bool done = secret_make(secret, &trouble) && secret_save(path, secret, &trouble);
    ed25519_public(key, secret);
    secret_forget(secret);
    if (!done) return cli_trouble(&trouble);
    hex_print(text, key);
    say("%s\n", text);
    return CLI_DONE;
}

static int key_public(const char *path) {
    uint8_t secret[SECRET_BYTES], key[FOVEA_KEY_BYTES];
    char text[HEX_TEXT];
    struct trouble trouble = {0};
    if (!secret_load(path, secret, &trouble)) return cli_trouble(&trouble);
    ed25519_public(key, secret);
    secret_forget(secret);
    hex_print(text, key);
    say("%s\n", text);
    return CLI_DONE;
}

static int key_list(const struct seal_wishes *wishes, int count, char **words) {
    uint8_t keys[GIVEN_MAX][FOVEA_KEY_BYTES];
    struct given texts = {.count = 0};
    struct fovea_seal seal;
    struct trouble trouble = {0};
    if (count < 1 || count > GIVEN_MAX)
        return cli_fail(CLI_BAD_USAGE, "a list has 1 to %d public keys", GIVEN_MAX);
    int code = read_wishes(wishes, FOVEA_SEAL_KEYS, &seal);
    if (code) return code;
    for (int i = 0; i < count; i++) texts.text[texts.count++] = words[i];
    if (!keys_read(&texts, keys, &trouble) ||
        !write_sealed(wishes, &seal, keys[0], texts.count * FOVEA_KEY_BYTES, &trouble))
        return cli_trouble(&trouble);
    return CLI_DONE;
}

static int run_key(int count, char **words) {
    struct seal_wishes wishes = {0};
    const struct option options[] = {SEAL_OPTIONS(wishes){NULL, 0, NULL, 0, 0, NULL, NULL}};
    count = options_take(&command_key, options, count, words);
    if (count < 0) return -1 - count;
    if (count >= 1 && strcmp(words[0], "list") == 0) return key_list(&wishes, count - 1, words + 1);
    if (count == 1 && strcmp(words[0], "new") == 0 && wishes.out) return key_new(wishes.out);
    if (count == 2 && strcmp(words[0], "public") == 0) return key_public(words[1]);
    return cli_fail(CLI_BAD_USAGE, "fovea key new -o FILE, fovea key public FILE, or "
                                   "fovea key list KEY ...; fovea key --help says more");
}

const struct command command_key = {
    "key", "new|public|list ...", "Makes keys for signed models, and lists of trusted keys",
    "fovea key new -o FILE makes a secret key and prints its public key, which programs hold; "
    "public FILE prints it again; list KEY ... signs, with an old key, the list of public keys "
    "that programs are to trust from now on.",
    run_key};

/* ---- fovea sign ---- */

static int run_sign(int count, char **words) {
    struct seal_wishes wishes = {0};
    const struct option options[] = {SEAL_OPTIONS(wishes){NULL, 0, NULL, 0, 0, NULL, NULL}};
    struct engine engine;
    struct fovea_seal seal;
    struct trouble trouble = {0};
    count = options_take(&command_sign, options, count, words);
    if (count < 0) return -1 - count;
    if (count != 1) return cli_fail(CLI_BAD_USAGE, "fovea sign takes one model");
    int code = read_wishes(&wishes, FOVEA_SEAL_MODEL, &seal);
    if (code) return code;
    if (file_same(words[0], wishes.out))
        return cli_fail(CLI_BAD_USAGE, "-o %s would replace the model", wishes.out);
    /* What cannot be opened is not signed; a signed file may be signed anew. */
    bool done = engine_open(&engine, words[0], NULL, &trouble);
    if (done) {
        const size_t skip =
            fovea_seal_is(engine.file.bytes, engine.file.size) ? FOVEA_SEAL_BYTES : 0;
        done = write_sealed(&wishes, &seal, engine.file.bytes + skip, engine.file.size - skip,
                            &trouble);
    }
    engine_close(&engine);
    return done ? CLI_DONE : cli_trouble(&trouble);
}

const struct command command_sign = {
    "sign", "MODEL --key FILE [...] -o OUT",
    "Signs a model, so that programs can check where it comes from",
    "The model itself is unchanged, behind a signed header (Ed25519). Programs check it with "
    "fovea_sign.h.",
    run_sign};

/* ---- fovea verify ---- */

struct verify_wishes {
    struct given keys;
    const char *list, *name;
    long newer_than, app;
    bool json;
};

/* The keys to trust: those given, or those that a list says which one of them has signed. */
static bool trusted_keys(const struct verify_wishes *wishes, uint8_t given[][FOVEA_KEY_BYTES],
                         struct file_bytes *file, struct fovea_seal_terms *terms,
                         struct trouble *trouble) {
    struct fovea_error error;
    struct fovea_seal seal;
    if (!keys_read(&wishes->keys, given, trouble)) return false;
    terms->keys = (const uint8_t(*)[FOVEA_KEY_BYTES])given;
    terms->key_count = wishes->keys.count;
    if (!wishes->list) return true;
    if (!file_open(wishes->list, file, trouble)) return false;
    terms->kind = FOVEA_SEAL_KEYS;
    if (fovea_seal_open(&seal, file->bytes, file->size, terms, &error) != FOVEA_OK)
        return fail_check(trouble, error.check, "%s: %s (byte %llu)", wishes->list, error.text,
                          (unsigned long long)error.where);
    terms->keys = (const uint8_t(*)[FOVEA_KEY_BYTES])seal.content;
    terms->key_count = (size_t)seal.size / FOVEA_KEY_BYTES;
    terms->kind = 0;
    return true;
}

static void print_seal(const struct fovea_seal *seal, const uint8_t key[FOVEA_KEY_BYTES]) {
    char text[32], hex[HEX_TEXT];
    say("name      %s\nversion   %llu\n", seal->name, (unsigned long long)seal->version);
    say("created   %s\n", print_time(seal->created, text));
    if (seal->not_after) say("not after %s\n", print_time(seal->not_after, text));
    if (seal->app) say("min app   %u\n", seal->app);
    hex_print(hex, key);
    say("bytes     %llu\nkey       %s\n", (unsigned long long)seal->size, hex);
}

/* One object; a field that asks for nothing is null. */
static void print_seal_json(const struct fovea_seal *seal, const uint8_t key[FOVEA_KEY_BYTES]) {
    char text[32], hex[HEX_TEXT], digest[2 * HEX_TEXT];
    struct json_writer json = json_to(stdout);
    json_object(&json, NULL);
    json_string(&json, "name", seal->name);
    json_whole(&json, "version", seal->version);
    json_string(&json, "created", print_time(seal->created, text));
    json_string(&json, "not_after", seal->not_after ? print_time(seal->not_after, text) : NULL);
    json_whole(&json, "min_app", seal->app);
    json_whole(&json, "bytes", seal->size);
    hex_print(digest, seal->digest);
    hex_print(digest + HEX_TEXT - 1, seal->digest + 32);
    json_string(&json, "sha512", digest);
    hex_print(hex, key);
    json_string(&json, "key", hex);
    json_close(&json);
}

static int run_verify(int count, char **words) {
    struct verify_wishes wishes = {.keys = {.count = 0}};
    const struct option options[] = {
        {"--public", OPTION_MANY, &wishes.keys, 0, 0, "KEY",
         "a trusted public key, 64 hexadecimal digits"},
        {"--keys", OPTION_TEXT, &wishes.list, 0, 0, "FILE",
         "a list of keys signed by one of them, which replaces them"},
        {"--name", OPTION_TEXT, &wishes.name, 0, 0, "NAME", "the name that it must have"},
        {"--newer-than", OPTION_WHOLE, &wishes.newer_than, 0, 2147483647, "N",
         "the version that it must exceed"},
        {"--app", OPTION_WHOLE, &wishes.app, 1, 2147483647, "N",
         "the version of the program that would use it"},
        {"--json", OPTION_FLAG, &wishes.json, 0, 0, NULL, "one JSON object"},
        {NULL, 0, NULL, 0, 0, NULL, NULL},
    };
    uint8_t keys[GIVEN_MAX][FOVEA_KEY_BYTES];
    struct file_bytes file = {0}, list = {0};
    struct fovea_seal_terms terms = {0};
    struct fovea_seal seal;
    struct fovea_model model;
    struct fovea_error error;
    struct trouble trouble = {0};
    count = options_take(&command_verify, options, count, words);
    if (count < 0) return -1 - count;
    if (count != 1 || wishes.keys.count == 0)
        return cli_fail(CLI_BAD_USAGE, "fovea verify takes one file and --public KEY");
    terms.name = wishes.name;
    terms.newer_than = 0;
    bool done = trusted_keys(&wishes, keys, &list, &terms, &trouble) &&
                file_open(words[0], &file, &trouble);
    terms.newer_than = (uint64_t)wishes.newer_than;
    terms.app = (uint32_t)wishes.app;
    terms.now = (uint64_t)time(NULL);
    if (done && (fovea_seal_open(&seal, file.bytes, file.size, &terms, &error) != FOVEA_OK ||
                 fovea_model_open(&model, seal.content, (size_t)seal.size, &error) != FOVEA_OK))
        done = fail_check(&trouble, error.check, "%s: %s (byte %llu)", words[0], error.text,
                          (unsigned long long)error.where);
    if (done && wishes.json) print_seal_json(&seal, terms.keys[seal.key]);
    if (done && !wishes.json) print_seal(&seal, terms.keys[seal.key]);
    file_close(&file);
    file_close(&list);
    return done ? CLI_DONE : cli_trouble(&trouble);
}

const struct command command_verify = {
    "verify", "FILE.fvs --public KEY", "Checks who signed a model, and that it is complete",
    "Exit code 0: signed by a trusted key, and the model opens; 1: not, with the reason.",
    run_verify};
