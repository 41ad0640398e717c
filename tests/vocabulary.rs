//! Does the command line say the same thing in the same words everywhere: starts, files, reports, names of outputs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::runs::{PLANE, at_home, done, hopfmap, json, names, refused, sweep};
use hopfmap::store::MapFile;
use serde_json::Value;

#[test]
fn fault_4_options_of_the_scheduler_alone_or_with_others_are_refused_and_nothing_is_done() {
    let home = at_home();
    let sweep = [&["sweep", "-o", "map.h5"], &PLANE[..]].concat();
    for (more, words) in [
        (&["--dry-run"][..], ["--dry-run", "--slurm"]),
        (&["--dry-run", "--plot", "p.png"], ["--dry-run", "--slurm"]),
        (&["--dry-run", "--shard", "0/2"], ["--dry-run", "--slurm"]),
        (&["--dry-run", "--shard", "0/2", "--plot", "p.png"], ["--dry-run", "--slurm"]),
        (&["--sbatch", "--time=1", "--plot", "p.png"], ["--sbatch", "--slurm"]),
        (&["--sbatch", "--time=1", "--shard", "0/2"], ["--sbatch", "--slurm"]),
        (&["--sbatch-merge", "--time=1", "--shard", "0/2"], ["--sbatch-merge", "--slurm"]),
        (&["--slurm", "2", "--plot", "p.png"], ["--slurm", "--plot"]),
        (&["--slurm", "2", "--plot", "p.png", "--dry-run"], ["--slurm", "--plot"]),
        (&["--slurm", "2", "--shard", "0/2", "--dry-run"], ["--slurm", "--shard"]),
        (&["--shard", "0/2", "--plot", "p.png"], ["--shard", "--plot"]),
        // A forgotten value must not turn a rehearsal into a submission.
        (&["--slurm", "2", "--sbatch", "--dry-run"], ["--sbatch", "--dry-run"]),
        (&["--slurm", "2", "--sbatch-merge", "--dry-run"], ["--sbatch-merge", "--dry-run"]),
        (&["--spec", "s.toml", "--from", "map.h5"], ["--spec", "--from"]),
        (&["--spec", "s.toml", "--from", "map.h5", "--dry-run", "--plot", "p.png"], ["--spec", "--from"]),
    ] {
        let (code, message) = refused(hopfmap(home.path(), &[&sweep[..], more].concat()));
        assert!(code == 2 && words.iter().all(|w| message.contains(w)), "{more:?}: {message}");
        assert_eq!(names(home.path()), Vec::<String>::new(), "{more:?} left something behind");
    }
    // The negative control: where they belong together, they work.
    let printed =
        done(hopfmap(home.path(), &[&sweep[..], &["--slurm", "2", "--sbatch", "--time=1", "--dry-run"]].concat()));
    assert!(printed.contains("--array=0") && printed.contains("--time=1"), "{printed}");
}

#[test]
fn fault_5_a_job_array_is_a_wish_for_shards_only_where_it_is_said() {
    let home = at_home();
    let task = |more: &[&str]| {
        let mut task =
            hopfmap(home.path(), &[&["sweep", "-q", "-o", "map.h5", "--part-cells", "6"], &PLANE[..], more].concat());
        task.env("SLURM_ARRAY_TASK_ID", "2").env("SLURM_ARRAY_TASK_COUNT", "4");
        task.env("SLURM_ARRAY_TASK_MIN", "0").env("SLURM_ARRAY_TASK_MAX", "3");
        task
    };
    assert!(
        done(task(&["--shard", "slurm"])).contains("this shard's 1 parts are there; of all 4, 3 are still missing")
    );
    assert!(done(task(&[])).contains("map.h5: 24 cells"));
    let (code, message) =
        refused(hopfmap(home.path(), &[&["sweep", "-o", "x.h5", "--shard", "slurm"], &PLANE[..]].concat()));
    assert!(code == 2 && message.contains("--shard I/N"), "{message}");
}

