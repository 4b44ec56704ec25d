//! What is allocated: by the CPU engine, no activation after the first frame; by gradients, no more than was computed
//! in advance; by readers of files, no more than a multiple of their length.
#![cfg(feature = "tools")]

mod common;

/// The functions that libFuzzer calls.
#[path = "../fuzz/src/targets.rs"]
mod fuzz;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::model_file::ModelFile;
use pollster::block_on;
use reslens::session::{Options, Session};

/// Height and width of the images: large enough that no list of tensors is as large as an activation.
const SIZE: [usize; 2] = [256, 192];

/// Bytes of the smallest activation, that of the last stage. Smaller blocks are a tensor's bookkeeping, or part of the
/// answer.
const ACTIVATION: usize = SIZE[0] / 32 * SIZE[1] / 32 * 512 * size_of::<f32>();

static BLOCKS: AtomicUsize = AtomicUsize::new(0);
static ACTIVATIONS: AtomicUsize = AtomicUsize::new(0);

/// Bytes allocated now, and the most there were at once.
static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

/// The size of blocks that are only allocated to see whether the memory is available: they are freed at once and not
/// counted.
static ASKED: AtomicUsize = AtomicUsize::new(usize::MAX);

/// Held by the test that is counting.
static COUNTING: Mutex<()> = Mutex::new(());

struct Counting;

// SAFETY: the calls go to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        fuzz::memory::count(layout);
        BLOCKS.fetch_add(1, Ordering::Relaxed);
        ACTIVATIONS.fetch_add((layout.size() >= ACTIVATION).into(), Ordering::Relaxed);
        if layout.size() != ASKED.load(Ordering::Relaxed) {
            let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
            MOST.fetch_max(held, Ordering::Relaxed);
        }
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        fuzz::memory::uncount(layout);
        if layout.size() != ASKED.load(Ordering::Relaxed) {
            HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        }
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_steady_frame_allocates_its_input_and_no_activation() {
    let _alone = COUNTING.lock();
    // With one thread it is known which thread computes what, and so whose memory is in use.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    pool.install(|| {
        let session = Session::load(ModelFile::of("resnet18", 10).bytes()).unwrap();
        let images = vec![0.5; 3 * SIZE[0] * SIZE[1]];
        let words = |words| serde_json::from_str::<Options>(words).unwrap();
        let taps = words(r#"{"taps": "all"}"#);
        let measured = words(r#"{"stats": "all", "cam": true, "ablate": [{"block": "layer2.1", "path": "shortcut"}]}"#);
        // Statistics and activation maps need no more memory at a time than taps.
        let kinds = [(Options::default(), 400, true), (taps, 1500, true), (measured, 1500, false)];
        for (options, most, grows) in kinds {
            let frame = || {
                let before = [&BLOCKS, &ACTIVATIONS].map(|count| count.load(Ordering::Relaxed));
                block_on(session.logits(&images, [1, 3, SIZE[0], SIZE[1]], &options)).unwrap();
                [
                    BLOCKS.load(Ordering::Relaxed) - before[0],
                    ACTIVATIONS.load(Ordering::Relaxed) - before[1],
                ]
            };
            assert_eq!(frame()[1] > 1, grows, "whether the first frame allocates activations");
            for _ in 0..3 {
                let [blocks, large] = frame();
                assert_eq!(
                    large, 1,
                    "blocks of an activation's size: only the input, channels last"
                );
                assert!(blocks < most, "{blocks} blocks");
            }
        }
    });
}

/// Before a call of gradients, the memory that it needs is computed and tried. That memory suffices, and the call
/// allocates no more.
#[cfg(feature = "train")]
#[test]
fn gradients_take_no_more_memory_than_computed_in_advance() {
    use reslens::arch::Architecture;
    use reslens::gradients::options::GradientOptions;
    use reslens::gradients::{Autograd, memory};

    let _alone = COUNTING.lock();

    for (name, size, words) in [
        ("resnet18", [128, 128], "{}"),
        ("resnet18", [224, 224], r#"{"maps": "all"}"#),
        ("resnet18", [32, 64], r#"{"weights": true}"#),
        ("resnet50", [128, 96], "{}"),
    ] {
        let autograd = Autograd::load(ModelFile::of(name, 10).bytes()).unwrap();
        let architecture = Architecture::by_name(name).unwrap();
        let options: GradientOptions = serde_json::from_str(words).unwrap();
        let wanted = options.check(&architecture.blocks(), 10).unwrap();
        let computed = memory::of_call(architecture, 10, size, &wanted);
        let image = vec![0.5; 3 * size[0] * size[1]];
        let call = || autograd.gradients(&image, [1, 3, size[0], size[1]], &options).unwrap();
        call(); // allocates what is allocated only once
        ASKED.store(computed, Ordering::Relaxed);
        let before = HELD.load(Ordering::Relaxed);
        MOST.store(before, Ordering::Relaxed);
        call();
        let taken = MOST.load(Ordering::Relaxed) - before;
        assert!(taken <= computed, "{name} {size:?} {words}: {taken} of {computed} bytes");
        assert!(computed <= 3 * taken, "{name} {size:?} {words}: only {taken} of {computed} bytes");
    }
}

/// Each seed is an input that the fuzzer starts from, or one that it found before.
#[test]
fn the_fuzzers_seeds_keep_every_promise() {
    let _alone = COUNTING.lock();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    for (name, check) in fuzz::ALL {
        let seeds = std::fs::read_dir(folder.join(name)).unwrap();
        let seeds: Vec<_> = seeds.map(|seed| seed.unwrap().path()).collect();
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for seed in seeds {
            println!("{}", seed.display());
            check(&std::fs::read(&seed).unwrap());
        }
    }
}
