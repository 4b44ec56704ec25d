//! Tests of the product as users get it: built, served, and opened in Chromium.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::project::Project;
use crate::wasm::{ENGINES, Profile, VARIANTS, Variant};
use crate::{build, chromium, kernel_tests, npm, process, sizes, toolchain};

use super::javascript::{self, Pace, Tests};
use super::reads;
use super::remembered::Memory;
use super::report::{Count, Outcome, Report};

/// Builds, lints the crate for wasm, checks the sizes and runs the tests in `tests/browser`; with `soak`, repeats the
/// tests for growth many times.
pub fn check(
    project: &Project,
    filter: Option<&str>,
    soak: bool,
    memory: &Memory,
    report: &mut Report,
) {
    report.step("build", || {
        build::build(project, Profile::Release, build::Wanted::Everything)?;
        Ok(Count::ONE)
    });
    memory.step(project, report, "lint for wasm (clippy)", reads::all, || {
        ENGINES.iter().try_for_each(|engine| lint(project, engine))?;
        Ok(Count { passed: ENGINES.len(), ..Count::default() })
    });
    report.step("size of the wasm files", || weigh(project));
    report.step("browser tests", || run(project, filter, soak, memory, Adapter::None));
    report.step("browser tests on a software GPU", || {
        run(project, filter, soak, memory, Adapter::Software)
    });
}

/// The hardware that the browsers of a test file use.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Adapter {
    /// The CPU. Two such files run side by side.
    None,
    /// A software GPU as well, which takes all cores. Such a file runs alone: beside another one, its frames would
    /// exceed the limit after which the library gives up a GPU.
    Software,
}

impl Adapter {
    /// Determines the hardware by the flags with which a file starts Chromium.
    fn of(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        Ok(if text.contains("WEBGPU") { Self::Software } else { Self::None })
    }

    fn files_at_once(self) -> usize {
        match self {
            Self::None => javascript::PAIRS,
            Self::Software => 1,
        }
    }
}

fn lint(project: &Project, engine: &Variant) -> Result<()> {
    let toolchain = toolchain::find()?;
    let mut clippy: Command = engine.cargo(project, &toolchain, "clippy");
    let clippy_driver = toolchain.rustc.with_file_name("clippy-driver");
    ensure!(
        clippy_driver.is_file(),
        "{} has no clippy: `rustup component add clippy`, or Debian's package rust-web-clippy",
        toolchain.name
    );
    // Cargo looks for its subcommand next to itself only if that folder comes first in PATH.
    let folder = toolchain.cargo.parent().context("cargo is in a folder")?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.into()).chain(std::env::split_paths(&path));
    clippy.env("PATH", std::env::join_paths(folders)?);
    // Uses the profile of the preceding build, which has compiled all procedural macros and build scripts.
    clippy.args(["--profile", Profile::Release.name()]);
    process::run(clippy.args(["--", "--deny", "warnings"]))
}

/// Runs one test for each wasm file: whether it is within its budget.
fn weigh(project: &Project) -> Result<Count> {
    let sizes = sizes::measure(project)?;
    println!("{}", sizes::table(&sizes));
    let mut count = Count::default();
    for Variant { name, budget, .. } in VARIANTS {
        // Without rust-src, the files with threads are not built.
        let Some(size) = sizes.iter().find(|size| size.path == format!("{name}.wasm")) else {
            continue;
        };
        if size.gzip <= budget {
            count.passed += 1;
        } else {
            println!("{}: {} bytes after gzip, at most {budget} expected", size.path, size.gzip);
            count.failed += 1;
        }
    }
    ensure!(count != Count::default(), "there is no wasm file in dist/");
    Ok(count)
}

/// Returns the environment of the tests, which start `xtask serve` themselves, each with its own flags:
///
/// - `RESLENS_XTASK`: this program
/// - `CHROMIUM`: the browser
/// - `RESLENS_KERNEL_TESTS`: the folders of the kernels' tests, compiled to wasm, one for each engine, in the format of
///   `PATH`
/// - `RESLENS_SCREENSHOTS`: a folder for pictures of the page, for people to look at
/// - `RESLENS_SOAK`: set for the long run
fn run(
    project: &Project,
    filter: Option<&str>,
    soak: bool,
    memory: &Memory,
    adapter: Adapter,
) -> Result<Outcome> {
    npm::install(project)?;
    let mut files = Vec::new();
    for file in javascript::test_files(project, "tests/browser")? {
        if Adapter::of(&file)? == adapter {
            files.push(file);
        }
    }
    let mut built = kernel_tests::build(project)?;
    let kernels = std::env::join_paths(&built)?;
    built.push(project.dist());
    let xtask = std::env::current_exe().context("this program's path is not known")?;
    let pictures = project.target.join("screenshots");
    std::fs::create_dir_all(&pictures)
        .with_context(|| format!("cannot create {}", pictures.display()))?;
    let chromium = chromium::find()?;
    println!("browser: {}", chromium.display());
    let tests = Tests { files, built, pace: Pace::of(adapter.files_at_once(), soak), filter };
    Ok(tests.run(project, memory, |node| {
        node.env("RESLENS_XTASK", &xtask)
            .env("CHROMIUM", &chromium)
            .env("RESLENS_KERNEL_TESTS", &kernels)
            .env("RESLENS_SCREENSHOTS", &pictures);
        if soak {
            node.env("RESLENS_SOAK", "1");
        }
    }))
}
