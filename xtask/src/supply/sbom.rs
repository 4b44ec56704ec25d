//! `sbom.cdx.json`: the bill of materials in CycloneDX 1.6, <https://cyclonedx.org/docs/1.6/json/>.
//!
//! It states no time, and its serial number follows from its content: the same build has the same bill.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::linked::{Id, Linked};
use super::npm::Bundled;
use crate::precache::hash;

/// The contents of the bill.
pub struct Product<'a> {
    /// Its version.
    pub version: &'a str,
    /// Its wasm files.
    pub wasm: &'a [PathBuf],
    /// The crates in them.
    pub crates: &'a BTreeMap<Id, Linked>,
    /// The packages in its scripts.
    pub bundled: &'a [Bundled],
}

/// Writes the bill.
///
/// # Errors
///
/// If a wasm file cannot be read, or a hash of npm's is invalid.
pub fn write(product: &Product) -> Result<String> {
    let Product { version, wasm, crates, bundled } = product;
    let purl = format!("pkg:npm/reslens@{version}");
    let mut components = Vec::new();
    let mut dependencies = Vec::new();
    let mut parts = Vec::new();
    for path in *wasm {
        let (component, name) = file(path)?;
        let linked = crates.iter().filter(|(_, linked)| linked.files.contains(&*name));
        let linked: Vec<String> = linked.map(|(id, _)| crate_purl(id)).collect();
        ensure!(!linked.is_empty(), "{name}.wasm: expected crates in it, found none");
        dependencies.push(json!({ "ref": component["bom-ref"], "dependsOn": linked }));
        parts.push(component["bom-ref"].clone());
        components.push(component);
    }
    for (id, linked) in *crates {
        components.push(crate_component(id, linked));
        let needs: Vec<String> = linked.needs.iter().map(crate_purl).collect();
        dependencies.push(json!({ "ref": crate_purl(id), "dependsOn": needs }));
    }
    for package in *bundled {
        let component = package_component(package)?;
        parts.push(component["bom-ref"].clone());
        components.push(component);
    }
    dependencies.insert(0, json!({ "ref": purl, "dependsOn": parts }));
    let mut bill = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{ "phase": "build" }],
            "component": {
                "type": "library",
                "bom-ref": purl,
                "name": "reslens",
                "version": version,
                "purl": purl,
                "licenses": [{ "expression": "MIT OR Apache-2.0" }],
            },
        },
        "components": components,
        "dependencies": dependencies,
    });
    bill["serialNumber"] = json!(format!("urn:uuid:{}", uuid(&bill.to_string())));
    Ok(serde_json::to_string_pretty(&bill)? + "\n")
}

/// A wasm file, with its name without extension.
fn file(path: &Path) -> Result<(Value, String)> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let component = json!({
        "type": "file",
        "bom-ref": format!("file:{name}.wasm"),
        "name": format!("{name}.wasm"),
        "hashes": [{ "alg": "SHA-256", "content": hash(&bytes) }],
    });
    Ok((component, name))
}

fn crate_purl((name, version): &Id) -> String {
    // In package URLs the build part of a version is percent-encoded.
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}

fn crate_component(id: &Id, linked: &Linked) -> Value {
    let purl = crate_purl(id);
    let mut component = json!({
        "type": "library",
        "bom-ref": purl,
        "name": id.0,
        "version": id.1,
        "purl": purl,
        // Older manifests write `MIT/Apache-2.0`.
        "licenses": [{ "expression": linked.license.replace(" / ", "/").replace('/', " OR ") }],
    });
    if let Some(checksum) = &linked.checksum {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    if let Some(repository) = &linked.repository {
        component["externalReferences"] = json!([{ "type": "vcs", "url": repository }]);
    }
    component
}

fn package_component(package: &Bundled) -> Result<Value> {
    let Bundled { name, version, license, integrity, .. } = package;
    let digest = integrity.strip_prefix("sha512-").map(|digits| BASE64_STANDARD.decode(digits));
    let digest =
        digest.with_context(|| format!("{name}: expected sha512, found {integrity}"))??;
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let purl = format!("pkg:npm/{}@{version}", name.replace('@', "%40"));
    Ok(json!({
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "licenses": [{ "expression": license }],
        "hashes": [{ "alg": "SHA-512", "content": digits }],
    }))
}

/// Returns a UUID of version 8, whose bits are free, derived from what it identifies.
fn uuid(text: &str) -> String {
    let digits = hash(text.as_bytes());
    let [a, b, c, d, e] =
        [&digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..32]];
    format!("{a}-{b}-8{c}-8{d}-{e}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;

    #[test]
    fn the_bill_names_files_crates_and_packages_and_is_the_same_twice() {
        let folder = tempfile::tempdir().unwrap();
        let wasm = [folder.path().join("reslens-import.wasm")];
        fs::write(&wasm[0], "wasm").unwrap();
        let id = |name: &str| (name.to_string(), "1.0.0+b".to_string());
        let linked = |needs: &[&str]| Linked {
            license: "MIT/Apache-2.0".into(),
            files: BTreeSet::from(["reslens-import"]),
            needs: needs.iter().map(|name| id(name)).collect(),
            ..Linked::default()
        };
        let crates = BTreeMap::from([(id("a"), linked(&["b"])), (id("b"), linked(&[]))]);
        let bundled = [Bundled {
            name: "@d/e".into(),
            version: "2.0.0".into(),
            license: "ISC".into(),
            integrity: "sha512-/wA=".into(),
            text: String::new(),
        }];
        let product = Product { version: "0.1.0", wasm: &wasm, crates: &crates, bundled: &bundled };
        let text = write(&product).unwrap();
        assert_eq!(write(&product).unwrap(), text);
        let bill: Value = serde_json::from_str(&text).unwrap();
        let refs = bill["components"].as_array().unwrap().iter().map(|each| &each["bom-ref"]);
        assert_eq!(
            refs.collect::<Vec<_>>(),
            [
                "file:reslens-import.wasm",
                "pkg:cargo/a@1.0.0%2Bb",
                "pkg:cargo/b@1.0.0%2Bb",
                "pkg:npm/%40d/e@2.0.0"
            ]
        );
        assert_eq!(bill["components"][1]["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(bill["components"][3]["hashes"][0]["content"], "ff00");
        assert_eq!(bill["dependencies"][2]["dependsOn"], json!(["pkg:cargo/b@1.0.0%2Bb"]));
        fs::write(&wasm[0], "WASM").unwrap();
        assert_ne!(write(&product).unwrap(), text);
    }
}
