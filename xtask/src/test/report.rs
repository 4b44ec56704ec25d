//! What the steps of a test run have come to.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::Result;

/// Numbers of tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Those that passed.
    pub passed: usize,
    /// Those that failed.
    pub failed: usize,
}

impl Count {
    /// A check that is one test, and passed.
    pub const ONE: Count = Count { passed: 1, failed: 0 };
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Count) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// The finished steps, in order.
#[derive(Default)]
pub struct Report {
    steps: Vec<Step>,
}

struct Step {
    name: String,
    count: Count,
    took: Duration,
    /// Why it failed as a whole.
    error: Option<String>,
}

impl Report {
    /// Runs a step. An error of the step itself is a failed test, too, and does not end the run.
    pub fn step(&mut self, name: &str, body: impl FnOnce() -> Result<Count>) {
        println!("\n== {name}");
        let start = Instant::now();
        let (count, error) = match body() {
            Ok(count) => (count, None),
            Err(error) => (Count { passed: 0, failed: 1 }, Some(format!("{error:#}"))),
        };
        if let Some(error) = &error {
            println!("{error}");
        }
        self.steps.push(Step { name: name.into(), count, took: start.elapsed(), error });
    }

    /// Tests that passed in all steps.
    pub fn passed(&self) -> usize {
        self.steps.iter().map(|step| step.count.passed).sum()
    }

    /// Tests that failed in all steps.
    pub fn failed(&self) -> usize {
        self.steps.iter().map(|step| step.count.failed).sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.steps.iter().map(|step| step.name.chars().count()).max().unwrap_or(0);
        for Step { name, count, took, error } in &self.steps {
            let word = if count.failed > 0 { "FAILED" } else { "ok" };
            let seconds = took.as_secs_f64();
            let Count { passed, failed } = count;
            write!(
                f,
                "{name:width$}  {word:6}  {passed:>5} passed  {failed:>3} failed  {seconds:>7.1} s"
            )?;
            if let Some(first) = error.as_deref().and_then(|error| error.lines().next()) {
                write!(f, "  {first}")?;
            }
            writeln!(f)?;
        }
        write!(f, "\n{} passed, {} failed", self.passed(), self.failed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_and_a_broken_step_is_a_failure() {
        let mut report = Report::default();
        report.step("format", || Ok(Count::ONE));
        report.step("native", || Ok(Count { passed: 40, failed: 2 }));
        report.step("build", || anyhow::bail!("no compiler\nat all"));
        let text = report.to_string();
        assert_eq!(text.lines().last(), Some("41 passed, 3 failed"));
        let build = text.lines().find(|line| line.starts_with("build")).unwrap();
        assert!(build.contains("FAILED") && build.ends_with("no compiler"), "{text}");
    }
}
