//! The results of a test run's steps.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::times::{self, Times};

/// Numbers of tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// The number that passed.
    pub passed: usize,
    /// The number that failed.
    pub failed: usize,
}

impl Count {
    /// One check, which is one test and passed.
    pub const ONE: Count = Count { passed: 1, failed: 0 };
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Count) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// The result of a step.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The numbers of tests.
    pub count: Count,
    /// The tests that report how long they took.
    pub tests: Vec<(String, Duration)>,
}

impl From<Count> for Outcome {
    fn from(count: Count) -> Self {
        Self { count, tests: Vec::new() }
    }
}

/// The finished steps, in order.
#[derive(Default)]
pub struct Report {
    steps: Vec<Step>,
}

struct Step {
    name: String,
    outcome: Outcome,
    took: Duration,
    /// The error if the step failed as a whole.
    error: Option<String>,
}

impl Report {
    /// Runs a step. An error of the step itself is also a failed test, and does not end the run.
    pub fn step<T: Into<Outcome>>(&mut self, name: &str, body: impl FnOnce() -> Result<T>) {
        println!("\n== {name}");
        let start = Instant::now();
        let (outcome, error) = match body() {
            Ok(outcome) => (outcome.into(), None),
            Err(error) => (Count { passed: 0, failed: 1 }.into(), Some(format!("{error:#}"))),
        };
        if let Some(error) = &error {
            println!("{error}");
        }
        self.steps.push(Step { name: name.into(), outcome, took: start.elapsed(), error });
    }

    /// Returns the number of tests that passed in all steps.
    pub fn passed(&self) -> usize {
        self.steps.iter().map(|step| step.outcome.count.passed).sum()
    }

    /// Returns the number of tests that failed in all steps.
    pub fn failed(&self) -> usize {
        self.steps.iter().map(|step| step.outcome.count.failed).sum()
    }

    /// Returns how long each step took.
    pub fn times(&self) -> Times {
        self.steps.iter().map(|step| (step.name.clone(), step.took.as_secs_f64())).collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.steps.iter().map(|step| step.name.chars().count()).max().unwrap_or(0);
        for Step { name, outcome, took, error } in &self.steps {
            let count = &outcome.count;
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
        let steps = self.steps.iter().map(|step| (step.name.as_str(), step.took));
        let tests = self.steps.iter().flat_map(|step| &step.outcome.tests);
        let tests = tests.map(|(name, took)| (name.as_str(), *took));
        write!(f, "\n{}{}", times::slowest("steps", steps), times::slowest("tests", tests))?;
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
        report.step("build", || -> Result<Count> { anyhow::bail!("no compiler\nat all") });
        let tests = vec![("a page loads".to_string(), Duration::from_secs(3))];
        report.step("browser", || Ok(Outcome { count: Count::ONE, tests }));
        let text = report.to_string();
        assert_eq!(text.lines().last(), Some("42 passed, 3 failed"));
        let build = text.lines().find(|line| line.starts_with("build")).unwrap();
        assert!(build.contains("FAILED") && build.ends_with("no compiler"), "{text}");
        assert!(text.contains("slowest tests:\n      3.0 s  a page loads\n"), "{text}");
    }
}
