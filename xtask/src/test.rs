//! `cargo xtask test`: every check, one step after another, and a summary.

mod browser;
mod count;
mod inputs;
mod javascript;
mod machine;
mod native;
mod other_browsers;
mod packages;
mod reads;
mod remembered;
mod report;
mod supply;
mod tidy;
mod times;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::project::Project;
use other_browsers::{Browser, Trial};
use remembered::Memory;
use report::Report;

/// Run every test: format, lint, types, native, and the product in a browser.
///
/// All steps run, even after one has failed. A step, and a file of JavaScript tests, that has passed with the same inputs
/// (files, tools, environment) is remembered and not repeated; `--fresh` repeats it. The last line gives the numbers of passed and failed tests.
/// The browser is $CHROMIUM, or an installed Chromium or Chrome.
///
/// Other browsers are only tested with `--browser`, which builds, and runs the tests in
/// tests/other-browsers and nothing else.
#[derive(clap::Args)]
pub struct Args {
    /// Only these steps
    #[arg(value_enum, value_name = "PART")]
    parts: Vec<Part>,

    /// The same; may be given more than once
    #[arg(long, value_enum, value_name = "PART")]
    only: Vec<Part>,

    /// For `npm`, also test the tools that take minutes to install
    #[arg(long)]
    all: bool,

    /// In the browser, repeat the tests for growth and for rare failures many times
    #[arg(long)]
    soak: bool,

    /// Test the engines and the page in another browser instead
    #[arg(long, value_enum, conflicts_with_all = ["only", "parts", "all"])]
    browser: Option<Browser>,

    /// Test dist/ without building
    #[arg(long, requires = "browser")]
    no_build: bool,

    /// Only tests whose name contains this
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,

    /// Repeat also what has passed with the same inputs
    #[arg(long)]
    fresh: bool,
}

/// A part of the tests that can be run by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Tidiness, licences and sources, rustfmt, clippy, cargo test
    Native,
    /// The type checker and the tests that need no browser
    Js,
    /// Build, lint for wasm, size, and the tests in Chromium
    Browser,
    /// The npm packages in projects of other tools
    Npm,
}

/// Runs the command; an error if any test failed.
pub fn run(project: &Project, args: &Args) -> Result<()> {
    let filter = args.filter.as_deref();
    let mut report = Report::default();
    let memory = Memory::open(project, args);
    if let Some(browser) = args.browser {
        let trial = Trial { browser, rebuild: !args.no_build, filter, soak: args.soak };
        other_browsers::check(project, trial, &memory, &mut report);
    } else {
        check(project, args, &memory, &mut report);
    }
    // A filter leaves tests out and a soak repeats them: their times would not help the next run's comparison.
    if args.filter.is_none() && !args.soak {
        compare(project, &report);
    }
    println!("\n{report}");
    if report.failed() > 0 {
        // The summary is complete, and programs read its last line.
        std::process::exit(1);
    }
    if report.passed() == 0 {
        bail!("no test was run");
    }
    Ok(())
}

/// Runs the requested parts, or all.
fn check(project: &Project, args: &Args, memory: &Memory, report: &mut Report) {
    let filter = args.filter.as_deref();
    let only = [&args.parts[..], &args.only].concat();
    let wanted = |part| only.is_empty() || only.contains(&part);
    if wanted(Part::Native) {
        tidy::check(project, report);
        supply::check(project, report);
        native::check(project, filter, memory, report);
    }
    if wanted(Part::Js) {
        javascript::check(project, filter, memory, report);
    }
    if wanted(Part::Browser) {
        browser::check(project, filter, args.soak, memory, report);
    }
    if wanted(Part::Npm) {
        packages::check(project, filter, args.all, memory, report);
    }
}

/// Reports steps that take much longer than in the last run, which is not a failure.
fn compare(project: &Project, report: &Report) {
    let path = project.target.join("test-times.json");
    println!();
    for line in times::doubled(&times::read(&path), &report.times()) {
        println!("takes at least twice as long as before: {line}");
    }
    if let Err(error) = times::write(&path, &report.times()) {
        eprintln!("warning: the next run will not know this one's times: {error:#}");
    }
}
