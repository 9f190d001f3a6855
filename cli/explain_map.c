#include "cli/explain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEPS 16 /* of deletion and insertion */

/* ---- scores ---- */

double explain_probability(const struct explain *job) {
    const float *scores = fovea_output(job->engine.session, 0);
    if (job->out.count > 1) return (double)scores[job->class];
    return job->class ? (double)scores[0] : 1 - (double)scores[0];
}

/* ln p - ln of the largest of the others: the difference of what goes into a softmax or sigmoid. */
double explain_margin(const struct explain *job) {
    const double least = 1e-37, p = fmax(explain_probability(job), least);
    const float *scores = fovea_output(job->engine.session, 0);
    double other = job->out.count > 1 ? 0 : 1 - p;
    for (size_t k = 0; job->out.count > 1 && k < job->out.count; k++)
        if (k != job->class) other = fmax(other, (double)scores[k]);
    return log(p) - log(fmax(other, least));
}

static void run_canvas(const struct explain *job, const struct canvas *canvas) {
    memcpy(fovea_input(job->engine.session, 0), canvas->values,
           canvas->height * canvas->width * canvas->channels * sizeof(float));
    fovea_run(job->engine.session);
}

static double score(void *context, const struct canvas *canvas) {
    const struct explain *job = context;
    run_canvas(job, canvas);
    return job->margin ? explain_margin(job) : explain_probability(job);
}

/* ---- maps ---- */

/* NULL, or why the model has no such map. */
const char *explain_why_not(const struct explain *job, enum method method) {
    if (method == OCCLUSION || method == RISE) return NULL;
    if (job->head.why_not) return job->head.why_not;
    if (method == CAM && !job->head.linear)
        return "its head is not a pool of the whole picture and one linear layer";
    return NULL;
}

static bool head_map(struct explain *job, enum method method, struct trouble *trouble) {
    static const enum head_method methods[] = {
        [CAM] = HEAD_CAM, [GRADCAM] = HEAD_GRADCAM, [HIRESCAM] = HEAD_HIRESCAM};
    double *small = calloc(job->head.height * job->head.width, sizeof *small), logit;
    if (!small) return fail(trouble, "out of memory");
    run_canvas(job, &job->canvas);
    const uint32_t class = job->out.count > 1 ? job->class : 0;
    const bool done = explain_head_map(&job->head, &job->engine.model, methods[method], class,
                                       small, &logit, trouble);
    /* The first of a single sigmoid's two classes is what speaks against the second. */
    for (size_t i = 0; job->out.count == 1 && job->class == 0 && method != GRADCAM &&
                       i < job->head.height * job->head.width;
         i++)
        small[i] = -small[i];
    saliency_stretch(small, job->head.height, job->head.width, job->map, job->canvas.height,
                     job->canvas.width);
    free(small);
    return done;
}

bool explain_map(struct explain *job, enum method method, size_t *asked, struct trouble *trouble) {
    struct judge_of judge = {score, job, 0};
    bool done;
    if (method == OCCLUSION)
        done = saliency_occlusion(&job->canvas, job->whole, job->fill, (unsigned)job->asked->grid,
                                  &judge, job->base, job->map, trouble);
    else if (method == RISE)
        done = saliency_rise(&job->canvas, job->whole, job->fill, (unsigned)job->asked->masks,
                             (uint64_t)job->asked->seed, &judge, job->map, trouble);
    else
        done = head_map(job, method, trouble);
    *asked = method <= RISE ? judge.asked : 1;
    return done;
}

double explain_least(const struct explain *job) {
    return job->margin ? 0.05 * fabs(job->base) : 0.02;
}

bool explain_decides(const struct explain *job, enum method method, double largest) {
    if (method > RISE) return largest > 0;
    return largest >= explain_least(job);
}

bool explain_measure(struct explain *job, struct tally *tally, struct faithfulness *found,
                     struct trouble *trouble) {
    struct judge_of judge = {score, job, 0};
    const bool margin = job->margin;
    job->margin = false; /* curves are of probabilities */
    const bool done = saliency_faithful(&job->canvas, job->whole, job->fill, job->blurred, job->map,
                                        STEPS, &judge, found, trouble);
    job->margin = margin;
    tally->deletion += found->deletion;
    tally->insertion += found->insertion;
    tally->n++;
    return done;
}
