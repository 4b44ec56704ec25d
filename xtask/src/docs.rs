//! `dist/docs/`: the documents as pages, and the reference of the library's types.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::dist;
use crate::project::Project;
use crate::tree::{self, Tree};
use crate::{npm, process};

/// The sources of the pages: files and folders of the clone.
const SOURCES: [&str; 13] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "docs",
    "examples",
    "models/README.md",
    "packages",
    "www/answers.d.ts",
    "www/lab.d.ts",
    "www/reslens.d.ts",
    "www/teach.d.ts",
];

/// Adds the pages to the folder of the site.
pub fn add(project: &Project, site: &Path) -> Result<()> {
    for (name, page) in tree::files(&build(project)?)? {
        dist::copy(&page, &site.join("docs").join(name))?;
    }
    Ok(())
}

/// Writes the pages, and returns their folder. Does nothing if they already exist for the same sources.
fn build(project: &Project) -> Result<PathBuf> {
    let folder = project.target.join("docs");
    let stamp = folder.with_extension("stamp");
    let key = key(&sources(&project.root)?)?;
    if folder.is_dir() && fs::read_to_string(&stamp).is_ok_and(|made_for| made_for == key) {
        return Ok(folder);
    }
    install(project)?;
    println!("writing the documents ...");
    dist::remove(&folder)?;
    process::run(npm::node(project).arg("docs/site/build.mjs").arg(&folder))?;
    fs::write(&stamp, key).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(folder)
}

/// Installs the tools that turn the documents into pages.
pub fn install(project: &Project) -> Result<()> {
    npm::install_in(&project.root.join("docs/site"), "the tools of the documents")
}

/// Returns all sources of the pages, by their paths in the clone.
fn sources(root: &Path) -> Result<Tree> {
    let mut tree = Tree::new();
    for source in SOURCES {
        let path = root.join(source);
        if path.is_dir() {
            let files = tree::files(&path)?.into_iter();
            tree.extend(files.map(|(name, file)| (format!("{source}/{name}"), file)));
        } else {
            tree.insert(source.into(), path);
        }
    }
    // The lock file identifies what npm installed.
    tree.retain(|name, _| !name.contains("/node_modules/"));
    Ok(tree)
}

/// Returns a key that changes with any of the files.
fn key(files: &Tree) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for (name, path) in files {
        name.hash(&mut hasher);
        fs::read(path)
            .with_context(|| format!("cannot read {}", path.display()))?
            .hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_follows_every_source_but_what_npm_installed() {
        let root = tempfile::tempdir().unwrap();
        for source in SOURCES {
            let path = root.path().join(source);
            let file = if path.extension().is_some() { path } else { path.join("a.md") };
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "text").unwrap();
        }
        let now = || key(&sources(root.path()).unwrap()).unwrap();
        let before = now();
        let installed = root.path().join("docs/site/node_modules/typedoc");
        fs::create_dir_all(&installed).unwrap();
        fs::write(installed.join("index.js"), "").unwrap();
        assert_eq!(now(), before);
        fs::write(root.path().join("docs/a.md"), "TEXT").unwrap();
        assert_ne!(now(), before);
    }
}
