//! The folder that is served while it measures: our library, the others, and what drives them.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::dist;
use crate::project::Project;

/// The others' files in their npm packages, and the folder of the site that each goes to. A
/// `package.json` tells the version.
const OTHERS: [(&str, &str); 8] = [
    ("onnxruntime-web", "onnxruntime-web/package.json"),
    ("onnxruntime-web", "onnxruntime-web/dist/ort.wasm.min.mjs"),
    ("onnxruntime-web", "onnxruntime-web/dist/ort-wasm-simd-threaded.mjs"),
    ("onnxruntime-web", "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm"),
    ("tfjs", "@tensorflow/tfjs-backend-wasm/package.json"),
    ("tfjs", "@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js"),
    ("tfjs", "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm"),
    ("tfjs", "@tensorflow/tfjs-core/dist/tf-core.min.js"),
];

/// Makes the folder anew from dist/ and the installed `packages`; returns it. The model is not in
/// it yet.
pub fn assemble(project: &Project, packages: &Path) -> Result<PathBuf> {
    let site = super::folder(project).join("site");
    dist::remove(&site)?;
    for (path, source) in dist::files(&project.dist())? {
        if is_library(&path) {
            dist::copy(&source, &site.join("reslens").join(path))?;
        }
    }
    for (path, source) in dist::files(&project.root.join("bench/cpu/web"))? {
        dist::copy(&source, &site.join("bench").join(path))?;
    }
    for (folder, file) in OTHERS {
        let source = packages.join(file);
        let name = source.file_name().expect("the paths above name files");
        dist::copy(&source, &site.join(folder).join(name))?;
    }
    Ok(site)
}

/// Whether a file of dist/ belongs to the library, rather than to the page.
fn is_library(path: &str) -> bool {
    let parts = ["lib/", "snippets/", "reslens-cpu-"];
    ["reslens.js", "worker.js"].contains(&path) || parts.iter().any(|part| path.starts_with(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_no_part_of_the_library() {
        for path in ["reslens.js", "lib/pool.js", "reslens-cpu-simd128.wasm"] {
            assert!(is_library(path), "{path}");
        }
        for path in ["index.html", "main.js", "views/maps.js", "models/a.safetensors"] {
            assert!(!is_library(path), "{path}");
        }
    }
}
