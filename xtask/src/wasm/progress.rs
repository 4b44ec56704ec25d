//! The progress of a compilation: which file, how many of how many crates, how long so far.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

/// How often the clock of the bar moves on a terminal.
const TICK: Duration = Duration::from_millis(500);

/// The compilation of one file.
pub struct Progress {
    name: String,
    started: Instant,
    /// The number of packages to compile, without the standard library's, even if that is compiled as well.
    packages: HashSet<String>,
    /// The packages that have been compiled.
    done: HashSet<String>,
    /// Drawn on a terminal only.
    bar: ProgressBar,
}

impl Progress {
    /// Starts counting for the file `name`. `packages` are its packages, each as [`package`] writes it.
    pub fn start(name: &str, packages: HashSet<String>) -> Self {
        let template = "{prefix} {wide_bar} {pos} of {len} crates, {elapsed}";
        let style = ProgressStyle::with_template(template).expect("the template is valid");
        let bar = ProgressBar::new(packages.len() as u64).with_style(style);
        let bar = bar.with_prefix(name.to_string());
        bar.enable_steady_tick(TICK);
        Self { name: name.into(), started: Instant::now(), packages, done: HashSet::new(), bar }
    }

    /// Reads cargo's output with `--message-format json-render-diagnostics` to its end. Returns the path of the wasm
    /// file that cargo has made.
    ///
    /// # Errors
    ///
    /// If cargo cannot be read. Without a wasm file it returns `None`: cargo's own errors then give the reason.
    pub fn follow(mut self, messages: impl Read) -> Result<Option<PathBuf>> {
        let mut wasm = None;
        for line in BufReader::new(messages).lines() {
            let line = line.context("cargo's messages cannot be read")?;
            let Some(artifact) = Artifact::parse(&line) else { continue };
            wasm = artifact.wasm.map(PathBuf::from).or(wasm);
            if let Some(line) = self.count(artifact.package) {
                println!("{line}");
            }
        }
        self.bar.finish_and_clear();
        if wasm.is_some() {
            println!("{}: compiled in {}", self.name, duration(self.started.elapsed()));
        }
        Ok(wasm)
    }

    /// Counts a package. Without a terminal to draw on, returns a line at each tenth.
    fn count(&mut self, package: String) -> Option<String> {
        if !self.packages.contains(&package) || !self.done.insert(package) {
            return None;
        }
        let (done, total) = (self.done.len(), self.packages.len());
        self.bar.set_position(done as u64);
        let tenth = |count: usize| 10 * count / total.max(1);
        let due = self.bar.is_hidden() && tenth(done) > tenth(done - 1);
        due.then(|| {
            let took = duration(self.started.elapsed());
            format!("{}: {done} of {total} crates, {took}", self.name)
        })
    }
}

/// A message of cargo's about something that it has compiled or found up to date.
struct Artifact {
    /// Its package, as [`package`] writes it.
    package: String,
    /// The wasm file, if it is one.
    wasm: Option<String>,
}

impl Artifact {
    /// Parses a message; `None` if it is about something else.
    fn parse(line: &str) -> Option<Self> {
        let message: Value = serde_json::from_str(line).ok()?;
        // A build script is another artifact of the same package, and comes before the library.
        let build_script = message["target"]["kind"][0] == "custom-build";
        if message["reason"] != "compiler-artifact" || build_script {
            return None;
        }
        let package = package_of_id(message["package_id"].as_str()?)?;
        let mut files = message["filenames"].as_array()?.iter().filter_map(Value::as_str);
        Some(Self { package, wasm: files.find(|file| file.ends_with(".wasm")).map(str::to_string) })
    }
}

/// Joins name and version of a package into one word.
pub fn package(name: &str, version: &str) -> String {
    format!("{name}@{version}")
}

/// Returns the package of one of cargo's ids: after `#` it has name and version, or only the version if the name is
/// that of the folder.
fn package_of_id(id: &str) -> Option<String> {
    let (place, rest) = id.rsplit_once('#')?;
    Some(match rest.split_once('@') {
        Some((name, version)) => package(name, version),
        None => package(place.rsplit('/').next()?, rest),
    })
}

/// Formats minutes and seconds, such as `4:07`.
fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns one of cargo's messages; `kind` is the target's.
    fn artifact(package: &str, kind: &str, file: &str) -> String {
        serde_json::json!({
            "reason": "compiler-artifact",
            "package_id": format!("registry+https://example.org/index#{package}@1.0.0"),
            "target": { "kind": [kind] },
            "filenames": [file],
        })
        .to_string()
    }

    fn progress(count: usize) -> Progress {
        let packages = (0..count).map(|index| index.to_string()).collect();
        Progress { bar: ProgressBar::hidden(), ..Progress::start("a", packages) }
    }

    #[test]
    fn the_wasm_file_is_found_among_the_messages() {
        let messages = [
            artifact("serde", "lib", "/target/libserde.rlib"),
            r#"{"reason":"build-script-executed","package_id":"serde"}"#.to_string(),
            artifact("reslens", "cdylib", "/target/reslens.wasm"),
            r#"{"reason":"build-finished","success":true}"#.to_string(),
        ];
        let found = progress(2).follow(messages.join("\n").as_bytes()).unwrap();
        assert_eq!(found, Some("/target/reslens.wasm".into()));
        let found = progress(2).follow(messages[0].as_bytes()).unwrap();
        assert_eq!(found, None);
    }

    #[test]
    fn a_package_counts_once_and_the_standard_library_not_at_all() {
        let mut progress = progress(20);
        assert_eq!(progress.count("core@0.0.0".into()), None);
        let lines: Vec<_> =
            (0..20).filter_map(|i| progress.count((i - i % 2).to_string())).collect();
        assert_eq!(lines.len(), 5);
        assert!(lines[4].starts_with("a: 10 of 20 crates, 0:00"), "{lines:?}");
    }

    #[test]
    fn both_forms_of_an_id_are_read() {
        let serde = artifact("serde", "lib", "/target/libserde.rlib");
        assert_eq!(Artifact::parse(&serde).unwrap().package, package("serde", "1.0.0"));
        let shim = package_of_id("path+file:///clone/xtask/shims/inventory#0.3.21");
        assert_eq!(shim, Some(package("inventory", "0.3.21")));
    }

    #[test]
    fn build_scripts_are_not_their_crate() {
        assert!(Artifact::parse(&artifact("libm", "custom-build", "/target/build")).is_none());
        assert!(Artifact::parse("no message").is_none());
    }

    #[test]
    fn times_are_minutes_and_seconds() {
        assert_eq!(duration(Duration::from_secs(247)), "4:07");
    }
}
