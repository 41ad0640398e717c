//! Tests that need more than Rust: they run where it is there, show as ignored with the reason where it is not, and fail in CI then.

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::LazyLock;

/// Something that a machine has or has not.
pub struct Need {
    what: &'static str,
    remedy: &'static str,
    is_there: LazyLock<bool>,
}

impl Need {
    pub const fn new(what: &'static str, remedy: &'static str, is_there: fn() -> bool) -> Self {
        Self { what, remedy, is_there: LazyLock::new(is_there) }
    }

    /// Why a test that needs this cannot run; `None` where it can.
    fn missing(&self) -> Option<String> {
        (!*self.is_there).then(|| format!("{} is missing: {}", self.what, self.remedy))
    }
}

/// What `scripts/setup tests` installs.
const SETUP: &str = "run scripts/setup tests";

pub static PYTHON: Need = Need::new("a Python with xarray and h5py", SETUP, || interpreter().is_file());
pub static H5DUMP: Need = Need::new("h5dump", SETUP, || responds("h5dump", "--version"));
pub static SPIRV_VAL: Need = Need::new("spirv-val", SETUP, || responds("spirv-val", "--version"));
pub static POPPLER: Need = Need::new("poppler's pdffonts, pdfinfo and pdftotext", SETUP, || {
    ["pdffonts", "pdfinfo", "pdftotext"].iter().all(|program| responds(program, "-v"))
});
pub static SWIFTSHADER: Need =
    Need::new("SwiftShader, which Debian has for x86-64 and ARM", SETUP, || swiftshader().is_file());
pub static STRACE: Need = Need::new("strace on Linux", SETUP, || responds("strace", "--version"));
pub static LINUX: Need = Need::new("Linux", "run the test there", || cfg!(target_os = "linux"));
pub static SLURM: Need =
    Need::new("Slurm", "run scripts/slurm-local install", || responds("slurmctld", "-V") && responds("slurmd", "-V"));
pub static LLVMPIPE: Need =
    Need::new("Mesa's llvmpipe under /usr/share/vulkan", "run scripts/setup", || llvmpipe().is_some());
pub static TMPFS: Need = Need::new("the right to mount a tmpfs", "run the test as root on Linux", || {
    tempfile::tempdir().is_ok_and(|folder| SmallDisk::mount(&folder.path().join("disk"), "1M").is_some())
});

/// The description of Mesa's software adapter for Vulkan's loader, and its library.
pub fn llvmpipe() -> Option<(PathBuf, PathBuf)> {
    let files = |folder: &str| std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path());
    let is_icd = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("lvp_icd"));
    let icd = files("/usr/share/vulkan/icd.d").find(is_icd)?;
    let text = std::fs::read_to_string(&icd).ok()?;
    let (_, rest) = text.split_once("\"library_path\"")?;
    let library = Path::new(rest.split('"').nth(1)?);
    // Some distributions give the name alone.
    let folders = files("/usr/lib").chain(["/usr/lib", "/usr/lib64"].map(PathBuf::from));
    let place = folders.map(|folder| folder.join(library)).find(|path| path.is_file())?;
    Some((icd, place))
}

fn responds(program: &str, argument: &str) -> bool {
    Command::new(program).arg(argument).output().is_ok_and(|o| o.status.success())
}

/// The interpreter that `scripts/setup tests` makes; it is there once all packages are.
pub fn interpreter() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    if folder.join("ready").is_file() { folder.join("bin/python3") } else { folder.join("not/ready") }
}

/// Where `scripts/setup tests` puts the file by which Vulkan's loader finds SwiftShader.
pub fn swiftshader() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("swiftshader/vk_swiftshader_icd.json")
}

/// A disk in memory, gone when it is dropped.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts it at a new folder; `None` where this user may not.
    pub fn mount(folder: &Path, size: &str) -> Option<Self> {
        std::fs::create_dir(folder).ok()?;
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "none"]).arg(folder);
        mount.output().is_ok_and(|o| o.status.success()).then(|| Self(folder.to_path_buf()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// A test, by its name, and what it needs.
pub type Test = (&'static str, Vec<&'static Need>, fn());

/// Runs tests like Rust's own harness, with the same options.
pub fn run(tests: Vec<Test>) -> ExitCode {
    let trial = |(name, needs, test): Test| {
        Trial::ignorable_test(name, move || match needs.iter().find_map(|n| n.missing()) {
            Some(reason) if super::in_ci() => Err(Failed::from(reason)),
            Some(reason) => Ok(Completion::ignored_with(reason)),
            None => {
                test();
                Ok(Completion::Completed)
            }
        })
    };
    libtest_mimic::run(&Arguments::from_args(), tests.into_iter().map(trial).collect()).exit_code()
}

/// The `main` of a test binary: its tests, each with what it needs.
#[macro_export]
macro_rules! tests {
    ($($name:ident: [$($need:ident),*];)*) => {
        fn main() -> std::process::ExitCode {
            common::needs::run(vec![$((stringify!($name), vec![$(&common::needs::$need),*], $name)),*])
        }
    };
}
