//! The builder: maps in memory and in files are the same, and what cannot be computed is refused as on the command line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

use hopfmap::Parameter::{Alpha, Gamma, RN, VN, ZT};
use hopfmap::{EngineKind, Error, Map, MapFile, Outcome, Precision, Progress, Start, Sweep};

/// A plane with cells of several outcomes.
fn plane<'a>() -> Sweep<'a> {
    Sweep::new().axis(Gamma, 0.1..=1.0, 6).values(ZT, [0.0, 0.5, 1.0]).set(VN, 2.0).set(RN, 6.0)
}

/// Asserts that a map in memory and one in a file hold the same bits.
fn assert_same(map: &Map, file: &MapFile) {
    for column in ["span", "v_min", "v_max", "v_mean", "period", "span_error", "settle_time"] {
        let (a, b) = (map.array(column).unwrap(), file.array(column).unwrap());
        assert_eq!(a.shape(), b.shape(), "{column}");
        // A file in f32 has the column rounded.
        let same = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan()) || *a as f32 == *b as f32;
        assert!(a.iter().zip(&b).all(same), "{column}: {a} {b}");
    }
    assert_eq!(map.outcomes(), file.outcomes().unwrap());
    assert_eq!(map.starts().to_vec(), file.starts());
    assert_eq!(map.fixed(), file.fixed());
    for (axis, stored) in map.axes().iter().zip(file.axes()) {
        assert_eq!((axis.parameter, axis.values().collect::<Vec<_>>()), (stored.parameter, stored.values.clone()));
    }
}

#[test]
fn a_map_in_memory_is_the_one_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    for (n, sweep) in [
        plane(),
        plane().precision(Precision::F64).engine(EngineKind::Cpu),
        plane().engine(EngineKind::Gpu).adapter("fallback").audit(2),
        plane().start(Start::Equilibria),
        Sweep::new().log_axis(Gamma, 0.02..=2.0, 7).set(VN, 7.0).set(RN, 16.0).set(Alpha, 0.5),
    ]
    .into_iter()
    .enumerate()
    {
        let map = sweep.clone().run().unwrap();
        let file = sweep.run_to(folder.path().join(format!("{n}.h5"))).unwrap();
        assert_same(&map, &file);
        let outcomes = map.outcomes();
        let count = |outcome: Outcome| outcomes.iter().filter(|o| **o == outcome).count() as u64;
        assert_eq!(Outcome::ALL.map(count), map.summary().counts);
        assert!(map.summary().neuron_steps > 0 && map.summary().audit.is_some());
        let (own, stored) = (map.summary(), file.summary().unwrap());
        assert_eq!((own.counts, own.coexist, own.neuron_steps), (stored.counts, stored.coexist, stored.neuron_steps));
        assert_eq!(own.beyond_step_limit, stored.beyond_step_limit);
        assert_eq!(own.largest.map(|l| l.1 as f32), stored.largest.map(|l| l.1 as f32));
        assert_eq!(own.edge.is_some(), stored.edge.is_some());
        assert_eq!(own.audit.as_ref().map(|a| a.checks.len()), stored.audit.as_ref().map(|a| a.checks.len()));
    }
}

#[test]
fn a_run_that_continues_counts_what_is_there_as_done() {
    use hopfmap::plan::Plan;
    use hopfmap::sweep::{Shard, SweepJob};
    let folder = tempfile::tempdir().unwrap();
    let request = plane().engine(EngineKind::Cpu).audit(0).request().clone();
    let plan = Plan::new(hopfmap::Request { part_cells: Some(4), ..request }).unwrap();
    let engine = hopfmap::engine::open_engine(&plan.request.wanted()).unwrap();
    let run = |name: &str, shard| {
        let progress = Progress::default();
        let path = folder.path().join(name);
        SweepJob { shard, ..SweepJob::new(&plan, &path, "a test", &progress) }.run(&engine).unwrap();
        progress.read()
    };
    let whole = run("whole.h5", None);
    let (shard, rest) = (run("map.h5", Some(Shard { index: 0, of: 2 })), run("map.h5", None));
    assert_eq!((whole.done, rest.done), (18, 18));
    assert!(shard.done < 18 && shard.steps > 0 && rest.steps > 0);
    assert_eq!(shard.steps + rest.steps, whole.steps, "what is there is not integrated again");
    assert_eq!(shard.settled + rest.settled, whole.settled);
}

