//! The contributions of each block's two paths: the numbers match torch's, and the identities that define them hold
//! over small random networks.

use crate::common::fixture::Fixture;
use crate::common::small_network::{self, Case, EXACT};
use crate::common::{close, generator};
use crate::parity::{Engine, Networks, channels_last};
use burn::tensor::Device;
use pollster::block_on;
use proptest::test_runner::{Config, TestRunner};
#[cfg(feature = "webgpu")]
use reslens::gpu::Gpu;
use reslens::model::{BlockStats, Cam, FusedResNet, Outputs, Path, Plan};
use reslens::ops::CamClass;

/// Largest difference from torch's numbers, relative to the largest of its kind.
const TOLERANCE: f32 = 1e-3;

/// Returns the statistics of a block in the fixtures' order; a missing one is NaN there.
fn numbers(stats: &BlockStats) -> [f32; 7] {
    let BlockStats { shortcut, residual, sum, output, ratio, cosine, clipped, .. } = *stats;
    let [ratio, cosine] = [ratio, cosine].map(|value| value.unwrap_or(f32::NAN));
    [shortcut, residual, sum, output, ratio, cosine, clipped]
}

/// Fails unless both are NaN, or within parity's tolerance for numbers of about 1.
#[track_caller]
fn assert_same(what: &str, found: f32, expected: f32) {
    let near = (found - expected).abs() <= TOLERANCE * expected.abs().max(1.0);
    let neither = found.is_nan() && expected.is_nan();
    assert!(near || neither, "{what}: {found}, expected {expected}");
}

fn check_stats(what: &str, found: &[BlockStats], expected: &[f32]) {
    assert_eq!(7 * found.len(), expected.len(), "{what}: blocks");
    for (stats, expected) in found.iter().zip(expected.as_chunks::<7>().0) {
        for (index, (found, expected)) in numbers(stats).into_iter().zip(expected).enumerate() {
            let what = format!("{what}: number {index} of block {}", stats.block);
            assert_same(&what, found, *expected);
        }
    }
}

fn check_cam(what: &str, cam: &Cam, expected: &[f32]) {
    let Cam { total, shortcut, residual, .. } = cam;
    let found = [total, shortcut, residual].map(|map| &map.data[..]).concat();
    close::assert_close(what, &found, expected, TOLERANCE);
}

/// Compares everything in the fixture except its logits.
fn check(engine: &Engine, fixture: &Fixture) {
    let what = format!("{}, {}", fixture.name, engine.name);
    let [n, _, h, w] = fixture.shape;
    let blocks = fixture.architecture.blocks();
    let images = channels_last(generator::input(fixture.shape), fixture.shape);
    let left_out = fixture.left_out();
    let untouched = Plan { left_out, ..Plan::default() };
    let run = |plan: &Plan| engine.run(images.clone(), [n, h, w], plan);

    let stats = (0..blocks.len()).collect();
    let plan = Plan { stats, cam: Some(CamClass::Top), ..untouched.clone() };
    let Outputs { logits, stats, cam, .. } = run(&plan);
    assert_eq!(logits, run(&untouched).logits, "{what}: logits with and without");
    close::assert_close(format!("{what}: logits"), &logits, &fixture.logits(), TOLERANCE);
    check_stats(&what, &stats, &fixture.tensor("stats"));
    let top = CamClass::Top.index(&fixture.logits());
    let cam = cam.expect("maps of the top class");
    assert_eq!(cam.class, top, "{what}: top class");
    check_cam(&format!("{what}: top class"), &cam, &fixture.tensor(&format!("cam-{top}")));
    let plan = Plan { cam: Some(CamClass::Index(3)), ..untouched.clone() };
    check_cam(&format!("{what}: class 3"), &run(&plan).cam.unwrap(), &fixture.tensor("cam-3"));

    for path in Path::ALL {
        if untouched.left_out.iter().any(|(_, other)| *other != path) {
            continue; // a block would lose both paths
        }
        let expected = fixture.tensor(&format!("sweep-{}", path.name()));
        let input = engine.fused.input(images.clone(), [n, h, w]);
        let (forward, stored) = engine.fused.forward_storing(input, &untouched);
        assert_eq!(block_on(forward.read()).unwrap().logits, logits, "{what}: the first run");
        for (block, expected) in expected.chunks_exact(fixture.classes).enumerate() {
            let plan = untouched.without(block, path);
            let found = run_from(&engine.fused, stored[block].clone(), block, &plan);
            let what = format!("{what}: without {path:?} of block {block}");
            close::assert_close(what, &found, expected, TOLERANCE);
        }
    }
}

fn run_from(
    network: &FusedResNet,
    input: burn::tensor::Tensor<4>,
    block: usize,
    plan: &Plan,
) -> Vec<f32> {
    block_on(network.forward_from(block, input, plan, |_| ()).read()).unwrap().logits
}

fn check_fixtures(names: &[&str]) {
    let fixtures = names.iter().map(|name| Fixture::load(name)).collect::<Vec<_>>();
    let networks = Networks::drawn(fixtures[0].architecture, fixtures[0].classes);
    for engine in &networks.engines {
        fixtures.iter().for_each(|fixture| check(engine, fixture));
    }
}

