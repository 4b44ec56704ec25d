//! Reproducibility of builds: the clone's files are copied into two folders, and each copy builds the smallest wasm
//! file and the page's scripts in a separate build folder.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::project::Project;
use crate::wasm::{Engine, Profile};
use crate::{bindgen, bundle, dist, precache, process, toolchain, tree};

/// Names of the copies. Paths of different lengths would shift the bytes after them in a file.
const COPIES: [&str; 2] = ["one", "another-one"];

/// Builds twice and compares every file.
///
/// # Errors
///
/// If a build fails, or if files differ, whose names are then listed.
pub fn compare(project: &Project) -> Result<()> {
    // Both copies are made before the first build, so later edits of the clone affect neither.
    let copies = COPIES.map(|name| copy(project, name));
    let mut builds = Vec::new();
    for copy in copies {
        builds.push(build(&copy?)?);
    }
    let [one, other] = [&builds[0], &builds[1]];
    ensure!(one.keys().eq(other.keys()), "two builds have different files");
    let differing: Vec<_> = one.keys().filter(|name| one[*name] != other[*name]).collect();
    if !differing.is_empty() {
        bail!("two builds of the same files differ in {differing:?}");
    }
    println!("two builds in two folders: {} files, all equal", one.len());
    for (name, hash) in one.iter().filter(|(name, _)| name.ends_with(".wasm")) {
        println!("  {hash}  {name}");
    }
    Ok(())
}

/// Copies what git has or would add, and returns the copy with a separate build folder.
fn copy(project: &Project, name: &str) -> Result<Project> {
    let folder = project.target.join("rebuild").join(name);
    dist::remove(&folder)?;
    let copy = Project { root: folder.join("clone"), target: folder.join("target") };
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    let list = process::capture(git.current_dir(&project.root))?;
    for path in list.lines() {
        let (from, to) = (project.root.join(path), copy.root.join(path));
        // Leaves out files that are deleted but not yet committed.
        if from.is_file() {
            dist::copy(&from, &to)?;
        }
    }
    Ok(copy)
}

/// Builds a copy, and returns the SHA-256 of each file, by the file's name.
fn build(copy: &Project) -> Result<BTreeMap<String, String>> {
    let toolchain = toolchain::find()?;
    let variant = Engine::Import.variant();
    let wasm = variant.compile(copy, &toolchain, Profile::Release)?;
    let bound = bindgen::bind(copy, variant, Profile::Release, &wasm)?.folder;
    let site = bundle::site(copy, Profile::Release, std::slice::from_ref(&bound))?;
    let mut files = tree::files(&site)?;
    files.extend(tree::files(&bound)?);
    let mut hashes = BTreeMap::new();
    for (name, path) in files {
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        hashes.insert(name, precache::hash(&bytes));
    }
    Ok(hashes)
}
