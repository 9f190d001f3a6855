#include "cli/explain_head.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/half.h"
#include "weights/blob.h"

/* ---- weights ---- */

/* Number i of an array of floats; of other types explain_head_find has refused the model. */
static double number_at(const struct fovea_numbers *n, size_t i) {
    if (!n->at) return 0;
    if (n->type == FOVEA_F16) {
        uint16_t half;
        fovea_numbers_copy(&half, (const uint16_t *)n->at + i, 1, FOVEA_F16);
        return (double)fovea_half_value(half);
    }
    float value;
    fovea_numbers_copy(&value, (const float *)n->at + i, 1, FOVEA_F32);
    return (double)value;
}

/* Of a dense layer or 1 x 1 convolution: kernels/layout.h. */
static double weight_at(const struct fovea_node_view *view, size_t inputs, size_t o, size_t k) {
    return number_at(&view->array[0],
                     (o / FOVEA_BLOCK * inputs + k) * FOVEA_BLOCK + o % FOVEA_BLOCK);
}

static bool read_node(const struct fovea_model *model, uint32_t node,
                      struct fovea_node_view *view) {
    return fovea_node_read(model, node, fovea_blob_shape, model, view);
}

/* Rows, inputs and outputs of a layer that is dense at each position; false: it is none. */
static bool dense_of(const struct fovea_node_view *view, size_t *rows, size_t *inputs,
                     size_t *outputs) {
    if (view->record.op != FOVEA_OP_CONV && view->record.op != FOVEA_OP_DENSE) return false;
    const struct fovea_conv *c = &view->query.as.conv;
    *rows = (size_t)c->window.y.output * c->window.x.output;
    *inputs = c->inputs;
    *outputs = c->outputs;
    return view->record.inputs == 1 && c->groups == 1 && c->window.y.kernel == 1 &&
           c->window.x.kernel == 1 && c->window.y.stride == 1 && c->window.x.stride == 1;
}

static bool whole_pool(const struct fovea_node_view *view) {
    const struct fovea_window *w = &view->query.as.pool.window;
    return view->record.op == FOVEA_OP_MEAN_POOL && w->y.output == 1 && w->x.output == 1 &&
           (w->y.kernel == 0 || (w->y.kernel >= w->y.input && w->x.kernel >= w->x.input));
}

/* ---- which layers ---- */

static enum fovea_activation tail_of(const struct fovea_node_view *view) {
    if (view->record.op == FOVEA_OP_ACTIVATION)
        return (enum fovea_activation)view->query.attribute[0];
    const uint32_t tail = fovea_op_tail(view->record.op);
    return tail == FOVEA_NO_TAIL ? FOVEA_ACTIVATION_NONE
                                 : (enum fovea_activation)view->query.attribute[tail];
}

/* Those whose slope is known from what they made. */
static bool slope_known(enum fovea_activation kind) {
    return kind == FOVEA_ACTIVATION_NONE || kind == FOVEA_ACTIVATION_CLAMP ||
           kind == FOVEA_ACTIVATION_LEAKY || kind == FOVEA_ACTIVATION_SIGMOID ||
           kind == FOVEA_ACTIVATION_TANH || kind == FOVEA_ACTIVATION_SILU;
}

/* NULL: gradients go through the layer. */
static const char *why_not_through(const struct fovea_node_view *view, bool last) {
    size_t rows, inputs, outputs;
    const uint32_t op = view->record.op;
    if (op == FOVEA_OP_RESHAPE || op == FOVEA_OP_MAX_POOL || op == FOVEA_OP_MEAN_POOL) return NULL;
    if (!last && !slope_known(tail_of(view)))
        return "an activation whose slope is not known from its value between the last convolution "
               "and the answer";
    if (op == FOVEA_OP_ACTIVATION)
        return tail_of(view) == FOVEA_ACTIVATION_SILU
                   ? "a SiLU of its own between the last convolution and the answer"
                   : NULL;
    if (!dense_of(view, &rows, &inputs, &outputs))
        return "a layer between the last convolution and the answer that gradients do not go "
               "through";
    return view->array[0].type == FOVEA_F32 || view->array[0].type == FOVEA_F16
               ? NULL
               : "weights of 8 bits in the last layers";
}

