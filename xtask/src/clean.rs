//! `cargo xtask clean`: back to a fresh clone.

use anyhow::Result;

use crate::dist;
use crate::project::Project;

/// Delete the output of the other commands: dist/, the JavaScript tools, the build folder.
///
/// This deletes all compiled code, also that which other clones use: the next build is a cold
/// one. Your own files are not touched.
#[derive(clap::Args)]
pub struct Args {
    /// Only say what would be deleted
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command.
pub fn run(project: &Project, args: &Args) -> Result<()> {
    let folders = [
        project.dist(),
        project.root.join(".dist-new"),
        project.root.join(".dist-old"),
        project.root.join("node_modules"),
        project.root.join("docs/site/node_modules"),
        project.target.clone(),
    ];
    for folder in folders.iter().filter(|folder| folder.exists()) {
        let verb = if args.dry_run { "would delete" } else { "deleting" };
        println!("{verb} {}", project.show(folder));
        if !args.dry_run {
            dist::remove(folder)?;
        }
    }
    Ok(())
}
