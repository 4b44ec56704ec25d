//! The available facts: which toolchains this machine has, and what is installed with each.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{TARGET, Toolchain};
use crate::process::{capture, find_program};

/// Returns all toolchains: the active one, rustup's others, the system's. Stops at the first that can compile
/// everything, and skips candidates that do not respond.
pub fn probe() -> Vec<Toolchain> {
    let mut found: Vec<Toolchain> = Vec::new();
    for candidate in candidates() {
        if found.last().is_some_and(Toolchain::builds_threads) {
            break;
        }
        found.extend(examine(&candidate));
    }
    found
}

/// A place where a toolchain may be.
struct Candidate {
    name: String,
    cargo: PathBuf,
    rustc: PathBuf,
    rustup: bool,
}

fn candidates() -> impl Iterator<Item = Candidate> {
    let mut names = installed_by_rustup();
    let active = active(&names);
    names.retain(|name| *name != active.name);
    let others = names.into_iter().filter_map(|name| {
        let which = |program| {
            capture(Command::new("rustup").args(["which", "--toolchain", &name, program]))
        };
        let cargo = which("cargo").ok()?.into();
        Some(Candidate { cargo, rustc: which("rustc").ok()?.into(), name, rustup: true })
    });
    let system = Candidate {
        name: "the system's Rust in /usr".into(),
        cargo: "/usr/bin/cargo".into(),
        rustc: "/usr/bin/rustc".into(),
        rustup: false,
    };
    std::iter::once(active).chain(others).chain(std::iter::once(system))
}

/// Returns rustup's names of its toolchains; empty without rustup.
fn installed_by_rustup() -> Vec<String> {
    let list = capture(Command::new("rustup").args(["toolchain", "list"])).unwrap_or_default();
    let names = list.lines().filter_map(|line| line.split_whitespace().next());
    names.map(str::to_string).collect()
}

/// Returns the toolchain that runs this program: cargo gives its path.
fn active(names: &[String]) -> Candidate {
    let program = |name: &str| format!("{name}{}", env::consts::EXE_SUFFIX);
    let cargo = env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
    let rustc = cargo.with_file_name(program("rustc"));
    let rustc = if rustc.is_file() { rustc } else { PathBuf::from("rustc") };
    let name = env::var("RUSTUP_TOOLCHAIN").ok().filter(|name| names.contains(name));
    let rustup = name.is_some();
    Candidate { name: name.unwrap_or_else(|| "the active Rust".into()), cargo, rustc, rustup }
}

/// Examines what is installed with a candidate; `None` if it does not respond.
fn examine(candidate: &Candidate) -> Option<Toolchain> {
    let version = capture(Command::new(&candidate.rustc).arg("-vV")).ok()?;
    let sysroot = capture(Command::new(&candidate.rustc).args(["--print", "sysroot"])).ok()?;
    let rustlib = Path::new(&sysroot).join("lib/rustlib");
    let host = field(&version, "host: ")?;
    let lld = format!("rust-lld{}", env::consts::EXE_SUFFIX);
    let bundled_linker = rustlib.join(host).join("bin").join(&lld).is_file();
    Some(Toolchain {
        name: candidate.name.clone(),
        cargo: candidate.cargo.clone(),
        rustc: candidate.rustc.clone(),
        sysroot: sysroot.into(),
        version: parse_version(field(&version, "release: ")?)?,
        rustup: candidate.rustup,
        has_target: rustlib.join(TARGET).join("lib").is_dir(),
        has_source: rustlib.join("src/rust/library/Cargo.lock").is_file(),
        has_linker: bundled_linker || find_program(&[&lld]).is_some(),
    })
}

/// Returns the rest of the line that begins with `key`.
fn field<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(key))
}

/// Parses major and minor of a version such as `1.97.0-nightly`.
fn parse_version(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_all_channels_are_read() {
        assert_eq!(parse_version("1.95.0"), Some((1, 95)));
        assert_eq!(parse_version("1.97.0-nightly"), Some((1, 97)));
        assert_eq!(parse_version("unknown"), None);
    }

    #[test]
    fn the_toolchain_that_compiled_this_test_is_found() {
        let found = probe();
        assert!(!found.is_empty());
        assert!(found[0].version >= super::super::OLDEST, "{:?}", found[0]);
    }
}
