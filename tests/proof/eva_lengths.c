/* For Frama-C's value analysis (tests/proof/eva.sh): what of a blob is looked at by hand, or handed out, over a
 * length that the blob states: texts and arrays. Offsets and lengths, which only together lie inside, are taken
 * one by one; the bytes are any. Proved is that nothing outside is read. */
#include <__fc_builtin.h>

/* Of kernels.h the view takes one constant; the rest is too much for Frama-C's parser. */
#define FOVEA_KERNELS_KERNELS_H
enum fovea_narrow_built { FOVEA_HALVES_BUILT = 1, FOVEA_BYTES_BUILT = 1, FOVEA_NARROW_BUILT = 1 };

#include "weights/blob.h"

#include "weights/blob_describe.c"
#include "weights/blob_recipe.c"
#include "weights/blob_read.c"
#include "weights/checksum.c"
#include "weights/numbers.c"
#include "weights/text.c"

/* fovea_in_range, one offset after the other. */
static bool split_range(uint64_t offset, uint64_t length, uint64_t size) {
    if (offset > size) return fovea_in_range(offset, length, size);
    //@ split offset;
    return fovea_in_range(offset, length, size);
}

static size_t any_clean(const uint8_t *text, size_t size) {
    //@ assert \valid_read(text + (0 .. size - 1));
    return Frama_C_unsigned_long_interval(0, size);
}

#define fovea_in_range   split_range
#define fovea_text_clean any_clean
#include "weights/blob_forms.c"
#include "weights/blob_view.c"
#undef fovea_in_range
#undef fovea_text_clean

#define SIZE 256 /* of a blob */
#define TEXT 6   /* bytes of text: a character is up to 4 */
static uint8_t blob[SIZE];

static void put(size_t at, uint32_t number) {
    for (int i = 0; i < 4; i++) blob[at + i] = (uint8_t)(number >> 8 * i);
}

static void open_texts(void) {
    struct fovea_error error;
    struct fovea_model model = {.blob = blob, .size = SIZE};
    if (!view_header(&model, &error)) return;
    //@ assert model.at_text + model.text <= SIZE;
    (void)view_text(&model, &error);
}

static void clean(void) {
    for (size_t size = 0; size <= TEXT; size++) (void)fovea_text_clean(blob + (SIZE - size), size);
}

/* The texts of an opened model: the last byte is NUL. A note's key and value are at the places the table says,
 * which are taken one by one. */
static void ask(uint32_t text) {
    struct fovea_model model = {.blob = blob, .size = SIZE, .notes = 1, .text = text};
    model.at_notes = FOVEA_BLOB_HEADER;
    model.at_text = SIZE - text;
    blob[SIZE - 1] = 0;
    for (uint32_t at = 0; at <= text; at++) {
        const char *found = fovea_blob_text(&model, at);
        while (*found) found++;
        put(FOVEA_BLOB_HEADER, at);
        put(FOVEA_BLOB_HEADER + 4, at);
        (void)fovea_model_note(&model, "");
        found = fovea_model_note(&model, "key");
        while (found && *found) found++;
    }
}

/* A kernel of bytes is looked at byte by byte; its scales, which may be any, through the cursor. */
static void kernel(const struct fovea_model *model, const struct fovea_numbers *array) {
    struct fovea_node_view view = {.model = model, .record = {.arrays = 3}};
    view.array[0] = view.array[2] = *array;
    view.array[1].type = FOVEA_I32;
    (void)bytes_good(&view);
}

/* Arrays of few numbers, at the end of the blob and before: first and last number lie inside. */
static void arrays(uint32_t offset, uint32_t count, uint32_t kind) {
    const struct fovea_model model = {
        .blob = blob, .size = SIZE, .arrays = 1, .at_arrays = FOVEA_BLOB_HEADER};
    struct fovea_numbers array;
    put(FOVEA_BLOB_HEADER, offset);
    put(FOVEA_BLOB_HEADER + 4, 0);
    put(FOVEA_BLOB_HEADER + 8, count);
    put(FOVEA_BLOB_HEADER + 12, kind);
    if (!fovea_blob_array(&model, 0, &array) || array.count == 0) return;
    if (kind == FOVEA_I8 && (count < 3 || offset + count == SIZE)) kernel(&model, &array);
    const uint8_t *bytes = (const uint8_t *)array.at;
    (void)(bytes[0] + bytes[array.count * fovea_type_bytes(array.type) - 1]);
}

int main(void) {
    Frama_C_make_unknown((char *)blob, sizeof blob);
    open_texts();
    clean();
    for (uint32_t text = 1; text <= TEXT; text++) ask(text);
    for (uint32_t offset = 0; offset <= SIZE + FOVEA_ALIGN; offset += FOVEA_ALIGN)
        for (uint32_t count = 0; count <= SIZE / 2 + 1; count++)
            for (uint32_t kind = 0; kind <= FOVEA_TYPE_COUNT; kind++) arrays(offset, count, kind);
    return 0;
}
