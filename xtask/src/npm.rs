//! JavaScript packages, pinned by a `package-lock.json`: the clone's are TypeScript, wasm-opt,
//! esbuild, Rolldown, Playwright and axe.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::project::Project;

/// The copy of the lock file inside `node_modules`, which records the last installation.
const INSTALLED: &str = "node_modules/.installed-package-lock.json";

/// Installs the clone's pinned packages if they are missing or the lock file has changed.
pub fn install(project: &Project) -> Result<()> {
    install_in(&project.root, "the JavaScript tools")
}

/// Installs the packages of the `package-lock.json` in `folder`; `what` names them in the output.
pub fn install_in(folder: &Path, what: &str) -> Result<()> {
    let path = folder.join("package-lock.json");
    let lock = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let installed = folder.join(INSTALLED);
    if fs::read(&installed).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("installing {what} (npm ci in {}) ...", folder.display());
    process::run(
        npm()
            // No package needs its install script, so none is run.
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(folder),
    )
    .context("Node.js 20 or later with npm is needed: https://nodejs.org")?;
    fs::write(&installed, lock).with_context(|| format!("cannot write {}", installed.display()))
}

/// Returns the npm command.
pub fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// Returns a command for the script `bin` of an installed package, such as `binaryen/bin/wasm-opt`.
pub fn script(project: &Project, bin: impl AsRef<Path>) -> Command {
    let mut command = node(project);
    command.arg(project.root.join("node_modules").join(bin));
    command
}

/// Returns a command that runs Node.js in the clone's root.
pub fn node(project: &Project) -> Command {
    let mut command = Command::new("node");
    command.current_dir(&project.root);
    command
}
