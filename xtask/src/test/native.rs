//! Format, lint and tests on this machine.

use crate::process;
use crate::project::Project;

use super::count;
use super::report::{Count, Report};

/// Runs rustfmt, clippy and the tests of the whole workspace.
pub fn check(project: &Project, filter: Option<&str>, report: &mut Report) {
    report.step("format (rustfmt)", || {
        process::run(process::cargo(project).args(["fmt", "--all", "--check"]))?;
        Ok(Count::ONE)
    });
    report.step("lint (clippy)", || {
        let mut clippy = process::cargo(project);
        clippy.args(["clippy", "--workspace", "--all-targets", "--all-features", "--locked"]);
        process::run(clippy.args(["--", "--deny", "warnings"]))?;
        Ok(Count::ONE)
    });
    report.step("native tests", || {
        let mut test = process::cargo(project);
        test.args(["test", "--workspace", "--exclude", "xtask"]);
        test.args(["--features", "tools,train,webgpu,native", "--locked", "--no-fail-fast"]);
        test.args(filter);
        count::run(&mut test, count::cargo)
    });
    report.step("tests of the commands", || {
        // In their own profile, in which everything that they need has just been compiled.
        let mut test = process::cargo(project);
        test.args(["test", "--package", "xtask", "--profile", "xtask", "--locked"]);
        test.args(filter);
        count::run(&mut test, count::cargo)
    });
}
