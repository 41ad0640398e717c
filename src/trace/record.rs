//! A trajectory and its spectrum as a file.

use super::bursts::{Burst, bursts};
use super::equations::Model;
use super::means::{means, quantities};
use super::noise::Noise;
use super::periods::periods;
use super::spectrum::Spectrum;
use super::trajectory::Trajectory;
use crate::error::Result;
use crate::model::{Device, Parameter};
use crate::store::{Output, Series, SeriesFile, Value, Variable, device_attributes, history, provenance, write_series};

/// Writes a trajectory and its spectrum to a file, with provenance and the values of the device, if there is one.
///
/// # Errors
/// [`Error::File`](crate::Error::File) if the file cannot be written or the disk is full.
pub fn record(
    output: Output<'_>,
    trajectory: &Trajectory,
    spectrum: &Spectrum,
    device: Option<&Device>,
    command: &str,
) -> Result<()> {
    let states = &trajectory.states;
    let variable = |name, units, long_name, values| Variable { name, units, long_name, values };
    let found = quantities(trajectory);
    let mut over_time = vec![
        variable("X", "1", "Bloch component X", states.iter().map(|s| s.x).collect()),
        variable("Y", "1", "Bloch component Y", states.iter().map(|s| s.y).collect()),
        variable("Z", "1", "Bloch component Z", states.iter().map(|s| s.z).collect()),
        variable("V", "1", "voltage on the memristor", states.iter().map(|s| s.v).collect()),
        variable("I", "1", "current I = G V through it", trajectory.current.clone()),
        variable("G", "1", "conductance G of the memristor", found.conductance),
        variable("coherence", "1", "coherence (X^2 + Y^2)^1/2", found.coherence),
        variable("purity", "1", "purity (1 + X^2 + Y^2 + Z^2) / 2 of the particle's state", found.purity),
        variable("friction", "1", "friction Gamma + Z R_n F_01 V, in units of 1/tau_c", found.friction),
    ];
    if let Some(full) = &trajectory.full {
        over_time.push(variable("V_full", "1", "voltage of Eq. 10 from the same start", full.clone()));
    }
    if let Some(input) = &trajectory.input {
        over_time.push(variable("input", "1", "input voltage V_n(t)", input.clone()));
    }
    let time = Series {
        axis: variable("t", "1", "time in units of tau_c", trajectory.times().collect()),
        variables: over_time,
    };
    let bursts = bursts(trajectory);
    let of_bursts = |value: fn(&Burst) -> f64| bursts.all.iter().map(value).collect::<Vec<f64>>();
    let burst = Series {
        axis: variable("burst", "1", "number of the burst", (1..=bursts.all.len()).map(|n| n as f64).collect()),
        variables: vec![
            variable(
                "burst_time",
                "1",
                "time of the burst's largest swing of V, in units of tau_c",
                of_bursts(|b| b.time),
            ),
            variable("burst_height", "1", "largest swing of V in the burst", of_bursts(|b| b.height)),
            variable("burst_maxima", "1", "number of maxima of V in the burst", of_bursts(|b| f64::from(b.maxima))),
        ],
    };
    let frequency = Series {
        axis: variable("angular_frequency", "1", "angular frequency in units of 1/tau_c", spectrum.omega.clone()),
        variables: vec![variable(
            "S",
            "1",
            "one-sided power spectral density of V in units of tau_c",
            spectrum.power.clone(),
        )],
    };
    let harmonics = Series {
        axis: variable(
            "harmonic",
            "1",
            "number of the harmonic",
            (1..=spectrum.harmonics.len()).map(|n| n as f64).collect(),
        ),
        variables: vec![variable("amplitude", "1", "amplitude of the harmonic in V", spectrum.harmonics.clone())],
    };
    let text = |s: &str| Value::Text(s.to_string());
    let motion = &trajectory.motion;
    let start = &trajectory.trial.start;
    let means = means(trajectory);
    let mut attributes = provenance("Trajectory of a memristive quantum neuron", history(output, command));
    attributes.extend([
        ("start".into(), Value::Text(format!("{},{},{},{}", start.x, start.y, start.z, start.v))),
        ("motion".into(), text(trajectory.motion_name())),
        ("equations".into(), text(trajectory.model.name())),
        ("means_over".into(), text(if means.over_a_period { "one period" } else { "the record" })),
        ("spectrum_window".into(), text("Hann; one-sided; the integral over angular_frequency is the variance of V")),
    ]);
    let numbers = [
        ("dt", trajectory.dt),
        ("span", motion.span),
        ("v_min", motion.v_min),
        ("v_max", motion.v_max),
        ("v_mean", trajectory.v_mean()),
        ("span_at_end", motion.span_at_end()),
        ("span_of_rounding", motion.rounding),
        ("period", motion.period()),
        ("frequency", motion.omega()),
        ("samples_per_period", motion.period() / trajectory.dt),
        ("time_between_maxima", motion.between_maxima),
        ("lyapunov", motion.lyapunov()),
        ("spectrum_peak", spectrum.peak),
        ("total_harmonic_distortion", spectrum.distortion),
        ("spectrum_floor", spectrum.floor),
        ("harmonics_above_floor", spectrum.above_floor as f64),
        ("z_mean", means.z_mean),
        ("coherence_mean", means.coherence),
        ("i_mean", means.current),
        ("power_mean", means.power),
        ("r_max", means.r_max),
        ("drive_mean", means.drive),
        ("relaxation_mean", means.relaxation),
        ("bursts", bursts.all.len() as f64),
        ("burst_threshold", bursts.threshold),
        ("burst_first", bursts.first()),
        ("burst_interval", bursts.interval()),
        ("burst_interval_deviation", bursts.interval_deviation()),
        ("burst_height_mean", bursts.height()),
    ];
    attributes.extend(numbers.map(|(name, v)| (name.to_string(), Value::Number(v))));
    if let Some(Noise { strength, seed }) = trajectory.noise {
        let periods = periods(trajectory);
        attributes.push((
            "noise_rule".into(),
            text("white noise xi on dV/dt, <xi(t) xi(t')> = 2 D delta(t - t'), Stratonovich, constant over each dt"),
        ));
        attributes.push(("noise_seed".into(), Value::Text(seed.to_string())));
        for (name, v) in [("noise", strength), ("period_mean", periods.mean), ("period_deviation", periods.deviation)] {
            attributes.push((name.into(), Value::Number(v)));
        }
        attributes.push(("periods".into(), Value::Number(periods.count as f64)));
    }
    if trajectory.model == Model::Pendulum {
        attributes.push(("equations_note".into(), text("Z is held at Z_T (Eqs. 15 and 16)")));
    }
    let fixed = Parameter::ALL.map(|p| (p, trajectory.trial.parameters.get(p))).to_vec();
    attributes.extend(device.map(|d| device_attributes(d, &[], &fixed)).unwrap_or_default());
    write_series(output, &SeriesFile { series: vec![time, frequency, harmonics, burst], fixed, attributes })
}
