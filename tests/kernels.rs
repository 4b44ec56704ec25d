//! The kernels' tests, natively. In a browser they run from `tests/wasm`.

#[path = "common/kernels.rs"]
mod kernels;

#[test]
fn every_kernel_matches_the_scalar_reference() {
    for (name, test) in kernels::ALL {
        println!("{name}");
        test();
    }
}
