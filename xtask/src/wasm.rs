//! Compiling the crate to wasm: one file for each kind of machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::process;
use crate::project::Project;
use crate::toolchain::{TARGET, Toolchain};

/// What a wasm file computes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Engine {
    /// The processor
    Cpu,
    /// A graphics processor
    Webgpu,
}

/// One wasm file: of the product, or of its tests.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// The name of the file and of its glue, without extension.
    pub name: &'static str,
    /// What it computes with.
    pub engine: Engine,
    /// The package of the workspace that it is made of.
    package: &'static str,
    /// The package's features.
    features: &'static str,
    /// The folder, in the target directory, where cargo builds it. One for each set of features and
    /// flags: cargo names a `cdylib` without a hash, so that variants of one package in one folder
    /// would overwrite each other, and be taken for up to date.
    folder: &'static str,
    /// Whether it shares its memory with workers.
    pub threads: bool,
    /// Whether it fuses multiplication and addition by relaxed SIMD, which not every browser has.
    pub relaxed: bool,
    /// How wasm-opt is to make it smaller and faster.
    pub optimise: &'static str,
    /// The most that it may weigh on its way to a browser: bytes after gzip.
    pub budget: u64,
}

/// The floor, which runs everywhere. The kernels are what a CPU's file is for: speed first.
const CPU: Variant = Variant {
    name: "reslens-cpu-simd128",
    engine: Engine::Cpu,
    package: "reslens",
    features: "cpu",
    folder: "wasm",
    threads: false,
    relaxed: false,
    optimise: "-O3",
    budget: 600_000,
};

const CPU_RELAXED: Variant =
    Variant { name: "reslens-cpu-relaxed", folder: "wasm-relaxed", relaxed: true, ..CPU };

const CPU_THREADS: Variant = Variant {
    name: "reslens-cpu-simd128-threads",
    features: "cpu,threads",
    folder: "wasm-threads",
    threads: true,
    ..CPU
};

/// Most of it is CubeCL, and none of it is hot: size first.
const WEBGPU: Variant = Variant {
    name: "reslens-webgpu",
    engine: Engine::Webgpu,
    package: "reslens",
    features: "webgpu",
    folder: "wasm-webgpu",
    threads: false,
    relaxed: false,
    optimise: "-Oz",
    budget: 700_000,
};

/// All wasm files of the product. A further one is a further row.
pub const VARIANTS: [Variant; 5] = [
    CPU,
    CPU_THREADS,
    CPU_RELAXED,
    Variant {
        name: "reslens-cpu-relaxed-threads",
        folder: "wasm-relaxed-threads",
        relaxed: true,
        ..CPU_THREADS
    },
    WEBGPU,
];

impl Engine {
    /// The first of its wasm files: the one that every browser can load.
    pub fn variant(self) -> &'static Variant {
        VARIANTS.iter().find(|variant| variant.engine == self).expect("each engine has a file")
    }
}

/// The kernels' tests for a browser, one file for each engine.
pub const KERNEL_TESTS: [Variant; 2] = [
    Variant { name: "reslens-kernel-tests-cpu", package: "reslens-wasm-tests", ..CPU },
    // Not to be shipped: optimising it would take longer than running it.
    Variant {
        name: "reslens-kernel-tests-webgpu",
        package: "reslens-wasm-tests",
        optimise: "-O0",
        ..WEBGPU
    },
];

/// What `bench cpu` times the layers with.
pub const CPU_LAYERS: Variant =
    Variant { name: "reslens-bench-layers-cpu", package: "reslens-bench-layers", ..CPU_RELAXED };

/// What `bench webgpu` times them with, by the GPU's clock.
pub const WEBGPU_LAYERS: Variant = Variant {
    name: "reslens-bench-layers-webgpu",
    package: "reslens-bench-layers",
    optimise: "-O0",
    ..WEBGPU
};

/// One of each engine, to be linted.
pub const ENGINES: [Variant; 2] = [CPU, WEBGPU];

/// How much time the compiler may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Small and fast: what is shipped.
    Release,
    /// Quick to rebuild, with names in stack traces.
    Dev,
}

