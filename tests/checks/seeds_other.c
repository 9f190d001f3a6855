/* Small archives, and a model with labels. */
#include "tests/checks/checks.h"
#include "tests/unit/drafts.h"
#include "tests/unit/zip_writer.h"

bool seed_zip(unsigned number, uint8_t *to, size_t *size) {
    const struct zip_part parts[] = {{"config.json", "{}", 0, 0, number == 2, false},
                                     {"metadata.json", "{\"a\": 1}", 8, 0, false, number == 1},
                                     {"model.weights.h5", "text", 8, 0, false, false}};
    if (number >= 3) return false;
    const struct zip_made made = zip_make(parts, 3, number == 2);
    memcpy(to, made.bytes, made.size);
    *size = made.size;
    return true;
}

bool seed_blob(unsigned number, uint8_t *to, size_t *size) {
    struct model_draft m;
    if (number > 0) return false;
    draft_small(&m);
    memcpy(to, m.blob, (size_t)m.size);
    *size = (size_t)m.size;
    free(m.blob);
    return true;
}
