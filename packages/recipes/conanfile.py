from conan import ConanFile
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import copy, get


class Fovea(ConanFile):
    name = "fovea"
    version = "@version@"
    description = "Runs trained Keras CNNs in plain C, with nothing underneath"
    homepage = "@homepage@"
    license = "MIT"
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "fPIC": [True, False], "hosted": [True, False]}
    default_options = {"shared": False, "fPIC": True, "hosted": True}
    implements = ["auto_shared_fpic"]
    languages = "C"

    def layout(self):
        cmake_layout(self)

    def source(self):
        get(self, "@source@", sha256="@sha256@", strip_root=True)

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["FOVEA_HOSTED"] = bool(self.options.hosted)
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, self.package_folder + "/licenses")
        CMake(self).install()

    def package_info(self):
        self.cpp_info.libs = ["fovea"]
        self.cpp_info.set_property("cmake_target_name", "fovea::fovea")
        if self.options.hosted and self.settings.os in ("Linux", "FreeBSD"):
            self.cpp_info.system_libs = ["m", "pthread"]