static void reverse(struct explain_head *head) {
    for (uint32_t i = 0; i < head->count / 2; i++) {
        const uint32_t other = head->count - 1 - i, layer = head->layers[i];
        head->layers[i] = head->layers[other];
        head->layers[other] = layer;
    }
}

/* Whether a layer has a height and width, and is no pool of one that has. */
static bool is_map(const struct fovea_node_view *view) {
    const struct fovea_shape *s = &view->query.output;
    const uint32_t op = view->record.op;
    return s->rank == 3 && s->dims[0] > 1 && s->dims[1] > 1 && op != FOVEA_OP_RESHAPE &&
           op != FOVEA_OP_MAX_POOL && op != FOVEA_OP_MEAN_POOL;
}

static void walk(struct explain_head *head, const struct fovea_model *model) {
    struct fovea_node_view view;
    uint32_t value = fovea_blob_output(model, 0);
    head->why_not = "no layer with a height and width before the answer";
    while (value >= model->inputs && read_node(model, value - model->inputs, &view)) {
        const uint32_t node = value - model->inputs;
        const bool last = head->count == 0;
        if (last && (view.record.op == FOVEA_OP_SOFTMAX || view.record.op == FOVEA_OP_RESHAPE ||
                     view.record.op == FOVEA_OP_ACTIVATION)) {
            value = fovea_node_input(&view, 0);
            continue;
        }
        if (head->count == HEAD_LAYERS) return;
        head->layers[head->count++] = node;
        if (!last && is_map(&view)) {
            head->why_not = NULL;
            head->height = view.query.output.dims[0];
            head->width = view.query.output.dims[1];
            head->channels = view.query.output.dims[2];
            return;
        }
        head->why_not = why_not_through(&view, last);
        if (head->why_not) return;
        head->why_not = "no layer with a height and width before the answer";
        value = fovea_node_input(&view, 0);
    }
}

static bool is_linear(const struct explain_head *head, const struct fovea_model *model) {
    struct fovea_node_view view;
    uint32_t pools = 0, dense = 0;
    for (uint32_t i = 1; i < head->count; i++) {
        if (!read_node(model, head->layers[i], &view)) return false;
        pools += whole_pool(&view);
        dense += view.record.op == FOVEA_OP_DENSE || view.record.op == FOVEA_OP_CONV;
        if (!whole_pool(&view) && view.record.op != FOVEA_OP_DENSE &&
            view.record.op != FOVEA_OP_CONV && view.record.op != FOVEA_OP_RESHAPE)
            return false;
    }
    return pools == 1 && dense == 1;
}

bool explain_head_find(struct explain_head *head, const struct fovea_model *model,
                       struct pool *pool, struct trouble *trouble) {
    memset(head, 0, sizeof *head);
    walk(head, model);
    if (head->why_not) return true;
    reverse(head);
    head->linear = is_linear(head, model);
    for (uint32_t i = 0; i < head->count; i++) {
        struct fovea_shape shape;
        fovea_model_layer(model, head->layers[i], &shape, NULL);
        head->sizes[i] = 1;
        for (uint32_t d = 0; d < shape.rank; d++) head->sizes[i] *= shape.dims[d];
        head->values[i] = pool_get(pool, head->sizes[i], sizeof(float), trouble);
        if (!head->values[i]) return false;
    }
    return true;
}

void explain_head_watch(struct explain_head *head, const struct fovea_step_info *info) {
    for (uint32_t i = 0; i < head->count; i++)
        if (head->layers[i] == info->layer)
            memcpy(head->values[i], info->output, head->sizes[i] * sizeof(float));
}

/* ---- backwards ---- */

