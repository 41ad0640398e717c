//! A trajectory and its spectrum as a file.

use super::spectrum::Spectrum;
use super::trajectory::Trajectory;
use crate::error::Result;
use crate::model::Parameter;
use crate::store::{Output, Series, SeriesFile, Value, Variable, history, provenance, write_series};

/// Writes a trajectory and its spectrum to a file, with provenance.
///
/// # Errors
/// [`Error::File`](crate::Error::File) if the file cannot be written or the disk is full.
pub fn record(output: Output<'_>, trajectory: &Trajectory, spectrum: &Spectrum, command: &str) -> Result<()> {
    let states = &trajectory.states;
    let variable = |name, units, long_name, values| Variable { name, units, long_name, values };
    let time = Series {
        axis: variable("t", "1", "time in units of tau_c", trajectory.times().collect()),
        variables: vec![
            variable("X", "1", "Bloch component X", states.iter().map(|s| s.x).collect()),
            variable("Y", "1", "Bloch component Y", states.iter().map(|s| s.y).collect()),
            variable("Z", "1", "Bloch component Z", states.iter().map(|s| s.z).collect()),
            variable("V", "1", "voltage on the memristor", states.iter().map(|s| s.v).collect()),
            variable("I", "1", "current I = G V through it", trajectory.current.clone()),
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
    let mut attributes = provenance("Trajectory of a memristive quantum neuron", history(output, command));
    attributes.extend([
        ("start".into(), Value::Text(format!("{},{},{},{}", start.x, start.y, start.z, start.v))),
        ("motion".into(), text(motion.kind().name())),
        ("spectrum_window".into(), text("Hann; one-sided; the integral over angular_frequency is the variance of V")),
    ]);
    let numbers = [
        ("dt", trajectory.dt),
        ("span", motion.span),
        ("v_min", motion.v_min),
        ("v_max", motion.v_max),
        ("v_mean", motion.v_mean),
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
    ];
    attributes.extend(numbers.map(|(name, v)| (name.to_string(), Value::Number(v))));
    let fixed = Parameter::ALL.map(|p| (p, trajectory.trial.parameters.get(p))).to_vec();
    write_series(output, &SeriesFile { series: vec![time, frequency, harmonics], fixed, attributes })
}
