//! Tests of atomic output: names, links, stale files.

use super::*;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn fault_19_what_a_dead_process_left_is_cleared_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.h5");
    let this = Owner::this().to_string();
    let [boot, namespace, _, start]: [&str; 4] = this.split('-').collect::<Vec<_>>().try_into().unwrap();
    let mark = target_mark(&path);
    // Process IDs end at 2^22.
    let dead = format!("{PREFIX}{mark}.{boot}-{namespace}-4194305-{start}.aB3{SUFFIX}");
    let others = [
        format!("{PREFIX}{mark}.{this}.aB3{SUFFIX}"),
        format!("{PREFIX}{mark}.0123456789ab-{namespace}-4194305-{start}.aB3{SUFFIX}"),
        format!("{PREFIX}{mark}.{boot}-77-4194305-{start}.aB3{SUFFIX}"),
        format!("{PREFIX}000000000000.{boot}-{namespace}-4194305-{start}.aB3{SUFFIX}"),
        format!("{PREFIX}{mark}.nobody.aB3{SUFFIX}"),
        "map.h5".to_string(),
    ];
    for name in others.iter().chain([&dead]) {
        std::fs::write(folder.path().join(name), "x").unwrap();
    }
    clear_stale_drafts(&path);
    let mut expected = others.to_vec();
    expected.sort();
    assert_eq!(names(folder.path()), expected);
    // A file of a process elsewhere is stale once it has not changed for a day.
    let elsewhere = File::options().write(true).open(folder.path().join(&others[1])).unwrap();
    elsewhere.set_modified(SystemTime::now() - ABANDONED - Duration::from_secs(60)).unwrap();
    clear_stale_drafts(&path);
    assert_eq!(names(folder.path()).len(), expected.len() - 1);
}

#[test]
fn fault_03_a_file_that_came_meanwhile_is_left_and_the_result_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.h5");
    let drafts = [Output::new(&path), Output::new(&path), Output::with(&path, true)].map(|o| Draft::new(o).unwrap());
    for (n, draft) in drafts.iter().enumerate() {
        std::fs::write(draft.path(), format!("result {n}")).unwrap();
    }
    std::fs::write(&path, "theirs").unwrap();
    let [first, second, forced] = drafts;
    let message = first.publish().unwrap_err().to_string();
    assert!(message.contains("appeared while this ran") && message.contains("map.new-1.h5"), "{message}");
    assert!(second.publish().unwrap_err().to_string().contains("map.new-2.h5"));
    let text = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!([text("map.h5"), text("map.new-1.h5"), text("map.new-2.h5")], ["theirs", "result 0", "result 1"]);
    forced.publish().unwrap();
    assert_eq!(text("map.h5"), "result 2");
    assert_eq!(names(folder.path()), ["map.h5", "map.new-1.h5", "map.new-2.h5"]);
}

#[cfg(unix)]
#[test]
fn fault_09_links_are_followed() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("data")).unwrap();
    std::fs::write(at("data/old.h5"), "old").unwrap();
    symlink("data/old.h5", at("link.h5")).unwrap();
    symlink("data/none.h5", at("dangling.h5")).unwrap();
    symlink("circle.h5", at("circle.h5")).unwrap();
    write_file(Output::with(&at("link.h5"), true), b"new").unwrap();
    assert_eq!(std::fs::read(at("data/old.h5")).unwrap(), b"new");
    write_file(Output::new(&at("dangling.h5")), b"made").unwrap();
    assert_eq!(std::fs::read(at("data/none.h5")).unwrap(), b"made");
    assert!(at("link.h5").is_symlink() && at("dangling.h5").is_symlink());
    assert!(write_file(Output::new(&at("circle.h5")), b"x").is_err());
    // Without permission to replace, the file behind the link is kept.
    assert!(write_file(Output::new(&at("link.h5")), b"newer").is_err());
    assert_eq!(std::fs::read(at("data/old.h5")).unwrap(), b"new");
}

#[test]
fn fault_20_names_as_long_as_the_file_system_takes_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("n".repeat(252) + ".h5");
    write_file(Output::new(&path), b"x").unwrap();
    assert_eq!(names(folder.path()).len(), 1);
}

#[cfg(unix)]
#[test]
fn a_result_has_the_rights_of_any_file_that_its_owner_makes() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let [ours, plain] = ["ours.txt", "plain.txt"].map(|name| folder.path().join(name));
    write_file(Output::new(&ours), b"x").unwrap();
    std::fs::write(&plain, b"x").unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&ours), mode(&plain));
}
