//! The times of a test run's steps: the slowest ones, and those that take much longer than last time.
//! Nothing here makes a run fail.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

/// The number of slowest ones that are listed.
const LISTED: usize = 5;

/// Shorter steps are not compared: on a busy machine they double easily.
const LEAST_SECONDS: f64 = 10.0;

/// Seconds by step name.
pub type Times = BTreeMap<String, f64>;

/// Reads what an earlier run has written to `path`; empty if there was none.
pub fn read(path: &Path) -> Times {
    let text = fs::read(path).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Writes the `times` for the next run. Steps that did not run this time keep their earlier times.
pub fn write(path: &Path, times: &Times) -> Result<()> {
    let mut all = read(path);
    all.extend(times.clone());
    fs::write(path, serde_json::to_vec(&all)?)
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Returns a line for each step that takes at least twice as long as in the run `before`.
pub fn doubled(before: &Times, now: &Times) -> Vec<String> {
    let compared =
        now.iter().filter_map(|(name, seconds)| Some((name, *before.get(name)?, *seconds)));
    compared
        .filter(|(_, before, now)| *now >= LEAST_SECONDS && *now >= 2.0 * before)
        .map(|(name, before, now)| format!("{name}: {now:.0} s, {before:.0} s in the last run"))
        .collect()
}

/// Returns the slowest of `all` as lines under a heading; empty if there are none.
pub fn slowest<'a>(what: &str, all: impl Iterator<Item = (&'a str, Duration)>) -> String {
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|(_, took)| std::cmp::Reverse(*took));
    let mut text = String::new();
    for (index, (name, took)) in all.into_iter().take(LISTED).enumerate() {
        if index == 0 {
            writeln!(text, "slowest {what}:").expect("writing to a string does not fail");
        }
        writeln!(text, "  {:>7.1} s  {name}", took.as_secs_f64())
            .expect("writing to a string does not fail");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(times: &[(&str, f64)]) -> Times {
        times.iter().map(|(name, seconds)| (name.to_string(), *seconds)).collect()
    }

    #[test]
    fn a_step_that_doubles_is_reported_unless_it_is_short_or_new() {
        let before = times(&[("build", 60.0), ("lint", 30.0), ("format", 1.0)]);
        let now = times(&[("build", 120.0), ("lint", 59.0), ("format", 9.0), ("new", 500.0)]);
        assert_eq!(doubled(&before, &now), ["build: 120 s, 60 s in the last run"]);
    }

    #[test]
    fn the_slowest_come_first_and_are_few() {
        let all = (1..=9).map(|seconds| ("a test", Duration::from_secs(seconds)));
        let text = slowest("tests", all);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 1 + LISTED);
        assert_eq!(lines[1], "      9.0 s  a test");
        assert_eq!(slowest("tests", std::iter::empty()), "");
    }

    #[test]
    fn a_run_of_one_part_keeps_the_times_of_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("times.json");
        assert!(read(&path).is_empty());
        write(&path, &times(&[("build", 60.0), ("lint", 30.0)])).unwrap();
        write(&path, &times(&[("lint", 20.0)])).unwrap();
        assert_eq!(read(&path), times(&[("build", 60.0), ("lint", 20.0)]));
    }
}
