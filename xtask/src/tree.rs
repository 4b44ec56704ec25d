//! The files of a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

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

/// Returns the paths of the files that git has or would add, inside the clone `root` and with `/`.
///
/// # Errors
///
/// If git fails.
pub fn of_git(root: &Path) -> Result<Vec<String>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root);
    let list = process::capture(&mut git)?;
    let paths = list.split('\0').filter(|path| !path.is_empty());
    // Without those that are deleted, but not yet committed.
    Ok(paths.filter(|path| root.join(path).exists()).map(str::to_string).collect())
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
