//! The pool of threads in the browser: rayon's threads, run by Web Workers.
//!
//! A browser starts threads only from JavaScript. The engine's worker asks the page for them
//! (`www/lib/worker/pool.js`), which gives each worker this module and its shared memory
//! (`www/lib/page/threads.js`), and each calls `runThread`, which waits. Then the engine's worker calls
//! `buildThreadPool`, which hands each waiting worker one of rayon's threads.
//!
//! The crate `wasm-bindgen-rayon` does the same, but starts its workers from `blob:` URLs, which
//! a content security policy of `worker-src 'self'` refuses, and then waits for them forever.

use std::sync::{Condvar, Mutex};

use rayon::{ThreadBuilder, ThreadPoolBuilder};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsError, UnwrapThrowExt};

/// Threads that no worker has taken yet.
static WAITING: Mutex<Vec<ThreadBuilder>> = Mutex::new(Vec::new());

/// Signalled when a thread is added to [`WAITING`].
static ADDED: Condvar = Condvar::new();

/// Makes rayon's global pool of `count` threads: the calling worker is one of them, and
/// `count - 1` workers must be about to call [`run_thread`]. Returns when all of them run.
///
/// # Errors
/// If the pool exists already.
#[wasm_bindgen(js_name = buildThreadPool)]
pub fn build_thread_pool(count: usize) -> Result<(), JsError> {
    ThreadPoolBuilder::new()
        .num_threads(count)
        .use_current_thread()
        .spawn_handler(|thread| {
            WAITING.lock().unwrap_throw().push(thread);
            ADDED.notify_one();
            Ok(())
        })
        .build_global()?;
    Ok(())
}

/// Waits for one of rayon's threads and runs it for as long as the calling worker lives.
#[wasm_bindgen(js_name = runThread)]
pub fn run_thread() {
    let thread = ADDED
        .wait_while(WAITING.lock().unwrap_throw(), |waiting| waiting.is_empty())
        .unwrap_throw()
        .pop();
    if let Some(thread) = thread {
        thread.run();
    }
}
