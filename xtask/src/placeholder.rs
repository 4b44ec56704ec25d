//! The placeholder in dist/ for a wasm file that is still being built.
//!
//! If the file were missing, a page would show an error in the console and give the status 404 as its reason. Instead
//! it gets an empty module with a custom section that names the missing file, and `www/lib/worker/wasm-file.js` reports
//! that as the reason why the file cannot be used.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::project::Project;
use crate::wasm::{self, Variant};

/// WebAssembly's magic number and version, with which a module begins.
const HEADER: [u8; 8] = *b"\0asm\x01\0\0\0";

/// The custom section's name.
const SECTION: &str = "pending";

/// Writes the placeholder of a variant, `NAME.wasm`, and returns its folder.
pub fn folder(project: &Project, variant: &Variant) -> Result<PathBuf> {
    let folder = wasm::folder(project).join("placeholders").join(variant.name);
    let message = format!(
        "{}.wasm is not built yet: reload the page when cargo xtask serve says that it is ready",
        variant.name
    );
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(folder.join(format!("{}.wasm", variant.name)), module(&message)))
        .with_context(|| format!("cannot write {}", folder.display()))?;
    Ok(folder)
}

/// Returns an empty module with a custom section.
fn module(message: &str) -> Vec<u8> {
    let name = leb128(SECTION.len());
    let length = leb128(name.len() + SECTION.len() + message.len());
    [&HEADER[..], &[0], &length, &name, SECTION.as_bytes(), message.as_bytes()].concat()
}

/// Encodes an unsigned number as WebAssembly does: seven bits at a time, the lowest first.
fn leb128(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use wasmparser::{Parser, Payload};

    use super::*;
    use crate::wasm::VARIANTS;

    #[test]
    fn the_placeholder_of_each_variant_names_the_missing_file() {
        let target = tempfile::tempdir().unwrap();
        let project = Project { root: target.path().into(), target: target.path().into() };
        for variant in &VARIANTS {
            let folder = folder(&project, variant).unwrap();
            let bytes = fs::read(folder.join(format!("{}.wasm", variant.name))).unwrap();
            let sections: Vec<_> = Parser::new(0)
                .parse_all(&bytes)
                .filter_map(|payload| match payload.unwrap() {
                    Payload::CustomSection(section) => Some(section),
                    _ => None,
                })
                .collect();
            assert_eq!(sections.len(), 1);
            assert_eq!(sections[0].name(), SECTION);
            assert!(String::from_utf8_lossy(sections[0].data()).contains(variant.name));
        }
    }
}