#[test]
fn fault_21_convert_takes_its_options_in_any_order() {
    let home = at_home();
    let set = ["--set", "V_n=2", "--set", "R_n=6", "--set", "Gamma=0.1", "--set", "Z_T=0.99"];
    let si = ["L=2e-9", "q=1.602e-19", "R_ext=6e5", "C_ext=1.17e-15"];
    let orders: [Vec<&str>; 4] = [
        [&["convert", "--json", "--si"], &si[..], &set].concat(),
        [&["convert", "--si"], &si[..], &set, &["--json"]].concat(),
        [&["convert", "--si"], &si[..2], &["--si"], &si[2..], &["--json"], &set].concat(),
        [&["convert"], &set[..], &["--si", si[0], "--si", si[1], "--si", si[2], "--json", "--si", si[3]]].concat(),
    ];
    let all: Vec<Value> = orders.iter().map(|o| json(home.path(), o)).collect();
    assert!(
        all.iter().all(|one| *one == all[0]) && (all[0]["dimensionless"]["V_n"].as_f64().unwrap() - 2.0).abs() < 1e-9
    );
    let help = done(hopfmap(home.path(), &["convert", "--si", "L=2e-9", "C_ext=1e-14", "-h"]));
    assert!(help.contains("Usage: hopfmap convert"), "{help}");
    let (code, message) = refused(hopfmap(home.path(), &["convert", "--si", "L=2e-9", "--jsno"]));
    assert!(code == 2 && message.contains("'--jsno'"), "{message}");
}

#[test]
fn fault_21_the_examples_of_convert_are_near_the_papers_neuron() {
    let home = at_home();
    let help = done(hopfmap(home.path(), &["convert", "--help"]));
    let behind = help.split("Examples:").nth(1).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    let examples: Vec<_> = behind.split("hopfmap ").filter(|e| !e.is_empty()).collect();
    assert_eq!(examples.len(), 2);
    for example in examples {
        let words = [shlex::split(example).unwrap(), vec!["--json".to_string()]].concat();
        let found = json(home.path(), &words.iter().map(String::as_str).collect::<Vec<_>>());
        for (name, value) in
            [("V_n", 2.0), ("R_n", 6.0), ("Gamma", 0.1), ("Z_T", 0.99), ("alpha", 1.0), ("Omega", 7.0), ("l", 0.5)]
        {
            let there = found["dimensionless"][name].as_f64().unwrap();
            assert!((there / value - 1.0).abs() < 0.01, "{example}: {name} = {there}");
        }
    }
}

#[test]
fn fault_22_a_merge_counts_what_it_reads() {
    let home = at_home();
    sweep(home.path(), "map.h5", &["--part-cells", "6", "--shard", "0/1"]);
    let progress = hopfmap::engine::Progress::default();
    let path = home.path().join("map.h5");
    let merged = hopfmap::sweep::parts::merge(hopfmap::store::Output::new(&path), "test", &progress, false).unwrap();
    let hopfmap::sweep::Merged::Map(made) = merged else { panic!("{merged:?}") };
    let plan = &made.0;
    assert_eq!((progress.read().done, plan.grid.cells()), (48, 24));
}

