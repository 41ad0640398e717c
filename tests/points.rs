//! Lists of points: each is the cell that it would be alone, to the same bit, and whatever takes a map takes one of points.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::neurons::Random;
use common::runs::{at_home, done, hopfmap, json, names, refused};
use hopfmap::{CellResult, EngineKind, MapFile, Parameter, Start, Sweep};
use std::io::Write;

const LIST: &str = "V_n,R_n,\u{393}\n2,6,0.1\n2.5,8,0.05\n3,5,0.2\n0.5,2,0.4\n";

/// Random points as columns: several share the geometry, others have their own.
fn columns(count: usize) -> Vec<(Parameter, Vec<f64>)> {
    use Parameter::{Alpha, Gamma, L, Lambda, Omega, RN, VN, X0, ZT};
    let mut random = Random(311);
    let mut column = |low: f64, high: f64| (0..count).map(|_| random.between(low, high)).collect::<Vec<f64>>();
    let mut all = vec![(VN, column(-2.0, 8.0)), (RN, column(0.0, 16.0)), (Gamma, column(0.02, 1.5))];
    all.extend([(Alpha, column(0.3, 2.0)), (ZT, column(0.0, 1.0)), (Omega, column(3.0, 9.0)), (X0, column(0.0, 1.2))]);
    let some =
        |values: Vec<f64>, own: f64| values.into_iter().enumerate().map(move |(i, v)| if i % 3 == 0 { v } else { own });
    let (l, lambda) = (column(0.3, 0.8), column(0.08, 0.2));
    all.extend([(L, some(l, 0.5).collect()), (Lambda, some(lambda, 0.13).collect())]);
    all
}

/// A result's bits.
fn bits(result: &CellResult) -> (Vec<u64>, String) {
    let numbers = result.numbers().iter().map(|n| n.to_bits()).collect();
    (numbers, format!("{:?} {:?}", result.outcome, result.certificate))
}

#[test]
fn points_are_the_cells_that_they_would_be_alone_to_the_same_bit() {
    let columns = columns(200);
    let cpu = || Sweep::new().engine(EngineKind::Cpu).audit(0);
    let map = cpu().points(columns.clone()).unwrap().run().unwrap();
    let alone = |i: usize| {
        let sweep = columns[1..].iter().fold(cpu(), |sweep, (p, values)| sweep.set(*p, values[i]));
        let map = sweep.values(columns[0].0, [columns[0].1[i]]).run().unwrap();
        bits(map.result(0, &[0]).unwrap())
    };
    let mut apart = 0;
    for i in 0..200 {
        assert_eq!(bits(map.result(0, &[i]).unwrap()), alone(i), "point {i}");
        // The negative control: another point is another result.
        apart += usize::from(bits(map.result(0, &[(i + 1) % 200]).unwrap()) != bits(map.result(0, &[i]).unwrap()));
    }
    assert!(apart > 150, "{apart}");
    assert_eq!(map.points().unwrap().row(7)[0], columns[0].1[7]);
    assert!(map.axes().is_empty() && map.result(0, &[200]).is_none() && map.result(0, &[0, 0]).is_none());
}

