# make          the command, build/fovea, and the library, build/libfovea.a
# make demo     converts the built-in model and classifies its seven samples
# make bench    times the built-in networks, writes bench/RESULTS.md
# make check    the core of the tests: a minute, installs nothing
# make test     everything that shows fovea works; installs what it needs, ends with a count
# make fuzz     bends files for SECONDS (60) a target; make fuzz-long: for HOURS (8) in all
# make hostile  all that shows no file can hurt (PARTS= some of it); make nightly: what takes hours of it;
#                make coverage: what of the readers the tests reach;
#                make check-kill: which checks no test would miss; make analyze: static analysis
# make random   random models, the same each time, or others for SECONDS; make mutants: which faults no test would miss
# make conformance: installs Keras and TensorFlow in BUILD, has them write models of every kind, and compares
# make format   clang-format over our sources (make format-check only looks)

CC     ?= cc
BUILD  ?= build
CFLAGS ?= -O2 -g
STRICT  = -std=c11 -ffp-contract=off -D_POSIX_C_SOURCE=200809L -I. \
          -Wall -Wextra -Wconversion -Wshadow
LDLIBS  = -lm -pthread
# For Windows (CC=x86_64-w64-mingw32-gcc): printf as C has it, one file that needs no others. The warning is of
# its own isinf.
ifneq ($(findstring mingw,$(shell $(CC) -dumpmachine)),)
STRICT += -D__USE_MINGW_ANSI_STDIO=1 -Wno-float-conversion
LDLIBS += -static
endif
COMPILE = $(CC) $(STRICT) $(FOREIGN) $(CFLAGS) $(EXTRA) -MMD -MP