#[test]
fn fault_25_a_start_by_its_name_is_that_column_of_all_starts() {
    let home = at_home();
    let axes = ["--grid", "V_n=2:4:5", "--grid", "R_n=5,8", "--set", "Gamma=0.1", "--engine", "cpu", "--audit", "4"];
    let sweep = |output: &str, start: &str| {
        let words = ["sweep", "-q", "-o", output, "--start", start];
        done(hopfmap(home.path(), &[&words[..], &axes].concat()));
        MapFile::open(&home.path().join(output)).unwrap()
    };
    let bits = |map: &MapFile, start: usize| -> Vec<(u64, u64)> {
        let column = |name: &str| map.cut_from(name, start, &[None, None]).unwrap();
        column("span").iter().zip(&column("outcome")).map(|(s, o)| (s.to_bits(), o.to_bits())).collect()
    };
    let all = sweep("all.h5", "equilibria");
    let columns = [0, 1, 2].map(|start| bits(&all, start));
    assert!(columns[0] != columns[1] && columns[1] != columns[2], "the negative control");
    for (number, name) in ["lower", "middle", "upper"].into_iter().enumerate() {
        let one = sweep(&format!("{name}.h5"), name);
        assert_eq!(bits(&one, 0), columns[number], "{name}");
        assert_eq!(one.text("start").as_deref(), Some(name));
        // The name finds its map and its column again.
        for file in ["all.h5".to_string(), format!("{name}.h5")] {
            done(hopfmap(home.path(), &["plot", &file, "--start", name, "-o", "p.png", "--force"]));
        }
    }
    // A ramp and a trajectory take the same names; a ramp leaves the equilibrium that it started near.
    done(hopfmap(
        home.path(),
        &[
            "ramp",
            "--from",
            "upper.h5",
            "--grid",
            "V_n=4:0:5",
            "--set",
            "R_n=8",
            "--start",
            "upper",
            "-q",
            "-o",
            "r.h5",
        ],
    ));
    done(hopfmap(
        home.path(),
        &["trace", "--from", "upper.h5", "--set", "V_n=4", "--set", "R_n=8", "--t-end", "50", "-o", "t.h5"],
    ));
    // What is refused is not named by the hint.
    for (arguments, unwanted) in [
        (&["replay", "all.h5", "--cell", "0,0", "--start", "equilibria"][..], "rest"),
        (&["plot", "all.h5", "--start", "rest"], "rest,"),
        (&["plot", "lower.h5", "--start", "upper"], "give --start"),
        (&["trace", "--from", "all.h5", "--set", "V_n=4", "--set", "R_n=8", "-o", "x.h5"], "or equilibria"),
        (&["ramp", "--from", "all.h5", "-o", "x.h5"], "equilibria,"),
        (&["ramp", "--from", "lower.h5", "--start", "asleep", "-o", "x.h5"], "equilibria"),
        (
            &[
                "trace",
                "--set",
                "R_n=8",
                "--set",
                "V_n=4",
                "--set",
                "Gamma=1",
                "--start",
                "equilibrium:1",
                "-o",
                "x.h5",
            ],
            "equilibria",
        ),
    ] {
        let (code, message) = refused(hopfmap(home.path(), arguments));
        assert!(code == 2 && !message.contains(unwanted), "{arguments:?}: {message}");
    }
}

#[test]
fn fault_25_values_along_axes_are_named_one_way_and_others_than_asked_are_said() {
    let home = at_home();
    sweep(home.path(), "map.h5", &[]);
    for at in [&["--at", "Gamma=0.1,Z_T=0.5"][..], &["--at", "Z_T=0.5", "--at", "Γ=0.1"], &["--at=Z_T=0.5,gamma=0.1"]]
    {
        let text = done(hopfmap(home.path(), &[&["replay", "map.h5"], at].concat()));
        assert!(text.contains("Z_T = 0.400000") && text.contains("Z_T = 0.5: nearest is 0.4"), "{at:?}: {text}");
        assert!(!text.contains("Gamma = 0.1: nearest"), "{at:?}: {text}");
    }
    let text = done(hopfmap(home.path(), &["plot", "map.h5", "--at", "Z_T=0.5", "-o", "cut.png"]));
    assert!(text.contains("Z_T = 0.5: nearest is 0.4"), "{text}");
    let found = json(home.path(), &["plot", "map.h5", "--at", "Z_T=0.5", "-o", "cut.svg", "--json"]);
    assert!(found["at"]["Z_T"] == 0.4 && found["asked"]["Z_T"] == 0.5, "{found}");
    let text = done(hopfmap(home.path(), &["plot", "map.h5", "--at", "Z_T=0.4", "-o", "exact.png"]));
    assert!(!text.contains("nearest"), "{text}");
    for command in [&["plot", "map.h5", "-o", "x.png"][..], &["replay", "map.h5"]] {
        for (at, word) in [
            ("Z_T=0.5,Z_T=0.4", "twice"),
            ("V_n=2", "is not an axis"),
            ("Z_T", "no '='"),
            ("Z_T=0.5,,", "no '='"),
            ("Gamma=9", "outside the map"),
        ] {
            let (code, message) = refused(hopfmap(home.path(), &[command, &["--at", at]].concat()));
            assert!(code == 2 && message.contains(word), "{command:?} --at {at}: {message}");
        }
    }
}

