//! Reads the output of test runners: the number of tests, and how long each took.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

use super::report::{Count, Outcome};
use crate::process;

/// Runs `command`, passes the lines of its output on to `tell`, and sums what `read` finds in them. A command that fails without a failed
/// test (because it did not compile, say) is an error.
pub fn run(
    command: &mut Command,
    read: fn(&str) -> Count,
    mut tell: impl FnMut(&str),
) -> Result<Outcome> {
    let start = command.stdout(Stdio::piped()).spawn();
    let mut child = start.map_err(|error| process::not_started(command, &error))?;
    let stdout = child.stdout.take().context("the output was to be piped")?;
    let (mut outcome, mut times) = (Outcome::default(), TestTimes::default());
    for line in BufReader::new(stdout).lines() {
        let line = line.with_context(|| format!("`{}` wrote no text", process::line(command)))?;
        tell(&line);
        outcome.count += read(&line);
        times.read(&line);
    }
    let status = child.wait()?;
    if !status.success() && outcome.count.failed == 0 {
        anyhow::bail!("`{}` failed ({status})", process::line(command));
    }
    outcome.tests = times.tests;
    Ok(outcome)
}

/// Prints a line, for [`run`].
pub fn print(line: &str) {
    println!("{line}");
}

/// Reads a line of `cargo test`, such as `test result: ok. 3 passed; 0 failed; ...`.
pub fn cargo(line: &str) -> Count {
    let Some((_, counts)) =
        line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "))
    else {
        return Count::default();
    };
    let number = |unit: &str| {
        let found = counts.split("; ").find_map(|part| part.trim().strip_suffix(unit));
        found.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
    };
    Count { passed: number(" passed"), failed: number(" failed"), skipped: number(" ignored") }
}

/// Reads a line of `node --test` with the reporter `spec`, such as `ℹ pass 3`.
pub fn node(line: &str) -> Count {
    let number = |word: &str| {
        let rest = line.strip_prefix("ℹ ").and_then(|line| line.strip_prefix(word));
        rest.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
    };
    Count {
        passed: number("pass "),
        failed: number("fail ") + number("cancelled "),
        skipped: number("skipped "),
    }
}

/// The times of single tests, as `node --test` prints them with the reporter `spec`.
#[derive(Default)]
struct TestTimes {
    /// Names of groups of tests, whose times are sums.
    groups: HashSet<String>,
    /// Whether the summary has begun, which repeats the failed tests.
    ended: bool,
    tests: Vec<(String, Duration)>,
}

impl TestTimes {
    /// Reads a line. A test's line is such as `  ✔ loads the model (812.5ms)`; a group's line begins with `▶` and is
    /// repeated like a test's at its end.
    fn read(&mut self, line: &str) {
        let line = line.trim();
        self.ended |= line.starts_with("ℹ tests ");
        if let Some(group) = line.strip_prefix("▶ ") {
            self.groups.insert(group.to_string());
        } else if let Some((name, took)) = Self::test(line)
            && !self.ended
            && !self.groups.contains(name)
        {
            self.tests.push((name.to_string(), took));
        }
    }

    fn test(line: &str) -> Option<(&str, Duration)> {
        let rest = line.strip_prefix(['✔', '✖'])?;
        let (name, time) = rest.strip_suffix("ms)")?.rsplit_once(" (")?;
        let seconds = time.parse::<f64>().ok()? / 1000.0;
        Some((name.trim(), Duration::try_from_secs_f64(seconds).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_of_both_runners_are_read() {
        let line =
            "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out";
        assert_eq!(cargo(line), Count { passed: 12, failed: 3, skipped: 1 });
        assert_eq!(cargo("test weights::reads ... ok"), Count::default());
        assert_eq!(node("ℹ pass 7"), Count { passed: 7, ..Count::default() });
        assert_eq!(node("ℹ fail 2"), Count { failed: 2, ..Count::default() });
        assert_eq!(node("ℹ skipped 1"), Count { skipped: 1, ..Count::default() });
        assert_eq!(node("ℹ tests 9"), Count::default());
        assert_eq!(node("✔ pass 7"), Count::default());
    }

    #[test]
    fn tests_are_timed_once_and_groups_are_not() {
        let output = "▶ loading\n  ✔ starts (812.5ms)\n  ✖ stops (1500ms)\n✖ loading (2312.5ms)\n\
            ✔ alone # a word (20ms)\nℹ tests 3\n✖ stops (1500ms)\ntest net::reads ... ok";
        let mut times = TestTimes::default();
        output.lines().for_each(|line| times.read(line));
        let expected = [("starts", 812_500), ("stops", 1_500_000), ("alone # a word", 20_000)];
        let expected =
            expected.map(|(name, micros)| (name.to_string(), Duration::from_micros(micros)));
        assert_eq!(times.tests, expected);
    }

    #[test]
    fn a_command_that_fails_without_a_failed_test_is_an_error() {
        let mut unknown = Command::new(std::env::var_os("CARGO").unwrap());
        let error =
            run(unknown.arg("no-such-command").stderr(Stdio::null()), cargo, |_| ()).unwrap_err();
        assert!(error.to_string().contains("no-such-command` failed"), "{error}");
    }
}
