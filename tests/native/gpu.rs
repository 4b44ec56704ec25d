//! A session on a GPU: its answers are the CPU's, and every fault is an error.
#![cfg(feature = "webgpu")]

use crate::common::close::assert_close;
use crate::common::generator;
use pollster::block_on;
use reslens::arch::Architecture;
use reslens::error::{Error, GpuError};
use reslens::gpu::{Gpu, Graph, GraphInput, KernelConfig, OpenOptions};
use reslens::model::{BlockTap, FusedResNet, Plan};
use reslens::preprocess::Picture;
use reslens::session::{Ablation, Backend, Blocks, Options, Reduce, Session, WebGpu};
use reslens::weights::Checkpoint;

/// Allowed difference between the GPU's numbers and the CPU's, relative to the largest.
const TOLERANCE: f32 = 1e-4;

fn model() -> Vec<u8> {
    generator::checkpoint(Architecture::by_name("resnet18").unwrap(), 10)
}

fn on_gpu() -> Session<WebGpu> {
    block_on(async { Session::load_on(Gpu::open().await.unwrap(), model()).await.unwrap() })
}

fn logits(session: &Session<WebGpu>) -> Result<Vec<f32>, Error> {
    let images = vec![0.5; 3 * 32 * 32];
    let options = Options { taps: Some(Blocks::Word("all".into())), ..Options::default() };
    Ok(block_on(session.logits(&images, [1, 3, 32, 32], &options))?.logits)
}

fn embedding<B: Backend>(session: &Session<B>, picture: Picture<'_>) -> Vec<f32> {
    block_on(session.embed(picture)).unwrap()
}

#[test]
fn the_cpus_probe_passes_the_check_and_a_wrong_one_fails() {
    let cpu = Session::load(model()).unwrap();
    let mut expected = block_on(cpu.probe()).unwrap();
    let gpu = on_gpu();
    block_on(gpu.check(&expected)).unwrap();
    for wrong in [&expected[..7], &[&expected[..], &[0.0]].concat()] {
        let error = block_on(gpu.check(wrong)).unwrap_err();
        assert_eq!(error.name(), "InputInvalid");
    }
    // The last value belongs to the last block's output: the comparison must reach as far as that.
    *expected.last_mut().unwrap() *= 1.5;
    let error = block_on(gpu.check(&expected)).unwrap_err();
    assert_eq!(error.name(), "ParityFailed");
    assert!(error.to_string().contains("layer4.1's output, blocks left out"), "{error}");
}

#[test]
fn a_destroyed_device_is_an_error_and_not_a_wrong_answer() {
    let session = on_gpu();
    assert!(session.gpu().memory() > 40_000_000, "the weights are on the GPU");
    assert_eq!(logits(&session).unwrap().len(), 10);
    session.gpu().destroy();
    let error = logits(&session).unwrap_err();
    assert!(matches!(error, Error::Gpu(GpuError::Lost(_))), "{error:?}");
    assert_eq!(error.name(), "DeviceLost");
}

#[test]
fn memory_does_not_grow_from_frame_to_frame() {
    let session = on_gpu();
    let memory = || session.gpu().memory();
    logits(&session).unwrap();
    let first = memory();
    for _ in 0..20 {
        logits(&session).unwrap();
    }
    assert!(memory() <= first, "{} after the first frame was {first}", memory());
}

#[test]
fn captured_graphs_give_the_cpus_answer_for_every_input() {
    let (gpu, cpu) = (on_gpu(), Session::load(model()).unwrap());
    let tapped = Options { taps: Some(Blocks::Word("all".into())), ..Options::default() };
    let ablated = Options {
        taps: Some(Blocks::Names(vec!["layer2.1".into()])),
        ablate: Some(
            ["layer1.0", "layer3.0"].map(|block| Ablation::Residual(block.into())).to_vec(),
        ),
        ..Options::default()
    };
    let channel = |channel| Options {
        taps: Some(Blocks::Names(vec!["layer3.1".into()])),
        reduce: Some(Reduce::Channel { channel }),
        ..Options::default()
    };
    // More kinds of frames than are cached, each several times, with others in between. Two differ only in how channels
    // are reduced.
    let kinds = [
        (Options::default(), [1, 3, 32, 64]),
        (tapped, [1, 3, 64, 32]),
        (channel(5.0), [1, 3, 32, 32]),
        (channel(200.0), [1, 3, 32, 32]),
        (ablated, [1, 3, 32, 32]),
        (Options::default(), [2, 3, 32, 32]),
    ];
    for round in 0..6 {
        for (options, shape) in kinds.iter().take(if round % 2 == 0 { 6 } else { 4 }) {
            let length = shape.iter().product::<usize>();
            let images: Vec<f32> =
                (0..length).map(|i| ((i * (i + round)) as f32 * 0.37).sin()).collect();
            let found = block_on(gpu.logits(&images, *shape, options)).unwrap();
            let expected = block_on(cpu.logits(&images, *shape, options)).unwrap();
            assert_close("logits", &found.logits, &expected.logits, TOLERANCE);
            let maps = |taps: Option<Vec<BlockTap>>| -> Vec<f32> {
                taps.into_iter()
                    .flatten()
                    .flat_map(|tap| tap.maps)
                    .flat_map(|map| map.data)
                    .collect()
            };
            assert_close("maps", &maps(found.shown.taps), &maps(expected.shown.taps), TOLERANCE);
        }
    }
}

