//! What stands in dist/ for a wasm file that is still being built.
//!
//! A page that found nothing would show an error in the console and give the status 404 as its reason. So
//! both files are there: the JavaScript says what is to come, and `www/lib/worker/wasm-file.js` takes that for the
//! reason why the file cannot be used; the wasm file is an empty module.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::project::Project;
use crate::wasm::{self, Variant};

/// WebAssembly's magic number and version, which is all that a module needs.
const EMPTY_MODULE: [u8; 8] = *b"\0asm\x01\0\0\0";

/// Writes the placeholder of a variant and returns its folder: `NAME.js` and `NAME.wasm`.
pub fn folder(project: &Project, variant: &Variant) -> Result<PathBuf> {
    let folder = wasm::folder(project).join("placeholders").join(variant.name);
    let path = folder.join(variant.name);
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(path.with_extension("js"), script(variant.name)))
        .and_then(|()| fs::write(path.with_extension("wasm"), EMPTY_MODULE))
        .with_context(|| format!("cannot write {}", folder.display()))?;
    Ok(folder)
}

/// The JavaScript, in place of the glue.
fn script(name: &str) -> String {
    format!(
        "export const pending = '{name}.wasm is not built yet: reload the page when cargo xtask serve says \
         that it is ready';\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasm::VARIANTS;

    #[test]
    fn both_files_of_a_variant_are_there() {
        let target = tempfile::tempdir().unwrap();
        let project = Project { root: target.path().into(), target: target.path().into() };
        for variant in &VARIANTS {
            let folder = folder(&project, variant).unwrap();
            let read = |extension| fs::read(folder.join(format!("{}.{extension}", variant.name)));
            let script = String::from_utf8(read("js").unwrap()).unwrap();
            assert!(script.starts_with("export const pending = '"), "{script}");
            assert!(script.contains(variant.name), "{script}");
            assert_eq!(read("wasm").unwrap().len(), 8);
        }
    }
}
