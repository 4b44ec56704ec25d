//! The wasm files: one for each kind of machine. [`compile`] makes them, [`progress`] reports progress.

mod compile;
mod progress;

pub use compile::folder;

/// The purpose of a wasm file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Engine {
    /// Computing on the CPU
    Cpu,
    /// Computing on a GPU
    Webgpu,
    /// Reading PyTorch checkpoints
    Import,
    /// Computing gradients
    Train,
}

/// One wasm file: of the product, or of its tests.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// The name of the file and of its glue, without extension.
    pub name: &'static str,
    /// Its purpose.
    pub engine: Engine,
    /// The package of the workspace from which it is compiled.
    package: &'static str,
    /// The package's features.
    features: &'static str,
    /// Whether it shares its memory with workers.
    pub threads: bool,
    /// Whether it fuses multiplication and addition by relaxed SIMD, which not every browser has.
    pub relaxed: bool,
    /// How wasm-opt optimises it.
    pub optimise: &'static str,
    /// Its size limit: bytes after gzip.
    pub budget: u64,
}

/// The baseline, which runs everywhere. It consists mainly of kernels: optimised for speed.
const CPU: Variant = Variant {
    name: "reslens-cpu-simd128",
    engine: Engine::Cpu,
    package: "reslens",
    features: "cpu",
    threads: false,
    relaxed: false,
    optimise: "-O3",
    budget: 250_000,
};

const CPU_RELAXED: Variant = Variant { name: "reslens-cpu-relaxed", relaxed: true, ..CPU };

const CPU_THREADS: Variant =
    Variant { name: "reslens-cpu-simd128-threads", features: "cpu,threads", threads: true, ..CPU };

/// Most of it is CubeCL, and none of it is hot: optimised for size.
const WEBGPU: Variant = Variant {
    name: "reslens-webgpu",
    engine: Engine::Webgpu,
    package: "reslens",
    features: "webgpu",
    threads: false,
    relaxed: false,
    optimise: "-Oz",
    budget: 600_000,
};

/// Loaded only for PyTorch checkpoints: small, and run once.
const IMPORT: Variant = Variant {
    name: "reslens-import",
    engine: Engine::Import,
    package: "reslens",
    features: "pickle",
    threads: false,
    relaxed: false,
    optimise: "-Oz",
    budget: 200_000,
};

/// Loaded only for gradients and the lab: Burn's autodiff and its stock operations.
const TRAIN: Variant = Variant {
    name: "reslens-train",
    engine: Engine::Train,
    package: "reslens",
    features: "train",
    threads: false,
    relaxed: false,
    optimise: "-O3",
    budget: 500_000,
};

/// All wasm files of the product, in build order: the first one is all that a page needs, and files that share their
/// dependencies are next to each other. A new file is a new row.
pub const VARIANTS: [Variant; 7] = [
    CPU,
    CPU_RELAXED,
    CPU_THREADS,
    Variant { name: "reslens-cpu-relaxed-threads", relaxed: true, ..CPU_THREADS },
    WEBGPU,
    IMPORT,
    TRAIN,
];

impl Engine {
    /// Returns the first of its wasm files, which every browser can load.
    pub fn variant(self) -> &'static Variant {
        VARIANTS.iter().find(|variant| variant.engine == self).expect("each engine has a file")
    }
}

/// The kernels' tests for a browser, one file for each engine.
pub const KERNEL_TESTS: [Variant; 2] = [
    Variant { name: "reslens-kernel-tests-cpu", package: "reslens-wasm-tests", ..CPU },
    // Not shipped: optimising it would take longer than running it.
    Variant {
        name: "reslens-kernel-tests-webgpu",
        package: "reslens-wasm-tests",
        optimise: "-O0",
        ..WEBGPU
    },
];

/// The file by which `bench cpu` times the layers.
pub const CPU_LAYERS: Variant =
    Variant { name: "reslens-bench-layers-cpu", package: "reslens-bench-layers", ..CPU_RELAXED };

/// The file by which `bench webgpu` times them, by the GPU's clock.
pub const WEBGPU_LAYERS: Variant = Variant {
    name: "reslens-bench-layers-webgpu",
    package: "reslens-bench-layers",
    optimise: "-O0",
    ..WEBGPU
};

/// One file of each kind, for linting.
pub const ENGINES: [Variant; 4] = [CPU, WEBGPU, IMPORT, TRAIN];

