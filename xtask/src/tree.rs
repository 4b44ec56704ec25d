//! The files of a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The files of a folder: the path inside it, with `/`, and the path on disk.
pub type Tree = BTreeMap<String, PathBuf>;

/// Returns all files below `folder`.
///
/// # Errors
///
/// If a folder cannot be read.
pub fn files(folder: &Path) -> Result<Tree> {
    let mut tree = Tree::new();
    collect(folder, "", &mut tree)?;
    Ok(tree)
}

fn collect(folder: &Path, prefix: &str, tree: &mut Tree) -> Result<()> {
    let context = || format!("cannot read {}", folder.display());
    for entry in fs::read_dir(folder).with_context(context)? {
        let entry = entry.with_context(context)?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), tree)?;
        } else {
            tree.insert(name, entry.path());
        }
    }
    Ok(())
}
