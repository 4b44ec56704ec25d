//! Compressed versions of the files in dist/, by gzip and brotli, which hosts send as they are.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::precache::hash;
use crate::project::Project;
use crate::tree::Tree;
use crate::{npm, process};

/// Extensions of files that compress well; pictures and models do not.
const SHRINKING: [&str; 8] = ["css", "html", "js", "json", "svg", "txt", "wasm", "webmanifest"];

/// The extensions that are appended to compressed files, the smaller kind first.
pub const ENCODINGS: [(&str, &str); 2] = [("br", "br"), ("gz", "gzip")];

/// Adds `PATH.br` and `PATH.gz` for each compressible file of `tree`. Results are cached by content.
pub fn add(project: &Project, tree: &mut Tree) -> Result<()> {
    let folder = project.target.join("compressed");
    fs::create_dir_all(&folder)?;
    let mut missing = Vec::new();
    let mut packed = Tree::new();
    for (path, source) in tree.iter().filter(|(path, _)| shrinks(path)) {
        let bytes =
            fs::read(source).with_context(|| format!("cannot read {}", source.display()))?;
        let name = folder.join(hash(&bytes));
        for (extension, _) in ENCODINGS {
            packed.insert(format!("{path}.{extension}"), name.with_extension(extension));
        }
        if !ENCODINGS.iter().all(|(extension, _)| name.with_extension(extension).is_file()) {
            missing.extend([source.clone(), name]);
        }
    }
    if !missing.is_empty() {
        let script = project.root.join("xtask/src/compress.mjs");
        process::run(npm::node(project).arg(script).args(missing))?;
    }
    forget_others(&folder, &packed)?;
    tree.append(&mut packed);
    Ok(())
}

fn shrinks(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| SHRINKING.contains(&extension))
}

/// Deletes the files of `folder` that are not in `tree`.
fn forget_others(folder: &Path, tree: &Tree) -> Result<()> {
    let used: BTreeSet<_> = tree.values().collect();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if !used.contains(&path) {
            fs::remove_file(&path).with_context(|| format!("cannot delete {}", path.display()))?;
        }
    }
    Ok(())
}
