/* Tensors of bytes: whether those of a node are what its operator takes and makes. */
#include "weights/blob.h"

/* The types of a node's tensors are some that its operator reads and makes; bytes that stay what they are keep scale
 * and zero point. */
static bool forms_fit(const struct fovea_node_view *view) {
    const enum fovea_form form = fovea_op_form(view->record.op);
    struct fovea_value input, output;
    fovea_blob_value(view->model, view->model->inputs + view->node, &output);
    if (view->record.inputs == 0) return output.type == FOVEA_F32;
    for (uint32_t i = 0; i < view->record.inputs; i++) {
        fovea_blob_value(view->model, fovea_node_input(view, i), &input);
        if (!fovea_form_allows(form, input.type, output.type)) return false;
        const struct fovea_quantization *a = &input.quantization, *b = &output.quantization;
        if (form == FOVEA_FORM_ALIKE && input.type == FOVEA_I8 &&
            (fovea_bits_of_float(a->scale) != fovea_bits_of_float(b->scale) || a->zero != b->zero))
            return false;
    }
    return true;
}

/* Of a layer of bytes: no weight is -128, and scales are numbers of its sums' size. */
static bool bytes_good(const struct fovea_node_view *view) {
    const struct fovea_numbers *array = view->array;
    if (view->record.arrays != 3 || array[1].type != FOVEA_I32) return true;
    bool least = false, good = true;
    for (uint64_t i = 0; i < array[0].count; i++) least |= ((const uint8_t *)array[0].at)[i] == 128;
    struct fovea_bytes b =
        fovea_blob_bytes(view->model, (size_t)((const uint8_t *)array[2].at - view->model->blob));
    for (uint64_t i = 0; i < array[2].count; i++) {
        const float scale = fovea_read_float(&b);
        good &= scale >= 0 && scale <= 0x1p60f;
    }
    return good && !least;
}

fovea_problem fovea_node_forms(const struct fovea_node_view *view) {
    if (!forms_fit(view))
        return FOVEA_TEXT("B-542 tensor types or scales that their operator does not take");
    return bytes_good(view) ? FOVEA_NO_PROBLEM
                            : FOVEA_TEXT("B-543 a weight of -128, or a scale out of range");
}

bool fovea_blob_ends_in_floats(const struct fovea_model *model) {
    struct fovea_value value;
    bool floats = true;
    for (uint32_t i = 0; i < model->inputs + model->outputs; i++) {
        fovea_blob_value(model, i < model->inputs ? i : fovea_blob_output(model, i - model->inputs),
                         &value);
        floats &= value.type == FOVEA_F32;
    }
    return floats;
}
