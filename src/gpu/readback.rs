//! Readback from the GPU: results are copied to one buffer, which is mapped once.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::{GpuContext, TrackedBuffer, WgpuResource, wgpu};
use crate::error::GpuError;

/// The results to read, in order, and the buffers for it. There are as many buffers as
/// readings were ever in flight at once.
pub struct Readback {
    results: Vec<WgpuResource>,
    /// The offset of each result in a buffer, in bytes.
    places: Vec<Range<u64>>,
    spare: Spare,
}

type Spare = Arc<Mutex<Vec<TrackedBuffer>>>;

/// A readback in flight.
pub struct Reading {
    context: Arc<GpuContext>,
    places: Vec<Range<u64>>,
    buffer: TrackedBuffer,
    mapped: oneshot::AsyncReceiver<Result<(), wgpu::BufferAsyncError>>,
    spare: Spare,
}

impl Readback {
    /// Lays out a buffer for these results.
    pub fn new(results: Vec<WgpuResource>) -> Self {
        let mut end = 0;
        let places = results
            .iter()
            .map(|result| {
                let start = end;
                end += result.size.next_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT);
                start..start + result.size
            })
            .collect();
        Self { results, places, spare: Spare::default() }
    }

    /// Submits the commands of `encode` and copies of all results, and starts to read them.
    pub fn submit(
        &self,
        context: &Arc<GpuContext>,
        encode: impl FnOnce(&mut wgpu::CommandEncoder),
    ) -> Reading {
        let spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let buffer = spare.unwrap_or_else(|| {
            let end = self.places.last().map_or(0, |last| last.end);
            let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
            context.buffer(end.next_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT), usage)
        });
        context.submit(|encoder| {
            encode(encoder);
            for (result, place) in self.results.iter().zip(&self.places) {
                let WgpuResource { buffer: from, offset, size, .. } = result;
                encoder.copy_buffer_to_buffer(from, *offset, &buffer.buffer, place.start, *size);
            }
        });
        let (send, mapped) = oneshot::async_channel();
        buffer.buffer.map_async(wgpu::MapMode::Read, .., move |outcome| {
            // There is no receiver if the call was abandoned.
            let _ = send.send(outcome);
        });
        let (context, places) = (context.clone(), self.places.clone());
        Reading { context, places, buffer, mapped, spare: self.spare.clone() }
    }
}

impl Reading {
    /// Waits for the bytes of each result.
    ///
    /// # Errors
    /// [`GpuError::Lost`] if they do not come.
    pub async fn read_bytes(self) -> Result<Vec<Vec<u8>>, GpuError> {
        // Errors from JavaScript end with their stack, line by line.
        let lost = |error: &dyn std::fmt::Display| {
            let error = error.to_string();
            let error = error.lines().next().unwrap_or_default();
            GpuError::Lost(format!("its results cannot be read: {error}"))
        };
        // Browsers poll by themselves.
        self.context
            .device
            .poll(wgpu::PollType::wait_indefinitely())
            .map_err(|error| lost(&error))?;
        self.mapped.await.map_err(|error| lost(&error))?.map_err(|error| lost(&error))?;
        let buffer = &self.buffer.buffer;
        let view = buffer.get_mapped_range(..).map_err(|error| lost(&error))?;
        let bytes = self.places.iter().map(|place| {
            let place = place.start as usize..place.end as usize;
            view[place].to_vec()
        });
        let bytes = bytes.collect();
        drop(view);
        buffer.unmap();
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).push(self.buffer);
        Ok(bytes)
    }

    /// Waits for the values of each result.
    ///
    /// # Errors
    /// As for [`read_bytes`](Self::read_bytes).
    pub async fn read_f32(self) -> Result<Vec<Vec<f32>>, GpuError> {
        let numbers = |bytes: Vec<u8>| bytemuck::pod_collect_to_vec(&bytes);
        Ok(self.read_bytes().await?.into_iter().map(numbers).collect())
    }
}
