//! Splits work over threads, if there are any.

/// Calls `work`, during which the threads stand by for [`for_each_chunk`].
pub fn with_threads<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(feature = "threads")]
    return super::team::with_team(work);
    #[cfg(not(feature = "threads"))]
    work()
}

/// Calls `work(index, chunk)` for every chunk of `length` values of `out`; the last may be shorter.
///
/// With the feature `threads` all threads take chunks; otherwise they follow one another. A chunk is never split, so
/// the result does not depend on the threads.
pub fn for_each_chunk(out: &mut [f32], length: usize, work: impl Fn(usize, &mut [f32]) + Sync) {
    let (values, chunks) = (out.len(), out.len().div_ceil(length));
    for_each_part(out, chunks, |index| values.min(index * length), work);
}

/// Does the same for parts of any lengths: part `index` of `out` starts at `start(index)`, and `start(parts)` is the
/// length of `out`.
pub fn for_each_part(
    out: &mut [f32],
    parts: usize,
    start: impl Fn(usize) -> usize + Sync,
    work: impl Fn(usize, &mut [f32]) + Sync,
) {
    #[cfg(feature = "threads")]
    super::team::for_each_part(out, parts, start, work);
    #[cfg(not(feature = "threads"))]
    for index in 0..parts {
        work(index, &mut out[start(index)..start(index + 1)]);
    }
}
