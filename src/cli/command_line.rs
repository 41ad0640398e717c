//! Text of the command line, for the history of the files that a command writes.

use std::ffi::OsString;

/// Returns this process's command line, with words quoted where a shell needs it.
///
/// Bytes that are not UTF-8 and control characters are replaced.
pub(super) fn command_line() -> String {
    joined(std::env::args_os())
}

/// The command line of a picture, which is the same wherever the program lies.
pub(super) fn command_of_picture() -> String {
    joined([OsString::from("hopfmap")].into_iter().chain(std::env::args_os().skip(1)))
}

fn joined(words: impl Iterator<Item = OsString>) -> String {
    let printable = |word: OsString| word.to_string_lossy().replace(char::is_control, "\u{fffd}");
    let quoted = |word: String| match word.chars().all(is_plain) && !word.is_empty() {
        true => word,
        false => format!("'{}'", word.replace('\'', "'\\''")),
    };
    words.map(printable).map(quoted).collect::<Vec<_>>().join(" ")
}

/// Whether a shell takes the character unquoted. Letters of any script are plain.
fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || "+-./:=@_,%^\u{fffd}".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_split_them() {
        let line = |words: &[&str]| joined(words.iter().map(OsString::from));
        assert_eq!(line(&["hopfmap", "--grid", "Γ=0.1:1:4"]), "hopfmap --grid Γ=0.1:1:4");
        assert_eq!(line(&["a b", "it's", "", "$HOME"]), "'a b' 'it'\\''s' '' '$HOME'");
        let words = ["--sbatch", "--time=1 --gres='gpu:1'", "-o", "map file.h5"];
        assert_eq!(shlex::split(&line(&words)).unwrap(), words);
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_not_text_are_replaced() {
        use std::os::unix::ffi::OsStringExt;
        let word = OsString::from_vec(b"m\xfcller\n.h5".to_vec());
        assert_eq!(joined([word].into_iter()), "m\u{fffd}ller\u{fffd}.h5");
    }
}
