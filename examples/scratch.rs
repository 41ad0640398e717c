use hopfmap::{engine::*, model::*, sweep::pace::*};
use std::sync::Arc;
fn main() {
    let tables = Arc::new(Tables::new(0.5, 0.13, Default::default()));
    println!("f32 nodes {} spacing {} end {} err {:e}; f64 nodes {} spacing {} err {:e}", tables.single.jets.len(), tables.single.spacing, tables.single.end, tables.single.error_bound, tables.double.jets.len(), tables.double.spacing, tables.double.error_bound);
    let f = Conductance::new(0.5, 0.13);
    let mut rd = csv::Reader::from_path("tests/data/cells.csv").unwrap();
    let rows: Vec<Vec<f64>> = rd.records().map(|r| r.unwrap().iter().map(|x| x.parse().unwrap()).collect()).collect();
    let rows: Vec<_> = rows.into_iter().filter(|r| r[3]*r[2] >= 0.05 || std::env::args().nth(1).is_some()).collect();
    let mut rates: Option<Rates> = None;
    let mut batch = Batch::default();
    let ps: Vec<Parameters<f64>> = rows.iter().map(|r| Parameters{v_n:r[0],r_n:r[1],gamma:r[2],alpha:r[3],z_t:r[4],omega:r[5],x_0:0.8,l:0.5,lambda:0.13}).collect();
    for (p, r) in ps.iter().zip(&rows) {
        let b = Rates::bound(p, (0.0f64.min(p.v_n).min(r[9]), 0.0f64.max(p.v_n).max(r[9])), &f);
        rates = Some(rates.map_or(b, |x| x.or(b)));
    }
    println!("{rates:?}");
    batch.dt = rates.unwrap().step();
    if let Some(x) = std::env::args().nth(2) { batch.dt = x.parse().unwrap() }
    println!("dt {}", batch.dt);
    batch.tables = vec![tables];
    for (p, r) in ps.iter().zip(&rows) {
        let (window_steps, max_windows) = pace(p, batch.dt, &Times::default()).unwrap();
        batch.cells.push(Cell{parameters:*p,start:State{x:r[6],y:r[7],z:r[8],v:r[9]},window_steps,max_windows,table:0});
    }
    let t0=std::time::Instant::now();
    let g = hopfmap::engine::gpu::Gpu::open(&hopfmap::engine::gpu::Pick::Fallback, Default::default()).unwrap();
    println!("open {:?}", t0.elapsed());
    for (precision, e) in [("f64", Box::new(Cpu{precision:Precision::F64}) as Box<dyn Engine>), ("f32", Box::new(Cpu{precision:Precision::F32})), ("gpu", Box::new(g))] {
        let pr = Progress::default();
        let t = std::time::Instant::now();
        let a = e.run(&batch, &pr).unwrap();
        let (_,_,st)=pr.read();
        println!("{precision:?} {:?} {:.1} Msteps/s", t.elapsed(), st as f64/1e6/t.elapsed().as_secs_f64());
        let mut uns=0; let mut bad=0; let mut worst=0.0f64; let mut worstp=0.0f64; let mut worstm=0f64; let mut over=0;
        for ((x, r),p) in a.iter().zip(&rows).zip(&ps) {
            if !x.outcome.is_settled() { uns+=1; println!("uns {x:?} {r:?}"); continue }
            let osc = x.outcome==hopfmap::columns::Outcome::Oscillating;
            if osc != (r[10]>0.0) { bad+=1; println!("BAD {x:?} {r:?}"); continue }
            let e=(x.span-r[10]).abs();
            if e > 1e-5 {println!("off {e:e} err {:e} {r:?}", x.span_error)}
            if e > x.span_error+2e-6 {over+=1}
            worst=worst.max(e);
            if osc {worstp=worstp.max((x.period/r[12]-1.0).abs()); worstm=worstm.max((x.v_mean/r[11]-1.0).abs());}
            let _=p;
        }
        println!("unsettled {uns} bad {bad} worst {worst:e} period {worstp:e} mean {worstm:e} over {over} of {}", rows.len());
    }
}
