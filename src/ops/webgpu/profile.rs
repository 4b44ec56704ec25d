//! The GPU's time for each launch.
//!
//! By timestamp queries where the device was opened with them, by waiting for it before and after each
//! launch where it was not.

use std::cell::RefCell;

use cubecl::client::{Client, ProfileWindow};
use cubecl::profile::{Duration, ProfileDuration, TimingMethod};
use cubecl::server::ProfileError;

/// A launch that was timed.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The kernel.
    pub kernel: &'static str,
    /// Of all buffers that it binds, its sizes left out: what it moves, if it moves everything once.
    pub bytes: u64,
    /// How long it took.
    pub time: Duration,
    /// Whether the GPU itself took the time.
    pub by_gpu: bool,
}

/// A launch whose time is still on the device.
struct Pending {
    kernel: &'static str,
    bytes: u64,
    time: Result<ProfileDuration, ProfileError>,
}

thread_local! {
    static LAUNCHES: RefCell<Option<Vec<Pending>>> = const { RefCell::new(None) };
}

/// Runs `work` and times each of its launches.
///
/// # Errors
/// What the client says, or that a launch has no time.
pub async fn profile(work: impl FnOnce()) -> Result<Vec<Launch>, ProfileError> {
    LAUNCHES.set(Some(vec![]));
    work();
    let pending = LAUNCHES.take().expect("nobody else takes them");
    let mut launches = Vec::with_capacity(pending.len());
    for Pending { kernel, bytes, time } in pending {
        let time = time?;
        let by_gpu = time.timing_method() == TimingMethod::Device;
        let ticks = time.resolve().await.ok_or_else(|| ProfileError::Unknown {
            reason: format!("no time was taken of {kernel}"),
            backtrace: Default::default(),
        })?;
        launches.push(Launch { kernel, bytes, time: ticks.duration(), by_gpu });
    }
    Ok(launches)
}

/// The time around one launch, if [`profile`] wants it.
pub(super) struct Window(Option<(&'static str, u64, Result<ProfileWindow, ProfileError>)>);

impl Window {
    pub(super) fn open(client: &Client, kernel: &'static str, bytes: u64) -> Self {
        let wanted = LAUNCHES.with_borrow(Option::is_some);
        Self(wanted.then(|| (kernel, bytes, client.profile_start())))
    }

    pub(super) fn close(self, client: &Client) {
        let Some((kernel, bytes, window)) = self.0 else { return };
        let time = window.and_then(|window| client.profile_end(window));
        let launch = Pending { kernel, bytes, time };
        LAUNCHES.with_borrow_mut(|all| all.as_mut().map(|all| all.push(launch)));
    }
}
