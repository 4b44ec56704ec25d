//! `cargo xtask fuzz`: feeds random bytes to the readers of untrusted input.
//!
//! The Rust targets are libFuzzer programs in `fuzz/`, which stable Rust compiles: its passes count the branches that a
//! file takes, and files that take new branches are kept and mutated further. The JavaScript targets are in
//! `tests/fuzz/`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::{npm, process};

/// The flags that count branches, as `cargo fuzz` sets them.
const FLAGS: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "--cfg=fuzzing",
];

/// The length limit of tried files, in bytes: all seeds fit.
const LONGEST: usize = 11_000;

/// The common name of all targets in JavaScript.
const JAVASCRIPT: &str = "js";

/// Feed random bytes to the readers of model files, labels, names and pictures, and to those in JavaScript.
///
/// Ends at the first violation, and names the file that causes it.
#[derive(clap::Args)]
pub struct Args {
    /// Only these: folders of `fuzz/seeds`, or `js` for the targets in JavaScript
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,

    /// Seconds for each
    #[arg(long, default_value_t = 20)]
    seconds: u32,
}

/// Runs the command.
pub fn run(project: &Project, args: &Args) -> Result<()> {
    let mut known = seeds(project)?;
    known.push(JAVASCRIPT.into());
    let wanted = if args.targets.is_empty() { &known } else { &args.targets };
    if let Some(unknown) = wanted.iter().find(|name| !known.contains(name)) {
        bail!("there is no target `{unknown}`: expected one of {}", known.join(", "));
    }
    let (javascript, rust): (Vec<_>, Vec<_>) = wanted.iter().partition(|name| *name == JAVASCRIPT);
    if !rust.is_empty() {
        build(project)?;
    }
    for name in rust {
        fuzz(project, name, args.seconds)?;
    }
    if !javascript.is_empty() {
        let mut node = npm::node(project);
        node.args(["tests/fuzz/main.mjs", "--seconds", &args.seconds.to_string()]);
        process::run(&mut node)?;
    }
    Ok(())
}

/// Returns the targets, by their seeds' folders.
fn seeds(project: &Project) -> Result<Vec<String>> {
    let folder = project.root.join("fuzz/seeds");
    let context = || format!("cannot read {}", folder.display());
    let entries = fs::read_dir(&folder).with_context(context)?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<Result<Vec<String>>>().with_context(context)?;
    names.sort();
    Ok(names)
}

/// Compiles all targets. It names a target triple, so that the flags do not apply to build scripts.
fn build(project: &Project) -> Result<()> {
    let mut cargo = process::cargo(project);
    cargo.args(["build", "--release", "--locked", "--manifest-path", "fuzz/Cargo.toml"]);
    cargo.args(["--target", &host()?]).env("RUSTFLAGS", FLAGS.join(" "));
    cargo.env("CARGO_TARGET_DIR", project.target.join("fuzz"));
    process::run(&mut cargo)
}

/// Runs one target. Inputs that take new branches are kept beside the build; the next run starts from them.
fn fuzz(project: &Project, name: &str, seconds: u32) -> Result<()> {
    let folder = project.target.join("fuzz");
    let corpus = folder.join("corpus").join(name);
    fs::create_dir_all(&corpus).with_context(|| format!("cannot create {}", corpus.display()))?;
    let program = folder.join(host()?).join("release").join(name);
    let mut fuzzer = std::process::Command::new(program);
    fuzzer.current_dir(&project.root);
    fuzzer.arg(format!("-max_total_time={seconds}")).arg(format!("-max_len={LONGEST}"));
    fuzzer.args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"]);
    fuzzer.arg(format!("-artifact_prefix={}/{name}-", folder.display()));
    let words = dictionary(name);
    if let Some(words) = words {
        fuzzer.arg(format!("-dict=fuzz/words/{words}.dict"));
    }
    fuzzer.arg(&corpus).arg(Path::new("fuzz/seeds").join(name));
    process::run(&mut fuzzer)
}

/// Returns the words of which a target's files consist.
fn dictionary(name: &str) -> Option<&'static str> {
    match name {
        "archive" | "legacy" | "pickle" => Some("pickle"),
        "header" | "labels" | "metadata" | "model" => Some("safetensors"),
        _ => None,
    }
}

/// Returns the triple of this machine, as rustc reports it.
pub fn host() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let text = process::capture(std::process::Command::new(rustc).arg("-vV"))?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("`rustc -vV` does not name its host")?.to_string())
}
