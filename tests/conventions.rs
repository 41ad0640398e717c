//! Do files keep to the conventions that other programs rely on: texts of fixed length, units, names, coordinates.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::kinds::{every_kind, write};
use hdf5::types::{FixedAscii, FixedUnicode, TypeDescriptor, VarLenUnicode};
use hopfmap::store::MapFile;

/// Calls `visit` with every group and dataset of a file.
fn visit(group: &hdf5::Group, visitor: &mut dyn FnMut(&hdf5::Location, Option<&hdf5::Dataset>)) {
    visitor(group, None);
    for dataset in group.datasets().unwrap() {
        visitor(&dataset, Some(&dataset));
    }
    for inner in group.groups().unwrap() {
        visit(&inner, visitor);
    }
}

/// Names of the texts of variable length in a file.
fn variable_texts(file: &hdf5::Group) -> Vec<String> {
    let is_variable = |container: &hdf5::Container| {
        let kind = container.dtype().unwrap().to_descriptor().unwrap();
        matches!(kind, TypeDescriptor::VarLenAscii | TypeDescriptor::VarLenUnicode)
    };
    let mut found = Vec::new();
    visit(file, &mut |object, dataset| {
        let names = object.attr_names().unwrap();
        found.extend(names.into_iter().filter(|name| is_variable(&object.attr(name).unwrap())));
        found.extend(dataset.filter(|d| is_variable(d)).map(|d| d.name()));
    });
    found
}

#[test]
fn fault_27_no_text_has_a_variable_length() {
    let folder = tempfile::tempdir().unwrap();
    let files = every_kind(folder.path());
    for file in &files {
        assert_eq!(variable_texts(&hdf5::File::open(file).unwrap()), Vec::<String>::new(), "{}", file.display());
    }
    // The negative control is not closed in between: the lock on it may have been inherited by another test's program.
    let file = hdf5::File::create(folder.path().join("bad.h5")).unwrap();
    let group = file.create_group("table").unwrap();
    group
        .new_attr::<VarLenUnicode>()
        .create("words")
        .unwrap()
        .write_scalar(&"ä".parse::<VarLenUnicode>().unwrap())
        .unwrap();
    assert_eq!(variable_texts(&file), ["words"]);
}

#[test]
fn fault_27_a_request_of_300_kilobytes_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let values: Vec<String> =
        (0..20_000).map(|i| format!("{:.16}", (0.1 + f64::from(i) * 1.000_000_000_3e-6_f64))).collect();
    let spec = folder.path().join("spec.toml");
    let request = format!("grid = ['Gamma={}']\n[set]\nV_n = 2.0\nR_n = 6.0\n", values.join(","));
    std::fs::write(&spec, &request).unwrap();
    let map = write(
        folder.path(),
        "long.h5",
        &format!("sweep --engine cpu --audit 1 --t-max 50 --window 5 --spec {}", spec.display()),
    );
    assert_eq!(variable_texts(&hdf5::File::open(&map).unwrap()), Vec::<String>::new());
    let map = MapFile::open(&map).unwrap();
    assert!(map.request().len() > 1 << 18 && map.request().contains(&values[19_999]), "{}", map.request().len());
    assert!(!map.request().contains("0.12,"), "the control: a value that was not asked for");
}

/// A text attribute of an object.
fn attribute(object: &hdf5::Location, name: &str) -> Option<String> {
    Some(object.attr(name).ok()?.read_scalar::<FixedUnicode<512>>().ok().map_or_else(
        || object.attr(name).unwrap().read_scalar::<FixedAscii<512>>().unwrap().to_string(),
        |text| text.to_string(),
    ))
}

