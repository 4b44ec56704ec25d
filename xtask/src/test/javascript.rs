//! Type checks, and the JavaScript tests.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result};

use crate::project::Project;
use crate::{docs, npm, process};

use super::remembered::Memory;
use super::report::{Count, Outcome, Report};
use super::{count, reads};

/// The sets of files whose types are checked together: the name of each, and the folder of its `tsconfig.json`. Each
/// room of the library knows only the interfaces of its thread.
const PROJECTS: [(&str, &str); 11] = [
    ("the site", "."),
    ("the service worker", "www/service-worker"),
    ("the library on the page", "www/lib/page"),
    ("the lab", "www/lib/lab"),
    ("teaching", "www/lib/teach"),
    ("the library in its worker", "www/lib/worker"),
    ("the library in a thread", "www/lib/thread"),
    ("what the library's threads share", "www/lib/shared"),
    ("the tests", "tests"),
    ("the benchmarks", "bench"),
    ("the documents' site", "docs/site"),
];

/// Checks the types, and runs the tests that need no browser.
pub fn check(project: &Project, filter: Option<&str>, memory: &Memory, report: &mut Report) {
    for (code, config) in PROJECTS {
        let name = format!("types of {code} (tsc)");
        memory.step(project, report, &name, reads::typed, || {
            npm::install(project)?;
            if config == "docs/site" {
                docs::install(project)?;
            }
            process::run(npm::script(project, "typescript/bin/tsc").args(["--project", config]))?;
            Ok(Count::ONE)
        });
    }
    report.step("JavaScript tests", || {
        npm::install(project)?;
        let files = test_files(project, "tests/js")?;
        let tests = Tests { files, built: vec![], pace: Pace::usual(PAIRS), filter };
        Ok(tests.run(project, memory, |_| ()))
    });
}

/// The number of files that run at once if their tests mostly wait: for pages, for frames, for each other.
pub const PAIRS: usize = 2;

/// The number of files that run at once, and the time limit of each.
#[derive(Clone, Copy)]
pub struct Pace {
    at_once: usize,
    minutes: usize,
}

impl Pace {
    /// Returns the pace of a run in which a test is stuck after ten minutes.
    pub fn usual(at_once: usize) -> Self {
        Self { at_once, minutes: 10 }
    }

    /// Returns the usual pace, or with `soak` one with the hours that a file's repetitions need.
    pub fn of(at_once: usize, soak: bool) -> Self {
        if soak { Self { at_once, minutes: 6 * 60 } } else { Self::usual(at_once) }
    }
}

/// Test files to run.
pub struct Tests<'a> {
    /// Their paths.
    pub files: Vec<PathBuf>,
    /// The folders of built files that they read.
    pub built: Vec<PathBuf>,
    /// The speed.
    pub pace: Pace,
    /// Run only tests whose name contains this.
    pub filter: Option<&'a str>,
}

impl Tests<'_> {
    /// Runs those files that have not passed with the same inputs, each by itself; `prepare` adds to the command. A file
    /// that cannot be run is a failed test.
    pub fn run(
        &self,
        project: &Project,
        memory: &Memory,
        prepare: impl Fn(&mut Command) + Sync,
    ) -> Outcome {
        let inputs = memory.inputs(project, &self.built);
        let run = |file: &Path| {
            let name = project.show(file).replace('\\', "/");
            let reads = reads::javascript(&name);
            let before = inputs.as_ref().map(|inputs| inputs.key(&reads));
            let after = || Some(memory.inputs(project, &self.built)?.key(&reads));
            memory.run(&name, before, after, || self.run_file(project, &name, file, &prepare))
        };
        let waiting = Mutex::new(self.files.iter());
        let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
        let sum = Mutex::new(Outcome::default());
        thread::scope(|scope| {
            for _ in 0..self.pace.at_once {
                scope.spawn(|| {
                    while let Some(file) = next() {
                        let outcome = run(file).unwrap_or_else(|error| {
                            println!("{}: {error:#}", project.show(file));
                            Count::FAILURE.into()
                        });
                        *sum.lock().unwrap_or_else(PoisonError::into_inner) += outcome;
                    }
                });
            }
        });
        sum.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn run_file(
        &self,
        project: &Project,
        name: &str,
        file: &Path,
        prepare: impl Fn(&mut Command),
    ) -> Result<Outcome> {
        println!("\n{name} ...");
        let mut node = npm::node(project);
        node.args(["--test", "--test-reporter=spec"]);
        // A promise that never settles must not block a run forever. Node.js counts a file as a test as well.
        node.arg(format!("--test-timeout={}", self.pace.minutes * 60_000));
        if let Some(filter) = self.filter {
            node.arg(format!("--test-name-pattern={filter}"));
        }
        node.arg(file);
        prepare(&mut node);
        if self.pace.at_once == 1 {
            return count::run(&mut node, count::node, count::print);
        }
        // All at once at the end: the lines of the file that runs beside this one must not come between.
        let mut lines = format!("\n{name}:\n");
        let outcome = count::run(&mut node, count::node, |line| {
            writeln!(lines, "{line}").expect("writing to a string does not fail");
        });
        print!("{lines}");
        outcome
    }
}

/// Returns the files `*.test.mjs` of a folder of the clone.
pub fn test_files(project: &Project, folder: &str) -> Result<Vec<PathBuf>> {
    let folder = &project.root.join(folder);
    let context = || format!("cannot read {}", folder.display());
    let entries = fs::read_dir(folder).with_context(context)?;
    let paths = entries.map(|entry| Ok(entry.with_context(context)?.path()));
    let mut files = paths.collect::<Result<Vec<_>>>()?;
    files.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    files.sort();
    anyhow::ensure!(!files.is_empty(), "no *.test.mjs in {}", folder.display());
    Ok(files)
}
