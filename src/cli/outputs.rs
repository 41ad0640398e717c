//! Output options and checks shared by the commands that write files and pictures.

use super::command_line::command_line;
use super::page_args::PageArgs;
use crate::error::{Error, Result};
use crate::figure::Target;
use crate::grid::Points;
use crate::plan::Plan;
use crate::store::Output;
use crate::{figure, store};
use clap::Args;
use std::path::{Path, PathBuf};

/// Endings of pictures, refused for data files: no program would open such a file.
const PICTURES: [&str; 12] = ["png", "svg", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "webp", "pdf", "ps", "eps"];

/// Options for a data file and a picture of it.
#[derive(Debug, Clone, Args)]
pub(super) struct OutputArgs {
    /// Where to write: an HDF5 file (plot: a .png, .svg or .pdf picture; view: an .html page; paper and man: a folder)
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// Draw a picture of the result: FILE.png, FILE.svg or FILE.pdf
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
    #[command(flatten)]
    page: PageArgs,
    /// Replace outputs that exist
    #[arg(long)]
    pub force: bool,
}

impl OutputArgs {
    /// Output paths of a command that needs a data file; `written` are the names in a request's file.
    ///
    /// # Errors
    /// [`Error::Request`] if no output is named, its name is unsuitable, or the page of the picture is.
    pub(super) fn outputs(&self, written: (Option<PathBuf>, Option<PathBuf>)) -> Result<Outputs> {
        let output = self.output.clone().or(written.0);
        let output = output.ok_or_else(|| Error::request("no output is named", "add -o FILE.h5"))?;
        check_data_name(&output)?;
        let plot = self.plot.clone().or(written.1);
        self.page.check_of_result(plot.as_deref())?;
        Ok(Outputs { output, plot, page: self.page.clone(), force: self.force })
    }

    /// Checks the data file's name, if there is one.
    ///
    /// # Errors
    /// [`Error::Request`] if the name is unsuitable.
    pub(super) fn check_name(&self) -> Result<()> {
        self.output.as_deref().map_or(Ok(()), check_data_name)
    }
}

/// A data file to write, and a picture of it.
#[derive(Debug, Clone)]
pub(super) struct Outputs {
    /// Path of the data file.
    pub output: PathBuf,
    /// Path of the picture, if one is drawn.
    pub plot: Option<PathBuf>,
    /// Page of the picture.
    pub page: PageArgs,
    /// Whether existing files may be replaced.
    pub force: bool,
}

impl Outputs {
    /// Data file as an output.
    pub(super) fn file(&self) -> Output<'_> {
        Output::with(&self.output, self.force)
    }

    /// Picture of the data file, which is there by now, if one is drawn.
    ///
    /// # Errors
    /// [`Error::File`] if the data file cannot be read.
    pub(super) fn picture(&self) -> Result<Option<Target<'_>>> {
        let output = self.plot.as_deref().map(|path| Output::with(path, self.force));
        output.map(|output| self.page.target_of_result(output, Some(&self.output))).transpose()
    }

    /// Checks that a data file of about `bytes` and the picture can be written, over none of `inputs`.
    ///
    /// # Errors
    /// [`Error::Request`] if a name is unsuitable or used twice, or a file exists or cannot be
    /// written; the message names the file and the reason.
    pub(super) fn check(&self, inputs: &[Input<'_>], bytes: u64) -> Result<()> {
        check_data_name(&self.output)?;
        let output = ("the output", &*self.output);
        check_distinct(inputs, output)?;
        if let Some(picture) = &self.plot {
            check_distinct(&[inputs, &[output]].concat(), ("the picture", picture))?;
        }
        self.plot.iter().chain([&self.output]).for_each(|path| store::clear_stale(path));
        // A data file of this command without its picture is from an interrupted run and may exist.
        let unfinished = self.plot.as_ref().is_some_and(|picture| !picture.exists());
        if self.force || !unfinished || !store::is_of_command(&self.output, &command_line()) {
            store::check_output(&self.output, self.force, bytes)?;
        }
        self.plot.as_ref().map_or(Ok(()), |picture| check_picture(picture, self.force))
    }
}

/// A file of a command: its role and its path.
pub(super) type Input<'a> = (&'a str, &'a Path);

/// Checks that a data file's name is suitable.
///
/// # Errors
/// [`Error::Request`] if it is `-`, a folder's name, or has the ending of a picture.
pub(super) fn check_data_name(path: &Path) -> Result<()> {
    if path == Path::new("-") {
        return Err(Error::request(
            "HDF5 cannot be written to stdout, which '-' stands for",
            "name a file: -o FILE.h5",
        ));
    }
    check_file_name(path)?;
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    if PICTURES.contains(&&*ending) {
        return Err(Error::request(
            format!("the output {} would be an HDF5 file with a picture's ending, .{ending}", path.display()),
            "name the data file with -o FILE.h5, and a picture of it with --plot FILE.png",
        ));
    }
    Ok(())
}

