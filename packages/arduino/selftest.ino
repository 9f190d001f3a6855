// Runs the model of model.h on the input it carries, and compares with the answer it carries. Make a model.h of
// your own: fovea convert model.keras --golden photo.jpg --emit c -o model.h
#include <fovea.h>

#include "model.h"

MODEL_ALIGN static unsigned char memory[MODEL_ARENA_BYTES];

void setup() {
    Serial.begin(115200);
}

void loop() {
    struct fovea_options options = FOVEA_OPTIONS_SMALL;
    struct fovea_error error;
    struct fovea_model model;
    fovea_session *session;
    float difference;
    if (fovea_model_open(&model, model_blob, sizeof model_blob, &error) != FOVEA_OK ||
        fovea_plan(&model, &options, memory, sizeof memory, &session, &error) != FOVEA_OK) {
        Serial.println(error.text);
    } else {
        unsigned long start = micros();
        bool same = fovea_selftest(session, &difference) == FOVEA_OK;
        Serial.print(same ? "pass, " : "FAIL, ");
        Serial.print(micros() - start);
        Serial.print(" us, largest difference ");
        Serial.println(difference, 8);
    }
    delay(5000);
}
