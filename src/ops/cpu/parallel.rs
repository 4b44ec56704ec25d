//! Splits work over threads where there are threads.

/// Calls `work`, during which the threads stand by for [`for_each_chunk`].
pub fn with_threads<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(feature = "threads")]
    return super::crew::with_crew(work);
    #[cfg(not(feature = "threads"))]
    work()
}

/// Calls `work(index, chunk)` for every chunk of `length` values of `out`; the last may be shorter.
///
/// With the feature `threads` all threads take chunks, otherwise one follows the other. Each chunk is
/// computed alone either way, so that the result does not depend on the threads.
pub fn for_each_chunk(out: &mut [f32], length: usize, work: impl Fn(usize, &mut [f32]) + Sync) {
    let (values, chunks) = (out.len(), out.len().div_ceil(length));
    for_each_part(out, chunks, |index| values.min(index * length), work);
}

/// The same for parts of any lengths: part `index` of `out` starts at `start(index)`, and
/// `start(parts)` is the length of `out`.
pub fn for_each_part(
    out: &mut [f32],
    parts: usize,
    start: impl Fn(usize) -> usize + Sync,
    work: impl Fn(usize, &mut [f32]) + Sync,
) {
    assert!((0..=parts).map(&start).is_sorted() && start(parts) == out.len(), "parts of a slice");
    #[cfg(feature = "threads")]
    {
        let shared = Shared(out.as_mut_ptr());
        super::crew::for_each(parts, &|index| {
            // SAFETY: the parts lie side by side within the slice, and each index is called once.
            work(index, unsafe { shared.part(start(index)..start(index + 1)) });
        });
    }
    #[cfg(not(feature = "threads"))]
    for index in 0..parts {
        work(index, &mut out[start(index)..start(index + 1)]);
    }
}

/// A mutable slice whose parts go to different threads.
#[cfg(feature = "threads")]
struct Shared(*mut f32);

// SAFETY: `part` gives out what its callers know to be disjoint.
#[cfg(feature = "threads")]
unsafe impl Sync for Shared {}

#[cfg(feature = "threads")]
impl Shared {
    /// # Safety
    /// `range` lies within the slice, and nobody else has any of it.
    #[allow(clippy::mut_from_ref, reason = "disjoint parts of one slice")]
    unsafe fn part(&self, range: std::ops::Range<usize>) -> &mut [f32] {
        // SAFETY: as the caller says.
        unsafe { std::slice::from_raw_parts_mut(self.0.add(range.start), range.len()) }
    }
}
