// swift-tools-version: 6.2
// SPDX-License-Identifier: GPL-3.0-or-later

import PackageDescription

let strictSwift: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
]

/// Warnings stop the build in CI, and only there.
let settings =
  Context.environment["CI"] == nil ? strictSwift : strictSwift + [.treatAllWarnings(as: .error)]

/// Set by `make test`, whose debug build optimises what computes; no package that depends on this one
/// may meet flags that are unsafe, so they are there on demand only.
let optimizesTests = Context.environment["KLSIM_OPTIMIZED_TESTS"] != nil
let computing =
  optimizesTests
  ? settings + [
    .unsafeFlags(["-O", "-assert-config", "Debug"], .when(configuration: .debug))
  ] : settings

let package = Package(
  name: "klsim",
  platforms: [.macOS(.v15)],
  products: [
    .library(
      name: "KLSim",
      targets: [
        "KLSimNumerics", "KLSimCore", "KLSimSequences", "KLSimFiles", "KLSimStudies", "KLSimClaims",
        "KLSimFigures",
      ]),
    .library(name: "KLSimCommand", targets: ["KLSimCommand"]),
    .executable(name: "klsim", targets: ["klsim"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
  ],
  targets: [
    .systemLibrary(
      name: "CGSL", pkgConfig: "gsl", providers: [.apt(["libgsl-dev"]), .brew(["gsl"])]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
    .target(
      name: "CKLSimKernels",
      cSettings: optimizesTests ? [.unsafeFlags(["-O2"], .when(configuration: .debug))] : []),
    .target(name: "CLibrary", swiftSettings: settings),
    .target(name: "CKLSimTexts", exclude: ["alice.txt", "page"]),
    .target(
      name: "KLSimNumerics",
      dependencies: [
        "CGSL", "CKLSimKernels", .product(name: "RealModule", package: "swift-numerics"),
      ],
      swiftSettings: computing),
    .target(
      name: "KLSimCore",
      dependencies: ["KLSimNumerics", "CKLSimTexts"],
      swiftSettings: computing),
    .target(
      name: "KLSimSequences",
      dependencies: ["KLSimCore", "KLSimNumerics"],
      swiftSettings: computing),
    .target(
      name: "KLSimFiles",
      dependencies: [
        "CLibrary", "CZlib", "KLSimSequences", "KLSimCore", "KLSimNumerics",
        .product(name: "RealModule", package: "swift-numerics"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings),
    .target(
      name: "KLSimStudies",
      dependencies: [
        "KLSimFiles", "KLSimSequences", "KLSimCore", "KLSimNumerics",
        .product(name: "RealModule", package: "swift-numerics"),
      ],
      swiftSettings: settings),
    .target(
      name: "KLSimStudyFiles",
      dependencies: [
        "CYAML", "KLSimStudies", "KLSimFiles", "KLSimSequences", "KLSimCore", "KLSimNumerics",
      ],
      swiftSettings: settings),
    .target(
      name: "KLSimClaims",
      dependencies: [
        "KLSimStudies", "KLSimFiles", "KLSimSequences", "KLSimCore", "KLSimNumerics",
        .product(name: "RealModule", package: "swift-numerics"),
      ],
      swiftSettings: settings),
    .target(
      name: "KLSimFigures",
      dependencies: [
        "KLSimFiles", "KLSimSequences", "KLSimCore", "KLSimNumerics",
        .product(name: "RealModule", package: "swift-numerics"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings),
    .target(
      name: "KLSimReport",
      dependencies: ["CKLSimTexts", "KLSimClaims", "KLSimStudies", "KLSimFiles", "KLSimCore"],
      swiftSettings: settings),
    .target(
      name: "KLSimCommand",
      dependencies: [
        "KLSimReport", "KLSimFigures", "KLSimClaims", "KLSimStudyFiles", "KLSimStudies",
        "KLSimFiles", "KLSimSequences", "KLSimCore", "KLSimNumerics", "CLibrary",
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .executableTarget(name: "klsim", dependencies: ["KLSimCommand"], swiftSettings: settings),

    .target(
      name: "KLSimTestSupport", dependencies: ["KLSimCore"], path: "Tests/KLSimTestSupport",
      swiftSettings: computing),
    .testTarget(
      name: "KLSimNumericsTests", dependencies: ["CGSL", "KLSimNumerics", "KLSimTestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "KLSimCoreTests", dependencies: ["KLSimCore", "KLSimNumerics", "KLSimTestSupport"],
      resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "KLSimSequencesTests",
      dependencies: [
        "CGSL", "KLSimSequences", "KLSimCore", "KLSimNumerics", "KLSimTestSupport",
      ],
      resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "KLSimFilesTests",
      dependencies: [
        "CLibrary", "CZlib", "KLSimFiles", "KLSimCore", "KLSimNumerics", "KLSimTestSupport",
      ],
      resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "KLSimStudiesTests",
      dependencies: [
        "KLSimStudies", "KLSimFiles", "KLSimSequences", "KLSimCore", "KLSimNumerics",
        "KLSimTestSupport",
      ],
      resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "KLSimStudyFilesTests",
      dependencies: [
        "KLSimStudyFiles", "KLSimStudies", "KLSimFiles", "KLSimSequences", "KLSimCore",
        "KLSimNumerics", "KLSimTestSupport",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "KLSimClaimsTests",
      dependencies: [
        "KLSimClaims", "KLSimStudies", "KLSimFiles", "KLSimSequences", "KLSimCore",
        "KLSimTestSupport",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "KLSimFiguresTests",
      dependencies: [
        "KLSimFigures", "KLSimFiles", "KLSimSequences", "KLSimNumerics", "KLSimTestSupport",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "KLSimReportTests",
      dependencies: [
        "KLSimReport", "KLSimClaims", "KLSimStudies", "KLSimFiles", "KLSimCore", "KLSimTestSupport",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "klsim", "KLSimCommand", "KLSimReport", "KLSimFigures", "KLSimClaims", "KLSimStudyFiles",
        "KLSimStudies", "KLSimFiles", "KLSimSequences", "KLSimCore", "KLSimNumerics", "CLibrary",
        "KLSimTestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["Golden"],
      swiftSettings: settings),
  ]
)

// The benchmarks measure single passes and fits, which are no part of the public interface, so they belong
// to this package; they are there on demand, for they need packages that nothing else needs.
if Context.environment["KLSIM_BENCHMARKS"] != nil {
  package.dependencies.append(
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []))
  package.targets += [
    .target(name: "CFloor", path: "Benchmarks/Sources/CFloor"),
    .executableTarget(
      name: "floor", dependencies: ["CFloor"], path: "Benchmarks/Sources/floor",
      swiftSettings: settings),
    // The plugin looks for targets whose folder lies in a folder named Benchmarks.
    .executableTarget(
      name: "KLSimBenchmarks",
      dependencies: [
        "CFloor", "KLSimStudies", "KLSimFiles", "KLSimSequences", "KLSimCore", "KLSimNumerics",
        .product(name: "Benchmark", package: "benchmark"),
      ],
      path: "Benchmarks/KLSimBenchmarks", swiftSettings: settings,
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ]
}

// The fuzzers are built with coverage and AddressSanitizer, which nothing else is; they are there on demand.
if Context.environment["KLSIM_FUZZ"] != nil {
  package.targets += [
    .executableTarget(
      name: "klsim-fuzz",
      dependencies: [
        "KLSimFigures", "KLSimClaims", "KLSimStudyFiles", "KLSimStudies", "KLSimFiles",
        "KLSimSequences", "KLSimCore", "KLSimNumerics",
      ],
      path: "Tests/Fuzz/Sources", swiftSettings: settings),
    .executableTarget(
      name: "klsim-lines",
      dependencies: [
        "KLSimCommand", "CLibrary", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Fuzz/Lines", swiftSettings: settings),
  ]
}