impl Profile {
    /// Cargo's name for it.
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

/// The further flags for shared memory. 1 GiB is the most that it may grow to: a shared memory must
/// say so in advance, and the largest model, a ResNet-152, takes 844 MB.
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
    /// The flags for rustc.
    fn flags(&self) -> Vec<&'static str> {
        let relaxed: &[&str] = if self.relaxed { &RELAXED_FLAGS } else { &[] };
        let threads: &[&str] = if self.threads { &THREAD_FLAGS } else { &[] };
        [&FLAGS[..], relaxed, threads].concat()
    }

    /// The target directory that it is built in.
    pub fn folder(&self, project: &Project) -> PathBuf {
        project.target.join(self.folder)
    }

    /// The name of the compiled file.
    fn file(&self) -> String {
        format!("{}.wasm", self.package.replace('-', "_"))
    }

    /// `cargo COMMAND` for this variant's library; more arguments may follow.
    pub fn cargo(&self, project: &Project, toolchain: &Toolchain, command: &str) -> Command {
        let mut cargo = Command::new(&toolchain.cargo);
        cargo
            .arg(command)
            .args(["--package", self.package, "--lib", "--locked", "--target", TARGET])
            .args(["--no-default-features", "--features", self.features])
            .current_dir(&project.root)
            .env("RUSTC", &toolchain.rustc)
            .env("CARGO_TARGET_DIR", self.folder(project))
            .env("CARGO_ENCODED_RUSTFLAGS", self.flags().join("\x1f"));
        // rustup's standard library has no atomics; Debian brings none for wasm at all.
        if self.threads || !toolchain.has_target {
            cargo.env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std=std,panic_abort");
        }
        cargo
    }

    /// Compiles it. Returns the wasm file, which wasm-bindgen has yet to process.
    pub fn compile(
        &self,
        project: &Project,
        toolchain: &Toolchain,
        profile: Profile,
    ) -> Result<PathBuf> {
        let folder = self.folder(project).join(TARGET).join(profile.name());
        claim(&folder, &self.file(), &project.root)?;
        println!("compiling {} ({}) ...", self.name, profile.name());
        // As `cdylib` alone: then dependencies are compiled to bitcode only, which is all that
        // link-time optimisation needs.
        let mut cargo = self.cargo(project, toolchain, "rustc");
        cargo.args(["--crate-type", "cdylib", "--profile", profile.name()]);
        process::run(&mut cargo)?;
        Ok(folder.join(self.file()))
    }

    /// What [`Variant::compile`] wrote last, for this clone and as it is shipped.
    pub fn compiled(&self, project: &Project) -> Result<PathBuf> {
        let folder = self.folder(project).join(TARGET).join(Profile::Release.name());
        let wasm = folder.join(self.file());
        let last = fs::read_to_string(owner(&folder, &self.file())).unwrap_or_default();
        ensure!(
            wasm.is_file() && last == project.root.display().to_string(),
            "{} was not built here yet, or another clone has built since: cargo xtask build",
            self.name
        );
        Ok(wasm)
    }
}

/// Says in `folder` which clone its `file` was built by.
fn owner(folder: &Path, file: &str) -> PathBuf {
    folder.join(format!("{file}.built-by-clone"))
}

/// Makes the output in `folder` the clone's own. Two clones share a folder and the name without a
/// hash in it: where the other clone built last, its file has to go, or cargo takes it for ours.
fn claim(folder: &Path, file: &str, root: &Path) -> Result<()> {
    let owner = owner(folder, file);
    let root = root.display().to_string();
    if fs::read_to_string(&owner).is_ok_and(|last| last == root) {
        return Ok(());
    }
    for path in [folder.join(file), folder.join("deps").join(file)] {
        if path.exists() {
            fs::remove_file(&path).with_context(|| format!("cannot delete {}", path.display()))?;
        }
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    fs::write(&owner, root).with_context(|| format!("cannot write {}", owner.display()))
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
    fn another_clone_s_output_is_removed_and_one_s_own_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = "reslens.wasm";
        let output = folder.path().join(file);
        claim(folder.path(), file, Path::new("/clones/a")).unwrap();
        fs::write(&output, "a").unwrap();
        claim(folder.path(), file, Path::new("/clones/a")).unwrap();
        assert!(output.exists());
        claim(folder.path(), file, Path::new("/clones/b")).unwrap();
        assert!(!output.exists());
    }

    #[test]
    fn only_one_s_own_output_can_be_looked_into() {
        let folder = tempfile::tempdir().unwrap();
        let clone = |root: &str| Project { root: root.into(), target: folder.path().into() };
        let (here, elsewhere) = (clone("/clones/a"), clone("/clones/b"));
        assert!(CPU.compiled(&here).unwrap_err().to_string().contains("cargo xtask build"));
        let output = folder.path().join("wasm").join(TARGET).join("release");
        claim(&output, "reslens.wasm", &here.root).unwrap();
        fs::write(output.join("reslens.wasm"), "").unwrap();
        assert!(CPU.compiled(&here).is_ok());
        assert!(CPU.compiled(&elsewhere).is_err());
    }
}
