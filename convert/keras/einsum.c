/* Dense layers that are spelled as sums over letters. */
#include <string.h>

#include "convert/keras/quantized.h"

/* "...ab,bcd->...acd": what is multiplied away is the input's end and the kernel's start, what is new the
 * kernel's end and the output's, so that it is a dense layer under other shapes. */
struct equation {
    const char *input, *kernel, *output;
    size_t inputs, kernels, outputs; /* letters */
    size_t summed, fresh;
};

static bool read_equation(struct layer_call *call, struct equation *e) {
    const char *text;
    if (!keras_text(call, "equation", "", &text)) return false;
    const char *comma = strchr(text, ','), *arrow = strstr(text, "->");
    bool right = comma && arrow && comma < arrow && !strchr(text, ' ');
    if (right) {
        e->input = text;
        e->kernel = comma + 1;
        e->output = arrow + 2;
        bool open = strncmp(e->input, "...", 3) == 0;
        right = open == (strncmp(e->output, "...", 3) == 0);
        if (open) {
            e->input += 3;
            e->output += 3;
        }
        e->inputs = (size_t)(comma - e->input);
        e->kernels = (size_t)(arrow - e->kernel);
        e->outputs = strlen(e->output);
        for (e->summed = 0; e->summed < e->kernels && e->summed < e->inputs; e->summed++)
            if (memchr(e->output, e->kernel[e->summed], e->outputs)) break;
        e->fresh = e->kernels - e->summed;
        size_t kept = e->inputs - e->summed;
        right = right && e->summed > 0 && e->fresh > 0 && e->outputs == kept + e->fresh &&
                memcmp(e->input + kept, e->kernel, e->summed) == 0 &&
                memcmp(e->input, e->output, kept) == 0 &&
                memcmp(e->output + kept, e->kernel + e->summed, e->fresh) == 0;
    }
    return right || keras_fail(call, "K-078 the equation '%s' is not supported", text);
}

/* The bias, whose axes are some of the output's, spread over the new ones. */
static bool spread_bias(struct layer_call *call, const struct equation *e, const uint32_t *sizes,
                        uint64_t outputs, struct source *bias) {
    const char *axes;
    uint64_t count = 1;
    size_t at = 0;
    uint64_t steps[FOVEA_RANK_MAX] = {0};
    memset(bias, 0, sizeof *bias);
    if (!keras_text(call, "bias_axes", NULL, &axes)) return false;
    if (!axes || !*axes) return true;
    for (size_t i = e->fresh; i-- > 0;) {
        bool has = strchr(axes, e->kernel[e->summed + i]) != NULL;
        steps[i] = has ? count : 0;
        count *= has ? sizes[i] : 1; /* at most `outputs` */
        at += has;
    }
    if (at != strlen(axes)) return keras_fail(call, "K-079 bias_axes '%s' are not supported", axes);
    if (!keras_weight(call, "bias", count, bias)) return false;
    float *from = keras_floats(call, count), *to = keras_floats(call, outputs);
    if (!from || !to) return false;
    source_read(bias, 0, count, from);
    for (uint64_t o = 0; o < outputs; o++) {
        uint64_t rest = o, place = 0;
        for (size_t i = e->fresh; i-- > 0; rest /= sizes[i]) place += rest % sizes[i] * steps[i];
        to[o] = from[place];
    }
    *bias = source_floats(to, outputs);
    return true;
}

bool keras_einsum_dense(struct layer_call *call) {
    const struct json *stated = json_member(call->config, "output_shape");
    struct equation e = {.summed = 0};
    struct source kernel, bias;
    uint32_t sizes[FOVEA_RANK_MAX];
    uint64_t inputs = 1, outputs = 1;
    if (!keras_one_input(call, 0) || !read_equation(call, &e)) return false;
    struct fovea_shape shape = *keras_input_shape(call, 0);
    size_t listed = stated && stated->type == JSON_ARRAY ? stated->count : 1;
    if (e.summed > shape_rank(&shape) || e.fresh > listed || e.fresh > FOVEA_RANK_MAX)
        return keras_fail(call, "K-080 its equation does not fit its input or its 'output_shape'");
    for (size_t i = 0; i < e.fresh; i++) {
        const struct json *size =
            stated && stated->type == JSON_ARRAY ? json_item(stated, listed - e.fresh + i) : stated;
        if (!size || !size->integral || size->integer < 1 || size->integer > FOVEA_DIM_MAX)
            return keras_fail(call, "K-081 its 'output_shape' is not understood");
        sizes[i] = (uint32_t)size->integer;
        outputs = fovea_product(outputs, sizes[i]);
        if (outputs > FOVEA_DIM_MAX) return keras_fail(call, "K-082 it has too many outputs");
    }
    for (size_t i = 0; i < e.summed; i++) {
        const uint32_t last = shape_first_to_end(shape_rank(&shape), 0);
        inputs *= shape_size(&shape, last); /* at most all elements */
        shape_remove(&shape, last);
    }
    struct fovea_shape result = shape;
    for (size_t i = 0; i < e.fresh; i++) shape_append(&result, sizes[i]);
    shape_append(&shape, inputs);
    if (!shape_is_possible(&shape) || !shape_is_possible(&result))
        return keras_fail(call, "K-083 its input or output is too large");
    return keras_weight(call, "kernel", inputs * outputs, &kernel) &&
           spread_bias(call, &e, sizes, outputs, &bias) &&
           keras_shaped(call, call->inputs[0], &shape, false) &&
           keras_quantized_linear(call, call->output, &kernel, &bias, (uint32_t)outputs) &&
           keras_shaped(call, call->output, &result, false) && keras_activation(call, "activation");
}