#[test]
fn fault_25_names_of_outputs_say_what_is_in_them() {
    let home = at_home();
    sweep(home.path(), "map.h5", &[]);
    std::fs::write(home.path().join("s.toml"), "grid = ['Gamma=0.1:1:4']\noutput = 'z.png'\n[set]\nV_n = 2\nR_n = 6\n")
        .unwrap();
    let neuron = ["--set", "R_n=6", "--set", "Gamma=0.5"];
    let writers: Vec<Vec<&str>> = vec![
        [&["sweep"], &PLANE[..]].concat(),
        [&["trace", "--set", "V_n=2", "--t-end", "50"], &neuron[..]].concat(),
        [&["ramp", "--grid", "V_n=0:4:5"], &neuron[..]].concat(),
        vec!["curves", "--x", "V_n=0:9", "--y", "R_n=0:16", "--set", "Gamma=0.1"],
        [&["cycles", "--along", "V_n=0:4"], &neuron[..]].concat(),
        vec!["replay", "map.h5", "--cell", "0,0"],
    ];
    let before = names(home.path());
    for writer in &writers {
        for name in ["-", "z.png", "Z.SVG", "z.pdf", "./z.jpg"] {
            let (code, message) = refused(hopfmap(home.path(), &[&writer[..], &["-o", name]].concat()));
            assert!(code == 2 && message.contains("-o FILE.h5"), "{writer:?} -o {name}: {message}");
        }
        let (code, message) = refused(hopfmap(home.path(), &[&writer[..], &["-o", "x.h5/"]].concat()));
        assert!(code == 2 && message.contains("name of a folder"), "{writer:?} -o x.h5/: {message}");
        let (code, message) = refused(hopfmap(home.path(), &[&writer[..], &["-o", "x.h5", "--plot", "-"]].concat()));
        assert!(code == 2 && message.contains("stdout"), "{writer:?} --plot -: {message}");
    }
    for (arguments, word) in [
        (&["sweep", "--spec", "s.toml"][..], "-o FILE.h5"),
        (&["merge", "z.png"], "-o FILE.h5"),
        (&["merge", "-"], "stdout"),
        (&["plot", "map.h5", "-o", "-"], "stdout"),
        (&["view", "map.h5", "-o", "-"], "stdout"),
        (&["view", "map.h5", "-o", "map.png"], "FILE.html"),
        (&["paper", "fig2a", "-o", "-"], "stdout"),
        (&["man", "-o", "-"], "stdout"),
    ] {
        let (code, message) = refused(hopfmap(home.path(), arguments));
        assert!(code == 2 && message.contains(word), "{arguments:?}: {message}");
    }
    assert_eq!(names(home.path()), before, "nothing was written");
    // Any other ending is fine, and a folder is made where one is named.
    done(hopfmap(home.path(), &[&writers[1][..], &["-o", "trace.nc"]].concat()));
    done(hopfmap(home.path(), &["man", "-o", "deep/pages"]));
    assert!(names(&home.path().join("deep/pages")).contains(&"hopfmap-sweep.1".to_string()));
}

