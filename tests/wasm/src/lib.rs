//! The bodies of `tests/kernels.rs`, compiled to wasm: other instructions, the same shapes.
#![cfg(target_arch = "wasm32")]

#[path = "../../common/kernels.rs"]
mod kernels;

use wasm_bindgen::prelude::wasm_bindgen;

/// The names of all tests.
#[wasm_bindgen(js_name = kernelTests)]
pub fn kernel_tests() -> Vec<String> {
    kernels::ALL.iter().map(|(name, _)| (*name).into()).collect()
}

/// Runs one of them; traps if it fails, after reslens' panic hook has told why on the console.
#[wasm_bindgen(js_name = runKernelTest)]
pub async fn run_kernel_test(name: String) {
    let (_, test) = kernels::ALL.iter().find(|(known, _)| *known == name).expect("a known test");
    #[cfg(feature = "webgpu")]
    {
        let gpu = reslens::gpu::Gpu::open().await.expect("a GPU");
        gpu.guard(async { Ok::<_, String>(test(gpu.device()).await) }).await.expect("no fault");
    }
    #[cfg(not(feature = "webgpu"))]
    test(&burn::tensor::Device::flex()).await;
}
