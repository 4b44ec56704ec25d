//! The npm packages: what is bundled into the page's scripts, and what the lock files pin.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use super::policy::Allowed;
use crate::project::Project;

/// The source of npm's packages. A lock file without an address means this one.
const REGISTRY: &str = "https://registry.npmjs.org/";

/// Licences of tools that only run here: nothing of them is shipped.
const OF_TOOLS: [&str; 8] = [
    "Apache-2.0 AND LGPL-3.0-or-later",
    "Apache-2.0 AND LGPL-3.0-or-later AND MIT",
    "Apache-2.0 AND MIT",
    "BlueOak-1.0.0",
    "CC-BY-4.0",
    "LGPL-3.0-or-later",
    "PSF-2.0",
    "Python-2.0",
];

/// A package that is bundled into the page's scripts.
#[derive(Clone, Debug)]
pub struct Bundled {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence in SPDX.
    pub license: String,
    /// The hash that the lock file pins: `sha512-` and Base64.
    pub integrity: String,
    /// Its licence's text.
    pub text: String,
}

/// Returns the packages whose files the bundler has put into the page's scripts, as it listed them in `list`.
///
/// # Errors
///
/// If a package is not in the lock file, or has no licence.
pub fn bundled(project: &Project, list: &Path) -> Result<Vec<Bundled>> {
    let text =
        fs::read_to_string(list).with_context(|| format!("cannot read {}", list.display()))?;
    let names: Vec<String> = serde_json::from_str(&text)?;
    let lock = read(&project.root.join("package-lock.json"))?;
    let find = |name: String| {
        let entry = &lock[&format!("node_modules/{name}")];
        let field = |field: &str| {
            let text = entry[field].as_str().map(str::to_string);
            text.with_context(|| format!("package-lock.json: {name} has no {field}"))
        };
        let license = project.root.join("node_modules").join(&name).join("LICENSE");
        Ok(Bundled {
            version: field("version")?,
            license: field("license")?,
            integrity: field("integrity")?,
            text: fs::read_to_string(&license)
                .with_context(|| format!("cannot read {}", license.display()))?,
            name,
        })
    };
    names.into_iter().map(find).collect()
}

/// Returns the problems of a lock file.
///
/// # Errors
///
/// If it cannot be read.
pub fn lock_complaints(lock: &Path, allowed: &Allowed) -> Result<Vec<String>> {
    Ok(complaints(&read(lock)?, allowed))
}

fn complaints(packages: &Map<String, Value>, allowed: &Allowed) -> Vec<String> {
    let mut found = Vec::new();
    // The first one is the project itself.
    for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
        let text = |field: &str| package[field].as_str().unwrap_or_default();
        if !text("integrity").starts_with("sha512-") {
            found
                .push(format!("{name}: expected a hash `sha512-…`, found `{}`", text("integrity")));
        }
        let address = text("resolved");
        if !address.is_empty() && !address.starts_with(REGISTRY) {
            found.push(format!("{name}: expected {REGISTRY}, found {address}"));
        }
        let license = text("license");
        let refusal = allowed.refusal(license).filter(|_| !OF_TOOLS.contains(&license));
        found.extend(refusal.map(|refusal| format!("{name}: {refusal}")));
    }
    found
}

/// Parses the packages of a lock file, by the folder in which they are installed.
fn read(lock: &Path) -> Result<Map<String, Value>> {
    let context = || format!("cannot read {}", lock.display());
    let mut value: Value = serde_json::from_str(&fs::read_to_string(lock).with_context(context)?)
        .with_context(context)?;
    match value["packages"].take() {
        Value::Object(packages) => Ok(packages),
        _ => anyhow::bail!("{}: expected `packages`, found none", lock.display()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_package_without_hash_licence_or_registry_is_named() {
        let allowed = Allowed::parse("[licenses]\nallow = [\"MIT\"]\n").unwrap();
        let good = json!({ "integrity": "sha512-AA==", "license": "MIT" });
        let tool = json!({ "integrity": "sha512-AA==", "license": "CC-BY-4.0" });
        let elsewhere = json!({ "integrity": "sha512-AA==", "license": "MIT", "resolved": "https://example.org/a.tgz" });
        let bare = json!({ "version": "1.0.0" });
        let lock = |entry: &Value| {
            Map::from_iter([("".into(), json!({})), ("node_modules/a".into(), entry.clone())])
        };
        assert_eq!(complaints(&lock(&good), &allowed), [""; 0]);
        assert_eq!(complaints(&lock(&tool), &allowed), [""; 0]);
        assert_eq!(complaints(&lock(&elsewhere), &allowed).len(), 1);
        assert_eq!(complaints(&lock(&bare), &allowed).len(), 2);
    }
}
