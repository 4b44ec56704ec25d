//! Runs cargo-deny, with the database of advisories from the network or from a clone of it.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::{dist, process};

/// The folder in which cargo-deny looks for the database at <https://github.com/RustSec/advisory-db>.
const DATABASE: &str = "advisory-db-3157b0e258782691";

/// Checks everything that `deny.toml` covers; with `advisories`, a clone of the database, without the network.
///
/// # Errors
///
/// If cargo-deny is not installed or refuses something, in which case it prints the reason.
pub fn check(project: &Project, advisories: Option<&Path>) -> Result<()> {
    if process::find_program(&["cargo-deny", "cargo-deny.exe"]).is_none() {
        bail!("cargo-deny is not installed: cargo install --locked cargo-deny");
    }
    let mut cargo = process::cargo(project);
    cargo.arg("deny");
    if let Some(clone) = advisories {
        let folder = project.target.join("advisories");
        dist::remove(&folder)?;
        let mut git = Command::new("git");
        process::run(git.args(["clone", "--quiet"]).arg(clone).arg(folder.join(DATABASE)))?;
        let text =
            fs::read_to_string(project.root.join("deny.toml")).context("cannot read deny.toml")?;
        let place = format!("[advisories]\ndb-path = {:?}\n", folder.display().to_string());
        let config = folder.join("deny.toml");
        fs::write(&config, text.replace("[advisories]\n", &place))
            .with_context(|| format!("cannot write {}", config.display()))?;
        cargo.args(["--offline", "--config"]).arg(config);
    }
    process::run(cargo.args(["check", "--hide-inclusion-graph"]))
}
