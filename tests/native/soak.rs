//! Kernels and small networks drawn at random, on any number of threads, against the scalar reference.
//!
//! `cargo xtask soak` runs some hundred thousand of them; the few here show that the machinery works.
#![cfg(feature = "threads")]

use crate::common::kernels::{SINGLE, Target};
use crate::common::random::{drawn, work};
use burn::tensor::Device;
use pollster::block_on;
use proptest::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::collections::BTreeMap;

/// Number of cases, unless `RESLENS_CASES` is set.
const CASES: u64 = 400;

/// Draws a number of threads: as many as a small machine has, more, and far more.
fn threads() -> impl Strategy<Value = usize> {
    prop_oneof![10 => 1usize..3, 6 => 3usize..5, 1 => prop::sample::select(vec![6, 8, 16])]
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|error| panic!("{name}={text}: {error}")))
}

#[test]
fn kernels_and_networks_drawn_at_random_equal_the_reference() {
    let cases = number("RESLENS_CASES").unwrap_or(CASES);
    let first = number("RESLENS_SEED").unwrap_or(1);
    let device = Device::flex();
    let mut pools = BTreeMap::<usize, ThreadPool>::new();
    let mut counts = BTreeMap::<&str, u64>::new();
    for seed in first..first + cases {
        let (work, threads) = drawn((work(), threads()), seed);
        let pool = pools.entry(threads).or_insert_with(|| {
            ThreadPoolBuilder::new().num_threads(threads).build().expect("threads")
        });
        let target = Target { device: &device, tolerance: SINGLE, seed: seed as u32 };
        let check = || pool.install(|| block_on(work.check(&target)));
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(check));
        outcome.unwrap_or_else(|_| panic!("RESLENS_SEED={seed}: {work:?} on {threads} threads"));
        *counts.entry(work.name()).or_default() += 1;
    }
    println!("{cases} cases from seed {first}: {counts:?}");
}
