//! The CPU engine asks the allocator for no activation after its first frame.
#![cfg(feature = "threads")]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use common::model_file::ModelFile;
use pollster::block_on;
use reslens::session::{Options, Session};

/// Height and width of the images: large enough that no list of tensors is as large as an activation.
const SIZE: [usize; 2] = [256, 192];

/// Bytes of the smallest activation, that of the last stage: what is smaller is a tensor's bookkeeping, or
/// of the answer.
const ACTIVATION: usize = SIZE[0] / 32 * SIZE[1] / 32 * 512 * size_of::<f32>();

static BLOCKS: AtomicUsize = AtomicUsize::new(0);
static ACTIVATIONS: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: it is the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BLOCKS.fetch_add(1, Ordering::Relaxed);
        ACTIVATIONS.fetch_add((layout.size() >= ACTIVATION).into(), Ordering::Relaxed);
        // SAFETY: as the caller says.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as the caller says.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_steady_frame_allocates_its_input_and_no_activation() {
    // On one thread it is known which of them computes what, and so whose memory is in use.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    pool.install(|| {
        let session = Session::load(ModelFile::of("resnet18", 10).bytes()).unwrap();
        let images = vec![0.5; 3 * SIZE[0] * SIZE[1]];
        let words = |words| serde_json::from_str::<Options>(words).unwrap();
        let taps = words(r#"{"taps": "all"}"#);
        let measured = words(r#"{"stats": "all", "cam": true, "ablate": [{"block": "layer2.1", "path": "shortcut"}]}"#);
        // What is measured needs no more memory at a time than what is tapped.
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
