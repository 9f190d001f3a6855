/* A blob that changes while it is planned: a page is made to trap, and who first touches it changes bytes that
 * were read before or will be read again. Numbers may be others then, addresses never. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/session.h"
#include "tests/unit/drafts.h"

static struct model_draft m;
static struct fovea_model model;

static struct {
    uint8_t *page;
    size_t bytes;
    void (*change)(void);
    unsigned times;
} trap;

static void trapped(int number, siginfo_t *info, void *context) {
    const uint8_t *at = info->si_addr;
    (void)context;
    if (at < trap.page || at >= trap.page + trap.bytes) {
        signal(number, SIG_DFL); /* a fault of its own: once more, and out */
        return;
    }
    mprotect(trap.page, trap.bytes, PROT_READ | PROT_WRITE);
    trap.times++;
    trap.change();
}

static size_t page_bytes(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* Plans into `memory`; which check refuses. `change` happens where the page at `page` is touched. */
static const char *plan_trapped(uint8_t *memory, size_t bytes, uint8_t *page,
                                void (*change)(void)) {
    static struct fovea_error error;
    struct sigaction act = {.sa_sigaction = trapped, .sa_flags = SA_SIGINFO}, before;
    fovea_session *session;
    trap.page = page;
    trap.bytes = page_bytes();
    trap.change = change;
    trap.times = 0;
    sigaction(SIGSEGV, &act, &before);
    assert_int_equal(mprotect(page, trap.bytes, PROT_NONE), 0);
    fovea_plan(&model, NULL, memory, bytes, &session, &error);
    mprotect(page, trap.bytes, PROT_READ | PROT_WRITE);
    sigaction(SIGSEGV, &before, NULL);
    assert_int_equal(trap.times, 1);
    return error.check;
}

/* Three layers that are done together by rows, then some that are not: 8 values in all. */
static void draft_chain(void) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX], none[FOVEA_ATTRIBUTES_MAX] = {0};
    draft_start(&m, 64, 64, 3);
    draft_window(words, 1, 1, 1, 1, FOVEA_PADDING_SAME);
    words[11] = 1;
    words[12] = 64;
    uint32_t wide = draft_node(&m, FOVEA_OP_CONV, 0, DRAFT_ALONE, 2, words);
    words[12] = 3;
    uint32_t depthwise[FOVEA_ATTRIBUTES_MAX];
    draft_window(depthwise, 3, 3, 1, 1, FOVEA_PADDING_SAME);
    wide = draft_node(&m, FOVEA_OP_DEPTHWISE, wide, DRAFT_ALONE, 2, depthwise);
    uint32_t value = draft_node(&m, FOVEA_OP_CONV, wide, DRAFT_ALONE, 2, words);
    for (int i = 0; i < 4; i++) value = draft_node(&m, FOVEA_OP_ADD, value, 0, 0, none);
    draft_seal(&m);
}

static void put32(uint64_t at, uint32_t value) {
    uint8_t *to = (uint8_t *)(uintptr_t)model.blob + at;
    for (unsigned i = 0; i < 4; i++) to[i] = (uint8_t)(value >> (8 * i));
}

/* The layer in the middle is an activation from now on: one that is not done by rows. */
static void replace_layer(void) {
    const struct fovea_node_record node = fovea_blob_node(&model, 1);
    const uint64_t at = model.at_nodes + FOVEA_BLOB_NODE;
    put32(at, FOVEA_OP_ACTIVATION);
    put32(at + 16, 0); /* arrays */
    put32(at + 20, fovea_op_attributes(FOVEA_OP_ACTIVATION));
    for (uint32_t i = 1; i <= 4; i++) put32(model.at_words + (node.first + i) * 4, 0);
}

static void a_link_is_another(void **state) {
    (void)state;
    fovea_session *session;
    size_t bytes, page = page_bytes();
    draft_chain();
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, NULL), FOVEA_OK);
    assert_int_equal(fovea_measure(&model, NULL, &bytes, NULL), FOVEA_OK);
    const size_t room = (bytes / page + 4) * page;
    uint8_t *memory = aligned_alloc(page, room);
    assert_non_null(memory);
    assert_int_equal(fovea_plan(&model, NULL, memory, bytes, &session, NULL), FOVEA_OK);
    const size_t steps = (size_t)((uint8_t *)session->steps - memory);
    uint8_t *from = memory + (steps / page + 1) * page - steps; /* the steps begin a page */
    assert_string_equal(plan_trapped(from, bytes, from + steps, replace_layer), "S-041");
    free(memory);
    free(m.blob);
}

