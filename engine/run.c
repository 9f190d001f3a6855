/* Doing what was planned. */
#include "engine/session.h"

static void run_task(void *argument, size_t task) {
    const struct fovea_step *step = (const struct fovea_step *)argument;
    step->run(step, (uint32_t)task);
}

static void run_step(const struct fovea_session *session, struct fovea_step *step) {
    if (step->tasks > 1 && session->options.parallel_for) {
        session->options.parallel_for(session->options.pool, step->tasks, run_task, step);
        return;
    }
    for (uint32_t task = 0; task < step->tasks; task++) step->run(step, task);
}

void fovea_run(fovea_session *session) {
    if (!session) return;
    for (uint32_t i = 0; i < session->step_count; i++) {
        run_step(session, &session->steps[i]);
        if (session->options.watcher && fovea_watches(&session->setting, session->steps[i].node)) {
            struct fovea_step_info info;
            fovea_step_describe(session, i, &info);
            info.output = session->steps[i].output;
            session->options.watcher(session->options.context, &info);
        }
    }
}