#[test]
fn basic_blocks_equal_torch() {
    check_fixtures(&["resnet18-64-lens", "resnet18-64-lens-cuts", "resnet18-64-lens-shortcuts"]);
}

#[test]
fn bottleneck_blocks_equal_torch() {
    check_fixtures(&["resnet50-64-lens", "resnet50-64-lens-cuts"]);
}

impl Case {
    fn check(&self, device: &Device) {
        let network = self.network(device);
        let [h, w] = self.size;
        let input = network.input(self.drawn("input", 3 * h * w, 2.0), [1, h, w]);
        let run = |plan: &Plan| block_on(network.forward(input.clone(), plan).read()).unwrap();
        let blocks = self.architecture.blocks().len();
        let plain = Plan { left_out: self.left_out.clone(), ..Plan::default() };
        let logits = run(&plain).logits;

        let stats = Plan { stats: (0..blocks).collect(), ..plain.clone() };
        let measured = run(&stats);
        assert_eq!(measured.logits, logits, "logits with statistics");
        for stats in &measured.stats {
            self.check_stats(stats);
        }
        for class in [CamClass::Top, CamClass::Index(self.classes - 1)] {
            let mapped = run(&Plan { cam: Some(class), ..plain.clone() });
            assert_eq!(mapped.logits, logits, "logits with activation maps");
            check_evidence(&mapped.cam.unwrap(), &logits);
        }
        let both = run(&Plan { cam: Some(CamClass::Top), ..stats });
        assert_eq!(both.logits, logits, "logits with both");
        assert_eq!(both.stats, measured.stats, "statistics with activation maps");

        let (forward, stored) = network.forward_storing(input.clone(), &plain);
        assert_eq!(block_on(forward.read()).unwrap().logits, logits, "logits of the first run");
        for (block, stored) in stored.iter().enumerate() {
            for path in Path::ALL {
                let plan = plain.without(block, path);
                let expected = run(&plan).logits;
                let found = run_from(&network, stored.clone(), block, &plan);
                assert_eq!(found, expected, "from block {block}, without its {path:?}");
            }
        }
    }

    /// Checks ‖s + r‖² = ‖s‖² + ‖r‖² + 2 s·r, and the consequences for a block that has lost a path.
    fn check_stats(&self, stats: &BlockStats) {
        let BlockStats { block, shortcut, residual, sum, output, ratio, cosine, clipped } = *stats;
        let cut = self.left_out.iter().find(|(index, _)| *index == block).map(|(_, path)| *path);
        assert!((0.0..=1.0).contains(&clipped) && output <= sum * (1.0 + EXACT), "{stats:?}");
        assert_eq!(
            (clipped == 0.0).then_some(output),
            (clipped == 0.0).then_some(sum),
            "{stats:?}"
        );
        let Some(cut) = cut else {
            // In a small network ReLU may set a whole path to 0, which has no direction.
            let defined = (shortcut > 0.0, shortcut > 0.0 && residual > 0.0);
            assert_eq!((ratio.is_some(), cosine.is_some()), defined, "{stats:?}");
            let squares = shortcut * shortcut + residual * residual;
            let expected = squares + 2.0 * shortcut * residual * cosine.unwrap_or(0.0);
            assert!((sum * sum - expected).abs() <= EXACT * squares, "{stats:?}: {expected}");
            if let Some(ratio) = ratio {
                let expected = residual / shortcut;
                assert!((ratio - expected).abs() <= EXACT * expected, "{stats:?}");
            }
            return;
        };
        assert_eq!((ratio, cosine), (None, None), "{stats:?}");
        let (gone, left) = match cut {
            Path::Shortcut => (shortcut, residual),
            Path::Residual => (residual, shortcut),
        };
        assert_eq!((gone, left), (0.0, sum), "{stats:?}");
    }
}

/// Checks that the logit is the sum of the bias and all cells, and that the two paths add up in each cell.
fn check_evidence(cam: &Cam, logits: &[f32]) {
    let Cam { class, logit, bias, total, shortcut, residual } = cam;
    assert_eq!(*logit, logits[*class]);
    let size =
        total.data.iter().fold(bias.abs().max(logit.abs()), |most, cell| most.max(cell.abs()));
    let sum = bias + total.data.iter().sum::<f32>();
    assert!((sum - logit).abs() <= EXACT * size, "{sum} is not the logit {logit}");
    for ((total, shortcut), residual) in total.data.iter().zip(&shortcut.data).zip(&residual.data) {
        let off = (shortcut + residual - total).abs();
        assert!(off <= EXACT * size, "{shortcut} + {residual} is not {total}");
    }
}

fn check_cases(cases: u32, device: &Device) {
    // Failures are shrunk and printed, not written to a file beside the source.
    let config = Config { failure_persistence: None, ..Config::with_cases(cases) };
    let check = |case: Case| {
        case.check(device);
        Ok(())
    };
    TestRunner::new(config)
        .run(&small_network::case(), check)
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn identities_hold_in_small_networks() {
    check_cases(48, &Device::flex());
}

/// Few cases, because each one compiles its own kernels.
#[cfg(feature = "webgpu")]
#[test]
fn identities_hold_in_small_networks_on_a_gpu() {
    let gpu = block_on(Gpu::open()).unwrap();
    check_cases(6, gpu.device());
    gpu.context().faults.check().expect("no fault of the GPU");
}
