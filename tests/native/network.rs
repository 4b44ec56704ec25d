//! The network's structure and its two forms: the Burn module and the fused network.

use crate::common::generator;
use burn::module::Module;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::{Device, Int, Tensor, TensorData};
use pollster::block_on;
use reslens::arch::{ARCHITECTURES, Architecture};
use reslens::model::{FusedResNet, Outputs, Part, Path, Plan, ResNet};
use reslens::ops::Reduction;
use reslens::weights::Checkpoint;

fn resnet18() -> Architecture {
    Architecture::by_name("resnet18").unwrap()
}

/// Returns a picture-like input `[N, H, W, 3]`.
fn images(length: usize) -> Vec<f32> {
    (0..length).map(|index| ((index * 7919) % 1000) as f32 / 250.0 - 2.0).collect()
}

fn fused(architecture: Architecture, classes: usize) -> FusedResNet {
    let checkpoint = Checkpoint::parse(generator::checkpoint(architecture, classes)).unwrap();
    FusedResNet::load(&checkpoint, [64, 64], &Device::flex(), |_, _| ()).unwrap()
}

fn run(network: &FusedResNet, images: Vec<f32>, shape: [usize; 3], plan: &Plan) -> Outputs {
    block_on(network.forward(network.input(images, shape), plan).read()).unwrap()
}

fn logits(network: &FusedResNet, plan: &Plan) -> Vec<f32> {
    run(network, images(64 * 64 * 3), [1, 64, 64], plan).logits
}

#[test]
fn the_module_has_as_many_weighted_layers_as_its_name_says() {
    for architecture in ARCHITECTURES {
        let network = ResNet::new(architecture, 10, &Device::flex());
        let expected: usize = architecture.name.trim_start_matches("resnet").parse().unwrap();
        assert_eq!(network.weighted_layers(), expected, "{}", architecture.name);
        assert_eq!(architecture.weighted_layers(), expected, "{}", architecture.name);
    }
}

#[test]
fn taps_do_not_change_a_single_bit_of_the_logits() {
    let network = fused(resnet18(), 10);
    let plain = logits(&network, &Plan::default());
    let all = Plan { taps: (0..8).collect(), ..Plan::default() };
    assert_eq!(logits(&network, &all), plain);
    let one = Plan { taps: vec![3], reduction: Reduction::Channel(5), ..Plan::default() };
    assert_eq!(logits(&network, &one), plain);
}

#[test]
fn an_ablated_block_passes_its_shortcut_on() {
    let network = fused(resnet18(), 10);
    // A block with an identity shortcut, and one with a projection.
    for block in [1, 2] {
        let left_out = vec![(block, Path::Residual)];
        let plan =
            Plan { taps: vec![block], reduction: Reduction::Mean, left_out, ..Plan::default() };
        let outputs = run(&network, images(64 * 64 * 3), [1, 64, 64], &plan);
        let maps = &outputs.taps[0].maps;
        let map = |part: Part| &maps[Part::ALL.iter().position(|p| *p == part).unwrap()];
        assert!(map(Part::Residual).data.iter().all(|value| *value == 0.0));
        assert_eq!(map(Part::Sum).data, map(Part::Shortcut).data);
        assert_ne!(logits(&network, &plan), logits(&network, &Plan::default()));
    }
}

#[test]
fn a_block_without_its_shortcut_passes_its_residual_on() {
    let network = fused(resnet18(), 10);
    for block in [1, 2] {
        let left_out = vec![(block, Path::Shortcut)];
        let plan =
            Plan { taps: vec![block], reduction: Reduction::Mean, left_out, ..Plan::default() };
        let outputs = run(&network, images(64 * 64 * 3), [1, 64, 64], &plan);
        let maps = &outputs.taps[0].maps;
        let map = |part: Part| &maps[Part::ALL.iter().position(|p| *p == part).unwrap()];
        assert!(map(Part::Shortcut).data.iter().all(|value| *value == 0.0));
        assert_eq!(map(Part::Sum).data, map(Part::Residual).data);
        assert_ne!(logits(&network, &plan), logits(&network, &Plan::default()));
    }
}

#[test]
fn mean_maps_of_shortcut_and_residual_add_up_to_the_sum() {
    let network = fused(resnet18(), 10);
    let plan = Plan { taps: (0..8).collect(), reduction: Reduction::Mean, ..Plan::default() };
    for tap in run(&network, images(64 * 96 * 3), [1, 64, 96], &plan).taps {
        let [_, shortcut, residual, sum, _] = &tap.maps;
        for ((a, b), sum) in shortcut.data.iter().zip(&residual.data).zip(&sum.data) {
            assert!((a + b - sum).abs() <= 1e-4 * sum.abs().max(1.0), "{a} + {b} ≠ {sum}");
        }
    }
}

#[test]
fn a_batch_gives_what_its_images_give_alone() {
    let network = fused(resnet18(), 10);
    let pixels = 32 * 64 * 3;
    let batch = images(3 * pixels);
    let together = run(&network, batch.clone(), [3, 32, 64], &Plan::default()).logits;
    for (image, expected) in batch.chunks(pixels).zip(together.chunks(10)) {
        let alone = run(&network, image.to_vec(), [1, 32, 64], &Plan::default()).logits;
        assert_eq!(alone, expected);
    }
}

/// A few steps on four images reduce the loss: gradients also reach the stem's weights.
#[test]
fn the_module_trains() {
    let device = Device::flex().autodiff();
    device.seed(1);
    let mut network = ResNet::new(resnet18(), 2, &device);
    let mut optimizer = SgdConfig::new().init();
    let x =
        Tensor::<4>::from_data(TensorData::new(images(4 * 3 * 64 * 64), [4, 3, 64, 64]), &device);
    let targets = Tensor::<1, Int>::from_data([0, 1, 1, 0], &device);
    let loss_of = |network: &ResNet| {
        let loss = CrossEntropyLossConfig::new().init(&device);
        loss.forward(network.forward(x.clone()), targets.clone())
    };
    let number = |loss: Tensor<1>| loss.into_data().try_to_vec::<f32>().unwrap()[0];
    let first = number(loss_of(&network));
    let stem = network.stem.conv.weight.val().into_data();
    for _ in 0..4 {
        let gradients = loss_of(&network).backward();
        let gradients = GradientsParams::from_grads(gradients, &network);
        network = optimizer.step(0.01, network, gradients);
    }
    let last = number(loss_of(&network));
    assert!(last < first, "the loss went from {first} to {last}");
    assert_ne!(network.stem.conv.weight.val().into_data(), stem, "the stem did not move");
    assert_eq!(network.num_params(), resnet18().parameters(2) + running_statistics());
}

/// Burn also counts a batch norm's running mean and variance as parameters.
fn running_statistics() -> usize {
    use reslens::arch::TensorRole;
    let tensors = resnet18().tensors(2);
    let running = tensors.iter().filter(|tensor| tensor.role == TensorRole::RunningStatistic);
    running.map(|tensor| tensor.shape[0]).sum()
}
