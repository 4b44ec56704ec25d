//! Finds the browser for tests and benchmarks.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::process::find_program;

/// The names of its program in packages.
const PROGRAMS: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome.exe"];

/// Its paths outside of `PATH`.
const PLACES: [&str; 3] = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
];

/// Returns `$CHROMIUM`, or an installed browser.
pub fn find() -> Result<PathBuf> {
    if let Some(path) = env::var_os("CHROMIUM").map(PathBuf::from) {
        ensure!(path.is_file(), "CHROMIUM is {}, which is not a file", path.display());
        return Ok(path);
    }
    let installed = || PLACES.iter().map(PathBuf::from).find(|path| path.is_file());
    find_program(&PROGRAMS).or_else(installed).with_context(|| {
        format!("Chromium or Chrome is needed: {}, or set CHROMIUM to its path", advice())
    })
}

/// Returns instructions for installing one here.
fn advice() -> &'static str {
    if cfg!(target_os = "macos") {
        "`brew install --cask chromium`"
    } else if cfg!(windows) {
        "`winget install Google.Chrome`"
    } else {
        "`apt-get install --no-install-recommends chromium` (Debian, as root)"
    }
}
