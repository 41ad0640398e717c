//! `hopfmap convert`: Table I of the paper, from SI units to dimensionless parameters and back.

use super::command_report::{Format, Report};
use super::device_args::DeviceArgs;
use super::parameter_args::ParameterArgs;
use super::running::Running;
use crate::error::{Error, Result};
use crate::model::physical::{Physical, QUANTITIES, Scales, quantity};
use crate::model::{DELTA_OMEGA, Device, Parameter, Parameters};
use crate::plan::Request;
use clap::Args;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Largest ratio of the levels' width to Delta_Omega that passes for "much smaller" (Sec. II: Delta_Omega >> gamma + alpha gamma).
const WIDEST: f64 = 0.1;
/// Largest weight of the third level: what it holds is missing in Z and in the conductance, by about as much.
const HEAVIEST: f64 = 0.01;

/// Arguments of `hopfmap convert`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    hopfmap convert --si m=1.0546e-25 q=1.602e-19 Omega_p=1e9 L=2e-9 x_0=1.6e-9 lambda=2.6e-10 R_0=1e5 R_ext=6e5 C_ext=1.1667e-14 V_ext=7.45e-6 gamma_phi=1.43e7 gamma_T=1.43e7 T=0.0014 Delta_Omega=1e9\n  \
    hopfmap convert --set V_n=2 --set R_n=6 --set Gamma=0.1 --set Z_T=0.99 --si L=2e-9 q=1.602e-19 R_ext=6e5 C_ext=1.17e-15")]
pub(super) struct Arguments {
    /// Quantities in SI units: all thirteen of a device, some of that of --device, or, with --set, its four scales L, q, R_ext,
    /// C_ext; several may follow one --si; Delta_Omega, in rad/s, tells whether two levels do
    #[arg(long, value_name = "NAME=VALUE", num_args = 1..)]
    si: Vec<String>,
    #[command(flatten)]
    device: DeviceArgs,
    /// A parameter's value
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    pub format: Format,
}

impl Arguments {
    /// Checks that there is a device, or a part of one.
    ///
    /// # Errors
    /// [`Error::Request`] if neither `--si` nor `--device` is given.
    pub(super) fn check(&self) -> Result<()> {
        match self.si.is_empty() && self.device.device.is_none() {
            true => {
                Err(Error::request("no quantity in SI units is given", "give --si NAME=VALUE, or --device FILE.toml"))
            }
            false => Ok(()),
        }
    }
}

/// Values of the quantities, and Delta_Omega.
type Quantities = ([Option<f64>; QUANTITIES.len()], Option<f64>);

fn parse(texts: &[String]) -> Result<Quantities> {
    let (mut values, mut delta) = ([None; QUANTITIES.len()], None);
    for text in texts {
        let form = "write --si NAME=VALUE";
        let (name, value) = text.split_once('=').ok_or_else(|| Error::request(format!("'{text}' has no '='"), form))?;
        let slot = match (name.trim(), quantity(name.trim())) {
            (_, Some(found)) => &mut values[found],
            (name, None) if name == DELTA_OMEGA.0 => &mut delta,
            (name, None) => {
                let names: Vec<_> = QUANTITIES.iter().map(|q| q.0).chain([DELTA_OMEGA.0]).collect();
                return Err(Error::request(
                    format!("unknown quantity '{name}'"),
                    format!("the quantities are {}", names.join(", ")),
                ));
            }
        };
        let unit = quantity(name.trim()).map_or(DELTA_OMEGA.1, |index| QUANTITIES[index].1);
        let number = value.trim().parse::<f64>().map_err(|_| {
            Error::request(format!("{name} = '{value}' is not a number"), format!("give {name} in {unit}"))
        })?;
        if slot.replace(number).is_some() {
            return Err(Error::request(format!("{name} is given twice"), "give each quantity once"));
        }
    }
    Ok((values, delta))
}

fn needed(values: &[Option<f64>; QUANTITIES.len()], name: &str) -> Result<f64> {
    let at = quantity(name);
    at.and_then(|i| values[i]).ok_or_else(|| {
        let unit = at.map_or("", |i| QUANTITIES[i].1);
        Error::request(format!("{name} is not given"), format!("add {name}=… ({unit}) to --si"))
    })
}

