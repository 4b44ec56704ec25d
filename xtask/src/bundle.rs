//! The shipped scripts: bundled, and without the parts that only readers of the source need.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use crate::project::Project;
use crate::wasm::{Profile, VARIANTS};
use crate::{dist, npm, process};

/// Bundles www/ with the JavaScript in the folders `bound`, and returns the output folder.
pub fn site(project: &Project, profile: Profile, bound: &[PathBuf]) -> Result<PathBuf> {
    npm::install(project)?;
    let folder = project.target.join("site");
    dist::remove(&folder)?;
    run(project, "site.mjs", task(project, profile, bound, &folder)?)?;
    Ok(folder)
}

/// Writes the npm packages into a `folder`. The library's files are those of dist/.
pub fn packages(project: &Project, bound: &[PathBuf], folder: &Path) -> Result<()> {
    let mut task = task(project, Profile::Release, bound, folder)?;
    task["root"] = json!(project.root);
    run(project, "packages.mjs", task)
}

/// The task of the scripts in xtask/src/bundle/: `Task` in `library.mjs`.
fn task(project: &Project, profile: Profile, bound: &[PathBuf], to: &Path) -> Result<Value> {
    Ok(json!({
        "from": project.root.join("www"),
        "to": to,
        "glues": glues(bound),
        "version": version(project)?,
        "release": profile == Profile::Release,
    }))
}

fn run(project: &Project, script: &str, task: Value) -> Result<()> {
    let script = project.root.join("xtask/src/bundle").join(script);
    process::run(npm::node(project).arg(script).arg(task.to_string()))
}

/// Returns the JavaScript of each wasm file that has been built.
fn glues(bound: &[PathBuf]) -> Map<String, Value> {
    let find = |name: &str| {
        let file = format!("{name}.js");
        bound.iter().map(|folder| folder.join(&file)).find(|path| path.is_file())
    };
    let found = VARIANTS.iter().filter_map(|variant| Some((variant.name, find(variant.name)?)));
    found.map(|(name, path)| (name.to_string(), json!(path))).collect()
}

/// Returns the version of the crate and of the package.
pub fn version(project: &Project) -> Result<String> {
    let path = project.root.join("Cargo.toml");
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    version_in(&text).with_context(|| format!("{} has no version", path.display()))
}

fn version_in(manifest: &str) -> Option<String> {
    let line = manifest.lines().find_map(|line| line.strip_prefix("version = "))?;
    Some(line.trim_matches('"').to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_packages_own() {
        let manifest = "[package]\nname = \"a\"\nversion = \"1.2.3\"\n[dependencies]\nb = { version = \"4\" }\n";
        assert_eq!(version_in(manifest).as_deref(), Some("1.2.3"));
        assert_eq!(version_in("[workspace]\n"), None);
    }

    #[test]
    fn the_citation_names_the_version() {
        let version = version_in(include_str!("../../Cargo.toml")).unwrap();
        let citation = include_str!("../../CITATION.cff");
        assert!(citation.contains(&format!("\nversion: {version}\n")), "{version}");
    }

    #[test]
    fn a_file_that_is_not_built_has_no_javascript() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("reslens-webgpu.js"), "").unwrap();
        let found = glues(&[folder.path().into()]);
        assert_eq!(found.keys().collect::<Vec<_>>(), ["reslens-webgpu"]);
    }
}
