use burn::tensor::{Tensor, Device};
#[cfg(target_arch="wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn probe(n: usize) -> f32 {
    let d = Device::flex();
    let t = Tensor::<2>::ones([n, n], &d);
    let v: Vec<f32> = t.into_data().try_to_vec::<f32>().unwrap();
    v[0]
}
