//! Does an unsettled cell say no more than is known of it, and leave the others alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::{batch_of_plan, engine_results, engines, results};
use hopfmap::kernel::run::RunLimits;
use hopfmap::results::Outcome;

#[test]
fn fault_29_an_unsettled_cell_has_no_period_error_or_settle_time() {
    let toml = "grid = ['Gamma=0.02:1:6', 'Z_T=0:1:6']\n[set]\nV_n = 2.0\nR_n = 6.0\n";
    let sound = batch_of_plan(&common::plan(toml));
    let mut hasty = sound.clone();
    for cell in &mut hasty.cells {
        cell.limits = RunLimits { first_peaks: 5, look_steps: 300, max_steps: 300 };
    }
    for (name, engine) in engines() {
        let unsettled: Vec<_> = engine_results(engine.as_ref(), &hasty);
        let unsettled: Vec<_> = unsettled.iter().filter(|a| a.outcome == Outcome::Unsettled).collect();
        assert!(unsettled.len() > 10, "{name}: {}", unsettled.len());
        for a in unsettled {
            assert!(a.period.is_nan() && a.span_error.is_nan() && a.settle_time.is_nan(), "{name}: {a:?}");
            assert!(
                a.span.is_nan() && a.v_mean.is_nan() && a.multiplier.is_nan() && !a.is_beyond_step_limit(),
                "{name}: {a:?}"
            );
        }
        // The negative control: with time they have them, but for the period of what is steady.
        for a in results(engine.as_ref(), &sound) {
            assert!(a.outcome.is_settled() && a.span_error >= 0.0 && a.settle_time > 0.0, "{name}: {a:?}");
            assert_eq!(a.period.is_nan(), a.outcome == Outcome::Steady, "{name}: {a:?}");
        }
    }
}

#[test]
fn fault_28_a_stiff_cell_leaves_the_others_their_answers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.h5");
    let sweep = |axes: &[&str], more: &[&str]| {
        let mut command = common::hopfmap();
        command.arg("sweep").args(axes.iter().flat_map(|a| ["--grid", a])).args(more);
        command.args(["--set", "Gamma=0.5", "--force", "-q", "-o"]).arg(&path).output().unwrap()
    };
    let adapter = common::adapter();
    for engine in [
        &["--engine", "cpu"][..],
        &["--engine", "cpu", "--precision", "f64", "--part-cells", "1"],
        &["--engine", "gpu", "--adapter", &adapter],
    ] {
        for (axes, set) in [
            (["R_n=6,1e9", "V_n=1,2"], &[][..]),
            (["V_n=2,1e12", "R_n=5,6"], &[]),
            (["Omega=7,1e9", "R_n=5,6"], &["--set", "V_n=2"]),
        ] {
            let run = sweep(&axes, &[engine, set].concat());
            let text = String::from_utf8(run.stdout).unwrap();
            assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
            assert!(
                text.contains("unsettled        2, of which 2 need more steps than are counted (2147483648)"),
                "{text}"
            );
            let map = hopfmap::store::MapFile::open(&path).unwrap();
            assert_eq!(map.number("cells_beyond_step_limit"), Some(2.0));
            let column = |name: &str| map.cut(name, &[None, None]).unwrap().into_iter().collect::<Vec<f64>>();
            let (outcomes, spans) = (column("outcome"), column("span"));
            assert!(outcomes[..2].iter().all(|o| *o < 2.0) && outcomes[2..] == [2.0, 2.0], "{axes:?}: {outcomes:?}");
            assert!(
                spans[..2].iter().all(|s| s.is_finite()) && spans[2..].iter().all(|s| s.is_nan()),
                "{axes:?}: {spans:?}"
            );
        }
    }
    // The others are what they are without it.
    let with = {
        sweep(&["R_n=6,1e9", "V_n=1,2"], &["--engine", "cpu"]);
        hopfmap::store::MapFile::open(&path).unwrap().cut("span", &[None, None]).unwrap()
    };
    let without = {
        sweep(&["R_n=6", "V_n=1,2"], &["--engine", "cpu"]);
        hopfmap::store::MapFile::open(&path).unwrap().cut("span", &[None, None]).unwrap()
    };
    assert_eq!(with.iter().take(2).collect::<Vec<_>>(), without.iter().collect::<Vec<_>>());
    // Replayed, such a cell says why it cannot be.
    sweep(&["R_n=6,1e9", "V_n=1,2"], &["--engine", "cpu"]);
    let run = common::hopfmap().arg("replay").arg(&path).args(["--cell", "1,0"]).output().unwrap();
    assert!(run.status.code() == Some(2) && String::from_utf8_lossy(&run.stderr).contains("more than are counted"));
    // What was asked for is refused as it stands: a step beyond stability, and a cell alone.
    for (axes, more) in [
        (&["R_n=6,1e9", "V_n=1,2"][..], &["--dt", "0.02"][..]),
        (&["R_n=1e9"], &["--set", "V_n=2"]),
        (&["V_n=1:2:3"], &["--set", "R_n=1e30"]),
    ] {
        let run = sweep(axes, more);
        assert_eq!(run.status.code(), Some(2), "{axes:?}: {}", String::from_utf8_lossy(&run.stdout));
    }
}