/* The slope of an activation where it made `y`. */
static double slope_at(enum fovea_activation kind, const float range[3], double y) {
    switch (kind) {
    case FOVEA_ACTIVATION_CLAMP: return y > (double)range[0] && y < (double)range[1];
    case FOVEA_ACTIVATION_LEAKY: return y > 0 ? 1 : (double)range[2];
    case FOVEA_ACTIVATION_SIGMOID: return y * (1 - y);
    case FOVEA_ACTIVATION_TANH: return 1 - y * y;
    default: return 1;
    }
}

/* Of a dense layer with SiLU, which makes many values of two others, what it made before: from its input, once more. */
static void through_silu(const struct fovea_node_view *view, const float *in, double *gradient) {
    size_t rows = 0, inputs = 0, outputs = 0;
    dense_of(view, &rows, &inputs, &outputs);
    for (size_t r = 0; r < rows; r++)
        for (size_t o = 0; o < outputs; o++) {
            double z = view->record.arrays > 1 ? number_at(&view->array[1], o) : 0;
            for (size_t k = 0; k < inputs; k++)
                z += (double)in[r * inputs + k] * weight_at(view, inputs, o, k);
            const double s = 1 / (1 + exp(-z));
            gradient[r * outputs + o] *= s * (1 + z * (1 - s));
        }
}

/* The gradient before a tail, or an activation, of which what it made is known. */
static void through_tail(const struct fovea_node_view *view, const float *made, size_t count,
                         double *gradient) {
    const uint32_t word =
        view->record.op == FOVEA_OP_ACTIVATION ? 0 : fovea_op_tail(view->record.op);
    if (word == FOVEA_NO_TAIL || tail_of(view) == FOVEA_ACTIVATION_NONE) return;
    float range[3]; /* low, high, alpha */
    for (uint32_t i = 0; i < 3; i++)
        range[i] = fovea_float_of_bits(view->query.attribute[word + 1 + i]);
    for (size_t i = 0; i < count; i++)
        gradient[i] *= slope_at(tail_of(view), range, (double)made[i]);
}

static void through_dense(const struct fovea_node_view *view, const double *gradient, double *to) {
    size_t rows = 0, inputs = 0, outputs = 0;
    dense_of(view, &rows, &inputs, &outputs);
    for (size_t r = 0; r < rows; r++)
        for (size_t o = 0; o < outputs; o++) {
            const double g = gradient[r * outputs + o];
            for (size_t k = 0; g != 0 && k < inputs; k++)
                to[r * inputs + k] += g * weight_at(view, inputs, o, k);
        }
}

/* The cells of one window: of a mean pool each gets its share, of a max pool the first of the largest all. */
static void through_window(const struct fovea_pool *p, bool most, uint32_t oy, uint32_t ox,
                           const float *in, const double *gradient, double *to) {
    const struct fovea_axis *ay = &p->window.y, *ax = &p->window.x;
    for (uint32_t c = 0; c < p->channels; c++) {
        const double g = gradient[((size_t)oy * ax->output + ox) * p->channels + c];
        size_t best = SIZE_MAX, cells = 0;
        for (int pass = 0; pass < 2; pass++)
            for (uint32_t ky = 0; ky < ay->kernel; ky++)
                for (uint32_t kx = 0; kx < ax->kernel; kx++) {
                    const int64_t y = (int64_t)oy * ay->stride - ay->before + ky * ay->dilation;
                    const int64_t x = (int64_t)ox * ax->stride - ax->before + kx * ax->dilation;
                    if (y < 0 || x < 0 || y >= ay->input || x >= ax->input) continue;
                    const size_t at = ((size_t)y * ax->input + (size_t)x) * p->channels + c;
                    if (pass == 0) cells++;
                    if (pass == 0 && most && (best == SIZE_MAX || in[at] > in[best])) best = at;
                    if (pass == 1 && !most) to[at] += g / (double)cells;
                }
        if (most && best != SIZE_MAX) to[best] += g;
    }
}

