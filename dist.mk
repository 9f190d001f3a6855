# Targets around the library's shipping, for the Makefile to include:
#
# make amalgamate   dist/fovea.c and fovea.h: the engine as two files (and two optional pairs)
# make size         code, stack and RAM on a Cortex-M7 against tests/boards/budget.txt
# make boards       test images on the boards qemu knows; installs what it needs

BUILD ?= build

amalgamate:
	@sh tests/amalgamate.sh dist

size: $(BUILD)/fovea
	@sh tests/setup.sh boards && sh tests/boards/size.sh $(BUILD)

boards: $(BUILD)/fovea
	@sh tests/setup.sh boards && sh tests/boards/run.sh $(BUILD)

.PHONY: amalgamate size boards
