//! The crates in the shipped wasm files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;
use toml::de::DeTable;

use crate::process;
use crate::project::Project;
use crate::toolchain::TARGET;
use crate::wasm::VARIANTS;

/// A crate by name and version.
pub type Id = (String, String);

/// A crate that is linked into wasm files. All crates that rustc compiles for them count, even those that the linker
/// drops, but not build scripts and procedural macros, which leave only the code that they generate.
#[derive(Clone, Debug, Default)]
pub struct Linked {
    /// Its licence, as its manifest states it in SPDX.
    pub license: String,
    /// Where it is developed.
    pub repository: Option<String>,
    /// Its authors, as its manifest states them.
    pub authors: Vec<String>,
    /// The folder of its source.
    pub folder: PathBuf,
    /// SHA-256 of its package, in hexadecimal digits; none for the clone's own.
    pub checksum: Option<String>,
    /// The wasm files that it is linked into, without extension.
    pub files: BTreeSet<&'static str>,
    /// The crates that it depends on.
    pub needs: BTreeSet<Id>,
}

/// Returns all linked crates in order, including the clone's own.
///
/// # Errors
///
/// If cargo fails or prints something unexpected.
pub fn crates(project: &Project) -> Result<BTreeMap<Id, Linked>> {
    let mut found = BTreeMap::<Id, Linked>::new();
    let mut trees = BTreeMap::new();
    for variant in VARIANTS {
        let tree = match trees.get(variant.features()) {
            Some(tree) => tree,
            None => trees.entry(variant.features()).or_insert(tree(project, variant.features())?),
        };
        for (id, needs) in tree {
            let linked = found.entry(id.clone()).or_default();
            linked.files.insert(variant.name);
            linked.needs.extend(needs.iter().cloned());
        }
    }
    describe(project, &mut found)?;
    let checksums = checksums(project)?;
    for (id, linked) in &mut found {
        linked.checksum = checksums.get(id).cloned();
    }
    Ok(found)
}

/// Returns the crates that the crate depends on with these features, each with its own dependencies.
fn tree(project: &Project, features: &str) -> Result<BTreeMap<Id, BTreeSet<Id>>> {
    let mut cargo = process::cargo(project);
    cargo.args(["tree", "--package", "reslens", "--target", TARGET, "--locked"]);
    cargo.args(["--no-default-features", "--features", features]);
    cargo.args(["--edges", "normal,no-proc-macro", "--prefix", "depth", "--format", "{p}"]);
    parse_tree(&process::capture(&mut cargo)?)
}

/// Reads lines such as `2cfg-if v1.0.5 (*)`, where 2 is the depth. A crate's dependencies follow its first line.
fn parse_tree(lines: &str) -> Result<BTreeMap<Id, BTreeSet<Id>>> {
    let mut found = BTreeMap::<Id, BTreeSet<Id>>::new();
    let mut path: Vec<Id> = Vec::new();
    for line in lines.lines() {
        let expected = || format!("cargo tree: expected `DEPTH NAME vVERSION`, found `{line}`");
        let digits = line.find(|c: char| !c.is_ascii_digit()).with_context(expected)?;
        let depth: usize = line[..digits].parse().with_context(expected)?;
        let mut words = line[digits..].split(' ');
        let name = words.next().with_context(expected)?;
        let version =
            words.next().and_then(|word| word.strip_prefix('v')).with_context(expected)?;
        let id = (name.to_string(), version.to_string());
        path.truncate(depth);
        if let Some(parent) = path.last() {
            found.entry(parent.clone()).or_default().insert(id.clone());
        }
        found.entry(id.clone()).or_default();
        path.push(id);
    }
    Ok(found)
}

/// Adds licence, repository, authors and folder from the manifests.
fn describe(project: &Project, found: &mut BTreeMap<Id, Linked>) -> Result<()> {
    let mut cargo = process::cargo(project);
    cargo.args(["metadata", "--format-version", "1", "--locked", "--all-features"]);
    cargo.args(["--filter-platform", TARGET]);
    let metadata: Value = serde_json::from_str(&process::capture(&mut cargo)?)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    for package in packages {
        let text = |field: &str| package[field].as_str().map(str::to_string);
        let [Some(name), Some(version)] = ["name", "version"].map(text) else { continue };
        let Some(linked) = found.get_mut(&(name, version)) else { continue };
        linked.license = text("license").unwrap_or_default();
        linked.repository = text("repository");
        let authors = package["authors"].as_array().into_iter().flatten();
        linked.authors = authors.filter_map(Value::as_str).map(str::to_string).collect();
        let manifest = PathBuf::from(text("manifest_path").unwrap_or_default());
        linked.folder = manifest.parent().map(PathBuf::from).unwrap_or_default();
    }
    Ok(())
}

/// Returns the hash of each package in `Cargo.lock`.
fn checksums(project: &Project) -> Result<BTreeMap<Id, String>> {
    let packages = lock_packages(&read_lock(project)?)?;
    let checksum = |package: Package| Some(((package.name, package.version), package.checksum?));
    Ok(packages.into_iter().filter_map(checksum).collect())
}

/// A package of `Cargo.lock`.
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its source; none for the clone's own.
    pub source: Option<String>,
    /// SHA-256 of its package.
    pub checksum: Option<String>,
}

/// Returns the text of `Cargo.lock`.
pub fn read_lock(project: &Project) -> Result<String> {
    fs::read_to_string(project.root.join("Cargo.lock")).context("cannot read Cargo.lock")
}

/// Parses the packages of a `Cargo.lock`.
pub fn lock_packages(lock: &str) -> Result<Vec<Package>> {
    let table = DeTable::parse(lock).map_err(|error| anyhow::anyhow!("Cargo.lock: {error}"))?;
    let packages = table.get_ref().get("package").context("Cargo.lock lists no packages")?;
    let packages = packages.get_ref().as_array().context("Cargo.lock: `package` is not a list")?;
    let read = |package: &toml::Spanned<toml::de::DeValue>| {
        let table = package.get_ref().as_table().context("Cargo.lock: a package is not a table")?;
        let text = |field| table.get(field)?.get_ref().as_str().map(str::to_string);
        Ok(Package {
            name: text("name").context("Cargo.lock: a package has no name")?,
            version: text("version").context("Cargo.lock: a package has no version")?,
            source: text("source"),
            checksum: text("checksum"),
        })
    };
    packages.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_says_what_each_crate_needs() {
        let tree = parse_tree("0a v1.0.0 (/a)\n1b v2.0.0\n2c v3.0.0\n1c v3.0.0 (*)\n").unwrap();
        let id = |name: &str, version: &str| (name.to_string(), version.to_string());
        let (b, c) = (id("b", "2.0.0"), id("c", "3.0.0"));
        assert_eq!(tree[&id("a", "1.0.0")], BTreeSet::from([b.clone(), c.clone()]));
        assert_eq!(tree[&b], BTreeSet::from([c.clone()]));
        assert!(tree[&c].is_empty());
        assert!(parse_tree("warning: hello").is_err());
    }
}
