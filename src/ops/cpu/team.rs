//! A team: threads that stay awake for the length of a frame.
//!
//! A frame consists of some forty regions of a few hundred microseconds each, with hardly anything between them.
//! rayon's threads go to sleep between two regions and are woken for the next; in a browser each wake-up takes as long
//! as a tenth of a region. So each of rayon's threads is requested once per frame, and looks for regions by itself
//! until the end of the frame. The word is OpenMP's.

// The paths are written out because `tests/threads` compiles this file by itself.
#[allow(unsafe_code, reason = "the one place of it: what threads share without a lock")]
#[path = "team/region.rs"]
mod region;
#[path = "team/sync.rs"]
mod sync;

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub use region::for_each_part;
use region::{Region, Task};

/// The calling thread's role in a team.
#[derive(Clone)]
enum Role {
    /// It is in no team.
    Alone,
    /// It opens the team's regions.
    Leader(Arc<Team>),
    /// It is inside a region, and runs regions that it opens alone.
    Member,
}

thread_local! {
    static ROLE: RefCell<Role> = const { RefCell::new(Role::Alone) };
}

/// Calls `work`. The regions that it opens with [`for_each`] are shared with rayon's threads, which
/// do nothing else until it returns.
pub fn with_team<R>(work: impl FnOnce() -> R) -> R {
    if !ROLE.with_borrow(|role| matches!(role, Role::Alone)) {
        return work();
    }
    let team = Arc::new(Team::default());
    rayon::in_place_scope(|scope| {
        for _ in 1..rayon::current_num_threads() {
            scope.spawn(|_| team.help());
        }
        let _release = ReleaseOnDrop(&team);
        let _role = RoleGuard::assume(Role::Leader(team.clone()));
        work()
    })
}

/// Calls `task` once for each index below `count`, on all threads of the team. Returns when all
/// calls have.
pub fn for_each(count: usize, task: &Task<'_>) {
    let role = ROLE.with_borrow(Role::clone);
    match role {
        Role::Leader(team) => team.share(count, task),
        Role::Member => (0..count).for_each(task),
        Role::Alone => with_team(|| for_each(count, task)),
    }
}

#[derive(Default)]
struct Team {
    region: Region,
    released: AtomicBool,
}

impl Team {
    /// Runs a helper, until the team is released.
    fn help(&self) {
        self.region.help(|| self.released.load(Ordering::Acquire));
    }

    /// Runs a region as its leader.
    fn share(&self, count: usize, task: &Task<'_>) {
        self.region.run(count, &|index| {
            let _role = RoleGuard::assume(Role::Member);
            task(index);
        });
    }
}

/// Restores a thread's role when dropped.
struct RoleGuard(Role);

impl RoleGuard {
    fn assume(role: Role) -> Self {
        Self(ROLE.replace(role))
    }
}

impl Drop for RoleGuard {
    fn drop(&mut self) {
        ROLE.set(std::mem::replace(&mut self.0, Role::Alone));
    }
}

/// Releases the helpers when dropped.
struct ReleaseOnDrop<'a>(&'a Team);

impl Drop for ReleaseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.released.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;
    use std::sync::atomic::AtomicUsize;

    use super::*;

    fn counters(count: usize) -> Vec<AtomicUsize> {
        (0..count).map(|_| AtomicUsize::new(0)).collect()
    }

    fn all_once(calls: &[AtomicUsize]) -> bool {
        calls.iter().all(|calls| calls.load(Ordering::Relaxed) == 1)
    }

    #[test]
    fn every_index_of_every_region_is_called_once() {
        with_team(|| {
            for count in (0..200).chain([1, 1, 0, 1]) {
                let calls = counters(count);
                for_each(count, &|index| {
                    calls[index].fetch_add(1, Ordering::Relaxed);
                });
                assert!(all_once(&calls), "{count}: {calls:?}");
            }
        });
    }

    #[test]
    fn regions_may_be_opened_alone_and_within_others() {
        let calls = counters(12);
        for_each(3, &|outer| {
            for_each(4, &|inner| {
                calls[outer * 4 + inner].fetch_add(1, Ordering::Relaxed);
            });
        });
        assert!(all_once(&calls), "{calls:?}");
    }

    #[test]
    fn leaders_on_several_threads_do_not_disturb_each_other() {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(every_index_of_every_region_is_called_once);
            }
        });
    }

    #[test]
    fn a_panic_reaches_the_leader_and_the_next_team_works() {
        for culprit in [0, 63] {
            let outcome = catch_unwind(|| for_each(64, &|index| assert_ne!(index, culprit)));
            assert!(outcome.is_err());
        }
        every_index_of_every_region_is_called_once();
    }
}
