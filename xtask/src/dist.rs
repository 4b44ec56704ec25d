//! Assembles dist/ atomically: no server or browser ever sees half a build.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::tree::{Tree, files};
use crate::{compress, precache};

/// Makes dist/ contain exactly the files of the `site`, the models, the wasm files of the `bound` folders with their
/// types, the service worker that lists all of these, and, if `compressed`, their compressed versions. Returns whether
/// anything has changed.
pub fn assemble(
    project: &Project,
    site: &Path,
    bound: &[PathBuf],
    compressed: bool,
) -> Result<bool> {
    let mut wanted = Tree::new();
    let site = files(site)?;
    add(&mut wanted, "", &site, is_shipped)?;
    let is_model = |path: &str| path.ends_with(".safetensors");
    add(&mut wanted, "models/", &files(&project.root.join("models"))?, is_model)?;
    for folder in bound {
        // The JavaScript beside a wasm file is part of the site's worker.
        add(&mut wanted, "", &files(folder)?, |path| !path.ends_with(".js"))?;
    }
    if let Some(template) = site.get(precache::TEMPLATE) {
        wanted.insert("sw.js".into(), precache::service_worker(project, template, &wanted)?);
    }
    if compressed {
        compress::add(project, &mut wanted)?;
    }
    let dist = project.dist();
    if dist.is_dir() && same(&wanted, &files(&dist)?)? {
        return Ok(false);
    }
    // Beside dist/, so that a rename can replace it.
    let new = project.root.join(".dist-new");
    let old = project.root.join(".dist-old");
    remove(&new)?;
    remove(&old)?;
    for (path, source) in &wanted {
        copy(source, &new.join(path))?;
    }
    if dist.exists() {
        fs::rename(&dist, &old).context("cannot replace dist/")?;
    }
    fs::rename(&new, &dist).context("cannot create dist/")?;
    remove(&old)?;
    Ok(true)
}

/// Deletes a folder that may not exist.
pub fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("cannot delete {}", folder.display()))?;
    }
    Ok(())
}

/// Whether a file of the site belongs on a server, unlike the type checker's settings, tests and hidden files.
fn is_shipped(path: &str) -> bool {
    let hidden = path.split('/').any(|part| part.starts_with('.'));
    let is_source = path.ends_with("tsconfig.json") || path.ends_with(".test.mjs");
    !hidden && !is_source && path != precache::TEMPLATE
}

fn add(tree: &mut Tree, prefix: &str, files: &Tree, wanted: impl Fn(&str) -> bool) -> Result<()> {
    for (path, source) in files.iter().filter(|(path, _)| wanted(path)) {
        let path = format!("{prefix}{path}");
        if let Some(other) = tree.insert(path.clone(), source.clone()) {
            bail!("{} and {} both provide dist/{path}", other.display(), source.display());
        }
    }
    Ok(())
}

/// Whether both have the same paths with the same contents.
fn same(wanted: &Tree, there: &Tree) -> Result<bool> {
    if !wanted.keys().eq(there.keys()) {
        return Ok(false);
    }
    for (source, copy) in wanted.values().zip(there.values()) {
        if fs::metadata(source)?.len() != fs::metadata(copy)?.len()
            || fs::read(source)? != fs::read(copy)?
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Copies a file into a folder, which is created if necessary.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().unwrap_or(to);
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    fs::copy(from, to)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn clone_with_files() -> (tempfile::TempDir, Project) {
        let folder = tempfile::tempdir().unwrap();
        for path in [
            "www/index.html",
            "www/views/maps.js",
            "www/tsconfig.json",
            "www/reslens.d.ts",
            "www/reslens.js",
            "www/worker.js",
            "www/.hidden",
            "www/a.test.mjs",
        ] {
            write(folder.path(), path, path);
        }
        write(folder.path(), "models/small.safetensors", "model");
        write(folder.path(), "models/README.md", "not shipped");
        write(folder.path(), "bound/engine.wasm", "wasm");
        write(folder.path(), "bound/engine.js", "its JavaScript");
        let root = folder.path().to_path_buf();
        (folder, Project { target: root.join("target"), root })
    }

    #[test]
    fn dist_holds_what_is_shipped_and_nothing_else() {
        let (_folder, project) = clone_with_files();
        write(&project.root, "dist/left-over.js", "from an earlier build");
        assert!(
            assemble(&project, &project.root.join("www"), &[project.root.join("bound")], false)
                .unwrap()
        );
        let paths: Vec<_> = files(&project.dist()).unwrap().into_keys().collect();
        assert_eq!(
            paths,
            [
                "engine.wasm",
                "index.html",
                "models/small.safetensors",
                "reslens.d.ts",
                "reslens.js",
                "views/maps.js",
                "worker.js"
            ]
        );
        assert!(!project.root.join(".dist-old").exists());
    }

    #[test]
    fn an_unchanged_dist_is_left_alone() {
        let (_folder, project) = clone_with_files();
        let (site, bound) = (project.root.join("www"), [project.root.join("bound")]);
        assert!(assemble(&project, &site, &bound, false).unwrap());
        assert!(!assemble(&project, &site, &bound, false).unwrap());
        write(&project.root, "bound/engine.wasm", "WASM");
        assert!(assemble(&project, &site, &bound, false).unwrap());
    }

    #[test]
    fn two_files_for_one_path_are_an_error() {
        let (_folder, project) = clone_with_files();
        write(&project.root, "bound/index.html", "another page");
        let error =
            assemble(&project, &project.root.join("www"), &[project.root.join("bound")], false)
                .unwrap_err();
        assert!(error.to_string().contains("both provide dist/index.html"), "{error}");
        assert!(!project.dist().exists());
    }
}
