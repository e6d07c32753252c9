// swift-tools-version: 6.2
// SPDX-License-Identifier: GPL-3.0-or-later

import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
]

let package = Package(
  name: "klsim-benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "klsim", path: ".."),
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    .target(name: "CFloor"),
    .executableTarget(name: "floor", dependencies: ["CFloor"], swiftSettings: settings),
    // The plugin looks for targets whose folder lies in a folder named Benchmarks: this one.
    .executableTarget(
      name: "KLSimBenchmarks",
      dependencies: [
        "CFloor", .product(name: "KLSim", package: "klsim"),
        .product(name: "Benchmark", package: "benchmark"),
      ],
      path: "KLSimBenchmarks",
      swiftSettings: settings,
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ]
)
