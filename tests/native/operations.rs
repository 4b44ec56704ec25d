//! CONTRIBUTING requires two things of an operation that no compiler checks: a wrapper, and a test against the scalar
//! reference that runs on every engine.

const OPS: &str = include_str!("../../src/ops.rs");
const KERNEL_TESTS: &str = include_str!("../common/kernels.rs");

/// The methods of `FusedOps`.
fn operations() -> Vec<&'static str> {
    let (_, body) = OPS.split_once("pub trait FusedOps").expect("src/ops.rs declares the trait");
    let (body, _) = body.split_once("\n}").expect("the trait ends");
    let names = body.lines().filter_map(|line| line.trim().strip_prefix("fn ")?.split('(').next());
    names.collect()
}

#[test]
fn every_operation_has_a_wrapper() {
    let operations = operations();
    assert!(operations.contains(&"conv") && operations.len() > 5, "found {operations:?}");
    for name in operations {
        let wrapped = ["(", "<"].iter().any(|next| OPS.contains(&format!("\npub fn {name}{next}")));
        assert!(wrapped, "src/ops.rs has no `pub fn {name}`");
    }
}

#[test]
fn every_operation_is_compared_with_the_reference() {
    for name in operations() {
        let called = KERNEL_TESTS.contains(&format!("ops::{name}("));
        assert!(called, "no test of tests/common/kernels.rs calls `ops::{name}`");
    }
}
