#include "convert/quantize/quantize.h"

#include <math.h>

/* A layer's kernel: how it lies as floats, and where it goes. */
struct kernel {
    const float *floats, *bias;
    size_t blocks, taps, inputs; /* blocks of all groups; inputs of a group, 1 of a depthwise one */
    size_t blocks_per_group;
    size_t columns, runs, quads; /* columns of the kernel where a row of it is one run, else 1 */
    bool depthwise;
    int8_t *bytes;
    int32_t *biases;
    float *scales;
};

static size_t byte_at(const struct kernel *k, size_t block, size_t tap, size_t input, size_t lane) {
    if (k->depthwise) return (block * k->runs + tap) * FOVEA_BLOCK + lane;
    const size_t within = tap % k->columns * k->inputs + input;
    return (block * k->runs + tap / k->columns) * k->quads * 32 + within / 4 * 32 + lane * 4 +
           within % 4;
}

static size_t float_at(const struct kernel *k, size_t block, size_t tap, size_t input,
                       size_t lane) {
    return ((block * k->taps + tap) * k->inputs + input) * FOVEA_BLOCK + lane;
}

static double mean_of(const struct value_facts *input, size_t channel) {
    if (channel >= input->channels || input->rows == 0) return 0; /* filled up */
    return input->sums[channel] / (double)input->rows;
}

/* One output: its weights and bias as bytes. The bias takes what rounding the weights adds on the mean input. False
 * where sums of it could leave 32 bits. */
static bool kernel_output(const struct kernel *k, const struct value_facts *input, size_t block,
                          size_t lane, const struct fovea_quantization *output) {
    double largest = 0, shift = 0;
    int64_t sum = 0, size = 0;
    const size_t at = block * FOVEA_BLOCK + lane;
    for (size_t t = 0; t < k->taps; t++)
        for (size_t i = 0; i < k->inputs; i++)
            largest = fmax(largest, fabs((double)k->floats[float_at(k, block, t, i, lane)]));
    double scale = largest / 127;
    if (!(scale >= 0x1p-60)) scale = 1; /* of zeros, or what is next to nothing */
    for (size_t t = 0; t < k->taps; t++)
        for (size_t i = 0; i < k->inputs; i++) {
            const double weight = (double)k->floats[float_at(k, block, t, i, lane)];
            const double byte = fmin(fmax(rint(weight / scale), -127), 127);
            const size_t channel = k->depthwise ? at : block / k->blocks_per_group * k->inputs + i;
            shift += (byte * scale - weight) * mean_of(input, channel);
            sum += (int64_t)byte;
            size += (int64_t)fabs(byte);
            k->bytes[byte_at(k, block, t, i, lane)] = (int8_t)byte;
        }
    const double unit = scale * (double)input->form.scale;
    const double bias = rint(((double)k->bias[at] - shift) / unit);
    k->scales[at] = (float)(output ? unit / (double)output->scale : unit);
    const int64_t whole = (int64_t)fmin(fmax(bias, -0x1p40), 0x1p40) - input->form.zero * sum;
    if (fabs(bias) + 255.0 * (double)size >= 0x1p31 - 1 || !(k->scales[at] <= 0x1p60f))
        return false;
    int32_t *biases = k->biases + block * 2 * FOVEA_BLOCK + lane;
    biases[0] = (int32_t)(uint32_t)whole;
    biases[FOVEA_BLOCK] = (int32_t)(uint32_t)(whole - 128 * sum);
    return true;
}

static uint32_t ready(struct graph *graph, const void *numbers, uint64_t count,
                      enum fovea_type type) {
    struct array array = {.layout = ARRAY_READY, .ready = numbers, .count = count, .type = type};
    return graph_array(graph, &array);
}

static void kernel_shape(struct kernel *k, const struct node *node, const struct array *array) {
    const uint32_t *word = node->attribute;
    const bool conv = node->op == FOVEA_OP_CONV;
    k->depthwise = node->op == FOVEA_OP_DEPTHWISE;
    k->taps = k->depthwise || conv
                  ? (size_t)word[FOVEA_WINDOW_KERNEL] * word[FOVEA_WINDOW_KERNEL + 1]
                  : 1;
    const size_t groups = conv ? word[FOVEA_CONV_GROUPS] : 1;
    const bool together = conv && groups == 1 && word[FOVEA_WINDOW_DILATION + 1] == 1;
    k->columns = together ? word[FOVEA_WINDOW_KERNEL + 1] : 1;
    k->runs = k->taps / k->columns;
    k->inputs = k->depthwise ? 1 : (size_t)(array->count / FOVEA_BLOCK / k->blocks / k->taps);
    k->quads = (k->inputs * k->columns + 3) / 4;
    k->blocks_per_group = k->blocks / groups;
}

bool quantize_kernel(struct quantize_job *job, const struct node *node, uint32_t input,
                     const struct fovea_quantization *output, uint32_t arrays[3], bool *fits) {
    struct graph *made = job->made;
    const struct array *array = &made->arrays[node->array[0]];
    const struct array *bias = &made->arrays[node->array[1]];
    bool finite[2];
    struct kernel k = {.blocks = (size_t)(bias->count / FOVEA_BLOCK)};
    kernel_shape(&k, node, array);
    k.floats = array_packed(made, array, &finite[0]);
    k.bias = array_packed(made, bias, &finite[1]);
    const uint64_t bytes =
        (uint64_t)k.blocks * k.runs * FOVEA_BLOCK * (k.depthwise ? 1 : 4 * k.quads);
    const uint64_t outputs = (uint64_t)k.blocks * FOVEA_BLOCK;
    k.bytes = pool_get(made->pool, bytes, 1, made->trouble);
    k.biases = pool_get(made->pool, 2 * outputs, sizeof *k.biases, made->trouble);
    k.scales = pool_get(made->pool, outputs, sizeof *k.scales, made->trouble);
    if (!k.floats || !k.bias || !k.bytes || !k.biases || !k.scales) return false;
    *fits = finite[0] && finite[1];
    for (size_t b = 0; *fits && b < k.blocks; b++)
        for (size_t lane = 0; *fits && lane < FOVEA_BLOCK; lane++)
            *fits = kernel_output(&k, &job->facts[input], b, lane, output);
    if (!*fits) return true;
    arrays[0] = ready(made, k.bytes, bytes, FOVEA_I8);
    arrays[1] = ready(made, k.biases, 2 * outputs, FOVEA_I32);
    arrays[2] = ready(made, k.scales, outputs, FOVEA_F32);
    return arrays[0] != GRAPH_NONE && arrays[1] != GRAPH_NONE && arrays[2] != GRAPH_NONE;
}
