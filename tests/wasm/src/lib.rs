//! The bodies of `tests/native/kernels.rs`, compiled to wasm: other instructions, the same shapes.
#![cfg(target_arch = "wasm32")]

#[path = "../../common/close.rs"]
mod close;
#[path = "../../common/kernels.rs"]
mod kernels;

use wasm_bindgen::prelude::wasm_bindgen;

/// Returns the tests of this file's engine.
fn tests() -> impl Iterator<Item = &'static (&'static str, kernels::Test)> {
    let own: &[_] = if cfg!(feature = "webgpu") { &[] } else { &kernels::CPU };
    kernels::ALL.iter().chain(own)
}

/// Returns the names of all tests.
#[wasm_bindgen(js_name = kernelTests)]
pub fn kernel_tests() -> Vec<String> {
    tests().map(|(name, _)| (*name).into()).collect()
}

/// Runs one test; traps if it fails, after reslens' panic hook has logged the reason to the console. On a GPU whose
/// devices have `subgroups`, uses quads.
#[wasm_bindgen(js_name = runKernelTest)]
pub async fn run_kernel_test(name: String, subgroups: bool) {
    let (_, test) = tests().find(|(known, _)| *known == name).expect("a known test");
    #[cfg(feature = "webgpu")]
    {
        let options = reslens::gpu::OpenOptions { subgroups, ..Default::default() };
        let gpu = reslens::gpu::Gpu::open_with(options).await.expect("a GPU");
        let target = kernels::Target { device: gpu.device(), tolerance: kernels::SINGLE, seed: 0 };
        test(&target).await;
        gpu.context().faults.check().expect("no fault");
    }
    #[cfg(not(feature = "webgpu"))]
    {
        assert!(!subgroups, "a processor has none");
        let device = burn::tensor::Device::flex();
        test(&kernels::Target { device: &device, tolerance: kernels::SINGLE, seed: 0 }).await;
    }
}