/// The compiler's effort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Small and fast, as shipped.
    Release,
    /// Quick to rebuild, with names in stack traces.
    Dev,
}

impl Profile {
    /// Returns Cargo's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Release => "release",
            Profile::Dev => "wasm-dev",
        }
    }
}

/// rustc's flags for all variants. Burn's random numbers come from the browser's.
const FLAGS: [&str; 4] =
    ["--cfg", "getrandom_backend=\"wasm_js\"", "-C", "target-feature=+simd128"];

/// The further flags for fused multiply-add.
const RELAXED_FLAGS: [&str; 2] = ["-C", "target-feature=+relaxed-simd"];

/// The further flag for a shipped file with kernels. At the optimisation level of this crate, LLVM would inline calls up to a cost
/// of 250, which makes the files a tenth larger and no faster: the kernels ask for inlining by name.
const SPEED_FLAGS: [&str; 2] = ["-C", "llvm-args=-inline-threshold=25"];

/// The further flags for a shipped file without hot code. Loops are still vectorised, which decoding the weights needs;
/// with "z", the WebGPU file would be a thirtieth smaller.
const SIZE_FLAGS: [&str; 2] = ["-C", "opt-level=s"];

/// The further flags for shared memory. It can grow to 1 GiB: a shared memory must declare its maximum, and the largest
/// model, a ResNet-152, takes 844 MB.
const THREAD_FLAGS: [&str; 16] = [
    "-C",
    "target-feature=+atomics,+bulk-memory,+mutable-globals",
    "-C",
    "link-arg=--shared-memory",
    "-C",
    "link-arg=--import-memory",
    "-C",
    "link-arg=--max-memory=1073741824",
    "-C",
    "link-arg=--export=__wasm_init_tls",
    "-C",
    "link-arg=--export=__tls_size",
    "-C",
    "link-arg=--export=__tls_align",
    "-C",
    "link-arg=--export=__tls_base",
];

impl Variant {
    /// Returns the features of its package, in cargo's format.
    pub fn features(&self) -> &'static str {
        self.features
    }

    /// Returns rustc's flags for this file's crates and all their dependencies.
    fn flags(&self) -> Vec<&'static str> {
        let threads: &[&str] = if self.threads { &THREAD_FLAGS } else { &[] };
        let relaxed: &[&str] =
            if self.relaxed && !self.is_product() { &RELAXED_FLAGS } else { &[] };
        [&FLAGS[..], threads, relaxed].concat()
    }

    /// Returns rustc's further flags for this file's own crate.
    fn crate_flags(&self) -> Vec<&'static str> {
        if !self.is_product() {
            return Vec::new();
        }
        let relaxed: &[&str] = if self.relaxed { &RELAXED_FLAGS } else { &[] };
        let level = if self.optimise == "-Oz" { &SIZE_FLAGS } else { &SPEED_FLAGS };
        [&level[..], relaxed].concat()
    }

    /// Whether its own crate is the one with the kernels, which alone need relaxed SIMD: then Burn need not be compiled
    /// again for it.
    fn is_product(&self) -> bool {
        self.package == CPU.package
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_threaded_variant_shares_memory() {
        for variant in VARIANTS {
            let flags = variant.flags().join(" ");
            assert!(flags.contains("+simd128"), "{flags}");
            assert_eq!(flags.contains("--shared-memory"), variant.threads, "{flags}");
            assert_eq!(flags.contains("+atomics"), variant.threads, "{flags}");
        }
    }

    #[test]
    fn files_with_the_same_flags_share_their_dependencies() {
        let of = |name: &str| VARIANTS.into_iter().find(|variant| variant.name == name).unwrap();
        for suffix in ["", "-threads"] {
            let plain = of(&format!("reslens-cpu-simd128{suffix}"));
            let relaxed = of(&format!("reslens-cpu-relaxed{suffix}"));
            assert_eq!(plain.flags(), relaxed.flags());
            assert_ne!(plain.crate_flags(), relaxed.crate_flags());
        }
        assert_eq!(of("reslens-webgpu").flags(), CPU.flags());
    }

    #[test]
    fn kernels_in_a_dependency_get_relaxed_simd_like_all_of_it() {
        assert!(CPU_LAYERS.flags().contains(&RELAXED_FLAGS[1]));
        assert!(CPU_LAYERS.crate_flags().is_empty());
    }
}
