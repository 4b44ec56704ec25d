//! Steps that need not be repeated. A step that passes is remembered with the hash of its inputs and its counts; as long
//! as the inputs are the same, its result is taken from there, as `go test` and Bazel do.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};

use super::inputs::Inputs;
use super::report::{Count, Outcome, Report};
use super::{Args, machine};
use crate::project::Project;

/// The passes of a step that are kept: going back to another branch repeats nothing.
const KEPT: usize = 16;

/// The passes of each step, the latest first: the key of its inputs, and the numbers of passed and skipped tests.
type Passes = BTreeMap<String, Vec<(String, usize, usize)>>;

/// What a run does with remembered passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// Takes them, and adds its own.
    All,
    /// Only adds its own.
    Write,
    /// Neither: such a run leaves tests out, repeats them, or has another browser.
    None,
}

impl Use {
    fn of(args: &Args) -> Self {
        let differs = args.filter.is_some() || args.soak || args.browser.is_some();
        match (differs, args.fresh) {
            (true, _) => Self::None,
            (false, true) => Self::Write,
            (false, false) => Self::All,
        }
    }
}

/// The remembered passes.
pub struct Memory {
    path: PathBuf,
    mode: Use,
    machine: String,
    /// Held while the file is changed: test files run side by side.
    writing: Mutex<()>,
}

impl Memory {
    /// Returns those that a run with `args` may use.
    pub fn open(project: &Project, args: &Args) -> Self {
        let mode = Use::of(args);
        let machine = if mode == Use::None { String::new() } else { machine::describe(project) };
        let path = project.target.join("test-passes.json");
        Self { path, mode, machine, writing: Mutex::default() }
    }

    /// Returns the present inputs, and with them the files in the folders `built`; `None` if this run remembers nothing
    /// or they cannot be read.
    pub fn inputs(&self, project: &Project, built: &[PathBuf]) -> Option<Inputs> {
        if self.mode == Use::None {
            return None;
        }
        let inputs = Inputs::take(project, &self.machine, built);
        inputs.inspect_err(|error| eprintln!("warning: nothing is remembered: {error:#}")).ok()
    }

    /// Runs a step of `report` that depends only on the clone's files for which `reads` holds, unless it has passed with
    /// them.
    pub fn step<T: Into<Outcome>>(
        &self,
        project: &Project,
        report: &mut Report,
        name: &str,
        reads: fn(&str) -> bool,
        body: impl FnOnce() -> Result<T>,
    ) {
        let key = || self.inputs(project, &[]).map(|inputs| inputs.key(reads));
        report.step(name, || self.run(name, key(), key, || body().map(Into::into)));
    }

    /// Runs `body` unless the step `name` has passed with the inputs `before`. It is remembered if it passes and its
    /// inputs are still the same `after` it.
    ///
    /// # Errors
    ///
    /// Those of `body`.
    pub fn run(
        &self,
        name: &str,
        before: Option<String>,
        after: impl FnOnce() -> Option<String>,
        body: impl FnOnce() -> Result<Outcome>,
    ) -> Result<Outcome> {
        let Some(key) = before else { return body() };
        if let Some(count) = self.recall(name, &key) {
            return Ok(Outcome::remembered(count));
        }
        let result = body();
        let passed = result.as_ref().ok().map(|outcome| outcome.count);
        let passed = passed.filter(|count| count.failed == 0 && count.passed > 0);
        let written = match passed {
            // A file that has changed in the meantime was perhaps read before, perhaps after.
            Some(_) if after().as_ref() != Some(&key) => {
                println!("{name}: not remembered, because a file has changed meanwhile");
                Ok(())
            }
            Some(count) => self.write(name, &key, Some(count)),
            None => self.write(name, &key, None),
        };
        if let Err(error) = written {
            eprintln!("warning: {name} is not remembered: {error:#}");
        }
        result
    }

    fn recall(&self, name: &str, key: &str) -> Option<Count> {
        if self.mode != Use::All {
            return None;
        }
        let passes = read(&self.path).remove(name)?;
        let (_, passed, skipped) = passes.into_iter().find(|(inputs, ..)| inputs == key)?;
        Some(Count { passed, failed: 0, skipped })
    }

