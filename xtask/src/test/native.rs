//! Format, lint and tests on this machine.

use crate::process;
use crate::project::Project;

use super::remembered::Memory;
use super::report::{Count, Report};
use super::{count, reads};

/// Runs rustfmt, clippy and the tests of the whole workspace.
pub fn check(project: &Project, filter: Option<&str>, memory: &Memory, report: &mut Report) {
    report.step("format (rustfmt)", || {
        process::run(process::cargo(project).args(["fmt", "--all", "--check"]))?;
        Ok(Count::ONE)
    });
    memory.step(project, report, "lint (clippy)", reads::all, || {
        let mut clippy = process::cargo(project);
        clippy.args(["clippy", "--workspace", "--all-targets", "--all-features", "--locked"]);
        process::run(clippy.args(["--", "--deny", "warnings"]))?;
        Ok(Count::ONE)
    });
    memory.step(project, report, "native tests", reads::native, || {
        let mut test = process::cargo(project);
        test.args(["test", "--workspace", "--exclude", "xtask"]);
        test.args(["--features", "tools,train,webgpu,native", "--locked", "--no-fail-fast"]);
        test.args(filter);
        count::run(&mut test, count::cargo, count::print)
    });
    memory.step(project, report, "tests of the commands", reads::all, || {
        // In their own profile, in which everything that they need has just been compiled.
        let mut test = process::cargo(project);
        test.args(["test", "--package", "xtask", "--profile", "xtask", "--locked"]);
        test.args(filter);
        count::run(&mut test, count::cargo, count::print)
    });
}
