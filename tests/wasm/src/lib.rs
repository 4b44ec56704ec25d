//! The bodies of `tests/native/kernels.rs` and the random cases of `tests/native/soak.rs`, compiled to wasm: other
//! instructions, the same shapes.
#![cfg(target_arch = "wasm32")]

#[path = "../../common/close.rs"]
mod close;
#[allow(dead_code)] // whole model files are not drawn here
#[path = "../../common/generator.rs"]
mod generator;
#[path = "../../common/kernels.rs"]
mod kernels;
#[path = "../../common/random.rs"]
mod random;
#[path = "../../common/small_network.rs"]
mod small_network;

use kernels::{SINGLE, Target};
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

/// An engine that is tested. What fails traps, after reslens' panic hook has told why on the console.
#[wasm_bindgen]
pub struct KernelTests {
    #[cfg(feature = "webgpu")]
    gpu: reslens::gpu::Gpu,
    #[cfg(not(feature = "webgpu"))]
    device: burn::tensor::Device,
}

#[wasm_bindgen]
impl KernelTests {
    /// Opens it. On a GPU whose devices get `subgroups`, by quads.
    pub async fn open(subgroups: bool) -> Self {
        #[cfg(feature = "webgpu")]
        {
            let options = reslens::gpu::OpenOptions { subgroups, ..Default::default() };
            let gpu = reslens::gpu::Gpu::open_with(options).await.expect("a GPU");
            Self { gpu }
        }
        #[cfg(not(feature = "webgpu"))]
        {
            assert!(!subgroups, "a processor has none");
            Self { device: burn::tensor::Device::flex() }
        }
    }

    /// Runs a test.
    pub async fn run(&self, name: String) {
        let (_, test) = tests().find(|(known, _)| *known == name).expect("a known test");
        test(&self.target(0)).await;
        self.check_faults();
    }

    /// Runs the random case of a seed, and returns what it is counted as.
    #[wasm_bindgen(js_name = runRandom)]
    pub async fn run_random(&self, seed: u32) -> String {
        let work = random::drawn(random::work(), seed.into());
        let work = if cfg!(feature = "webgpu") { work.on_a_gpu() } else { work };
        work.check(&self.target(seed)).await;
        self.check_faults();
        work.name().into()
    }

    fn target(&self, seed: u32) -> Target<'_> {
        #[cfg(feature = "webgpu")]
        let device = self.gpu.device();
        #[cfg(not(feature = "webgpu"))]
        let device = &self.device;
        Target { device, tolerance: SINGLE, seed }
    }

    /// A refused command may leave right numbers behind.
    fn check_faults(&self) {
        #[cfg(feature = "webgpu")]
        self.gpu.context().faults.check().expect("no fault of the GPU");
    }
}
