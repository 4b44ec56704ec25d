//! `cargo xtask build npm`: the packages as they are published, each as a folder and as a tarball.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::project::Project;
use crate::{bundle, npm, process, supply};

/// The packages' names, which are also their folders' names.
pub const NAMES: [&str; 2] = ["reslens", "reslens-webcam50"];

/// Returns the folder in which they are made: in the clone, where people look for them.
pub fn folder(project: &Project) -> PathBuf {
    project.root.join("target/npm")
}

/// Makes the packages from dist/ and from the JavaScript in the folders `bound`.
pub fn make(project: &Project, bound: &[PathBuf]) -> Result<()> {
    let folder = folder(project);
    bundle::packages(project, bound, &folder)?;
    supply::add_to_package(project, &folder.join("reslens"), bound)?;
    for name in NAMES {
        let tarball = pack(&folder, name)?;
        let size = fs::metadata(&tarball)?.len() as f64 / 1e6;
        println!("{}  {size:.2} MB", project.show(&tarball));
    }
    Ok(())
}

/// Packs one package and returns the tarball.
fn pack(folder: &Path, name: &str) -> Result<PathBuf> {
    let mut pack = npm::npm();
    pack.args(["pack", "--silent", "--pack-destination", "."]).arg(format!("./{name}"));
    let output = process::capture(pack.current_dir(folder))?;
    let file = output.lines().last().context("npm pack: expected a file's name, found nothing")?;
    Ok(folder.join(file))
}
