// swift-tools-version: 6.2
// The rooms of the house. A target may depend only on targets listed below it in the same order as
// DESIGN lists them: commands on top, formats at the ground. Tests/House checks every import against this file.

import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let optimized: [CSetting] = [.unsafeFlags(["-O2"])]

let package = Package(
  name: "awl",
  products: [.executable(name: "awl", targets: ["awl"])],
  targets: [
    .executableTarget(
      name: "awl",
      dependencies: [
        "Evals", "Chains", "Retrieval", "Prompts", "Templates", "Models", "Processes", "Storage", "Transport",
        "Formats",
      ], swiftSettings: settings),
    .target(
      name: "Evals",
      dependencies: [
        "Retrieval", "Prompts", "Checks", "Models", "Processes", "Storage", "Transport", "Templates", "Formats",
      ],
      swiftSettings: settings),
    .target(
      name: "Chains",
      dependencies: [
        "Retrieval", "Prompts", "Checks", "Models", "Processes", "Storage", "Transport", "Templates", "Formats",
      ],
      swiftSettings: settings),
    .target(
      name: "Retrieval", dependencies: ["Models", "Storage", "Formats", "CVectorKernels", "CSystem"],
      swiftSettings: settings),
    .target(
      name: "Prompts", dependencies: ["Models", "Storage", "Transport", "Templates", "Formats"], swiftSettings: settings
    ),
    .target(name: "Checks", dependencies: ["Formats"], swiftSettings: settings),
    .target(
      name: "Models", dependencies: ["Processes", "Storage", "Transport", "Formats"], swiftSettings: settings),
    .target(name: "Processes", dependencies: ["Storage", "Transport", "CSystem"], swiftSettings: settings),
    .target(name: "Storage", dependencies: ["CSystem"], swiftSettings: settings),
    .target(name: "Transport", dependencies: ["CCurl"], swiftSettings: settings),
    .target(name: "Templates", dependencies: ["Formats"], swiftSettings: settings),
    .target(name: "Formats", dependencies: ["CSystem"], swiftSettings: settings),
    // The kernels are compiled for speed in every build: a debug build without it would search a hundred times slower.
    .target(name: "CVectorKernels", cSettings: optimized),
    .target(name: "CSystem"),
    .target(name: "CCurl"),

    .target(name: "CKernelCheck", dependencies: ["CVectorKernels"], path: "Tests/CKernelCheck", cSettings: optimized),
    .target(name: "CSupport", path: "Tests/CSupport"),
    .target(name: "Support", dependencies: ["CSupport"], path: "Tests/Support", swiftSettings: settings),
    .executableTarget(
      name: "Bench",
      dependencies: ["Retrieval", "Models", "Storage", "Transport", "Templates", "Formats", "Support"],
      path: "Tests/Bench", swiftSettings: settings),
    .executableTarget(
      name: "Fuzz", dependencies: ["Retrieval", "Prompts", "Transport", "Templates", "Formats"], path: "Tests/Fuzz",
      swiftSettings: settings),
    .testTarget(name: "House", path: "Tests/House", swiftSettings: settings),
    .testTarget(
      name: "ChainsTests",
      dependencies: [
        "Chains", "Prompts", "Checks", "Models", "Storage", "Transport", "Templates", "Formats", "Support",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "EvalsTests", dependencies: ["Evals", "Models", "Storage", "Formats", "Support"], swiftSettings: settings),
    .testTarget(name: "ChecksTests", dependencies: ["Checks", "Formats"], swiftSettings: settings),
    .testTarget(
      name: "PromptsTests", dependencies: ["Prompts", "Models", "Storage", "Templates", "Formats", "Support"],
      swiftSettings: settings),
    .testTarget(name: "TemplatesTests", dependencies: ["Templates", "Formats", "Support"], swiftSettings: settings),
    .testTarget(
      name: "RetrievalTests", dependencies: ["Retrieval", "Models", "Storage", "Formats", "CVectorKernels", "CSystem"],
      exclude: ["Fixtures"], swiftSettings: settings),
    .testTarget(
      name: "CVectorKernelsTests", dependencies: ["CKernelCheck", "CVectorKernels", "Support"], swiftSettings: settings),
    .testTarget(name: "FormatsTests", dependencies: ["Formats"], swiftSettings: settings),
    .testTarget(name: "TransportTests", dependencies: ["Transport", "Support"], swiftSettings: settings),
    .testTarget(name: "ProcessesTests", dependencies: ["Processes"], swiftSettings: settings),
    .testTarget(name: "StorageTests", dependencies: ["Storage", "Formats"], swiftSettings: settings),
    .testTarget(
      name: "ModelsTests", dependencies: ["Models", "Storage", "Transport", "Formats", "Support"],
      swiftSettings: settings),
    .testTarget(
      name: "CommandLine", dependencies: ["awl", "Formats", "Storage", "Support"], path: "Tests/CommandLine",
      swiftSettings: settings),
  ]
)
