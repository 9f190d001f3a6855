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
# make release      all that a version ships, with checksums: dist/release (HOMEPAGE=, else where this repository is from)
# make release-check  makes it, installs and uses each part from an empty folder
# make install      libraries, headers, pkg-config file, command (DESTDIR, PREFIX); make uninstall

BUILD ?= build

amalgamate:
	@sh packages/amalgamate.sh $(DIST)

DIST = dist
arduino: $(BUILD)/fovea
	@sh packages/amalgamate.sh $(DIST)
	install -d $(DIST)/arduino/src $(DIST)/arduino/examples/selftest
	sed 's|^url=.*|url=$(HOMEPAGE)|' packages/arduino/library.properties >$(DIST)/arduino/library.properties
	cp LICENSE $(DIST)/arduino
	grep -oE '\bfovea_[a-z_]+\(' include/fovea.h | tr -d '(' | sort -u | awk '{print $$1 "\tKEYWORD2"}' \
	    >$(DIST)/arduino/keywords.txt
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

release: $(BUILD)/fovea
	@sh packages/release.sh $(BUILD) $(DIST)/release $(HOMEPAGE)

release-check: $(BUILD)/fovea
	@sh tests/setup.sh places web && sh tests/release.sh $(BUILD)

size: $(BUILD)/fovea
	@sh tests/setup.sh boards && sh tests/boards/size.sh $(BUILD)

arm:
	@sh tests/setup.sh arm && sh tests/arm/run.sh $(BUILD)

boards: $(BUILD)/fovea
	@sh tests/setup.sh boards && sh tests/boards/run.sh $(BUILD) && sh tests/boards/check.sh $(BUILD)

places: $(BUILD)/fovea
	@sh tests/setup.sh boards places && sh tests/places.sh $(BUILD) && sh tests/packages.sh $(BUILD)

.PHONY: soup release release-check amalgamate arduino wheel web page bindings size arm boards places

# make install [DESTDIR=...] [PREFIX=/usr/local]: the libraries, their headers, the command; make uninstall removes them
PREFIX     ?= /usr/local
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
BINDIR     ?= $(PREFIX)/bin
DATADIR    ?= $(PREFIX)/share

# Of the amalgamation, so that it shows nothing but the functions of the public headers. Before 1.0 each minor version
# may change what it promises, and is another library to the loader.
VERSION := $(shell sh packages/version.sh)
SONAME  = libfovea.so.$(basename $(VERSION))
SHARED  = $(BUILD)/libfovea.so.$(VERSION)
PARTS   = fovea fovea_photo fovea_threads fovea_verdict fovea_sign
HEADERS = $(PARTS:%=%.h) fovea_slots.h

amalgamated:
	@sh packages/amalgamate.sh $(BUILD)/dist

$(SHARED): amalgamated
	$(CC) -std=c11 -D_POSIX_C_SOURCE=200809L -O2 -fPIC -shared -Wl,-soname,$(SONAME) -s $(EXTRA) \
	    $(PARTS:%=$(BUILD)/dist/%.c) -lm -pthread -o $@

INSTALLED = $(LIBDIR)/libfovea.a $(LIBDIR)/libfovea.so.$(VERSION) $(LIBDIR)/$(SONAME) $(LIBDIR)/libfovea.so \
            $(HEADERS:%=$(INCLUDEDIR)/%) $(BINDIR)/fovea $(LIBDIR)/pkgconfig/fovea.pc

install: $(BUILD)/fovea $(SHARED)
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(BINDIR)
	install -m 644 $(BUILD)/libfovea.a $(DESTDIR)$(LIBDIR)
	strip -S $(DESTDIR)$(LIBDIR)/libfovea.a
	install -m 755 $(SHARED) $(DESTDIR)$(LIBDIR)
	ln -sf libfovea.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libfovea.so
	install -m 644 $(HEADERS:%=$(BUILD)/dist/%) $(DESTDIR)$(INCLUDEDIR)
	install -s -m 755 $(BUILD)/fovea $(DESTDIR)$(BINDIR)
	sed -e 's|@prefix@|$(PREFIX)|; s|@libdir@|$(LIBDIR)|; s|@includedir@|$(INCLUDEDIR)|; s|@version@|$(VERSION)|' \
	    packages/fovea.pc.in >$(DESTDIR)$(LIBDIR)/pkgconfig/fovea.pc

uninstall:
	rm -f $(INSTALLED:%=$(DESTDIR)%)

.PHONY: amalgamated install uninstall
