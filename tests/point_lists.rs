//! Lists of points: what is read as one, what is refused, and that a list written out is the same list.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::runs::at_home;
use hopfmap::grid::Grid;
use hopfmap::plan::{Request, device_from_file};
use hopfmap::{Parameter, Points};
use proptest::prelude::*;

fn refused(text: &str) -> String {
    Points::parse(&format!("table:{text}")).unwrap_err().to_string()
}

#[test]
fn tables_of_spreadsheets_are_read_as_they_are() {
    let home = at_home();
    let path = home.path().join("list.csv");
    let read = |text: &str| {
        std::fs::write(&path, text).unwrap();
        Points::parse(path.to_str().unwrap()).unwrap()
    };
    let plain = read("V_n,R_n,Gamma\n2,6,0.1\n2.5,8,0.25\n");
    for other in [
        "\u{feff}V_n,R_n,Gamma\r\n2,6,0.1\r\n2.5,8,0.25\r\n",
        "\"V_n\";\"R_n\";\"Gamma\"\n2;6;0.1\n2.5;8;0.25",
        "# a design\n\nΓ\tvn\tr_n\n0.1\t2\t6\n\n0.25\t2.5\t8\n",
    ] {
        assert_eq!(read(other), plain, "{other}");
    }
    assert_eq!((plain.len(), plain.extent(Parameter::RN), plain.extent(Parameter::ZT)), (2, Some((6.0, 8.0)), None));
    assert_eq!(plain.column(Parameter::Gamma).collect::<Vec<_>>(), [0.1, 0.25]);
}

#[test]
fn tables_that_are_none_are_refused_with_place_value_and_remedy() {
    for (text, parts) in [
        ("", &["`points` is empty", "first line"][..]),
        ("# nothing\n", &["is empty"]),
        ("V_n,R_n\n", &["has no points"]),
        ("2,6\n3,6\n", &["line 1, column 1", "unknown parameter '2'", "name the parameters in the first line"]),
        ("V_n,W_n\n2,6\n", &["line 1, column 2", "unknown parameter 'W_n'", "the parameters are V_n"]),
        (",V_n\n0,6\n", &["line 1, column 1", "unknown parameter ''"]),
        ("V_n,R_n,vn\n2,6,2\n", &["line 1, column 3", "V_n has a column already"]),
        ("V_n,R_n\n2,6\n2\n", &["line 3 has 1 values and there are 2 columns: `2`"]),
        ("V_n,R_n\n2,6,7\n", &["line 2 has 3 values and there are 2 columns"]),
        ("V_n,R_n\n2,6,\n", &["line 2 has 3 values"]),
        ("V_n,R_n\n2,six\n", &["line 2, column R_n", "'six' is not a number"]),
        ("V_n,R_n\n2,\n", &["line 2, column R_n", "'' is not a number"]),
        ("V_n,R_n\n\n2,6\nnan,6\n", &["line 4, column V_n", "NaN is not a finite number"]),
        ("V_n,R_n\n2,inf\n", &["line 2, column R_n", "inf is not a finite number"]),
        ("V_n,R_n\n2,-1\n", &["line 2, column R_n", "-1 is out of range", "0 or more"]),
    ] {
        let message = refused(text);
        assert!(parts.iter().all(|part| message.contains(part)), "{text:?}: {message}");
    }
    let many = format!("V_n\n{}", "1\n".repeat((1 << 22) + 1));
    assert!(refused(&many).contains("4194305 points or more of 1 values each, over 4194304"), "{}", refused(&many));
    let uneven = Points::new(vec![(Parameter::VN, vec![1.0, 2.0]), (Parameter::RN, vec![6.0])]).unwrap_err();
    assert!(uneven.to_string().contains("2 values of V_n and 1 of R_n"), "{uneven}");
    let bad = Points::new(vec![(Parameter::VN, vec![1.0, f64::NAN])]).unwrap_err();
    assert!(bad.to_string().contains("point 1: V_n = NaN"), "{bad}");
    assert!(Points::new(Vec::new()).is_err());
}

proptest! {
    #[test]
    fn a_list_written_out_is_the_same_list(rows in prop::collection::vec((-1e9_f64..1e9, 1e-300_f64..1e300, 0_u64..64), 1..20)) {
        let exact = |bits: u64| f64::from_bits(0.1_f64.to_bits() + bits);
        let columns = vec![
            (Parameter::RN, rows.iter().map(|r| r.1).collect()),
            (Parameter::VN, rows.iter().map(|r| r.0).collect()),
            (Parameter::Gamma, rows.iter().map(|r| exact(r.2)).collect()),
        ];
        let points = Points::new(columns).unwrap();
        prop_assert_eq!(&Points::parse(&points.to_string()).unwrap(), &points);
        let grid = Grid::of_points(points.clone());
        prop_assert_eq!(grid.shape(), [rows.len() as u64]);
        prop_assert_eq!(grid.parameters(), points.parameters());
        for (i, row) in rows.iter().enumerate() {
            prop_assert_eq!(grid.point(i as u64), [row.0, row.1, exact(row.2)]);
        }
        // Its boxes are runs of points.
        let places: Vec<_> = grid.boxes(7).iter().map(|b| (b.first, b.cells)).collect();
        prop_assert!(places.iter().all(|(first, cells)| first % 4 == 0 && *cells <= 4 || rows.len() <= 7));
        prop_assert_eq!(places.iter().map(|p| p.1).sum::<u64>(), rows.len() as u64);
    }
}

#[test]
fn columns_of_a_device_are_its_quantities() {
    let device = device_from_file("examples/device.toml".as_ref()).unwrap();
    let of = |text: &str| Points::parse_for(&format!("table:{text}"), Some(&device));
    let points = of("T,V_ext,Gamma;0.0014,7.45e-6,0.1;0.01,1e-5,0.2").unwrap();
    assert_eq!(points.parameters(), [Parameter::VN, Parameter::Gamma, Parameter::ZT]);
    // An axis of each quantity gives the same values.
    for (p, axis) in [(Parameter::ZT, "T=0.0014,0.01"), (Parameter::VN, "V_ext=7.45e-6,1e-5")] {
        let request = Request { grid: vec![axis.parse().unwrap()], device: Some(device), ..Request::default() };
        let (grid, _) = request.points().unwrap();
        assert_eq!(grid.coordinates()[0].1, points.column(p).collect::<Vec<_>>(), "{axis}");
    }
    for (text, part) in [
        ("T,Z_T;1,0.5", "Z_T has a column already"),
        ("T;-1", "column T"),
        ("m;1e-25", "would change several parameters"),
        ("L;1e-9", "L would change several parameters"),
    ] {
        let message = of(text).unwrap_err().to_string();
        assert!(message.contains(part), "{text}: {message}");
    }
    assert!(refused("T;0.01").contains("T is a quantity in SI units"), "{}", refused("T;0.01"));
}
