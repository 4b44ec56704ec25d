//! Teams of 2 to 16 threads, whatever the machine has.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::ThreadPoolBuilder;

use super::team::{for_each, for_each_part, with_team};

/// Team sizes, and the regions that each team opens; Miri takes a second for what otherwise takes a microsecond.
const THREADS: &[usize] = if cfg!(miri) { &[2, 4, 8] } else { &[2, 4, 8, 16] };
const REGIONS: usize = if cfg!(miri) { 6 } else { 200 };

/// Calls `work` in a pool of each size.
fn on_every_pool(work: impl Fn(usize) + Sync) {
    for &threads in THREADS {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| work(threads));
    }
}

#[test]
fn every_index_of_many_regions_is_called_once() {
    on_every_pool(|threads| {
        with_team(|| {
            for region in 0..REGIONS {
                let count = region * 7 % 40;
                let calls: Vec<_> = (0..count).map(|_| AtomicUsize::new(0)).collect();
                for_each(count, &|index| {
                    calls[index].fetch_add(1, Ordering::Relaxed);
                });
                let once = calls.iter().all(|calls| calls.load(Ordering::Relaxed) == 1);
                assert!(once, "{threads} threads, region {region}: {calls:?}");
            }
        });
    });
}

/// Values that one region writes without atomics are read by the next one, on other threads.
#[test]
fn parts_that_one_region_writes_are_seen_by_the_next() {
    on_every_pool(|threads| {
        with_team(|| {
            let mut before = vec![0.0; 97];
            for region in 0..REGIONS {
                let parts = 1 + region % 9;
                let start = |part: usize| part * before.len() / parts;
                let mut after = vec![f32::NAN; before.len()];
                for_each_part(&mut after, parts, start, |part, out| {
                    for (offset, value) in out.iter_mut().enumerate() {
                        *value = before[96 - start(part) - offset] + 1.0;
                    }
                });
                before = after;
            }
            assert!(before.iter().all(|&value| value == REGIONS as f32), "{threads} threads");
        });
    });
}

#[test]
fn leaders_on_all_threads_at_once_have_teams_of_their_own() {
    on_every_pool(|threads| {
        rayon::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|_| {
                    let sum = AtomicUsize::new(0);
                    for_each(20, &|outer| {
                        for_each(3, &|inner| {
                            sum.fetch_add(outer * inner, Ordering::Relaxed);
                        });
                    });
                    assert_eq!(sum.into_inner(), 190 * 3);
                });
            }
        });
    });
}

#[test]
fn a_panic_on_any_thread_reaches_the_leader_and_leaves_nothing_behind() {
    on_every_pool(|threads| {
        for culprit in [0, 5, 19] {
            let sum = AtomicUsize::new(0);
            let run = || {
                for_each(20, &|index| {
                    sum.fetch_add(1, Ordering::Relaxed);
                    assert_ne!(index, culprit, "as asked");
                });
            };
            assert!(catch_unwind(AssertUnwindSafe(run)).is_err(), "{threads} threads");
            assert!(sum.into_inner() <= 20);
        }
    });
}
