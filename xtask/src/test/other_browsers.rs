//! Browsers other than Chromium: the tests in `tests/other-browsers`, which are not part of the default run.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use crate::process::find_program;
use crate::project::Project;
use crate::wasm::Profile;
use crate::{build, npm};

use super::javascript::{self, Pace, Tests};
use super::remembered::Memory;
use super::report::{Outcome, Report};

/// Firefox's paths outside of `PATH`.
const FIREFOX_PLACES: [&str; 2] = [
    "/Applications/Firefox.app/Contents/MacOS/firefox",
    r"C:\Program Files\Mozilla Firefox\firefox.exe",
];

/// A browser that the engines and the page can be tried in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Browser {
    /// Firefox, over WebDriver BiDi; $FIREFOX, or an installed one
    Firefox,
    /// WebKitGTK on Linux, over WebDriver and on a display in memory (Xvfb)
    Webkit,
}

impl Browser {
    /// Returns its name in the tests.
    fn name(self) -> &'static str {
        match self {
            Self::Firefox => "firefox",
            Self::Webkit => "webkit",
        }
    }

    /// Returns the program that the tests start: the browser itself, or its driver.
    fn find(self) -> Result<PathBuf> {
        match self {
            Self::Firefox => find_firefox(),
            Self::Webkit => find_webkit(),
        }
    }
}

fn find_firefox() -> Result<PathBuf> {
    if let Some(path) = env::var_os("FIREFOX").map(PathBuf::from) {
        ensure!(path.is_file(), "FIREFOX is {}, which is not a file", path.display());
        return Ok(path);
    }
    let installed = || FIREFOX_PLACES.iter().map(PathBuf::from).find(|path| path.is_file());
    let advice = if cfg!(target_os = "macos") {
        "`brew install --cask firefox`"
    } else if cfg!(windows) {
        "`winget install Mozilla.Firefox`"
    } else {
        "`apt-get install --no-install-recommends firefox-esr` (Debian, as root)"
    };
    find_program(&["firefox", "firefox-esr"])
        .or_else(installed)
        .with_context(|| format!("Firefox is needed: {advice}, or set FIREFOX to its path"))
}

fn find_webkit() -> Result<PathBuf> {
    let find = |program| {
        find_program(&[program]).with_context(|| {
            format!(
                "{program} is needed: `apt-get install --no-install-recommends webkit2gtk-driver \
                 xvfb` (Debian, as root); WebKitGTK is for Linux only"
            )
        })
    };
    find("Xvfb")?;
    find("WebKitWebDriver")
}

/// The browser to test, and how.
pub struct Trial<'a> {
    /// The browser.
    pub browser: Browser,
    /// Whether to build first; if not, dist/ is tested as it is.
    pub rebuild: bool,
    /// Run only tests whose name contains this.
    pub filter: Option<&'a str>,
    /// Whether to repeat the tests for rare failures many times, for hours.
    pub soak: bool,
}

/// Finds the browser, builds if requested, and runs the tests.
pub fn check(project: &Project, trial: Trial<'_>, memory: &Memory, report: &mut Report) {
    let step = format!("tests in {}", trial.browser.name());
    report.step(&step, || {
        let program = trial.browser.find()?; // before a build that takes minutes
        if trial.rebuild {
            build::build(project, Profile::Release, build::Wanted::Everything)?;
        }
        run(project, trial, memory, program)
    });
}

/// Returns the environment of the tests, which start `xtask serve` themselves:
///
/// - `RESLENS_XTASK`: this program
/// - `RESLENS_BROWSER`: the browser's name
/// - `RESLENS_BROWSER_PROGRAM`: the program to start
/// - `RESLENS_SOAK`: set for the long run
fn run(project: &Project, trial: Trial<'_>, memory: &Memory, program: PathBuf) -> Result<Outcome> {
    npm::install(project)?;
    let xtask = env::current_exe().context("this program's path is not known")?;
    println!("browser: {}", program.display());
    let files = javascript::test_files(project, "tests/other-browsers")?;
    let pace = Pace::of(1, trial.soak);
    let tests = Tests { files, built: vec![], pace, filter: trial.filter };
    Ok(tests.run(project, memory, |node| {
        if trial.soak {
            node.env("RESLENS_SOAK", "1");
        }
        node.env("RESLENS_XTASK", &xtask)
            .env("RESLENS_BROWSER", trial.browser.name())
            .env("RESLENS_BROWSER_PROGRAM", &program)
            // WebDriver BiDi uses a WebSocket, which Node.js 20 has behind this flag.
            .env("NODE_OPTIONS", "--experimental-websocket");
    }))
}