#[test]
fn whatever_takes_a_map_takes_one_of_points() {
    let home = at_home();
    let home = home.path();
    std::fs::write(home.join("p.csv"), LIST).unwrap();
    let run = |words: &str| done(hopfmap(home, &words.split(' ').collect::<Vec<_>>()));
    run("sweep -q --points p.csv --engine cpu -o whole.h5");
    let map = MapFile::open(&home.join("whole.h5")).unwrap();
    assert_eq!(map.points().unwrap().to_string(), "table:V_n,R_n,Gamma;2,6,0.1;2.5,8,0.05;3,5,0.2;0.5,2,0.4");
    assert_eq!((map.shape(), map.axes().len(), map.fixed().len()), (vec![4], 0, 6));
    assert!(!map.request().contains("table:"), "points stand in the file once");
    // From the standard input, in parts, by shards; from a file, a folder of parts and a request: the same map.
    let mut piped = hopfmap(home, &["sweep", "-q", "--points", "-", "--engine", "cpu", "-o", "piped.h5"]);
    let mut child = piped.stdin(std::process::Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("\u{feff}{}", LIST.replace('\n', "\r\n")).as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    run("sweep -q --points p.csv --engine cpu --part-cells 3 --shard 0/2 -o parts.h5");
    run("sweep -q --from parts.h5.parts --shard 1/2 -o parts.h5");
    let merged = json(home, &["merge", "parts.h5", "--json"]);
    assert_eq!(merged["points"]["count"], 4);
    std::fs::write(home.join("s.toml"), "points = 'p.csv'\nengine = 'cpu'\n").unwrap();
    run("sweep -q --spec s.toml -o spec.h5");
    run("sweep -q --from whole.h5 -o again.h5");
    for other in ["piped.h5", "parts.h5", "spec.h5", "again.h5"] {
        let found = json(home, &["diff", "whole.h5", other, "--json"]);
        assert_eq!((&found["agree"], &found["span_difference"]["worst"]), (&true.into(), &0.0.into()), "{other}");
    }
    // The same command finds its map; other points are another map.
    assert!(run("sweep --points p.csv --engine cpu -o whole.h5").contains("complete already"));
    std::fs::write(home.join("q.csv"), LIST.replace("0.4", "0.41")).unwrap();
    assert_eq!(refused(hopfmap(home, &["sweep", "--points", "q.csv", "--engine", "cpu", "-o", "whole.h5"])).0, 2);
    run("sweep -q --points q.csv --engine cpu -o other.h5");
    let (code, message) = refused(hopfmap(home, &["diff", "whole.h5", "other.h5"]));
    assert!(code == 2 && message.contains("different values of Gamma: 0.4 and 0.41"), "{message}");
    assert_eq!(json(home, &["verify", "whole.h5", "--json"])["holds"], true);
    let cell = json(home, &["replay", "whole.h5", "--cell", "1", "--json"]);
    assert_eq!((&cell["holds"], &cell["at"]["point"], &cell["at"]["R_n"]), (&true.into(), &1.into(), &8.0.into()));
    assert!(
        run("trace --from whole.h5 --set V_n=2 --set R_n=6 --set Gamma=0.1 --t-end 100 -o t.h5").contains("recorded")
    );
    // Several starts, means and responses.
    let words =
        "sweep -q --points p.csv --engine cpu --start equilibria --means --input pulse:5,1,2 --t-end 40 -o all.h5";
    run(words);
    let all = MapFile::open(&home.join("all.h5")).unwrap();
    assert_eq!(all.array("z_mean").unwrap().shape(), [3, 4]);
    assert_eq!(all.array("response_v_max").unwrap().shape(), [3, 4]);
    assert_eq!(json(home, &["verify", "all.h5", "--json"])["holds"], true);
}

#[test]
fn what_points_cannot_do_is_refused_and_nothing_is_written() {
    let home = at_home();
    let home = home.path();
    std::fs::write(home.join("p.csv"), LIST).unwrap();
    std::fs::write(home.join("t.csv"), "T\n0.0014\n0.002\n").unwrap();
    std::fs::copy("examples/device.toml", home.join("d.toml")).unwrap();
    std::fs::write(home.join("bad.csv"), "V_n,R_n,Gamma\n2,6,0.1\n2,-6,0.1\n").unwrap();
    done(hopfmap(home, &["sweep", "-q", "--points", "p.csv", "--engine", "cpu", "--audit", "off", "-o", "m.h5"]));
    let before = names(home);
    for (words, parts) in [
        ("sweep --points p.csv -o n.h5 --plot n.png", &["a map of 4 points has no axes", "leave the picture off"][..]),
        ("sweep --points p.csv -o n.h5 --grid Z_T=0:1:3", &["--points and --grid are both given"]),
        ("sweep --points p.csv -o n.h5 --set V_n=2", &["V_n is both swept and set to 2", "columns of --points"]),
        ("sweep --points p.csv -o p.csv --force", &["p.csv is named twice"]),
        ("sweep --device d.toml --points t.csv --set T=0.002 -o n.h5", &["T is both swept and set to 0.002"]),
        ("sweep --points bad.csv -o n.h5", &["bad.csv, line 3, column R_n", "-6 is out of range", "0 or more"]),
        ("sweep --points none.csv -o n.h5", &["--points none.csv cannot be read", "name a CSV file"]),
        ("sweep --points . -o n.h5", &["--points . cannot be read"]),
        ("plot m.h5 -o n.png", &["a map of 4 points has no axes"]),
        ("replay m.h5 --at V_n=2", &["this is a map of points", "--cell 12"]),
        ("replay m.h5 --cell 4", &["cell 4 is outside the map of 4 cells"]),
        ("ramp --from m.h5 -o n.h5", &["a ramp moves one parameter", "give --grid"]),
        ("trace --from m.h5", &["has no value", "add --set"]),
    ] {
        let (code, message) = refused(hopfmap(home, &words.split(' ').collect::<Vec<_>>()));
        assert!(code == 2 && parts.iter().all(|part| message.contains(part)), "{words}: {code} {message}");
        assert_eq!(names(home), before, "{words}");
    }
    let lacking = hopfmap(home, &["sweep", "--points", "-", "-o", "n.h5"]).stdin(std::process::Stdio::null()).output();
    let message = String::from_utf8(lacking.unwrap().stderr).unwrap();
    assert!(message.contains("the standard input is empty"), "{message}");
    let both = Sweep::new().values(Parameter::ZT, [0.5]).points([(Parameter::VN, vec![1.0])]).unwrap();
    assert!(both.run().unwrap_err().to_string().contains("axes and `points`"));
    let missing = Sweep::new().points([(Parameter::VN, vec![1.0])]).unwrap().start(Start::Rest).run();
    assert!(missing.unwrap_err().to_string().contains("or a column R_n to `points`"));
}
