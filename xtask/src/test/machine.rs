//! What the tests depend on besides the clone's files: this program, the tools, the system and the environment.

use std::collections::BTreeSet;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::precache::hash;
use crate::project::{Project, cargo_home};
use crate::{chromium, npm, process, toolchain};

/// Files that change with the installed packages, libraries and drivers among them, and with the system.
const SYSTEM: [&str; 6] = [
    "/etc/os-release",
    "/proc/sys/kernel/osrelease",
    "/var/lib/dpkg/status",
    "/var/lib/rpm/rpmdb.sqlite",
    "/lib/apk/db/installed",
    "/System/Library/CoreServices/SystemVersion.plist",
];

/// Lines of `/proc/cpuinfo` by which kernels and compilers choose instructions.
const PROCESSOR: [&str; 4] = ["model name", "flags", "CPU part", "Features"];

/// Beginnings of the names of the variables that cargo, rustc, Node.js, npm, Python, Chromium, graphics drivers, crates
/// and the tests read.
const VARIABLES: [&str; 28] = [
    "AR",
    "CARGO",
    "CC",
    "CFLAGS",
    "CHROMIUM",
    "CXX",
    "DISPLAY",
    "DYLD_",
    "EGL_",
    "GALLIUM_",
    "LANG",
    "LC_",
    "LD_",
    "LIBGL_",
    "LP_",
    "MESA_",
    "NODE_",
    "NPM_",
    "npm_",
    "PROPTEST_",
    "PYTHON",
    "RAYON_",
    "RESLENS_",
    "RUST",
    "TMPDIR",
    "TZ",
    "VK_",
    "WGPU_",
];

/// Variables that change no result, and differ between a terminal and `.ci/run`. The build folder is described as it is
/// used.
const WITHOUT_EFFECT: [&str; 2] = ["CARGO_TARGET_DIR", "CARGO_TERM_"];

/// Prints the version of Python and of its packages: some tests are skipped without them.
const PYTHON_PACKAGES: &str = "import sys, importlib.metadata as all\n\
    print(sys.version, sorted(f'{each.name} {each.version}' for each in all.distributions()))";

/// A name and what is found under it.
type Fact = (String, String);

/// Returns a description that is the same as long as none of it changes.
pub fn describe(project: &Project) -> String {
    let facts = [program(project), system(), tools(project), variables()].concat();
    facts.into_iter().map(|(name, value)| format!("{name}: {value:?}\n")).collect()
}

/// Returns what this program is and where it works.
fn program(project: &Project) -> Vec<Fact> {
    let this = env::current_exe().map_or_else(|_| String::new(), |path| hash_of(&path));
    vec![
        ("xtask".into(), this),
        ("clone".into(), project.root.display().to_string()),
        ("build folder".into(), project.target.display().to_string()),
    ]
}

fn system() -> Vec<Fact> {
    let settings = cargo_home().map(|home| home.join("config.toml"));
    let paths = SYSTEM.map(PathBuf::from).into_iter().chain(settings);
    let mut facts: Vec<_> =
        paths.map(|path| (path.display().to_string(), hash_of(&path))).collect();
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let known = |line: &&str| PROCESSOR.iter().any(|name| line.starts_with(name));
    let lines: BTreeSet<_> = processor.lines().filter(known).collect();
    facts.extend(lines.into_iter().map(|line| ("processor".into(), line.into())));
    let threads = std::thread::available_parallelism().map_or(0, NonZeroUsize::get);
    facts.push(("threads".into(), threads.to_string()));
    facts
}

fn tools(project: &Project) -> Vec<Fact> {
    let mut facts = vec![
        ("cargo".into(), version(&mut process::cargo(project))),
        ("rustc".into(), version(Command::new("rustc").current_dir(&project.root))),
        ("node".into(), version(&mut npm::node(project))),
        ("npm".into(), version(&mut npm::npm())),
    ];
    for toolchain in toolchain::probe() {
        let version = version(&mut Command::new(&toolchain.rustc));
        facts.push(("toolchain".into(), format!("{version} {toolchain:?}")));
    }
    if let Ok(browser) = chromium::find() {
        facts.push(("browser".into(), version(&mut Command::new(browser))));
    }
    let chosen = env::var_os("RESLENS_PYTHON");
    for python in [OsStr::new("python3")].into_iter().chain(chosen.as_deref()) {
        let packages = process::capture(Command::new(python).args(["-c", PYTHON_PACKAGES]));
        facts.push(("python".into(), packages.unwrap_or_default()));
    }
    facts
}

fn variables() -> Vec<Fact> {
    let text = |text: OsString| text.to_string_lossy().into_owned();
    let all = env::vars_os().map(|(name, value)| (text(name), text(value)));
    let mut read: Vec<_> = all.filter(|(name, _)| is_read(name)).collect();
    read.sort();
    read
}

/// Returns the hash of a file's content; nothing if it cannot be read.
fn hash_of(path: &Path) -> String {
    fs::read(path).map_or_else(|_| String::new(), |bytes| hash(&bytes))
}

/// Returns what a program prints with `--version`; nothing if it is not installed.
fn version(program: &mut Command) -> String {
    process::capture(program.arg("--version")).unwrap_or_default()
}

/// Whether a variable may change a test's result.
fn is_read(name: &str) -> bool {
    let starts = |names: &[&str]| names.iter().any(|known| name.starts_with(known));
    starts(&VARIABLES) && !starts(&WITHOUT_EFFECT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_is_stable_and_names_the_tools() {
        let package = env::var_os("CARGO_MANIFEST_DIR").unwrap();
        let root = Path::new(&package).parent().unwrap().to_path_buf();
        let project = Project { target: root.join("target"), root };
        let text = describe(&project);
        assert_eq!(describe(&project), text);
        for tool in ["cargo: \"cargo ", "rustc: \"rustc ", "toolchain: \"rustc "] {
            assert!(text.contains(tool), "{tool} is missing in {text}");
        }
        let elsewhere = Project { target: "/elsewhere".into(), ..project };
        assert_ne!(describe(&elsewhere), text);
    }

    #[test]
    fn variables_that_change_results_are_read() {
        for name in [
            "RUSTFLAGS",
            "RESLENS_CASES",
            "CHROMIUM",
            "CARGO_PROFILE_DEV_DEBUG",
            "VK_ICD_FILENAMES",
        ] {
            assert!(is_read(name), "{name}");
        }
        for name in ["CARGO_TERM_COLOR", "CARGO_TARGET_DIR", "PWD", "SHLVL"] {
            assert!(!is_read(name), "{name}");
        }
    }
}
