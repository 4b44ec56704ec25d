//! The JavaScript packages of the other engines, pinned in `bench/package-lock.json`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::npm;
use crate::project::Project;

/// Installs the packages; returns their `node_modules`. Some are large, and no other command needs them, so they are
/// kept outside the clone.
pub fn install(project: &Project) -> Result<PathBuf> {
    let folder = super::folder(project).join("packages");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for name in ["package.json", "package-lock.json"] {
        let from = project.root.join("bench").join(name);
        fs::copy(&from, folder.join(name))
            .with_context(|| format!("cannot copy {}", from.display()))?;
    }
    npm::install_in(&folder, "the libraries to compare with")?;
    Ok(folder.join("node_modules"))
}