#[test]
fn pictures_of_any_size_give_what_the_cpu_gives() {
    let (gpu, cpu) = (on_gpu(), Session::load(model()).unwrap());
    for (width, height) in [(640, 480), (31, 500), (640, 480), (224, 224), (1, 1)] {
        let rgba: Vec<u8> = (0..4 * width * height).map(|i| (i * i / 7) as u8).collect();
        // The CPU rounds differently when it resizes: by one of 255 levels here and there.
        let picture = Picture::Rgba { rgba: &rgba, width, height };
        let what = format!("features of {width}×{height} pixels");
        assert_close(what, &embedding(&gpu, picture), &embedding(&cpu, picture), 1e-2);
    }
    let wrong = Picture::Rgba { rgba: &[0; 15], width: 2, height: 2 };
    let found = block_on(gpu.embed(wrong)).unwrap_err();
    let expected = block_on(cpu.embed(wrong)).unwrap_err();
    assert_eq!(found.to_string(), expected.to_string());
}

#[test]
fn frames_in_flight_together_each_get_their_own_answer() {
    let cpu = Session::load(model()).unwrap();
    let gpu = block_on(Gpu::open()).unwrap();
    let checkpoint = Checkpoint::parse(model()).unwrap();
    let network = FusedResNet::load(&checkpoint, [32, 32], gpu.device(), |_, _| ()).unwrap();
    let input = GraphInput::new(network.empty_input([1, 32, 32])).unwrap();
    let forward = || network.forward(input.tensor(), &Plan::default());
    let graph = Graph::capture(gpu.context().clone(), forward).unwrap();
    let pixels = 32 * 32;
    let images: Vec<Vec<f32>> =
        (1..4).map(|i| (0..3 * pixels).map(|j| ((i * j) as f32 * 0.11).sin()).collect()).collect();
    let submit = |image: &Vec<f32>| {
        let interleaved = (0..3 * pixels).map(|i| image[i % 3 * pixels + i / 3]);
        input.write(&interleaved.collect::<Vec<_>>());
        graph.submit([].iter())
    };
    // All are submitted before any is read.
    let readings: Vec<_> = images.iter().map(submit).collect();
    for (reading, image) in readings.into_iter().zip(&images) {
        let found = graph.outputs.outputs(block_on(reading.read_f32()).unwrap());
        let options = Options::default();
        let expected = block_on(cpu.logits(image, [1, 3, 32, 32], &options)).unwrap();
        assert_close("logits", &found.logits, &expected.logits, TOLERANCE);
    }
}

/// Opens a session with kernels that this adapter would not get by default.
fn in_form(config: KernelConfig) -> Option<Session<WebGpu>> {
    let options = OpenOptions { config: Some(config), ..OpenOptions::default() };
    match block_on(Gpu::open_with(options)) {
        Ok(gpu) => Some(block_on(Session::load_on(gpu, model())).unwrap()),
        Err(error) => {
            println!("{config:?} cannot run on this adapter: {error}");
            None
        }
    }
}

#[test]
fn other_kernel_configs_pass_the_probe() {
    let expected = block_on(Session::load(model()).unwrap().probe()).unwrap();
    if let Some(session) = in_form(KernelConfig::choose(true, false)) {
        block_on(session.check(&expected)).unwrap();
    }
    if let Some(session) = in_form(KernelConfig { half_weights: true, ..KernelConfig::default() }) {
        block_on(session.check(&expected)).unwrap();
        let found = block_on(session.probe()).unwrap();
        let differs =
            |(found, expected): (&f32, &f32)| (found - expected).abs() > 1e-4 * expected.abs();
        assert!(found.iter().zip(&expected).any(differs), "the weights were rounded");
    }
}
