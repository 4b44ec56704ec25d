//! Supply-chain checks that need neither a build nor the network.

use crate::project::Project;
use crate::supply;

use super::report::{Count, Report};

/// Runs all checks; each is a test.
pub fn check(project: &Project, report: &mut Report) {
    report.step("supply chain", || {
        let mut count = Count::default();
        for (name, complaints) in supply::check(project)? {
            supply::tell(name, &complaints);
            count += if complaints.is_empty() { Count::ONE } else { Count::FAILURE };
        }
        Ok(count)
    });
}
