//! The site's files as they are shipped: readers of the source need its comments, visitors do not.

use std::path::PathBuf;

use anyhow::Result;

use crate::project::Project;
use crate::{dist, npm, process};

/// Writes a copy of www/ whose scripts and style sheets are minified, and returns its folder.
pub fn site(project: &Project) -> Result<PathBuf> {
    npm::install(project)?;
    let folder = project.target.join("site");
    dist::remove(&folder)?;
    let script = project.root.join("xtask/src/minify.mjs");
    process::run(npm::node(project).arg(script).arg(project.root.join("www")).arg(&folder))?;
    Ok(folder)
}