#[test]
fn what_the_command_refuses_the_library_refuses_too() {
    use hopfmap::State;
    let at = |x: f64, v: f64| plane().start(Start::At(State { x, y: 0.0, z: 0.0, v }));
    for (x, v) in [(2.0, 0.0), (f64::NAN, 0.0), (0.0, f64::INFINITY), (1e200, 0.0)] {
        assert!(at(x, v).run().unwrap_err().to_string().contains("start"), "{x} {v}");
    }
    assert!(at(0.5, 1.0).run().is_ok());
    let folder = tempfile::tempdir().unwrap();
    let huge = Sweep::new().axis(Gamma, 0.1..=1.0, 1 << 20).axis(ZT, 0.0..=1.0, 1 << 20).set(VN, 2.0).set(RN, 6.0);
    for (sweep, path, word) in [
        (plane(), "missing/map.h5", "does not exist"),
        (plane(), "", "is a folder"),
        (huge.audit(0), "map.h5", "can grow to"),
        (plane(), "a\0b.h5", "no file can have"),
    ] {
        let message = sweep.run_to(folder.path().join(path)).unwrap_err().to_string();
        assert!(message.contains(word), "{path:?}: {message}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is written");
    let file = plane().run_to(folder.path().join("map.h5")).unwrap();
    for (start, index) in [(0, &[6, 0][..]), (0, &[0, 3]), (0, &[0]), (0, &[0, 0, 0]), (1, &[0, 0])] {
        assert!(matches!(file.result(start, index), Err(Error::Request { .. })), "{start} {index:?}");
    }
    assert!(file.result(0, &[5, 2]).is_ok());
}

#[test]
fn results_stand_where_their_indices_say() {
    let map = plane().run().unwrap();
    let span = map.array("span").unwrap();
    for i in 0..6 {
        for j in 0..3 {
            let result = map.result(0, &[i, j]).unwrap();
            assert!(result.span == span[[i, j]] && result.outcome == map.outcomes()[[i, j]], "{i} {j}");
        }
    }
    assert!(
        [(0, &[6, 0][..]), (0, &[0, 3]), (0, &[0]), (1, &[0, 0])]
            .iter()
            .all(|(start, index)| map.result(*start, index).is_none())
    );
    // Infinite temperature: nothing oscillates. At Z_T = 1 and Gamma = 0.28 it does.
    assert!(
        span.index_axis(ndarray::Axis(1), 0).iter().all(|s| *s == 0.0)
            && map.outcomes()[[1, 2]] == Outcome::Oscillating
    );
    let first = map.array("v_mean").unwrap();
    assert!(first.iter().all(|v| v.is_finite()));
}

#[test]
fn what_cannot_be_computed_is_refused_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |sweep: Sweep<'_>, part: &str| match sweep.run() {
        Err(e @ Error::Request { .. }) => assert!(e.to_string().contains(part), "{e}"),
        other => panic!("{part}: {other:?}"),
    };
    refused(Sweep::new(), "no axis");
    refused(plane().set(ZT, 1.0), "both swept");
    refused(Sweep::new().axis(Gamma, 0.1..=1.0, 0).set(VN, 2.0).set(RN, 6.0), "count of 0");
    refused(Sweep::new().axis(Gamma, 0.1..=f64::NAN, 4).set(VN, 2.0).set(RN, 6.0), "Gamma");
    refused(Sweep::new().values(Gamma, []).set(VN, 2.0).set(RN, 6.0), "Gamma");
    refused(Sweep::new().axis(Gamma, 0.1..=1.0, 4).set(RN, 6.0), "V_n has no value");
    refused(plane().dt(-1.0), "dt");
    refused(plane().engine(EngineKind::Gpu).adapter("no such adapter"), "no such adapter");
    // More than memory holds, or addresses reach, is an error, not the end of the program.
    let (vast, side) = (Sweep::new().set(VN, 2.0).set(RN, 6.0).start(Start::Equilibria), 1 << 20);
    refused(vast.axis(Gamma, 0.1..=1.0, side).axis(ZT, 0.1..=1.0, side), "write the map to a file");
    let map = plane().run().unwrap();
    assert!(map.array("outcome").unwrap_err().to_string().contains("name one of span"));
    // A file is replaced only where that is said; the map of the same sweep is found.
    let path = folder.path().join("map.h5");
    plane().run_to(&path).unwrap();
    let before = std::fs::read(&path).unwrap();
    plane().run_to(&path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), before, "the same sweep is there already");
    assert!(matches!(plane().set(RN, 5.0).run_to(&path), Err(Error::Request { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    plane().set(RN, 5.0).force(true).run_to(&path).unwrap();
    assert_ne!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn progress_counts_and_cancels() {
    let progress = Progress::default();
    let map = plane().start(Start::Equilibria).progress(&progress).run().unwrap();
    assert_eq!(progress.read().done, map.outcomes().len() as u64);
    assert_eq!(progress.read().steps, map.summary().neuron_steps);
    progress.stop.cancel(2);
    assert!(matches!(plane().progress(&progress).run(), Err(Error::Interrupted { .. })));
    let folder = tempfile::tempdir().unwrap();
    assert!(plane().progress(&progress).run_to(folder.path().join("map.h5")).is_err());
    assert!(!folder.path().join("map.h5").exists());
}
