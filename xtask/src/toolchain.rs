//! The choice of the cargo and rustc that compile to wasm.
//!
//! The order: an installed and complete toolchain (rustup's, then the system's: Debian's `rustc-web`); one that rustup
//! can complete; any installed one, if only for the single-threaded build. [`decide`] is the rule, [`probe`] gathers
//! the facts.

mod probe;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process;

pub use probe::probe;

/// The target that everything in the browser is compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The oldest rustc that compiles the crate; the workspace's `rust-version`.
pub const OLDEST: (u32, u32) = (1, 95);

const DEBIAN_PACKAGES: &str = "rustc-web cargo-web rust-web-src rust-web-llvm lld-22";

/// A cargo and a rustc that belong together, and the parts installed with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toolchain {
    /// rustup's name for it, or its path.
    pub name: String,
    /// Its cargo.
    pub cargo: PathBuf,
    /// Its rustc.
    pub rustc: PathBuf,
    /// The folder of its parts.
    pub sysroot: PathBuf,
    /// rustc's version: major and minor.
    pub version: (u32, u32),
    /// Whether rustup manages it, so that it can be completed.
    pub rustup: bool,
    /// Whether the standard library is installed, compiled for [`TARGET`].
    pub has_target: bool,
    /// Whether the standard library's source is installed; threads need it compiled with atomics.
    pub has_source: bool,
    /// Whether the linker for wasm is installed.
    pub has_linker: bool,
}

impl Toolchain {
    fn usable(&self) -> bool {
        self.version >= OLDEST && self.has_linker && (self.has_target || self.has_source)
    }

    /// Whether it compiles every file; see [`Toolchain::has_source`].
    pub fn builds_threads(&self) -> bool {
        self.usable() && self.has_source
    }

    /// Describes it and its parts in words.
    pub fn describe(&self) -> String {
        let has = match (self.has_target, self.has_source) {
            (true, true) => format!("has {TARGET} and the standard library's source"),
            (true, false) => format!("has {TARGET}, not the standard library's source"),
            (false, true) => "compiles the standard library from source".to_string(),
            (false, false) => format!("has neither {TARGET} nor the standard library's source"),
        };
        let (major, minor) = self.version;
        let linker = if self.has_linker { "" } else { ", no linker for wasm (rust-lld)" };
        format!("{} (rustc {major}.{minor}): {has}{linker}", self.name)
    }
}

/// The decision for the available toolchains.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision<'a> {
    /// Compile with this one.
    Use(&'a Toolchain),
    /// Let rustup complete this one, then decide again.
    Complete(&'a Toolchain),
    /// Only the user can help.
    Nothing,
}

/// Chooses from `found`, the active toolchain first. `may_install`: rustup has not been tried yet.
pub fn decide(found: &[Toolchain], may_install: bool) -> Decision<'_> {
    if let Some(complete) = found.iter().find(|toolchain| toolchain.builds_threads()) {
        return Decision::Use(complete);
    }
    let completable = |toolchain: &&Toolchain| toolchain.rustup && toolchain.version >= OLDEST;
    if let Some(toolchain) = found.iter().find(completable).filter(|_| may_install) {
        return Decision::Complete(toolchain);
    }
    found.iter().find(|toolchain| toolchain.usable()).map_or(Decision::Nothing, Decision::Use)
}

/// Finds a toolchain, completes it if rustup can, and prints which one it is.
pub fn find() -> Result<Toolchain> {
    let mut found = probe();
    if let Decision::Complete(toolchain) = decide(&found, true) {
        complete(toolchain);
        found = probe();
    }
    let Decision::Use(toolchain) = decide(&found, false) else {
        bail!(cannot_compile(&found));
    };
    println!("wasm toolchain: {}", toolchain.describe());
    if !toolchain.builds_threads() {
        println!(
            "  only the single-threaded files are built; for the others as well:\n    \
             rustup component add rust-src --toolchain {}",
            toolchain.name
        );
    }
    Ok(toolchain.clone())
}

/// Makes rustup add what is missing. A failure (offline, say) is not yet an error: another toolchain may do, or the
/// single-threaded build.
fn complete(toolchain: &Toolchain) {
    let parts = [
        (toolchain.has_target, ["target", "add", TARGET]),
        (toolchain.has_source, ["component", "add", "rust-src"]),
    ];
    for (there, args) in parts {
        if there {
            continue;
        }
        println!("rustup {} --toolchain {} ...", args.join(" "), toolchain.name);
        let mut command = Command::new("rustup");
        command.args(args).args(["--toolchain", &toolchain.name]);
        if let Err(error) = process::run(&mut command) {
            eprintln!("warning: {error:#}");
        }
    }
}

/// Returns the message for a machine that cannot compile to wasm.
fn cannot_compile(found: &[Toolchain]) -> String {
    let (major, minor) = OLDEST;
    let mut text = format!("no toolchain here compiles Rust {major}.{minor} to wasm. Found:\n");
    for toolchain in found {
        text += &format!("  - {}\n", toolchain.describe());
    }
    if found.is_empty() {
        text += "  (nothing)\n";
    }
    text += &format!(
        "Any of these helps:\n  \
         rustup update stable && rustup target add {TARGET} && rustup component add rust-src\n  \
         apt-get install --no-install-recommends {DEBIAN_PACKAGES}    (Debian, as root)"
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toolchain(name: &str, has_target: bool, has_source: bool) -> Toolchain {
        Toolchain {
            name: name.into(),
            cargo: "cargo".into(),
            rustc: "rustc".into(),
            sysroot: "/usr".into(),
            version: OLDEST,
            rustup: true,
            has_target,
            has_source,
            has_linker: true,
        }
    }

    fn debian() -> Toolchain {
        Toolchain { rustup: false, ..toolchain("/usr", false, true) }
    }

    #[test]
    fn a_complete_toolchain_is_used_without_downloads() {
        let stable = toolchain("stable", true, true);
        assert_eq!(decide(&[stable.clone(), debian()], true), Decision::Use(&stable));
        let bare = toolchain("stable", false, false);
        assert_eq!(decide(&[bare, debian()], true), Decision::Use(&debian()));
    }

    #[test]
    fn rustup_completes_the_active_toolchain_once() {
        let found = [toolchain("stable", true, false), toolchain("nightly", false, false)];
        assert_eq!(decide(&found, true), Decision::Complete(&found[0]));
        assert_eq!(decide(&found, false), Decision::Use(&found[0]));
        assert!(!found[0].builds_threads());
    }

    #[test]
    fn old_compilers_and_missing_linkers_do_not_count() {
        let old = Toolchain { version: (1, 63), ..debian() };
        let unlinked = Toolchain { has_linker: false, ..debian() };
        let found = [old, unlinked];
        assert_eq!(decide(&found, true), Decision::Nothing);
        let text = cannot_compile(&found);
        assert!(text.contains("rustc 1.63"), "{text}");
        assert!(text.contains("no linker for wasm"), "{text}");
        assert!(text.contains("rustup target add wasm32-unknown-unknown"), "{text}");
        assert!(text.contains("apt-get install"), "{text}");
    }

    #[test]
    fn without_the_target_and_without_rustup_nothing_can_be_done() {
        let bare = Toolchain { rustup: false, ..toolchain("/usr", false, false) };
        assert_eq!(decide(&[bare], true), Decision::Nothing);
        assert_eq!(decide(&[], true), Decision::Nothing);
    }
}