#[test]
fn fault_27_units_are_parsed_and_names_differ_by_more_than_case() {
    let folder = tempfile::tempdir().unwrap();
    let mut times = Vec::new();
    for file in every_kind(folder.path()) {
        let mut names = Vec::new();
        let mut datasets = Vec::new();
        visit(&hdf5::File::open(&file).unwrap(), &mut |_, dataset| datasets.extend(dataset.cloned()));
        for dataset in datasets {
            let units = attribute(&dataset, "units");
            assert_eq!(units.as_deref(), Some("1"), "units of {} in {}", dataset.name(), file.display());
            let long_name = attribute(&dataset, "long_name").unwrap();
            if long_name.ends_with("tau_c") && long_name.contains("in units of") {
                times.push(dataset.name());
            }
            names.push(dataset.name().to_lowercase());
        }
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count, "names differ by case alone in {}", file.display());
    }
    times.sort();
    times.dedup();
    let units = [
        "/S",
        "/angular_frequency",
        "/burst_time",
        "/friction",
        "/interval",
        "/latency",
        "/period",
        "/settle_time",
        "/special_period",
        "/t",
    ];
    assert_eq!(times, units);
}

#[test]
fn fault_27_parameters_are_coordinates_of_every_variable() {
    let folder = tempfile::tempdir().unwrap();
    for file in every_kind(folder.path()) {
        let mut scalars = Vec::new();
        let mut listed = Vec::new();
        let root = hdf5::File::open(&file).unwrap();
        for dataset in root.datasets().unwrap() {
            let is_axis = attribute(&dataset, "CLASS").is_some();
            match attribute(&dataset, "coordinates") {
                Some(list) => listed.push((dataset.name(), list)),
                None if dataset.is_scalar() => scalars.push(dataset.name().trim_start_matches('/').to_string()),
                None => assert!(
                    is_axis || ["curves.h5", "points.h5"].iter().any(|f| file.ends_with(f)),
                    "{} of {}",
                    dataset.name(),
                    file.display()
                ),
            }
        }
        assert!(scalars.len() >= 5 && !listed.is_empty(), "{}: {scalars:?}", file.display());
        for (name, list) in &listed {
            let missing: Vec<_> = scalars.iter().filter(|s| !list.split(' ').any(|l| l == s.as_str())).collect();
            assert!(missing.is_empty(), "{name} of {} does not list {missing:?}", file.display());
            assert!(!list.split(' ').any(|l| l == name.trim_start_matches('/')), "{name} is no coordinate of itself");
        }
    }
}

/// Words of an attribute that holds some as one value.
fn words<const N: usize>(object: &hdf5::Location, name: &str) -> [String; N] {
    object.attr(name).unwrap().read_scalar::<[FixedAscii<32>; N]>().unwrap().map(|word| word.to_string())
}

#[test]
fn files_say_to_nexus_viewers_what_to_draw_over_which_axes() {
    let folder = tempfile::tempdir().unwrap();
    let files = every_kind(folder.path());
    let open = |name: &str| {
        let path = files.iter().find(|f| f.ends_with(name)).unwrap();
        hdf5::File::open(path).unwrap()
    };
    for (name, axis) in [("optional.h5", "Gamma"), ("points.h5", "point")] {
        let file = open(name);
        assert_eq!(attribute(&file, "axes").as_deref(), Some(axis));
        assert_eq!(attribute(&file, "NX_class").as_deref(), Some("NXdata"));
        assert_eq!(attribute(&file, "signal").as_deref(), Some("span"));
    }
    assert_eq!(words(&open("map.h5"), "axes"), ["Gamma", "Z_T"]);
    let (trace, ramp) = (open("trace.h5"), open("ramp.h5"));
    assert_eq!([attribute(&trace, "signal"), attribute(&trace, "axes")].map(Option::unwrap), ["V", "t"]);
    assert_eq!(attribute(&ramp, "signal").as_deref(), Some("v_mean"));
    assert_eq!(words(&ramp, "axes"), [".", "V_n", "R_n"]);
    // What is drawn over the axes has their shape; that netCDF passes over lists is why they are of an array type.
    let file = open("map.h5");
    for name in ["axes", "auxiliary_signals"] {
        let attribute = file.attr(name).unwrap();
        let kind = attribute.dtype().unwrap().to_descriptor().unwrap();
        assert!(attribute.is_scalar() && matches!(kind, TypeDescriptor::FixedArray(_, _)), "{name}: {kind:?}");
    }
    assert_eq!(file.dataset("span").unwrap().shape(), file.dataset("outcome").unwrap().shape());
    assert!(file.attr("default").is_err(), "the control: a root that is plottable itself has no default");
}
