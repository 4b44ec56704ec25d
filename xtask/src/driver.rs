//! Scripts that drive the browser: for soaks and benchmarks.

use std::process::Command;

use anyhow::{Context, Result};

use crate::build::Wanted;
use crate::project::Project;
use crate::wasm::Profile;
use crate::{build, chromium, npm};

/// Returns the command that runs a script with the browser's path, once its packages are installed.
pub fn of_browser(project: &Project, script: &str) -> Result<Command> {
    let chromium = chromium::find()?;
    npm::install(project)?;
    let xtask = std::env::current_exe().context("this program's path is not known")?;
    let mut node = npm::node(project);
    node.env("RESLENS_XTASK", xtask).arg(script).arg("--chromium").arg(chromium);
    Ok(node)
}

/// Does the same for a script that needs dist/, which is built first unless it is wanted as it is.
pub fn of_site(project: &Project, script: &str, no_build: bool) -> Result<Command> {
    let driver = of_browser(project, script)?;
    if !no_build {
        build::build(project, Profile::Release, Wanted::Everything)?;
    }
    Ok(driver)
}