#[test]
fn fault_25_two_uses_of_one_file_are_named_for_what_they_are() {
    let home = at_home();
    sweep(home.path(), "map.h5", &[]);
    std::fs::write(home.path().join("s.toml"), "grid = ['V_n=0:4:5']\n[set]\nGamma = 1\nR_n = 6\n").unwrap();
    let before = std::fs::read(home.path().join("map.h5")).unwrap();
    for arguments in [
        &["sweep", "--from", "map.h5", "-o", "map.h5"][..],
        &["sweep", "--from", "map.h5", "-o", "./map.h5"],
        &["sweep", "--spec", "s.toml", "-o", "s.toml"],
        &["ramp", "--spec", "s.toml", "-o", "s.toml"],
        &["ramp", "--from", "map.h5", "-o", "map.h5"],
        &["trace", "--from", "map.h5", "--set", "Gamma=1", "--set", "Z_T=1", "-o", "map.h5"],
        &["replay", "map.h5", "--cell", "0,0", "-o", "map.h5"],
        &["plot", "map.h5", "-o", "map.h5"],
        &["view", "map.h5", "-o", "map.h5"],
    ] {
        let (code, message) = refused(hopfmap(home.path(), &[arguments, &["--force"]].concat()));
        assert!(
            code == 2 && message.contains("named twice: as the f") || message.contains("named twice: as the map"),
            "{arguments:?}: {message}"
        );
        assert!(!message.contains("map and for the picture"), "{arguments:?}: {message}");
        let is_named = message.contains("and as the output") || ["plot", "view"].contains(&arguments[0]);
        assert!(is_named, "{arguments:?}: {message}");
    }
    assert_eq!(std::fs::read(home.path().join("map.h5")).unwrap(), before);
}

#[test]
fn words_of_refusals_are_true() {
    let home = at_home();
    let map = "sweep -q --grid Gamma=0.1:1:4 --grid Z_T=0:1:3 --set V_n=2 --set R_n=6 --engine cpu -o map.h5";
    done(hopfmap(home.path(), &map.split(' ').collect::<Vec<_>>()));
    let early = format!(
        "{} --t-max 4",
        map.replace("map.h5", "early.h5").replace("0.1:1:4", "0.1:0.2:4").replace("0:1:3", "0.9,1")
    );
    done(hopfmap(home.path(), &early.split(' ').collect::<Vec<_>>()));
    let parts = "sweep -q --grid Gamma=0.1:1:4 --set V_n=2 --set R_n=6 --engine cpu --part-cells 2 -o other.h5";
    done(hopfmap(home.path(), &format!("{parts} --shard 0/1").split(' ').collect::<Vec<_>>()));
    for (words, code, message) in [
        ("plot map.png", 2, "map.png is named like a picture"),
        ("curves --x V_n=0:9:30 --y R_n=0:9 --set Gamma=0.1 -o c.h5", 2, "'V_n=0:9:30' is not a range"),
        ("sweep --from map.h5 --set Gamma=0.3 -o m.h5", 2, "Gamma is both swept and set to 0.3"),
        ("verify early.h5", 1, "no cell in this sample that could be checked"),
        (&format!("{} --slurm 2 --dry-run", parts.replace("V_n=2", "V_n=3")), 2, "holds parts of another sweep"),
    ] {
        let (found, printed) = refused(hopfmap(home.path(), &words.split(' ').collect::<Vec<_>>()));
        assert!(found == code && printed.contains(message), "{words}: {found}: {printed}");
    }
    // The same job array of the same sweep is printed.
    done(hopfmap(home.path(), &format!("{parts} --slurm 2 --dry-run").split(' ').collect::<Vec<_>>()));
    let json = hopfmap(home.path(), &["verify", "early.h5", "--json"]).output().unwrap().stdout;
    assert!(String::from_utf8(json).unwrap().contains("\"holds\": null"));
}

