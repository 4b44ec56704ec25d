//! The GPU time of each kernel of a forward pass, by the GPU's own timestamps.

use std::sync::Arc;
use std::time::Duration;

use reslens::error::GpuError;
use reslens::gpu::{GpuContext, Graph, Readback, WgpuResource, wgpu};

/// A timed run of a kernel.
#[derive(Clone, Debug)]
pub struct TimedKernel {
    /// The kernel's name.
    pub kernel: &'static str,
    /// Bytes of all buffers that it binds except its sizes: the data it moves if it moves everything once.
    pub bytes: u64,
    /// Its time. Browsers round to 0.1 ms.
    pub time: Duration,
}

/// A forward pass whose kernels can be timed.
pub struct Profile {
    context: Arc<GpuContext>,
    graph: Graph<()>,
    stamps: wgpu::QuerySet,
    readback: Readback,
    resolved: WgpuResource,
}

impl Profile {
    /// Captures the kernels that `work` runs.
    ///
    /// # Errors
    /// [`GpuError::Refused`] if the device has no timestamps: it must be opened with them
    /// ([`OpenOptions`](reslens::gpu::OpenOptions)), and not every adapter has them.
    pub fn new(context: &Arc<GpuContext>, work: impl FnOnce()) -> Result<Self, GpuError> {
        let GpuContext { device, .. } = &**context;
        if !device.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
            return Err(GpuError::Refused("this adapter takes no timestamps".into()));
        }
        let graph = Graph::capture(context.clone(), work)?;
        let count = 2 * graph.kernels().iter().len() as u32;
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
        Ok(Self { context: context.clone(), graph, stamps, readback, resolved })
    }

    /// Runs every kernel in a separate pass and measures its time.
    ///
    /// # Errors
    /// [`GpuError::Lost`] if the device fails.
    pub fn run(&self) -> impl Future<Output = Result<Vec<TimedKernel>, GpuError>> {
        let kernels = self.graph.kernels();
        let reading = self.readback.submit(&self.context, |encoder| {
            for (index, kernel) in kernels.iter().enumerate() {
                let start = 2 * index as u32;
                let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                    label: None,
                    timestamp_writes: Some(wgpu::ComputePassTimestampWrites {
                        query_set: &self.stamps,
                        beginning_of_pass_write_index: Some(start),
                        end_of_pass_write_index: Some(start + 1),
                    }),
                });
                kernel.encode(&mut pass);
            }
            let all = 0..2 * kernels.iter().len() as u32;
            encoder.resolve_query_set(&self.stamps, all, &self.resolved.buffer, 0);
        });
        let period = f64::from(self.context.queue.get_timestamp_period());
        async move {
            let bytes = reading.read_bytes().await?.remove(0);
            let stamps = bytes.as_chunks::<16>().0.iter().map(stamps_of);
            let timed = kernels.iter().zip(stamps).map(|(kernel, [start, end])| TimedKernel {
                kernel: kernel.name,
                bytes: kernel.bytes,
                time: Duration::from_secs_f64(end.saturating_sub(start) as f64 * period / 1e9),
            });
            Ok(timed.collect())
        }
    }
}

/// A kernel's start and end, in ticks.
fn stamps_of(bytes: &[u8; 16]) -> [u64; 2] {
    let [start, end] = [0, 8].map(|at| bytes[at..].first_chunk().expect("eight bytes"));
    [start, end].map(|stamp| u64::from_le_bytes(*stamp))
}

#[cfg(all(test, feature = "native"))]
mod tests {
    use burn::tensor::{Tensor, TensorData};
    use pollster::block_on;
    use reslens::gpu::{Gpu, OpenOptions};
    use reslens::ops;

    use super::*;

    /// The profile's counts cover only the kernels that were captured for it.
    #[test]
    fn a_profile_names_each_kernel_and_takes_its_time() {
        let options = OpenOptions { timestamps: true, ..OpenOptions::default() };
        let gpu = block_on(Gpu::open_with(options)).unwrap();
        let a = Tensor::<4>::from_data(TensorData::ones::<f32, _>([1, 64, 64, 64]), gpu.device());
        let work = || drop(ops::relu(ops::add(a.clone(), a.clone())));
        let profile = match Profile::new(gpu.context(), work) {
            Ok(profile) => profile,
            Err(error) => return println!("not on this adapter: {error}"),
        };
        let kernels = block_on(gpu.guard(|| profile.run())).unwrap();
        let bytes = 4 * 64 * 64 * 64;
        let found: Vec<_> = kernels.iter().map(|kernel| (kernel.kernel, kernel.bytes)).collect();
        assert_eq!(found, [("add", 3 * bytes), ("relu", 2 * bytes)]);
        assert!(kernels.iter().all(|kernel| !kernel.time.is_zero()), "{kernels:?}");
    }
}
