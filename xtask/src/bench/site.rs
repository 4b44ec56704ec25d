//! The folder that is served while measuring: our library, the other engines, and the scripts that drive them.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::project::Project;
use crate::{dist, tree};

/// The files of the others: their place in the site, and their place among the npm packages. A `package.json` gives the
/// version.
const OTHERS: [(&str, &str); 20] = [
    ("onnxruntime-web/package.json", "onnxruntime-web/package.json"),
    ("onnxruntime-web/ort.wasm.min.mjs", "onnxruntime-web/dist/ort.wasm.min.mjs"),
    (
        "onnxruntime-web/ort-wasm-simd-threaded.mjs",
        "onnxruntime-web/dist/ort-wasm-simd-threaded.mjs",
    ),
    (
        "onnxruntime-web/ort-wasm-simd-threaded.wasm",
        "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm",
    ),
    ("litert/package.json", "@litertjs/core/package.json"),
    ("litert/core.js", "@litertjs/core/dist/index.js"),
    ("litert/wasm-utils.js", "@litertjs/wasm-utils/dist/index.js"),
    ("litert/litert_wasm_internal.js", "@litertjs/core/wasm/litert_wasm_internal.js"),
    ("litert/litert_wasm_internal.wasm", "@litertjs/core/wasm/litert_wasm_internal.wasm"),
    (
        "litert/litert_wasm_threaded_internal.js",
        "@litertjs/core/wasm/litert_wasm_threaded_internal.js",
    ),
    (
        "litert/litert_wasm_threaded_internal.wasm",
        "@litertjs/core/wasm/litert_wasm_threaded_internal.wasm",
    ),
    ("tfjs/package.json", "@tensorflow/tfjs-backend-wasm/package.json"),
    ("tfjs/tf-backend-wasm.min.js", "@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js"),
    (
        "tfjs/tfjs-backend-wasm-threaded-simd.wasm",
        "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm",
    ),
    ("tfjs/tf-core.min.js", "@tensorflow/tfjs-core/dist/tf-core.min.js"),
    ("tfjs/tf-backend-webgl.min.js", "@tensorflow/tfjs-backend-webgl/dist/tf-backend-webgl.min.js"),
    (
        "tfjs/tf-backend-webgpu.min.js",
        "@tensorflow/tfjs-backend-webgpu/dist/tf-backend-webgpu.min.js",
    ),
    ("onnxruntime-web/ort.webgpu.min.mjs", "onnxruntime-web/dist/ort.webgpu.min.mjs"),
    (
        "onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs",
        "onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.mjs",
    ),
    (
        "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm",
        "onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.wasm",
    ),
];

/// Recreates the folder from dist/, the installed `packages` and the folder of the wasm file that times our `layers`;
/// returns it. It does not contain the model yet.
///
/// Our library is in it twice: whole, and as on a host without the files for relaxed SIMD. If `before` is the dist/ of
/// an earlier build, that build's library is in it as well.
pub fn assemble(
    project: &Project,
    packages: &Path,
    layers: &Path,
    before: Option<&Path>,
) -> Result<PathBuf> {
    let site = super::folder(project).join("site");
    dist::remove(&site)?;
    for (path, source) in tree::files(&project.dist())? {
        if is_library(&path) {
            if !path.starts_with("reslens-cpu-relaxed") {
                dist::copy(&source, &site.join("reslens-simd128").join(&path))?;
            }
            dist::copy(&source, &site.join("reslens").join(path))?;
        }
    }
    if let Some(before) = before {
        let found = before.join("reslens.js").is_file();
        ensure!(
            found,
            "{}: expected the dist/ of an earlier build, found no reslens.js",
            before.display()
        );
        for (path, source) in tree::files(before)? {
            if !path.starts_with("models/") {
                dist::copy(&source, &site.join("before").join(path))?;
            }
        }
    }
    // Parts of the library that a benchmark calls directly.
    for (path, source) in tree::files(&project.root.join("www/lib"))? {
        dist::copy(&source, &site.join("source").join(path))?;
    }
    for (path, source) in tree::files(&project.root.join("bench/race/web"))? {
        dist::copy(&source, &site.join("bench").join(path))?;
    }
    for (path, source) in tree::files(layers)? {
        dist::copy(&source, &site.join("layers").join(path))?;
    }
    for (path, source) in OTHERS {
        dist::copy(&packages.join(source), &site.join(path))?;
    }
    Ok(site)
}

/// Whether a file of dist/ belongs to the library, rather than to the page.
fn is_library(path: &str) -> bool {
    ["reslens.js", "worker.js"].contains(&path) || path.ends_with(".wasm")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_not_part_of_the_library() {
        for path in ["reslens.js", "worker.js", "reslens-cpu-simd128.wasm", "reslens-webgpu.wasm"] {
            assert!(is_library(path), "{path}");
        }
        for path in ["index.html", "main.js", "views/maps.js", "models/a.safetensors"] {
            assert!(!is_library(path), "{path}");
        }
    }
}
