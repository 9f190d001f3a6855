// swift-tools-version:5.5
// fovea for Swift: import CFovea. The engine without photo files and threads: the system has its own.
import PackageDescription

let package = Package(
    name: "fovea",
    products: [.library(name: "CFovea", targets: ["CFovea"])],
    targets: [
        .target(
            name: "CFovea",
            path: ".",
            exclude: ["engine/hosted"],
            sources: ["kernels", "weights", "engine"],
            publicHeadersPath: "packages/swift",
            cSettings: [.headerSearchPath(".")]
        )
    ],
    cLanguageStandard: .c11
)
