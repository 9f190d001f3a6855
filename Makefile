# make          the command, build/fovea, and the library, build/libfovea.a
# make demo     converts the built-in model and classifies its seven samples
# make test     everything that shows fovea works (installs what it needs)

CC      ?= cc
BUILD   ?= build
CFLAGS  ?= -O2 -g
WARN     = -Wall -Wextra -Wconversion -Wshadow
STRICT   = -std=c11 -ffp-contract=off -D_POSIX_C_SOURCE=200809L -I. $(WARN)
LDLIBS   = -pthread -lm
COMPILE  = $(CC) $(STRICT) $(CFLAGS) $(EXTRA) -MMD -MP

LIBRARY  = $(wildcard kernels/*.c weights/*.c engine/*.c)
PROGRAM  = $(wildcard convert/*.c cli/*.c) bench/peak.c
OBJECTS  = $(LIBRARY:%.c=$(BUILD)/%.o)
COMMAND  = $(PROGRAM:%.c=$(BUILD)/%.o)

all: $(BUILD)/fovea

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(COMPILE) -c $< -o $@

$(BUILD)/libfovea.a: $(OBJECTS)
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/fovea: $(COMMAND) $(BUILD)/libfovea.a
	$(CC) $(CFLAGS) $(EXTRA) $^ $(LDLIBS) -o $@

demo: $(BUILD)/fovea
	@sh tests/demo.sh $(BUILD)

clean:
	rm -rf $(BUILD)

-include $(OBJECTS:.o=.d) $(COMMAND:.o=.d)
.PHONY: all demo clean
