//! Reading test counts from what test runners print.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::report::Count;
use crate::process;

/// Runs `command`, passes its output on, and sums what `read` finds in its lines. A command that
/// fails without a failed test (it did not compile, say) is an error.
pub fn run(command: &mut Command, read: fn(&str) -> Count) -> Result<Count> {
    let start = command.stdout(Stdio::piped()).spawn();
    let mut child = start.map_err(|error| process::not_started(command, &error))?;
    let stdout = child.stdout.take().context("the output was to be piped")?;
    let mut count = Count::default();
    for line in BufReader::new(stdout).lines() {
        let line = line.with_context(|| format!("`{}` wrote no text", process::line(command)))?;
        println!("{line}");
        count += read(&line);
    }
    let status = child.wait()?;
    if !status.success() && count.failed == 0 {
        anyhow::bail!("`{}` failed ({status})", process::line(command));
    }
    Ok(count)
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
    Count { passed: number(" passed"), failed: number(" failed") }
}

/// Reads a line of `node --test` with the reporter `spec`, such as `ℹ pass 3`.
pub fn node(line: &str) -> Count {
    let number = |word: &str| {
        let rest = line.strip_prefix("ℹ ").and_then(|line| line.strip_prefix(word));
        rest.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
    };
    Count { passed: number("pass "), failed: number("fail ") + number("cancelled ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_of_both_runners_are_read() {
        let line =
            "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out";
        assert_eq!(cargo(line), Count { passed: 12, failed: 3 });
        assert_eq!(cargo("test weights::reads ... ok"), Count::default());
        assert_eq!(node("ℹ pass 7"), Count { passed: 7, failed: 0 });
        assert_eq!(node("ℹ fail 2"), Count { passed: 0, failed: 2 });
        assert_eq!(node("ℹ tests 9"), Count::default());
        assert_eq!(node("✔ pass 7"), Count::default());
    }

    #[test]
    fn a_command_that_fails_without_a_failed_test_is_an_error() {
        let mut unknown = Command::new(std::env::var_os("CARGO").unwrap());
        let error = run(unknown.arg("no-such-command").stderr(Stdio::null()), cargo).unwrap_err();
        assert!(error.to_string().contains("no-such-command` failed"), "{error}");
    }
}
