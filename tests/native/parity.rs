//! Both forms of the network, the fused one on every engine, compute torchvision's numbers: logits, embeddings and
//! every tapped map.

use crate::common::fixture::{self, Fixture};
use crate::common::{close, generator};
use burn::tensor::{Device, Tensor, TensorData};
use flate2::read::GzDecoder;
use pollster::block_on;
use reslens::arch::Architecture;
#[cfg(feature = "webgpu")]
use reslens::gpu::Gpu;
use reslens::model::{FusedResNet, Outputs, Part, Plan, ResNet};
use reslens::ops::Reduction;
use reslens::weights::Checkpoint;
use std::io::Read;

/// Largest difference allowed, relative to the largest value of the reference.
const TOLERANCE: f32 = 1e-3;

/// Fails unless `found` is within parity's tolerance of `expected`.
#[track_caller]
fn assert_close(what: &str, found: &[f32], expected: &[f32]) {
    close::assert_close(what, found, expected, TOLERANCE);
}

/// Fails unless the largest of `classes` values is at the same place in each row of both.
fn assert_same_winners(what: &str, found: &[f32], expected: &[f32], classes: usize) {
    let winner = |row: &[f32]| (0..classes).max_by(|a, b| row[*a].total_cmp(&row[*b]));
    let winners = |rows: &[f32]| rows.chunks(classes).map(winner).collect::<Vec<_>>();
    assert_eq!(winners(found), winners(expected), "{what}: top-1");
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().expect("an f32 tensor in memory")
}

/// `[N, C, H, W]` → `[N, H, W, C]`.
pub fn channels_last(images: Vec<f32>, shape: [usize; 4]) -> Vec<f32> {
    let images = Tensor::<4>::from_data(TensorData::new(images, shape), &Device::flex());
    values(images.permute([0, 2, 3, 1]))
}

fn reduction(name: &str) -> Reduction {
    match name {
        "mean-abs" => Reduction::MeanAbs,
        "mean" => Reduction::Mean,
        "max-abs" => Reduction::MaxAbs,
        "channel-7" => Reduction::Channel(7),
        _ => panic!("a fixture has maps reduced by {name}"),
    }
}

/// A fused network on an engine.
pub struct Engine {
    /// Its name in failures.
    pub name: &'static str,
    /// The network.
    pub fused: FusedResNet,
    /// Keeps the device open.
    #[cfg(feature = "webgpu")]
    _gpu: Option<Gpu>,
}

impl Engine {
    fn cpu(checkpoint: &Checkpoint) -> Self {
        Self {
            name: "cpu",
            fused: load(checkpoint, &Device::flex()),
            #[cfg(feature = "webgpu")]
            _gpu: None,
        }
    }

    #[cfg(feature = "webgpu")]
    fn webgpu(checkpoint: &Checkpoint) -> Self {
        let gpu = block_on(Gpu::open()).unwrap();
        let fused = load(checkpoint, gpu.device());
        Self { name: "webgpu", fused, _gpu: Some(gpu) }
    }

    /// Runs images `[N, H, W, 3]`.
    pub fn run(&self, images: Vec<f32>, shape: [usize; 3], plan: &Plan) -> Outputs {
        block_on(self.fused.forward(self.fused.input(images, shape), plan).read()).unwrap()
    }
}

/// Packs the network for images of the model's own size; images of all other sizes must be right as well.
fn load(checkpoint: &Checkpoint, device: &Device) -> FusedResNet {
    let size = checkpoint.metadata.preprocessing.input_size;
    FusedResNet::load(checkpoint, [size, size], device, |_, _| ()).unwrap()
}

/// One architecture with the generator's weights, in both forms.
pub struct Networks {
    module: ResNet,
    /// The fused network on every engine.
    pub engines: Vec<Engine>,
    blocks: Vec<String>,
}

impl Networks {
    /// Loads the architecture with the generator's weights.
    pub fn drawn(architecture: Architecture, classes: usize) -> Self {
        Self::load(generator::checkpoint(architecture, classes))
    }

    fn load(file: Vec<u8>) -> Self {
        let checkpoint = Checkpoint::parse(file).unwrap();
        let module = ResNet::load(&checkpoint, &Device::flex()).unwrap();
        let engines = vec![
            Engine::cpu(&checkpoint),
            #[cfg(feature = "webgpu")]
            Engine::webgpu(&checkpoint),
        ];
        let blocks = checkpoint.architecture.blocks().into_iter().map(|block| block.name).collect();
        Self { module, engines, blocks }
    }

    fn indices(&self, names: &[String]) -> Vec<usize> {
        let index = |name| self.blocks.iter().position(|block| block == name).unwrap();
        names.iter().map(index).collect()
    }

    /// Compares everything that the fixture holds with both forms of the network.
    fn check(&self, fixture: &Fixture) {
        for engine in &self.engines {
            self.check_fused(engine, fixture);
        }
        if fixture.ablate.is_empty() {
            self.check_module(fixture);
        }
    }