#[test]
fn fault_25_a_virtual_map_that_is_there_is_drawn() {
    let home = at_home();
    let parts = ["--part-cells", "6"];
    sweep(home.path(), "map.h5", &[&parts[..], &["--shard", "0/1"]].concat());
    done(hopfmap(home.path(), &["merge", "--virtual", "map.h5"]));
    let second = [&["sweep", "-o", "map.h5", "--plot", "map.png"], &PLANE[..], &parts].concat();
    let text = done(hopfmap(home.path(), &second));
    assert!(text.contains("complete already") && text.contains("drawn: map.png"), "{text}");
    assert!(home.path().join("map.png").is_file());
    // The same command once more finds its picture; another file of that name is left as it is.
    let picture = std::fs::read(home.path().join("map.png")).unwrap();
    done(hopfmap(home.path(), &second));
    assert_eq!(std::fs::read(home.path().join("map.png")).unwrap(), picture);
    std::fs::write(home.path().join("map.png"), "mine").unwrap();
    let (code, message) = refused(hopfmap(home.path(), &second));
    assert!(code == 1 && message.contains("map.png") && message.contains("is left as it is"), "{message}");
    assert_eq!(std::fs::read(home.path().join("map.png")).unwrap(), b"mine");
}

#[test]
fn fault_25_a_replay_says_which_span_is_which() {
    let home = at_home();
    sweep(home.path(), "map.h5", &[]);
    let text = done(hopfmap(home.path(), &["replay", "map.h5", "--cell", "0,5", "-o", "cell.h5"]));
    let number = |before: &str| {
        let line = text.lines().find(|l| l.contains(before)).unwrap_or_else(|| panic!("{before}: {text}"));
        let behind = line.split(before).nth(1).unwrap().trim_start();
        behind.split(|c: char| c != '.' && !c.is_ascii_digit()).next().unwrap().parse::<f64>().unwrap()
    };
    let (outcome, recorded) = (number("final span"), number("recorded span"));
    assert!(recorded > 5.0 * outcome && outcome > 0.0, "{text}");
    assert!(text.contains("includes the transient"), "{text}");
    assert_eq!(
        text.lines().filter(|l| l.trim_start().starts_with("span")).count(),
        0,
        "no span without a label: {text}"
    );
}

#[test]
fn fault_25_requests_in_files_have_the_options_names() {
    let home = at_home();
    let spec = |text: &str| std::fs::write(home.path().join("s.toml"), text).unwrap();
    spec(
        "grid = ['Gamma=0.1:1:4']\nengine = 'cpu'\naudit = 'off'\npart-cells = 2\nt-max = 3000\noutput = 'o.h5'\nplot = 'o.png'\n[set]\nV_n = 2\nR_n = 6\n",
    );
    let text = done(hopfmap(home.path(), &["sweep", "--spec", "s.toml", "-q"]));
    assert!(text.contains("o.h5: 4 cells") && text.contains("drawn: o.png") && !text.contains("audit"), "{text}");
    let request = MapFile::open(&home.path().join("o.h5")).unwrap().request().to_string();
    assert!(request.contains("part-cells = 2") && !request.contains("o.png"), "{request}");
    // A request in a map says nothing of where results go.
    let (code, message) = refused(hopfmap(home.path(), &["sweep", "--from", "o.h5", "--force"]));
    assert!(code == 2 && message.contains("no output is named"), "{message}");
    // A shard leaves the picture to others, and says so.
    let output = hopfmap(home.path(), &["sweep", "--spec", "s.toml", "--shard", "0/2", "-o", "p.h5"]).output().unwrap();
    let note = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && note.contains("hopfmap plot"), "{note}");
    for (text, place) in [("part_cells = 2\n", "line 1, column 1"), ("grid = []\n[set]\nW_n = 2\n", "line 3, column 1")]
    {
        spec(text);
        for command in ["sweep", "ramp"] {
            let (code, message) = refused(hopfmap(home.path(), &[command, "--spec", "s.toml", "-o", "x.h5"]));
            assert!(code == 2 && message.contains(place), "{command}: {message}");
        }
    }
}
