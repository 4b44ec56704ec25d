//! Running other programs, with errors that name the command.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Error, Result, anyhow, bail};

use crate::project::Project;

/// Runs `command` with the terminal as its output; fails if the command fails.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if !status.success() {
        bail!("`{}` failed ({status})", line(command));
    }
    Ok(())
}

/// Runs `command` and returns what it writes to its standard output, trimmed.
pub fn capture(command: &mut Command) -> Result<String> {
    let output =
        command.stderr(Stdio::piped()).output().map_err(|error| not_started(command, &error))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed ({}): {}", line(command), output.status, complaint.trim());
    }
    let text = String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` did not write UTF-8", line(command)))?;
    Ok(text.trim().to_string())
}

/// Returns the first of `names` that is a file in a folder of `PATH`.
pub fn find_program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    let in_folders =
        |name: &&str| folders.iter().map(|folder| folder.join(name)).find(|p| p.is_file());
    names.iter().find_map(in_folders)
}

/// Returns the error for a `command` that could not be started.
pub fn not_started(command: &Command, error: &std::io::Error) -> Error {
    let program = Path::new(command.get_program()).display();
    if error.kind() == ErrorKind::NotFound {
        anyhow!("`{program}` is not installed, or not in PATH (needed for `{}`)", line(command))
    } else {
        anyhow!("cannot start `{program}`: {error}")
    }
}

/// Returns the command as typed: program name and arguments.
pub fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// Returns a command for the cargo that runs this program, in the clone's root and with the shared target directory.
pub fn cargo(project: &Project) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(&project.root).env("CARGO_TARGET_DIR", &project.target);
    command
}
