# Targets around the library's shipping, for the Makefile to include:
#
# make amalgamate   dist/fovea.c and fovea.h: the engine as two files (and two optional pairs)
# make arduino      dist/arduino: a library for Arduino, to be zipped and added, with a sketch
# make size         code, stack and RAM on a Cortex-M7 against tests/boards/budget.txt
# make arm          instructions and inner loops of the kernels for ARM against tests/arm/budget.txt
# make boards       test images on the boards qemu knows; installs what it needs
# make places       Keras' answers on other machines, packages for other build systems
# make wheel        dist/fovea-*.whl: the Python package
# make web          dist/web: the npm package, WebAssembly; make page: dist/page, a page that works offline
# make bindings     the packages for other languages, tested beside what they are compared with (Keras, ...)
# make soup       the sheet of IEC 62304 for a component: BUILD/soup.md
# make install      library, headers, pkg-config file, command (DESTDIR, PREFIX)

BUILD ?= build

amalgamate:
	@sh packages/amalgamate.sh $(DIST)

DIST = dist
arduino: $(BUILD)/fovea
	@sh packages/amalgamate.sh $(DIST)
	install -d $(DIST)/arduino/src $(DIST)/arduino/examples/selftest
	cp packages/arduino/library.properties $(DIST)/arduino
	cp $(DIST)/fovea.c $(DIST)/fovea.h $(DIST)/arduino/src
	cp packages/arduino/selftest.ino $(DIST)/arduino/examples/selftest
	$(BUILD)/fovea convert tests/golden/conformance/a/net_mini_seed/model.h5 --emit c \
	    --golden tests/golden/conformance/a/net_mini_seed/input.npy -o $(DIST)/arduino/examples/selftest/model.h

wheel:
	python3 -m pip wheel -q --no-index --no-deps -w $(DIST) packages/python

web:
	@sh packages/web/build.sh $(DIST)/web

page: web
	@sh packages/web/page.sh $(DIST)/web $(DIST)/page

bindings: $(BUILD)/fovea
	@sh tests/setup.sh web jvm && sh tests/bindings.sh $(BUILD)

soup: $(BUILD)/fovea
	@sh packages/soup.sh $(BUILD)

size: $(BUILD)/fovea
	@sh tests/setup.sh boards && sh tests/boards/size.sh $(BUILD)

arm:
	@sh tests/setup.sh arm && sh tests/arm/run.sh $(BUILD)

boards: $(BUILD)/fovea
	@sh tests/setup.sh boards && sh tests/boards/run.sh $(BUILD) && sh tests/boards/check.sh $(BUILD)

places: $(BUILD)/fovea
	@sh tests/setup.sh boards places && sh tests/places.sh $(BUILD) && sh tests/packages.sh $(BUILD)

.PHONY: soup amalgamate arduino wheel web page bindings size arm boards places

# make soup       the sheet of IEC 62304 for a component: BUILD/soup.md
# make install [DESTDIR=...] [PREFIX=/usr/local]: the library, its headers, the command
PREFIX     ?= /usr/local
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
BINDIR     ?= $(PREFIX)/bin

install: $(BUILD)/fovea
	@sh packages/amalgamate.sh $(BUILD)/dist
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(BINDIR)
	install -m 644 $(BUILD)/libfovea.a $(DESTDIR)$(LIBDIR)
	install -m 644 $(BUILD)/dist/fovea*.h $(DESTDIR)$(INCLUDEDIR)
	install -m 755 $(BUILD)/fovea $(DESTDIR)$(BINDIR)
	sed -e 's|@prefix@|$(PREFIX)|; s|@libdir@|$(LIBDIR)|; s|@includedir@|$(INCLUDEDIR)|' \
	    -e "s|@version@|$$($(BUILD)/fovea --version | sed -n '1s/^fovea \([0-9.]*\).*/\1/p')|" packages/fovea.pc.in \
	    >$(DESTDIR)$(LIBDIR)/pkgconfig/fovea.pc

.PHONY: install