    fn check_fused(&self, engine: &Engine, fixture: &Fixture) {
        let [n, _, h, w] = fixture.shape;
        let images = channels_last(generator::input(fixture.shape), fixture.shape);
        let left_out = fixture.left_out();
        let run = |plan: &Plan| engine.run(images.clone(), [n, h, w], plan);

        let what = format!("{}, {}", fixture.name, engine.name);
        let Outputs { logits, embedding, .. } =
            run(&Plan { left_out: left_out.clone(), ..Plan::default() });
        assert_close(&format!("{what}: logits"), &logits, &fixture.logits());
        assert_same_winners(&what, &logits, &fixture.logits(), fixture.classes);
        assert_close(&format!("{what}: embedding"), &embedding, &fixture.embedding());

        for (name, maps) in fixture.maps_by_reduction() {
            let plan = Plan {
                taps: (0..self.blocks.len()).collect(),
                reduction: reduction(&name),
                left_out: left_out.clone(),
                ..Plan::default()
            };
            let taps = run(&plan).taps;
            assert_eq!(maps.len(), 5 * taps.len(), "{what}: number of {name} maps");
            for expected in maps {
                let tap = &taps[self.indices(std::slice::from_ref(&expected.block))[0]];
                let part = Part::ALL.iter().position(|part| part.name() == expected.part).unwrap();
                let found = &tap.maps[part];
                let what = format!("{what}: {}/{}/{name}", expected.block, expected.part);
                assert_eq!([found.height, found.width], expected.size, "{what}: size");
                assert_close(&what, &found.data, &expected.values);
            }
        }
    }

    fn check_module(&self, fixture: &Fixture) {
        let what = format!("{}, module", fixture.name);
        let images = TensorData::new(generator::input(fixture.shape), fixture.shape);
        let images = Tensor::<4>::from_data(images, &Device::flex());
        let maps = fixture.maps_by_reduction();
        let expected = maps.get("mean-abs").map_or(&[][..], |maps| maps);
        let mut compared = 0;
        let logits = self.module.forward_with(images, |index, parts| {
            for map in expected.iter().filter(|map| map.block == self.blocks[index]) {
                let part = *Part::ALL.iter().find(|part| part.name() == map.part).unwrap();
                let found = values(parts.part(part).clone().abs().mean_dim(1));
                assert_close(&format!("{what}: {}/{}", map.block, map.part), &found, &map.values);
                compared += 1;
            }
        });
        assert_eq!(compared, expected.len(), "{what}: compared maps");
        let logits = values(logits);
        assert_close(&format!("{what}: logits"), &logits, &fixture.logits());
        assert_same_winners(&what, &logits, &fixture.logits(), fixture.classes);
    }
}

/// Checks fixtures of one architecture.
fn check(names: &[&str]) {
    let fixtures = names.iter().map(|name| Fixture::load(name)).collect::<Vec<_>>();
    let networks = Networks::drawn(fixtures[0].architecture, fixtures[0].classes);
    for fixture in &fixtures {
        networks.check(fixture);
    }
}

#[test]
fn resnet18() {
    check(&["resnet18-64", "resnet18-32", "resnet18-96x64", "resnet18-224"]);
}

#[test]
fn resnet18_with_ablated_blocks() {
    check(&["resnet18-64-ablate-1", "resnet18-64-ablate-2"]);
}

#[test]
fn resnet18_on_a_batch() {
    check(&["resnet18-64-batch3"]);
}

#[test]
fn resnet34() {
    check(&["resnet34-64"]);
}

#[test]
fn resnet50() {
    check(&["resnet50-64"]);
}

#[test]
fn resnet101() {
    check(&["resnet101-64"]);
}

#[test]
fn resnet152() {
    check(&["resnet152-64"]);
}

#[test]
fn a_state_dict_as_torch_saves_it() {
    let packed = fixture::read("resnet18-save_file.safetensors.gz");
    let mut file = Vec::new();
    GzDecoder::new(&packed[..]).read_to_end(&mut file).unwrap();
    Networks::load(file).check(&Fixture::load("resnet18-save_file.expected"));
}

/// Threads share out the outputs but never split the sum of one, so they change no bit.
#[cfg(feature = "threads")]
#[test]
fn threads_do_not_change_a_single_bit() {
    let networks = Networks::drawn(Architecture::by_name("resnet18").unwrap(), 10);
    let shape = [1, 3, 96, 64];
    let images = channels_last(generator::input(shape), shape);
    let on_threads = |count: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build().unwrap();
        let plan = Plan { taps: (0..8).collect(), ..Plan::default() };
        let Outputs { logits, taps, .. } =
            pool.install(|| networks.engines[0].run(images.clone(), [1, 96, 64], &plan));
        let maps = taps.into_iter().flat_map(|tap| tap.maps).map(|map| map.data);
        (logits, maps.collect::<Vec<_>>())
    };
    let alone = on_threads(1);
    for count in [2, 3, 8] {
        assert!(on_threads(count) == alone, "{count} threads");
    }
}
