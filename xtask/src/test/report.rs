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
    /// The number that did not run, for a reason that the test gives.
    pub skipped: usize,
}

impl Count {
    /// One check, which is one test and passed.
    pub const ONE: Count = Count { passed: 1, failed: 0, skipped: 0 };

    /// One test that failed.
    pub const FAILURE: Count = Count { passed: 0, failed: 1, skipped: 0 };
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Count) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// The result of a step.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The numbers of tests.
    pub count: Count,
    /// How many of those that passed did so in an earlier run; see [`super::remembered`].
    pub remembered: usize,
    /// The tests that report how long they took.
    pub tests: Vec<(String, Duration)>,
}

impl Outcome {
    /// Returns the result of a step that passed in an earlier run.
    pub fn remembered(count: Count) -> Self {
        Self { count, remembered: count.passed, tests: Vec::new() }
    }
}

impl std::ops::AddAssign for Outcome {
    fn add_assign(&mut self, other: Outcome) {
        self.count += other.count;
        self.remembered += other.remembered;
        self.tests.extend(other.tests);
    }
}

impl From<Count> for Outcome {
    fn from(count: Count) -> Self {
        Self { count, ..Self::default() }
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
            Err(error) => (Count::FAILURE.into(), Some(format!("{error:#}"))),
        };
        if let Some(error) = &error {
            println!("{error}");
        }
        if outcome.remembered > 0 {
            println!("remembered, with the same inputs: {} passed", outcome.remembered);
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

    /// Returns how many of the passed tests did so in an earlier run.
    fn remembered(&self) -> usize {
        self.steps.iter().map(|step| step.outcome.remembered).sum()
    }

    /// Returns how long each step took. A step of which something is remembered has taken less than it usually does.
    pub fn times(&self) -> Times {
        let complete = self.steps.iter().filter(|step| step.outcome.remembered == 0);
        complete.map(|step| (step.name.clone(), step.took.as_secs_f64())).collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.steps.iter().map(|step| step.name.chars().count()).max().unwrap_or(0);
        for Step { name, outcome, took, error } in &self.steps {
            let Count { passed, failed, skipped } = outcome.count;
            let remembered = outcome.remembered;
            let word = match (failed, remembered) {
                (1.., _) => "FAILED",
                (0, 1..) if remembered == passed => "remembered",
                _ => "ok",
            };
            let seconds = took.as_secs_f64();
            write!(
                f,
                "{name:width$}  {word:10}  {passed:>5} passed  {failed:>3} failed  {seconds:>7.1} s"
            )?;
            if skipped > 0 {
                write!(f, "  {skipped} skipped")?;
            }
            if word != "remembered" && remembered > 0 {
                write!(f, "  {remembered} remembered")?;
            }
            if let Some(first) = error.as_deref().and_then(|error| error.lines().next()) {
                write!(f, "  {first}")?;
            }
            writeln!(f)?;
        }
        let steps = self.steps.iter().map(|step| (step.name.as_str(), step.took));
        let tests = self.steps.iter().flat_map(|step| &step.outcome.tests);
        let tests = tests.map(|(name, took)| (name.as_str(), *took));
        write!(f, "\n{}{}", times::slowest("steps", steps), times::slowest("tests", tests))?;
        if self.remembered() > 0 {
            writeln!(
                f,
                "\n{} of the passed tests are remembered: their inputs have not changed since they \
                 passed (`--fresh` repeats them)",
                self.remembered()
            )?;
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
        report.step("native", || Ok(Count { passed: 40, failed: 2, skipped: 0 }));
        report.step("build", || -> Result<Count> { anyhow::bail!("no compiler\nat all") });
        let tests = vec![("a page loads".to_string(), Duration::from_secs(3))];
        report.step("browser", || Ok(Outcome { count: Count::ONE, tests, ..Outcome::default() }));
        let text = report.to_string();
        assert_eq!(text.lines().last(), Some("42 passed, 3 failed"));
        let build = text.lines().find(|line| line.starts_with("build")).unwrap();
        assert!(build.contains("FAILED") && build.ends_with("no compiler"), "{text}");
        assert!(text.contains("slowest tests:\n      3.0 s  a page loads\n"), "{text}");
    }

    #[test]
    fn remembered_tests_count_as_passed_and_their_times_do_not() {
        let mut report = Report::default();
        let count = Count { passed: 40, failed: 0, skipped: 3 };
        report.step("native", || Ok(Outcome::remembered(count)));
        report.step("build", || Ok(Count::ONE));
        report.step("browser", || {
            let mut outcome = Outcome::remembered(count);
            outcome += Outcome::from(Count { passed: 4, failed: 1, skipped: 0 });
            Ok(outcome)
        });
        let text = report.to_string();
        assert_eq!(text.lines().last(), Some("85 passed, 1 failed"));
        assert!(text.contains("80 of the passed tests are remembered"), "{text}");
        let line = |name| text.lines().find(|line| line.starts_with(name)).unwrap();
        assert!(line("native").contains("remembered     40 passed    0 failed"), "{text}");
        assert!(line("native").ends_with("  3 skipped"), "{text}");
        assert!(line("browser").contains("FAILED"), "{text}");
        assert!(line("browser").ends_with("  3 skipped  40 remembered"), "{text}");
        assert_eq!(report.times().into_keys().collect::<Vec<_>>(), ["build"]);
    }
}
