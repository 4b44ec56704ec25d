//! The GPU's time for each launch, by its own timestamps.

use std::sync::Arc;
use std::time::Duration;

use burn_wgpu::{WgpuResource, wgpu};

use super::launcher::Launcher;
use super::readback::Readback;
use super::recording::Recording;
use crate::error::GpuError;

/// A launch that was timed.
#[derive(Clone, Debug)]
pub struct TimedLaunch {
    /// The kernel.
    pub kernel: &'static str,
    /// Of all buffers that it binds, its sizes left out: what it moves, if it moves everything once.
    pub bytes: u64,
    /// How long it took. Browsers round to 0.1 ms.
    pub time: Duration,
}

/// A forward pass whose launches can be timed.
pub struct Profile {
    launcher: Arc<Launcher>,
    recording: Recording<()>,
    stamps: wgpu::QuerySet,
    readback: Readback,
    resolved: WgpuResource,
}

impl Profile {
    /// Of what `work` launches.
    ///
    /// # Errors
    /// [`GpuError::Refused`] if the device takes no timestamps: it must be opened for
    /// them ([`OpenOptions`](crate::gpu::OpenOptions)), and not every adapter has them.
    pub fn new(launcher: &Arc<Launcher>, work: impl FnOnce()) -> Result<Self, GpuError> {
        let Launcher { device, .. } = &**launcher;
        if !device.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
            return Err(GpuError::Refused("this adapter takes no timestamps".into()));
        }
        let recording = Recording::make(launcher.clone(), work)?;
        let count = 2 * recording.dispatches.iter().len() as u32;
        let stamps = device.create_query_set(&wgpu::QuerySetDescriptor {
            label: None,
            ty: wgpu::QueryType::Timestamp,
            count,
        });
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: 8 * u64::from(count),
            usage: wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        });
        let resolved = WgpuResource::new(buffer, None, 0, 8 * u64::from(count));
        let readback = Readback::new(vec![resolved.clone()]);
        Ok(Self { launcher: launcher.clone(), recording, stamps, readback, resolved })
    }

    /// Runs every launch in a pass of its own and takes its time.
    ///
    /// # Errors
    /// [`GpuError::Lost`] if the device fails.
    pub fn run(&self) -> impl Future<Output = Result<Vec<TimedLaunch>, GpuError>> {
        let dispatches = &self.recording.dispatches;
        let reading = self.readback.submit(&self.launcher, |encoder| {
            for (index, dispatch) in dispatches.iter().enumerate() {
                let start = 2 * index as u32;
                let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                    label: None,
                    timestamp_writes: Some(wgpu::ComputePassTimestampWrites {
                        query_set: &self.stamps,
                        beginning_of_pass_write_index: Some(start),
                        end_of_pass_write_index: Some(start + 1),
                    }),
                });
                dispatch.encode(&mut pass);
            }
            let all = 0..2 * dispatches.iter().len() as u32;
            encoder.resolve_query_set(&self.stamps, all, &self.resolved.buffer, 0);
        });
        let period = f64::from(self.launcher.queue.get_timestamp_period());
        async move {
            let bytes = reading.bytes().await?.remove(0);
            let stamps: Vec<[u64; 2]> = bytemuck::pod_collect_to_vec(&bytes);
            let timed = dispatches.iter().zip(stamps).map(|(dispatch, [start, end])| TimedLaunch {
                kernel: dispatch.name,
                bytes: dispatch.bytes,
                time: Duration::from_secs_f64(end.saturating_sub(start) as f64 * period / 1e9),
            });
            Ok(timed.collect())
        }
    }
}
