//! Compiles the kernels' tests to wasm.

use std::path::PathBuf;

use anyhow::Result;

use crate::project::Project;
use crate::wasm::{KERNEL_TESTS, Profile, Variant};
use crate::{bindgen, toolchain};

/// Returns the folder of each: one for each engine. `RESLENS_KERNEL_TESTS` names them to the browser's tests.
pub fn build(project: &Project) -> Result<Vec<PathBuf>> {
    let _lock = project.lock()?;
    let toolchain = toolchain::find()?;
    let build = |variant: &Variant| {
        let wasm = variant.compile(project, &toolchain, Profile::Release)?;
        Ok(bindgen::bind(project, variant, Profile::Release, &wasm)?.folder)
    };
    KERNEL_TESTS.iter().map(build).collect()
}
