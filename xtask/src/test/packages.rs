//! Tests of the npm packages, installed into projects with various tools.

use anyhow::Result;

use crate::project::Project;
use crate::wasm::Profile;
use crate::{build, chromium, npm, packages};

use super::javascript::{self, Pace, Tests};
use super::remembered::Memory;
use super::report::{Count, Outcome, Report};

/// Makes the packages and runs the tests in tests/npm/; with `all` also those in tests/npm/by-hand/, whose tools
/// take minutes to install.
pub fn check(
    project: &Project,
    filter: Option<&str>,
    all: bool,
    memory: &Memory,
    report: &mut Report,
) {
    report.step("npm packages", || {
        let bound = build::build(project, Profile::Release, build::Wanted::Everything)?;
        packages::make(project, &bound)?;
        Ok(Count { passed: packages::NAMES.len(), ..Count::default() })
    });
    report.step("projects that use the packages", || run(project, "tests/npm", filter, memory));
    if all {
        report.step("more such projects", || run(project, "tests/npm/by-hand", filter, memory));
    }
}

fn run(project: &Project, folder: &str, filter: Option<&str>, memory: &Memory) -> Result<Outcome> {
    npm::install(project)?;
    let chromium = chromium::find()?;
    let files = javascript::test_files(project, folder)?;
    let built = vec![project.dist(), packages::folder(project)];
    // One after the other: each of these files packs, installs and builds.
    let tests = Tests { files, built, pace: Pace::usual(1), filter };
    Ok(tests.run(project, memory, |node| {
        node.env("CHROMIUM", &chromium);
    }))
}