static void through_pool(const struct fovea_node_view *view, const float *in,
                         const double *gradient, double *to) {
    struct fovea_pool p = view->query.as.pool;
    struct fovea_axis *axes[] = {&p.window.y, &p.window.x};
    for (int i = 0; i < 2; i++) /* a kernel of 0 is the whole side */
        if (axes[i]->kernel == 0) axes[i]->kernel = axes[i]->input;
    for (uint32_t y = 0; y < p.window.y.output; y++)
        for (uint32_t x = 0; x < p.window.x.output; x++)
            through_window(&p, view->record.op == FOVEA_OP_MAX_POOL, y, x, in, gradient, to);
}

/* What layer i - 1 made, through reshapes, which have no step that tells it. */
static const float *made_before(const struct explain_head *head, const struct fovea_model *model,
                                uint32_t i) {
    struct fovea_node_view view;
    while (i > 1 && read_node(model, head->layers[i - 1], &view) &&
           view.record.op == FOVEA_OP_RESHAPE)
        i--;
    return head->values[i - 1];
}

/* The gradient of the class's score by what layers[0] made; freed by the caller. */
static double *backwards(const struct explain_head *head, const struct fovea_model *model,
                         uint32_t class) {
    double *gradient = calloc(head->sizes[head->count - 1], sizeof *gradient);
    if (gradient) gradient[class] = 1;
    for (uint32_t i = head->count - 1; gradient && i > 0; i--) {
        struct fovea_node_view view;
        double *to = calloc(head->sizes[i - 1], sizeof *to);
        if (to && read_node(model, head->layers[i], &view)) {
            const uint32_t op = view.record.op;
            /* Of the last layer the score before its activation is asked for. */
            if (i + 1 < head->count && tail_of(&view) == FOVEA_ACTIVATION_SILU)
                through_silu(&view, made_before(head, model, i), gradient);
            else if (i + 1 < head->count)
                through_tail(&view, head->values[i], head->sizes[i], gradient);
            if (op == FOVEA_OP_RESHAPE || op == FOVEA_OP_ACTIVATION)
                memcpy(to, gradient, head->sizes[i] * sizeof *to);
            else if (op == FOVEA_OP_MAX_POOL || op == FOVEA_OP_MEAN_POOL)
                through_pool(&view, made_before(head, model, i), gradient, to);
            else
                through_dense(&view, gradient, to);
        }
        free(gradient);
        gradient = to;
    }
    return gradient;
}

/* The bias of the last layer, of a class. */
static double bias_of(const struct explain_head *head, const struct fovea_model *model,
                      uint32_t class) {
    struct fovea_node_view view;
    return read_node(model, head->layers[head->count - 1], &view) && view.record.arrays > 1
               ? number_at(&view.array[1], class)
               : 0;
}

bool explain_head_map(const struct explain_head *head, const struct fovea_model *model,
                      enum head_method method, uint32_t class, double *map, double *score,
                      struct trouble *trouble) {
    const size_t pixels = head->height * head->width;
    const float *made = head->values[0];
    double *gradient = backwards(head, model, class);
    double *mean = calloc(head->channels, sizeof *mean);
    for (size_t i = 0; gradient && mean && i < head->sizes[0]; i++)
        mean[i % head->channels] += gradient[i] / (double)pixels;
    *score = bias_of(head, model, class);
    for (size_t p = 0; gradient && mean && p < pixels; p++) {
        map[p] = 0;
        for (size_t c = 0; c < head->channels; c++) {
            const size_t at = p * head->channels + c;
            /* A pool's gradient is w / pixels at each position. */
            const double by = method == HEAD_HIRESCAM ? gradient[at]
                              : method == HEAD_CAM    ? mean[c] * (double)pixels
                                                      : mean[c];
            map[p] += by * (double)made[at];
        }
        *score += map[p] / (double)pixels;
        if (method == HEAD_GRADCAM && map[p] < 0) map[p] = 0;
    }
    const bool done = gradient && mean;
    free(gradient);
    free(mean);
    return done || fail(trouble, "out of memory");
}
