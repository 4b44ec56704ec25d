//! Runs cargo for a wasm file, in one target directory for all of them and for all clones.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use super::progress::{self, Progress};
use super::{Profile, Variant};
use crate::project::{Project, cargo_home};
use crate::toolchain::{TARGET, Toolchain};
use crate::{dist, process};

/// Makes cargo put a hash into the name of a `cdylib` in its target directory, as it does for every other artefact.
/// Without it the variants of one package overwrite each other there, and cargo considers another variant's file up to
/// date. Rust's own build has used this since 2017; [`Variant::compile`] notices if a cargo does not know it.
const HASH_IN_NAME: (&str, &str) = ("__CARGO_DEFAULT_LIB_METADATA", "reslens");

/// The workspace's packages that wasm files are built from.
const PACKAGES: [&str; 3] = ["reslens", "reslens-wasm-tests", "reslens-bench-layers"];

/// Returns the target directory of all wasm files.
pub fn folder(project: &Project) -> PathBuf {
    project.target.join("browser")
}

impl Variant {
    /// Returns `cargo COMMAND` for this variant's library; more arguments may follow.
    pub fn cargo(&self, project: &Project, toolchain: &Toolchain, command: &str) -> Command {
        let mut cargo = plain_cargo(project, toolchain, command);
        cargo
            .args(self.selection())
            .args(["--lib", "--locked"])
            .env("CARGO_ENCODED_RUSTFLAGS", self.all_flags(project, toolchain).join("\x1f"))
            .env(HASH_IN_NAME.0, HASH_IN_NAME.1);
        // rustup's standard library has no atomics; Debian ships none for wasm at all.
        if self.threads || !toolchain.has_target {
            cargo.arg("-Zbuild-std=std,panic_abort");
        }
        cargo
    }

    /// Returns the variant's flags, and those that rename the folders of this machine: panics contain paths, and a wasm
    /// file must be the same wherever it is compiled. The clone's own files are named from its root anyway.
    fn all_flags(&self, project: &Project, toolchain: &Toolchain) -> Vec<String> {
        let sysroot = toolchain.sysroot.join("lib/rustlib/src/rust");
        let places =
            [(Some(folder(project)), "/build"), (cargo_home(), "/cargo"), (Some(sysroot), "/rust")];
        let known = places.into_iter().filter_map(|(place, name)| Some((place?, name)));
        let renamed =
            known.map(|(place, name)| format!("--remap-path-prefix={}={name}", place.display()));
        self.flags().into_iter().map(str::to_string).chain(renamed).collect()
    }

    /// Returns the arguments for package, features and target, which all of cargo's commands accept.
    fn selection(&self) -> [&str; 7] {
        let [package, features] = [self.package, self.features];
        ["--package", package, "--target", TARGET, "--no-default-features", "--features", features]
    }

    /// Compiles it. Returns the wasm file, which wasm-bindgen has yet to process.
    ///
    /// # Errors
    ///
    /// If cargo fails, which prints the reason.
    pub fn compile(
        &self,
        project: &Project,
        toolchain: &Toolchain,
        profile: Profile,
    ) -> Result<PathBuf> {
        claim(project, toolchain, profile)?;
        let progress = Progress::start(self.name, self.packages(project, toolchain)?);
        // As `cdylib` only: then dependencies are compiled to bitcode only, which suffices for link-time optimisation.
        let mut cargo = self.cargo(project, toolchain, "rustc");
        cargo
            .args(["--crate-type", "cdylib", "--profile", profile.name(), "--quiet"])
            .args(["--message-format", "json-render-diagnostics"])
            .arg("--")
            .args(self.crate_flags())
            .stdout(Stdio::piped());
        let mut child = cargo.spawn().map_err(|error| process::not_started(&cargo, &error))?;
        let messages = child.stdout.take().context("the output was to be piped")?;
        let made = progress.follow(messages)?;
        let status = child.wait()?;
        if !status.success() {
            bail!("`{}` failed ({status})", process::line(&cargo));
        }
        let made = made.with_context(|| format!("cargo has made no wasm file of {}", self.name))?;
        let unhashed = made.with_file_name("deps").join(made.file_name().unwrap_or_default());
        ensure!(
            !unhashed.exists(),
            "{} gives {} no hash in its name, so that the wasm files would be mistaken for each other",
            toolchain.name,
            unhashed.display()
        );
        // The name outside of `deps` is the same for all variants.
        let kept = self.kept(project, profile);
        dist::copy(&made, &kept)?;
        fs::write(owner(&kept), project.root.display().to_string())
            .with_context(|| format!("cannot write {}", owner(&kept).display()))?;
        Ok(kept)
    }

    /// Returns the packages that it is built from, each as [`progress::package`] writes it, without the standard
    /// library's.
    fn packages(&self, project: &Project, toolchain: &Toolchain) -> Result<HashSet<String>> {
        let mut tree = plain_cargo(project, toolchain, "tree");
        tree.args(self.selection()).args(["--edges", "normal,build", "--locked"]);
        tree.args(["--prefix", "none", "--format", "{p}"]);
        let list = process::capture(&mut tree)?;
        let package = |line: &str| {
            let mut words = line.split(' ');
            Some(progress::package(words.next()?, words.next()?.strip_prefix('v')?))
        };
        Ok(list.lines().filter_map(package).collect())
    }

