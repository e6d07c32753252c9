// swift-tools-version: 6.2
// SPDX-License-Identifier: GPL-3.0-or-later

import PackageDescription

let package = Package(
  name: "klsim-examples",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "klsim", path: "..")],
  targets: [
    .target(
      name: "MyComponents", dependencies: [.product(name: "KLSim", package: "klsim")]),
    .executableTarget(
      name: "examples",
      dependencies: ["MyComponents", .product(name: "KLSim", package: "klsim")],
      path: "Sources/Examples"),
    .executableTarget(
      name: "klsim-plus",
      dependencies: ["MyComponents", .product(name: "KLSimCommand", package: "klsim")]),
  ]
)
