//! `hopfmap convert`: Table I of the paper, from SI units to dimensionless parameters and back.

use super::command_report::{Format, Report};
use super::parameter_args::ParameterArgs;
use crate::error::{Error, Result};
use crate::model::physical::{Physical, QUANTITIES, Scales};
use crate::model::{Parameter, Parameters};
use clap::Args;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Arguments of `hopfmap convert`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    hopfmap convert --si m=1.05e-26 q=1.602e-19 Omega_p=1e10 L=2e-9 x_0=1.6e-9 lambda=2.6e-10 R_0=1e5 R_ext=6e5 C_ext=1.17e-15 V_ext=7.43e-5 gamma_phi=1.424e8 gamma_T=1.424e8 T=0.0144\n  \
    hopfmap convert --set V_n=2 --set R_n=6 --set Gamma=0.1 --set Z_T=0.99 --si L=2e-9 q=1.602e-19 R_ext=6e5 C_ext=1.17e-15")]
pub(super) struct Arguments {
    /// Quantities in SI units: all thirteen of a device, or, with --set, its four scales L, q, R_ext, C_ext; several may follow one --si
    #[arg(long, value_name = "NAME=VALUE", num_args = 1.., required = true)]
    si: Vec<String>,
    /// A parameter's value
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    pub format: Format,
}

fn parse(texts: &[String]) -> Result<[Option<f64>; QUANTITIES.len()]> {
    let mut values = [None; QUANTITIES.len()];
    for text in texts {
        let form = "write --si NAME=VALUE";
        let (name, value) = text.split_once('=').ok_or_else(|| Error::request(format!("'{text}' has no '='"), form))?;
        // Letter case counts, as in SI: q and Q, m and M differ.
        let found = QUANTITIES.iter().position(|(n, _, _)| *n == name.trim()).ok_or_else(|| {
            let names: Vec<_> = QUANTITIES.iter().map(|q| q.0).collect();
            Error::request(
                format!("unknown quantity '{}'", name.trim()),
                format!("the quantities are {}", names.join(", ")),
            )
        })?;
        let number = value.trim().parse::<f64>().map_err(|_| {
            Error::request(
                format!("{name} = '{value}' is not a number"),
                format!("give {name} in {}", QUANTITIES[found].1),
            )
        })?;
        if values[found].replace(number).is_some() {
            return Err(Error::request(format!("{name} is given twice"), "give each quantity once"));
        }
    }
    Ok(values)
}

fn needed(values: &[Option<f64>; QUANTITIES.len()], name: &str) -> Result<f64> {
    let at = QUANTITIES.iter().position(|q| q.0 == name);
    at.and_then(|i| values[i]).ok_or_else(|| {
        let unit = at.map_or("", |i| QUANTITIES[i].1);
        Error::request(format!("{name} is not given"), format!("add {name}=… ({unit}) to --si"))
    })
}

/// Converts from SI units or back and reports both sides.
pub(super) fn run(arguments: &Arguments) -> Result<Report> {
    let values = parse(&arguments.si)?;
    let device = if arguments.set.is_empty() {
        let mut all = [0.0; QUANTITIES.len()];
        for (slot, (name, _, _)) in all.iter_mut().zip(QUANTITIES) {
            *slot = needed(&values, name)?;
        }
        Physical::from_values(all)?
    } else {
        let scales = ["L", "q", "R_ext", "C_ext"];
        if let Some(((name, ..), _)) =
            QUANTITIES.iter().zip(values).find(|((n, ..), v)| v.is_some() && !scales.contains(n))
        {
            return Err(Error::request(
                format!("{name} follows from the dimensionless parameters, and is given too"),
                "with --set, give --si L, q, R_ext and C_ext alone",
            ));
        }
        let [length, q, r_ext, c_ext] = scales.map(|n| needed(&values, n));
        let p = ParameterArgs::parse(&arguments.set)?.complete(&[])?;
        Physical::from_dimensionless(&p, &Scales { length: length?, q: q?, r_ext: r_ext?, c_ext: c_ext? })?
    };
    let p = device.dimensionless();
    Ok(Report::new(readable(&device, &p), object(&device, &p)))
}

fn object(device: &Physical, p: &Parameters<f64>) -> Value {
    let si: Map<_, _> = QUANTITIES.iter().zip(device.values()).map(|(q, v)| (q.0.to_string(), v.into())).collect();
    let plain: Map<_, _> = Parameter::ALL.into_iter().map(|q| (q.name().to_string(), p.get(q).into())).collect();
    let scales = json!({ "tau_c": device.tau_c(), "volts_per_unit": device.volts_per_unit() });
    json!({ "si": si, "dimensionless": plain, "scales": scales })
}

fn readable(device: &Physical, p: &Parameters<f64>) -> String {
    let mut out = String::from("SI\n");
    // Writing to a String cannot fail.
    for ((name, unit, meaning), value) in QUANTITIES.iter().zip(device.values()) {
        let _ = writeln!(out, "  {name:<10} {value:<13.6e} {unit:<6} {meaning}");
    }
    let _ = writeln!(out, "  tau_c      {:<13.6e} s      circuit time C_ext R_ext: the unit of time", device.tau_c());
    let _ = writeln!(out, "  unit of V  {:<13.6e} V      2 sqrt(2) m Omega_p^2 L l / q", device.volts_per_unit());
    out.push_str("dimensionless (Table I)\n");
    for q in Parameter::ALL {
        let outside =
            if q.check(p.get(q)).is_err() { format!("   (outside {})", q.info().range) } else { String::new() };
        let _ = writeln!(out, "  {:<10} {:<13.8} {}{outside}", q.name(), p.get(q), q.info().meaning);
    }
    out
}