/* Where the chain's last tensor lies in the arena. */
static uint64_t last_place(void) {
    return model.at_values + 3 * FOVEA_BLOB_VALUE + 32;
}

static void put_back(void) {
    put32(last_place(), (uint32_t)m.values[3].offset);
}

/* The places were copied while the chain's last tensor lay over its first, and looked at when it did not. */
static void a_tensor_moves(void **state) {
    (void)state;
    size_t bytes, page = page_bytes();
    draft_chain();
    const uint64_t nodes = FOVEA_BLOB_HEADER + 8 * FOVEA_BLOB_VALUE; /* begin a page */
    const size_t room = ((size_t)m.size / page + 3) * page;
    uint8_t *block = aligned_alloc(page, room), *blob = block + page - nodes;
    assert_non_null(block);
    memcpy(blob, m.blob, (size_t)m.size);
    assert_int_equal(fovea_model_open(&model, blob, (size_t)m.size, NULL), FOVEA_OK);
    assert_int_equal(model.at_nodes, nodes);
    assert_int_equal(fovea_measure(&model, NULL, &bytes, NULL), FOVEA_OK);
    uint8_t *memory = aligned_alloc(64, bytes);
    assert_non_null(memory);
    assert_int_not_equal(m.values[0].offset, m.values[3].offset);
    put32(last_place(), (uint32_t)m.values[0].offset);
    assert_string_equal(plan_trapped(memory, bytes, blob + nodes, put_back), "S-042");
    free(memory);
    free(block);
    free(m.blob);
}

/* A tensor that the search for chains looks at before its node is planned has more dimensions than there are. */
static void a_shape_of_too_many_dimensions(void **state) {
    (void)state;
    struct fovea_error error;
    fovea_session *session;
    size_t bytes;
    draft_chain();
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, NULL), FOVEA_OK);
    assert_int_equal(fovea_measure(&model, NULL, &bytes, NULL), FOVEA_OK);
    uint8_t *memory = aligned_alloc(64, bytes);
    assert_non_null(memory);
    put32(model.at_values + FOVEA_BLOB_VALUE, FOVEA_RANK_MAX + 5);
    assert_int_equal(fovea_plan(&model, NULL, memory, bytes, &session, &error), FOVEA_FORMAT);
    assert_string_equal(error.check, "S-040");
    free(memory);
    free(m.blob);
}

/* Memory that ends among what a chain keeps for itself, before its nodes are planned. */
static void a_chain_without_room(void **state) {
    (void)state;
    struct fovea_error error;
    fovea_session *session;
    size_t bytes;
    bool met = false;
    draft_chain();
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, NULL), FOVEA_OK);
    assert_int_equal(fovea_measure(&model, NULL, &bytes, NULL), FOVEA_OK);
    uint8_t *memory = aligned_alloc(64, bytes);
    assert_non_null(memory);
    assert_int_equal(fovea_plan(&model, NULL, memory, bytes, &session, NULL), FOVEA_OK);
    const size_t start = (size_t)((uint8_t *)session->arena - memory) + session->arena_bytes;
    assert_true(start + 64 < bytes);
    for (size_t room = start; room < start + 4096 && room < bytes; room += 64) {
        assert_int_equal(fovea_plan(&model, NULL, memory, room, &session, &error), FOVEA_MEMORY);
        met |= strcmp(error.check, "S-039") == 0;
    }
    assert_true(met);
    free(memory);
    free(m.blob);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_is_another),
        cmocka_unit_test(a_tensor_moves),
        cmocka_unit_test(a_shape_of_too_many_dimensions),
        cmocka_unit_test(a_chain_without_room),
    };
    return cmocka_run_group_tests_name("plan changes", tests, NULL, NULL);
}