LIBRARY = $(wildcard kernels/*.c weights/*.c engine/*.c engine/hosted/*.c update/*.c)
TOOLS   = $(wildcard convert/*.c convert/*/*.c clinic/*.c update/hosted/*.c cli/report/*.c packages/binding/*.c) $(filter-out cli/main.c,$(wildcard cli/*.c))
UNIT    = $(wildcard tests/unit/test_*.c)
HELPERS = $(filter-out $(UNIT),$(wildcard tests/unit/*.c))
CHECKS  = $(wildcard tests/kernels/check*.c) tests/kernels/ref_fused.c
SUITES  = $(wildcard tests/*.c)

object   = $(patsubst %.c,$(BUILD)/%.o,$(1))
programs = $(patsubst %.c,$(BUILD)/%,$(1))
ALL      = $(LIBRARY) $(TOOLS) cli/main.c $(UNIT) $(HELPERS) $(CHECKS) $(SUITES) \
           tests/kernels/accuracy.c bench/kernels.c tests/photos/fit.c \
           $(wildcard tests/checks/*.c tests/random/*.c tests/fuzz/*.c tests/hostile/*.c tests/differential/*.c)
SOURCES  = $(shell git ls-files '*.c' '*.h' '*.def' | grep -v third_party)

all: $(BUILD)/fovea

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(COMPILE) -c $< -o $@

$(BUILD)/libfovea.a: $(call object,$(LIBRARY))
	rm -f $@
	$(AR) rcs $@ $^

# What the command and the tests share: converter, files, peak loop.
$(BUILD)/libtools.a: $(call object,$(TOOLS))
	rm -f $@
	$(AR) rcs $@ $^

LINK = $(CC) $(CFLAGS) $(EXTRA) $(filter %.o,$^) $(BUILD)/libtools.a $(BUILD)/libfovea.a
LIBS = $(BUILD)/libtools.a $(BUILD)/libfovea.a

$(BUILD)/fovea: $(call object,cli/main.c) $(LIBS)
	$(LINK) $(LDLIBS) -o $@

# ---- tests ----

$(BUILD)/tests/unit/test_keras_ranks: WRAP = -Wl,--wrap=keras_weight,--wrap=keras_name_groups
# A machine that computes wrongly.
$(BUILD)/tests/unit/test_selftest: WRAP = -Wl,--wrap=fovea_kernels_select
$(call programs,$(UNIT)): $(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(call object,$(HELPERS)) $(LIBS)
	$(LINK) $(WRAP) -lcmocka $(LDLIBS) -o $@

$(call programs,$(SUITES)): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(LIBS)
	$(LINK) $(LDLIBS) -o $@

$(BUILD)/tests/kernels/check: $(call object,$(CHECKS)) $(LIBS)
	$(LINK) $(LDLIBS) -o $@

# For each check of a file an input that it refuses; what stands in the library's place is wrapped.
$(BUILD)/tests/checks/checks: WRAP = -Wl,--wrap=hdf5_checksum,--wrap=keras_weight,--wrap=keras_name_groups
$(BUILD)/tests/checks/checks: $(call object,$(wildcard tests/checks/*.c)) $(LIBS)
	$(LINK) $(WRAP) -lcmocka $(LDLIBS) -o $@

$(BUILD)/tests/kernels/accuracy: $(call object,tests/kernels/accuracy.c) $(LIBS)
	$(LINK) $(LDLIBS) -o $@

$(BUILD)/bench/kernels: $(call object,bench/kernels.c) $(LIBS)
	$(LINK) $(LDLIBS) -o $@

# Random models; what chooses kernels is wrapped, so that the reference can stand in the vectors' place.
RANDOM = $(wildcard tests/random/*.c) tests/kernels/ref_fused.c
$(BUILD)/tests/random/random: $(call object,$(RANDOM)) $(LIBS)
	$(LINK) -Wl,--wrap=fovea_kernels_select $(LDLIBS) -o $@

# The fuzz targets; tests/fuzz.sh gives the compiler and its sanitizers. What a target puts in the
# library's place is wrapped.
FUZZERS = $(filter-out tests/fuzz/seeds.c,$(wildcard tests/fuzz/*.c))
$(BUILD)/tests/fuzz/hdf5: WRAP = -Wl,--wrap=hdf5_checksum
$(BUILD)/tests/fuzz/keras: WRAP = -Wl,--wrap=keras_weight,--wrap=keras_name_groups
$(BUILD)/tests/fuzz/lambda: WRAP = -Wl,--wrap=keras_name_groups
$(BUILD)/tests/fuzz/model: WRAP = -Wl,--wrap=fovea_kernels_select
$(BUILD)/tests/fuzz/model: $(call object,$(filter-out tests/random/random.c,$(RANDOM)))
$(call programs,$(FUZZERS)): $(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(LIBS)
	$(LINK) -fsanitize=fuzzer $(WRAP) $(LDLIBS) -o $@

$(BUILD)/tests/fuzz/seeds: $(call object,tests/fuzz/seeds.c) $(LIBS)
	$(LINK) $(LDLIBS) -o $@

# Memory and files that fail on demand.
FAULTS = malloc calloc realloc posix_memalign free open close fstat mmap munmap read write pwrite rename \
         fopen fdopen dup fclose fseek ftell fread pthread_create
SWEEPS = $(filter-out tests/hostile/faults.c,$(wildcard tests/hostile/*.c))
$(BUILD)/tests/hostile/sweep_faults: $(call object,tests/hostile/faults.c)
$(BUILD)/tests/hostile/sweep_faults: WRAP = $(addprefix -Wl$(comma)--wrap=,$(FAULTS))
$(BUILD)/tests/hostile/sweep_models: WRAP = $(addprefix -Wl$(comma)--wrap=,hdf5_find hdf5_dataset hdf5_string zip_read)
$(BUILD)/tests/hostile/sweep_fields: WRAP = -Wl,--wrap=hdf5_checksum -lcmocka
$(call programs,$(SWEEPS)): $(BUILD)/tests/hostile/%: $(BUILD)/tests/hostile/%.o $(LIBS)
	$(LINK) $(WRAP) $(LDLIBS) -o $@
comma = ,

# Our readers beside the formats' own libraries, which nothing but these tests is linked to.
COMPARED = $(call object,$(wildcard tests/differential/hdf5*.c))
$(COMPARED): FOREIGN = -isystem /usr/include/hdf5/serial
$(BUILD)/tests/differential/hdf5: $(COMPARED) $(LIBS)
	$(LINK) -lhdf5_serial $(LDLIBS) -o $@

# Pictures by a recipe, for other libraries to compare with (tests/photos.sh).
$(BUILD)/tests/photos/fit: $(call object,tests/photos/fit.c) $(LIBS)
	$(LINK) $(LDLIBS) -o $@

$(BUILD)/tests/differential/signing: $(call object,tests/differential/signing.c) $(LIBS)
	$(LINK) -lsodium $(LDLIBS) -o $@

$(BUILD)/tests/differential/jpeg: $(call object,tests/differential/jpeg.c) $(LIBS)
	$(LINK) -ljpeg $(LDLIBS) -o $@

$(BUILD)/tests/differential/yuv: $(call object,tests/differential/yuv.c) $(LIBS)
	$(LINK) -lyuv $(LDLIBS) -o $@

sweeps: $(call programs,$(SWEEPS))
fuzzers: $(call programs,$(FUZZERS)) $(BUILD)/tests/fuzz/seeds
unit: $(call programs,$(UNIT))
suites: $(call programs,$(SUITES)) $(addprefix $(BUILD)/,tests/checks/checks tests/kernels/check tests/kernels/accuracy bench/kernels)

# The core of the tests, in a minute, with nothing but the compiler.
check: $(BUILD)/fovea $(addprefix $(BUILD)/,tests/conformance tests/checks/checks tests/kernels/check)
	@sh tests/check.sh $(BUILD)

test:
	@sh tests/run.sh

SECONDS = 60
fuzz:
	@sh tests/fuzz.sh $(SECONDS)

HOURS = 8
fuzz-long:
	@sh tests/fuzz.sh long $(HOURS)

# A fixed number of random models; SECONDS=N: others, for so long.
random:
	@sh tests/random.sh $(if $(findstring command,$(origin SECONDS)),$(SECONDS))

# Small faults put into the sources one at a time: MUTANTS of them, drawn by SEED.
MUTANTS = 420
SEED    = 1
mutants:
	@sh tests/mutants.sh $(MUTANTS) $(SEED)

# PARTS='kill eva': these alone.
hostile:
	@sh tests/hostile.sh $(PARTS)

# What takes hours, with other inputs each time: a night.
nightly:
	@sh tests/random.sh 3600
	@sh tests/fuzz.sh long $(HOURS)
	@sh tests/mutants.sh $(MUTANTS) $$(date +%s)

conformance: $(BUILD)/tests/conformance $(BUILD)/tests/photos/fit
	@sh tests/keras/run.sh $(BUILD)

check-kill:
	@sh tests/kill.sh

coverage:
	@sh tests/coverage.sh $(BUILD)

analyze:
	@sh tests/analyze.sh $(BUILD)

# The pages of docs/ as a site in BUILD/site.
docs: $(BUILD)/fovea
	@sh tests/docs.sh $(BUILD)

demo: $(BUILD)/fovea
	@sh tests/demo.sh $(BUILD)

# Times all built-in networks: bench/RESULTS.md and bench/results.svg.
bench: $(BUILD)/fovea
	@sh bench/run.sh $(BUILD)

peers: $(BUILD)/fovea # rival engines beside fovea, on this machine
	@sh bench/peers.sh $(BUILD)

include packages/dist.mk

# ---- order ----

format:
	clang-format -i $(SOURCES)

format-check:
	clang-format --dry-run --Werror $(SOURCES)

clean:
	rm -rf $(BUILD)

-include $(wildcard $(patsubst %.c,$(BUILD)/%.d,$(ALL)))
.PHONY: docs conformance all unit suites check sweeps fuzzers test fuzz fuzz-long coverage random mutants hostile nightly check-kill analyze demo bench peers format format-check clean
.SECONDARY:
