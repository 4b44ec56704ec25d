//! Splits work over threads where there are threads.

/// Calls `work(index, chunk)` for every chunk of `length` values of `out`; the last may be shorter.
///
/// With the feature `threads` the chunks run on rayon's pool, otherwise one after the other. Each
/// chunk is computed alone either way, so that the result does not depend on the threads.
pub fn for_each_chunk(out: &mut [f32], length: usize, work: impl Fn(usize, &mut [f32]) + Sync) {
    #[cfg(feature = "threads")]
    {
        use rayon::prelude::*;
        out.par_chunks_mut(length).enumerate().for_each(|(index, chunk)| work(index, chunk));
    }
    #[cfg(not(feature = "threads"))]
    for (index, chunk) in out.chunks_mut(length).enumerate() {
        work(index, chunk);
    }
}