/// The device, and its dimensionless parameters.
fn device_of(arguments: &Arguments) -> Result<(Device, Parameters<f64>)> {
    let (values, delta) = parse(&arguments.si)?;
    let anharmonic = |device: Device| delta.map_or(Ok(device), |delta| device.with_delta_omega(delta));
    let named = arguments.device.over(Request::default())?;
    if let Some(device) = named.device {
        let changed = values.iter().enumerate().filter_map(|(index, value)| Some((index, (*value)?)));
        let device =
            anharmonic(changed.into_iter().try_fold(device, |device, (index, value)| device.with(index, value))?)?;
        let p = ParameterArgs::over(&Request { device: Some(device), ..named }, &arguments.set)?;
        let p = p.complete(&[])?;
        return Ok((device.matching(&Parameter::ALL.map(|q| (q, p.get(q)))), p));
    }
    let physical = if arguments.set.is_empty() {
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
    let device = anharmonic(Device::new(physical))?;
    Ok((device, device.dimensionless()))
}

/// Converts from SI units or back and reports both sides, whether two levels do, and what the neuron does.
pub(super) fn run(arguments: &Arguments) -> Result<Report> {
    let (device, p) = device_of(arguments)?;
    let running = Running::of(&p)?;
    let levels = Levels::of(&device);
    let mut text = readable(&device, &p);
    text.push_str(&levels.as_ref().map_or_else(String::new, Levels::text));
    text.push_str("from rest\n");
    text.push_str(
        &running.as_ref().map_or_else(|why| format!("  not known: {why}\n"), |running| running.text(&device)),
    );
    let mut object = object(device.physical(), &p);
    object["scales"]["watts_per_unit"] = device.watts_per_unit().into();
    if let Some(levels) = &levels {
        object["two_levels"] = levels.object(&device);
    }
    if let Ok(running) = &running {
        object["from_rest"] = running.object(&device);
    }
    Ok(Report::new(text, object))
}

/// What tells whether two levels do.
struct Levels {
    width: f64,
    weight: f64,
}

impl Levels {
    fn of(device: &Device) -> Option<Self> {
        Some(Self { width: device.level_width()?, weight: device.third_level()? })
    }

    /// Reasons why two levels do not do.
    fn warnings(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.width > WIDEST {
            found.push(format!(
                "the levels are {:.3} times Delta_Omega wide, over {WIDEST}: dissipation reaches the third level (Sec. II)",
                self.width
            ));
        }
        if self.weight > HEAVIEST {
            found.push(format!(
                "the third level holds {:.3} of the thermal state, over {HEAVIEST}: Z and the conductance lack it",
                self.weight
            ));
        }
        found
    }

    fn text(&self) -> String {
        let mut out = format!(
            "two levels\n  (1 + alpha) Gamma / tau_c : Delta_Omega = {:.6}\n  Boltzmann weight of the third level {:.6e}\n",
            self.width, self.weight
        );
        let warnings = self.warnings();
        for line in &warnings {
            let _ = writeln!(out, "  warning: two levels do not do: {line}");
        }
        out
    }

    fn object(&self, device: &Device) -> Value {
        json!({
            "delta_omega": device.delta_omega(), "width_ratio": self.width, "third_level": self.weight,
            "warnings": self.warnings(),
        })
    }
}

fn object(device: &Physical, p: &Parameters<f64>) -> Value {
    let si: Map<_, _> = QUANTITIES.iter().zip(device.values()).map(|(q, v)| (q.0.to_string(), v.into())).collect();
    let plain: Map<_, _> = Parameter::ALL.into_iter().map(|q| (q.name().to_string(), p.get(q).into())).collect();
    let scales = json!({ "tau_c": device.tau_c(), "volts_per_unit": device.volts_per_unit() });
    json!({ "si": si, "dimensionless": plain, "scales": scales })
}

fn readable(of: &Device, p: &Parameters<f64>) -> String {
    let (device, watts) = (of.physical(), of.watts_per_unit());
    let mut out = String::from("SI\n");
    // Writing to a String cannot fail.
    for ((name, unit, meaning), value) in QUANTITIES.iter().zip(device.values()) {
        let _ = writeln!(out, "  {name:<10} {value:<13.6e} {unit:<6} {meaning}");
    }
    let _ = writeln!(out, "  tau_c      {:<13.6e} s      circuit time C_ext R_ext: the unit of time", device.tau_c());
    let _ = writeln!(out, "  unit of V  {:<13.6e} V      2 sqrt(2) m Omega_p^2 L l / q", device.volts_per_unit());
    let joules = watts * device.tau_c();
    let _ = writeln!(out, "  of power   {watts:<13.6e} W      its square over R_0; of energy {joules:.6e} J");
    out.push_str("dimensionless (Table I)\n");
    for q in Parameter::ALL {
        let outside =
            if q.check(p.get(q)).is_err() { format!("   (outside {})", q.info().range) } else { String::new() };
        let _ = writeln!(out, "  {:<10} {:<13.8} {}{outside}", q.name(), p.get(q), q.info().meaning);
    }
    out
}