    /// Replaces what is known of the step `name` with these inputs by `pass`: a step that fails once is run again until
    /// it passes.
    fn write(&self, name: &str, key: &str, pass: Option<Count>) -> Result<()> {
        let _guard = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = read(&self.path);
        let passes = all.entry(name.into()).or_default();
        passes.retain(|(inputs, ..)| inputs != key);
        if let Some(Count { passed, skipped, .. }) = pass {
            passes.insert(0, (key.into(), passed, skipped));
            passes.truncate(KEPT);
        }
        // Renamed, so that another run never reads half a file.
        let new = self.path.with_extension(format!("{}.json", std::process::id()));
        fs::write(&new, serde_json::to_vec(&all)?)
            .and_then(|()| fs::rename(&new, &self.path))
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// Reads the file of passes; empty if there is none.
fn read(path: &Path) -> Passes {
    serde_json::from_slice(&fs::read(path).unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    const PASS: Count = Count { passed: 5, failed: 0, skipped: 2 };

    fn memory(folder: &Path, mode: Use) -> Memory {
        let path = folder.join("passes.json");
        Memory { path, mode, machine: String::new(), writing: Mutex::default() }
    }

    /// Runs a step whose inputs have the hash `key`. Returns whether its body was run, and its outcome.
    fn run(memory: &Memory, key: &str, count: Count) -> (bool, Outcome) {
        let mut ran = false;
        let outcome = memory.run(
            "step",
            Some(key.into()),
            || Some(key.into()),
            || {
                ran = true;
                Ok(count.into())
            },
        );
        (ran, outcome.unwrap())
    }

    #[test]
    fn a_pass_is_remembered_with_its_counts_until_the_inputs_change() {
        let folder = tempfile::tempdir().unwrap();
        let memory = memory(folder.path(), Use::All);
        let (ran, first) = run(&memory, "inputs", PASS);
        assert!(ran && first.remembered == 0);
        let (ran, again) = run(&memory, "inputs", Count::default());
        assert!(!ran);
        assert_eq!((again.count, again.remembered), (PASS, 5));
        assert!(run(&memory, "other inputs", PASS).0);
        assert!(!run(&memory, "inputs", PASS).0, "an earlier state of the files is still known");
        let another_step =
            memory.run("another", Some("inputs".into()), || None, || Ok(Count::ONE.into()));
        assert_eq!(another_step.unwrap().remembered, 0);
    }

    #[test]
    fn a_failure_is_not_remembered_and_replaces_an_earlier_pass() {
        let folder = tempfile::tempdir().unwrap();
        let (all, fresh) = (memory(folder.path(), Use::All), memory(folder.path(), Use::Write));
        let failure = Count { failed: 1, ..PASS };
        run(&all, "inputs", failure);
        assert!(run(&all, "inputs", PASS).0);
        assert!(run(&fresh, "inputs", failure).0);
        assert!(run(&all, "inputs", PASS).0);
        let error = fresh.run("step", Some("inputs".into()), || None, || anyhow::bail!("no node"));
        assert!(error.is_err());
        assert!(run(&all, "inputs", PASS).0);
        assert!(run(&all, "nothing", Count::default()).0);
        assert!(run(&all, "nothing", Count::default()).0, "no test is no pass");
    }

    #[test]
    fn a_step_whose_inputs_change_while_it_runs_is_not_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let memory = memory(folder.path(), Use::All);
        for after in [Some("other inputs".to_string()), None] {
            let outcome =
                memory.run("step", Some("inputs".into()), || after, || Ok(PASS.into())).unwrap();
            assert_eq!(outcome.remembered, 0);
        }
        assert!(run(&memory, "inputs", PASS).0);
    }

    #[test]
    fn a_fresh_run_repeats_and_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let (all, fresh) = (memory(folder.path(), Use::All), memory(folder.path(), Use::Write));
        assert!(run(&fresh, "inputs", PASS).0);
        assert!(run(&fresh, "inputs", PASS).0);
        assert!(!run(&all, "inputs", PASS).0);
    }

    #[test]
    fn a_run_of_other_tests_neither_takes_nor_adds_passes() {
        #[derive(Parser)]
        struct Line {
            #[command(flatten)]
            args: Args,
        }
        let of = |line: &str| Use::of(&Line::parse_from(line.split(' ')).args);
        assert_eq!(of("test native"), Use::All);
        assert_eq!(of("test --fresh"), Use::Write);
        let others = ["--filter relu", "--soak", "--browser firefox", "--fresh --filter relu"];
        for line in others.map(|flags| format!("test {flags}")) {
            assert_eq!(of(&line), Use::None, "{line}");
        }
        let folder = tempfile::tempdir().unwrap();
        let project = Project { root: folder.path().into(), target: folder.path().into() };
        assert!(memory(folder.path(), Use::None).inputs(&project, &[]).is_none());
        let (all, none) = (memory(folder.path(), Use::All), memory(folder.path(), Use::None));
        for _ in 0..2 {
            let outcome = none.run("step", None, || None, || Ok(PASS.into())).unwrap();
            assert_eq!(outcome.remembered, 0);
        }
        assert!(run(&all, "inputs", PASS).0);
    }

    #[test]
    fn a_broken_file_of_passes_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let memory = memory(folder.path(), Use::All);
        fs::write(&memory.path, "{\"step\": 3").unwrap();
        assert!(run(&memory, "inputs", PASS).0);
        assert!(!run(&memory, "inputs", PASS).0);
    }
}
