//! Type checks, and the JavaScript tests.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::project::Project;
use crate::{docs, npm, process};

use super::count;
use super::report::{Count, Outcome, Report};

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
pub fn check(project: &Project, filter: Option<&str>, report: &mut Report) {
    for (code, config) in PROJECTS {
        report.step(&format!("types of {code} (tsc)"), || {
            npm::install(project)?;
            if config == "docs/site" {
                docs::install(project)?;
            }
            process::run(npm::script(project, "typescript/bin/tsc").args(["--project", config]))?;
            Ok(Count::ONE)
        });
    }
    report.step("JavaScript tests", || {
        run(project, &test_files(project, "tests/js")?, Pace::usual(PAIRS), filter, |_| ())
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

/// Runs the tests in `files` at a `pace`; `prepare` adds to the command.
pub fn run(
    project: &Project,
    files: &[PathBuf],
    pace: Pace,
    filter: Option<&str>,
    prepare: impl FnOnce(&mut Command),
) -> Result<Outcome> {
    let mut node = npm::node(project);
    node.args(["--test", "--test-reporter=spec"]);
    node.arg(format!("--test-concurrency={}", pace.at_once));
    // A promise that never settles must not block a run forever. Node.js counts a file as a test as well.
    node.arg(format!("--test-timeout={}", pace.minutes * 60_000));
    if let Some(filter) = filter {
        node.arg(format!("--test-name-pattern={filter}"));
    }
    node.args(files);
    prepare(&mut node);
    count::run(&mut node, count::node)
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