    /// Returns the path at which [`Variant::compile`] leaves the file.
    fn kept(&self, project: &Project, profile: Profile) -> PathBuf {
        folder(project).join("compiled").join(profile.name()).join(format!("{}.wasm", self.name))
    }

    /// Returns the file that [`Variant::compile`] wrote last, for this clone and as it is shipped.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn compiled(&self, project: &Project) -> Result<PathBuf> {
        let wasm = self.kept(project, Profile::Release);
        let last = fs::read_to_string(owner(&wasm)).unwrap_or_default();
        ensure!(
            wasm.is_file() && last == project.root.display().to_string(),
            "{} was not built here yet, or another clone has built since: cargo xtask build",
            self.name
        );
        Ok(wasm)
    }
}

/// Returns `cargo COMMAND` of the toolchain, in the wasm files' target directory.
fn plain_cargo(project: &Project, toolchain: &Toolchain, command: &str) -> Command {
    let mut cargo = Command::new(&toolchain.cargo);
    cargo
        .arg(command)
        .current_dir(&project.root)
        .env("RUSTC", &toolchain.rustc)
        // Only `-Zbuild-std` needs this. It is set for all variants because build scripts (proc-macro2's among them)
        // run again when it changes, and then everything that uses a macro is compiled again.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", folder(project));
    cargo
}

/// Records beside `file` the clone that built it.
fn owner(file: &Path) -> PathBuf {
    file.with_extension("built-by-clone")
}

/// Removes another clone's artefacts of the workspace's own packages. To cargo the packages of two clones are the same,
/// and it judges by the age of their sources whether they are up to date: if another clone has built last, its
/// artefacts must go.
fn claim(project: &Project, toolchain: &Toolchain, profile: Profile) -> Result<()> {
    let owner = owner(&folder(project).join(profile.name()));
    let root = project.root.display().to_string();
    if fs::read_to_string(&owner).is_ok_and(|last| last == root) {
        return Ok(());
    }
    let mut clean = plain_cargo(project, toolchain, "clean");
    clean.args(["--quiet", "--locked", "--target", TARGET, "--profile", profile.name()]);
    clean.args(PACKAGES.iter().flat_map(|package| ["--package", package]));
    process::run(&mut clean)?;
    let folder = folder(project);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    fs::write(&owner, root).with_context(|| format!("cannot write {}", owner.display()))
}

#[cfg(test)]
mod tests {
    use super::super::CPU;
    use super::*;
    use crate::toolchain;

    /// Returns this workspace with a separate build folder for a test.
    fn project(target: &Path) -> Project {
        let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
        let root = Path::new(&package).parent().unwrap().to_path_buf();
        Project { root, target: target.into() }
    }

    #[test]
    fn another_clone_s_artefacts_are_removed_and_one_s_own_kept() {
        let target = tempfile::tempdir().unwrap();
        let project = project(target.path());
        let toolchain = &toolchain::probe()[0];
        let fingerprints = folder(&project).join(TARGET).join("release/.fingerprint");
        let [ours, burn] = ["reslens-0123456789abcdef", "burn-0123456789abcdef"];
        for name in [ours, burn] {
            fs::create_dir_all(fingerprints.join(name)).unwrap();
        }
        let owner = owner(&folder(&project).join(Profile::Release.name()));
        fs::write(&owner, project.root.display().to_string()).unwrap();
        claim(&project, toolchain, Profile::Release).unwrap();
        assert!(fingerprints.join(ours).exists());
        fs::write(&owner, "/clones/another").unwrap();
        claim(&project, toolchain, Profile::Release).unwrap();
        assert!(!fingerprints.join(ours).exists());
        assert!(fingerprints.join(burn).exists(), "what clones share is kept");
    }

    #[test]
    fn only_a_clone_s_own_output_can_be_inspected() {
        let target = tempfile::tempdir().unwrap();
        let clone = |root: &str| Project { root: root.into(), target: target.path().into() };
        let (here, elsewhere) = (clone("/clones/a"), clone("/clones/b"));
        assert!(CPU.compiled(&here).unwrap_err().to_string().contains("cargo xtask build"));
        let wasm = CPU.kept(&here, Profile::Release);
        fs::create_dir_all(wasm.parent().unwrap()).unwrap();
        fs::write(&wasm, "").unwrap();
        fs::write(owner(&wasm), "/clones/a").unwrap();
        assert!(CPU.compiled(&here).is_ok());
        assert!(CPU.compiled(&elsewhere).is_err());
    }

    #[test]
    fn a_file_is_made_of_the_packages_of_its_features() {
        let target = tempfile::tempdir().unwrap();
        let project = project(target.path());
        let toolchain = &toolchain::probe()[0];
        let count = |variant: Variant| variant.packages(&project, toolchain).unwrap().len();
        let (cpu, webgpu) = (count(CPU), count(super::super::WEBGPU));
        assert!(cpu > 50 && webgpu > cpu, "{cpu}, {webgpu}");
    }
}
