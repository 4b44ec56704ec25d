//! What the tests depend on besides the clone's files: this program, the tools, the system and the environment.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsStr;
use std::fmt::Write;
use std::fs;
use std::process::Command;

use crate::precache::hash;
use crate::project::Project;
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

/// Returns a description that is the same as long as none of it changes.
pub fn describe(project: &Project) -> String {
    let mut text = String::new();
    let mut add = |name: &str, value: String| {
        writeln!(text, "{name}: {value:?}").expect("writing to a string does not fail");
    };
    let program = env::current_exe().and_then(fs::read);
    add("xtask", program.map_or_else(|_| String::new(), |program| hash(&program)));
    add("clone", project.root.display().to_string());
    add("build folder", project.target.display().to_string());
    for path in SYSTEM {
        add(path, fs::read(path).map_or_else(|_| String::new(), |bytes| hash(&bytes)));
    }
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let known = |line: &&str| PROCESSOR.iter().any(|name| line.starts_with(name));
    for line in processor.lines().filter(known).collect::<BTreeSet<_>>() {
        add("processor", line.to_string());
    }
    let threads = std::thread::available_parallelism();
    add("threads", threads.map_or_else(|_| String::new(), |threads| threads.to_string()));
    for toolchain in toolchain::probe() {
        add("toolchain", format!("{toolchain:?} {}", version(&mut Command::new(&toolchain.rustc))));
    }
    add("cargo", version(&mut process::cargo(project)));
    add("rustc", version(Command::new("rustc").current_dir(&project.root)));
    add("node", version(&mut npm::node(project)));
    add("npm", version(&mut npm::npm()));
    add(
        "browser",
        chromium::find().map_or_else(|_| String::new(), |path| version(&mut Command::new(path))),
    );
    let python = env::var_os("RESLENS_PYTHON");
    for program in [OsStr::new("python3")].into_iter().chain(python.as_deref()) {
        let mut packages = Command::new(program);
        add("python", process::capture(packages.args(["-c", PYTHON_PACKAGES])).unwrap_or_default());
    }
    for (name, value) in env::vars_os().collect::<std::collections::BTreeMap<_, _>>() {
        if is_read(&name.to_string_lossy()) {
            add(&name.to_string_lossy(), value.to_string_lossy().into_owned());
        }
    }
    text
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
        let root = std::path::Path::new(&package).parent().unwrap().to_path_buf();
        let project = Project { target: root.join("target"), root };
        let text = describe(&project);
        assert_eq!(describe(&project), text);
        for tool in ["cargo: \"cargo ", "rustc: \"rustc ", "toolchain: \"Toolchain "] {
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