/// Checks that a picture can be written.
///
/// # Errors
/// [`Error::Request`] if the name is not that of a picture, or the file exists or cannot be written.
pub(super) fn check_picture(path: &Path, force: bool) -> Result<()> {
    if path == Path::new("-") {
        return Err(Error::request(
            "pictures cannot be written to stdout, which '-' stands for",
            "name it FILE.png, FILE.svg or FILE.pdf",
        ));
    }
    check_file_name(path)?;
    figure::check_output(path, force)
}

/// Checks that a path ends in a file name, not in `/`, `/.` or `..`.
pub(super) fn check_file_name(path: &Path) -> Result<()> {
    let text = path.as_os_str().as_encoded_bytes();
    match text.ends_with(b"/") || text.ends_with(b"/.") || path.file_name().is_none() {
        true => Err(Error::request(format!("the output {} is the name of a folder", path.display()), "name a file")),
        false => Ok(()),
    }
}

/// Creates a folder for outputs, if it does not exist.
///
/// # Errors
/// [`Error::Request`] if its name is `-` or it cannot be created.
pub(super) fn make_folder(folder: &Path) -> Result<()> {
    if folder == Path::new("-") {
        return Err(Error::request("files cannot be written to stdout, which '-' stands for", "name a folder"));
    }
    std::fs::create_dir_all(folder).map_err(|e| {
        Error::input(folder, format!("cannot be made ({e})"), "name a folder in a place that you may write to")
    })
}

/// Checks that an output is none of the other files of the same command.
///
/// # Errors
/// [`Error::Request`] if it is; the message names both roles.
pub(super) fn check_distinct(others: &[Input<'_>], (role, path): Input<'_>) -> Result<()> {
    for (other_role, other) in others {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let is_inside = other.is_dir() && same_file(folder, other);
        if is_inside {
            return Err(Error::request(
                format!("{} would be written into {other_role}", path.display()),
                "write to another folder",
            ));
        }
        if same_file(path, other) {
            return Err(Error::request(
                format!("{} is named twice: as {other_role} and as {role}", path.display()),
                "name two files",
            ));
        }
    }
    Ok(())
}

/// Whether two paths lead to one file, with links resolved.
///
/// A file that does not exist yet is identified by its folder and name.
fn same_file(a: &Path, b: &Path) -> bool {
    let place = |path: &Path| {
        let path = store::resolved(path).ok()?;
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        path.canonicalize().ok().or_else(|| Some(folder.canonicalize().ok()?.join(path.file_name()?)))
    };
    place(a).is_some_and(|a| place(b) == Some(a))
}

/// Checks that a sweep's map can be drawn.
///
/// # Errors
/// [`Error::Request`] if it is one of points, or more than two axes, or none, have several values.
pub(super) fn check_map_drawable(plan: &Plan) -> Result<()> {
    check_has_axes(plan.grid.points().map(Points::len))?;
    figure::check_drawable(&plan.grid.shape())
}

/// Checks that a map has axes; `points` is the number of its points if it is a list of them.
///
/// # Errors
/// [`Error::Request`] if it is one of points.
pub(super) fn check_has_axes(points: Option<usize>) -> Result<()> {
    points.map_or(Ok(()), |n| {
        Err(Error::request(
            format!("a map of {n} points has no axes to draw it over"),
            "leave the picture off, and draw its variables over each other with xarray (docs/files.md)",
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_25_names_that_say_something_else_are_refused() {
        let name = |text: &str| check_data_name(Path::new(text));
        for bad in ["-", "z.png", "Z.SVG", "folder/z.jpeg", "z.h5.pdf", "map.h5/", "map.h5/.", "..", ""] {
            assert!(name(bad).is_err(), "{bad}");
        }
        for good in ["map.h5", "map.nc", "map", "png", ".png", "./-", "map.png.h5", "map.v2"] {
            assert!(name(good).is_ok(), "{good}");
        }
        assert!(check_picture(Path::new("-"), true).unwrap_err().to_string().contains("stdout"));
        assert!(check_picture(Path::new("p.png/"), true).unwrap_err().to_string().contains("folder"));
        assert!(make_folder(Path::new("-")).is_err());
    }

    #[test]
    fn fault_25_two_names_of_one_file_are_told_by_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a.h5"), folder.path().join("b.h5"));
        std::fs::write(&a, "x").unwrap();
        let same = folder.path().join(".").join("a.h5");
        let message = check_distinct(&[("the map to read", &a)], ("the output", &same)).unwrap_err().to_string();
        assert!(message.contains("as the map to read and as the output"), "{message}");
        assert!(check_distinct(&[("the map to read", &a)], ("the output", &b)).is_ok());
        // Neither exists yet.
        assert!(check_distinct(&[("the output", &b)], ("the picture", &folder.path().join("./b.h5"))).is_err());
    }
}
