/* What the targets give the converter that take a model's description: a file of weights without any. The linker sends
 * the converter's look for the layers' weights here (--wrap=keras_name_groups), and all are there. */
#ifndef FOVEA_TESTS_FUZZ_EMPTY_FILE_H
#define FOVEA_TESTS_FUZZ_EMPTY_FILE_H

#include "convert/keras/weights.h"
#include "tests/unit/hdf5_writer.h"

bool __wrap_keras_name_groups(struct keras *keras, struct scope *scope);

bool __wrap_keras_name_groups(struct keras *keras, struct scope *scope) {
    (void)keras;
    (void)scope;
    return true;
}

static const struct writer *empty_file(void) {
    static struct writer file;
    static uint8_t room[W_ROOM];
    unsigned messages;
    if (file.size) return &file;
    w_begin(&file, room, false);
    uint64_t root = w_group_begin(&file, NULL, 0, &messages);
    w_attribute_texts(&file, "layer_names", 4, 1, "none");
    w_header_end(&file, root, messages + 1);
    w_end(&file, root);
    return &file;
}

#endif
