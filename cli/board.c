/* What a model needs on a board, and which boards have it. */
#include "cli/board.h"

/* Memory in KB as their makers state it: flash on the chip or, where there is none, on the usual
 * module; RAM that one array can have. */
static const struct part {
    const char *name, *core;
    unsigned flash, ram;
} parts[] = {
    {"STM32F100RB (VL Discovery)", "Cortex-M3", 128, 8},
    {"nRF51822 (micro:bit v1)", "Cortex-M0", 256, 16},
    {"STM32F103C8 (Blue Pill)", "Cortex-M3", 64, 20},
    {"GD32VF103CB (Longan Nano)", "RV32IMAC", 128, 32},
    {"SAMD21G18 (Arduino Zero)", "Cortex-M0+", 256, 32},
    {"LM3S6965", "Cortex-M3", 256, 64},
    {"STM32L476RG", "Cortex-M4F", 1024, 96},
    {"STM32F405RG (Netduino Plus 2)", "Cortex-M4F", 1024, 128},
    {"nRF52840", "Cortex-M4F", 1024, 256},
    {"RP2040 (Pico)", "Cortex-M0+", 2048, 256},
    {"STM32F746NG", "Cortex-M7F", 1024, 256},
    {"ESP32-C3", "RV32IMC", 4096, 320},
    {"STM32H743ZI", "Cortex-M7F", 2048, 512},
    {"i.MX RT1062 (Teensy 4.1)", "Cortex-M7F", 7936, 512},
    {"RP2350 (Pico 2)", "Cortex-M33F", 4096, 512},
    {"STM32U585AI", "Cortex-M33F", 2048, 768},
};

static bool board_measure_as(const struct fovea_model *model, uint32_t pointer_bytes, size_t *bytes,
                             struct trouble *trouble) {
    struct fovea_options options = FOVEA_OPTIONS_SMALL;
    struct fovea_error error;
    options.cpu_mask = FOVEA_CPU_PORTABLE;
    options.pointer_bytes = pointer_bytes;
    return fovea_measure(model, &options, bytes, &error) == FOVEA_OK ||
           fail_check(trouble, error.check, "%s", error.text);
}

bool board_measure(const struct fovea_model *model, struct board_memory *memory,
                   struct trouble *trouble) {
    struct fovea_model whole = *model;
    whole.striped = 0;
    return board_measure_as(model, 4, &memory->narrow, trouble) &&
           board_measure_as(model, 0, &memory->wide, trouble) &&
           board_measure_as(&whole, 4, &memory->narrow_whole, trouble) &&
           board_measure_as(&whole, 0, &memory->wide_whole, trouble);
}

static unsigned kilobytes(uint64_t bytes) {
    return (unsigned)((bytes + 1023) / 1024);
}

bool board_print(const struct engine *engine, const char *path, struct trouble *trouble) {
    struct board_memory memory;
    struct fovea_step_info info;
    uint64_t macs = 0;
    if (!board_measure(&engine->model, &memory, trouble)) return false;
    for (size_t i = 0; fovea_step_describe(engine->session, i, &info); i++) macs += info.macs;
    uint64_t flash = engine->file.size + BOARD_CODE_BYTES, ram = memory.narrow + BOARD_STACK_BYTES;
    say("%s on a board:\n", path);
    say("  flash  %9zu bytes of model, read in place; %u of code at most, with all operators\n"
        "                  (--emit ops leaves out what the model does not need)\n",
        engine->file.size, BOARD_CODE_BYTES);
    say("  RAM    %9zu bytes in one array (%zu with pointers of 8 bytes); %u of stack at most\n",
        memory.narrow, memory.wide, BOARD_STACK_BYTES);
    say("  work   %9.3f million multiply-adds a run\n\n", (double)macs * 1e-6);
    say("  %-30s %-12s %12s %10s\n", "part", "core", "flash KB", "RAM KB");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const struct part *part = &parts[i];
        bool flash_fits = flash <= (uint64_t)part->flash * 1024;
        bool ram_fits = ram <= (uint64_t)part->ram * 1024;
        say("  %-30s %-12s %5u / %4u %4u / %3u  %s\n", part->name, part->core, kilobytes(flash),
            part->flash, kilobytes(ram), part->ram,
            flash_fits && ram_fits ? "fits"
            : flash_fits           ? "too little RAM"
            : ram_fits             ? "too little flash"
                                   : "too small");
    }
    return true;
}
