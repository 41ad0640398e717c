//! What a neuron does from rest, in the units of its device: span, period, power, energy per spike.

use crate::error::Result;
use crate::model::{Device, Parameter, Parameters, State};
use crate::plan::{Theory, timing};
use crate::trace::{Trajectory, TrajectoryRequest, bursts, integrate, means};
use serde_json::{Value, json};

/// Steps that are taken at most.
const MOST_STEPS: f64 = 1e7;
/// Length of the record from which means are taken, in tau_c.
const RECORDED: f64 = 200.0;

/// A motion in dimensionless numbers; NaN where there is none.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Running {
    /// What the motion is.
    name: &'static str,
    /// Span of V.
    span: f64,
    /// Mean of V.
    v_mean: f64,
    /// The period, or the mean interval of bursts.
    interval: f64,
    /// Whether it is the period.
    is_period: bool,
    /// Mean power in the memristor, I V.
    power: f64,
    /// Mean power from the source, V_n I.
    source: f64,
}

impl Running {
    /// What the neuron does from rest, or why that is not known.
    pub(super) fn of(p: &Parameters<f64>) -> Result<std::result::Result<Self, String>> {
        if let Some(refused) = Parameter::ALL.into_iter().find_map(|q| q.check(p.get(q)).err()) {
            return Ok(Err(refused.to_string()));
        }
        if p.alpha * p.gamma == 0.0 {
            return Ok(Err("alpha Gamma = 0: nothing relaxes, and the end depends on the start".to_string()));
        }
        let theory = Theory::prepared_for(p);
        let t_end = timing::longest(p, theory.at(p).slowest);
        let start = State::rest(p.z_t);
        let steps = t_end / theory.rates(p, start.v).step();
        if !(steps < MOST_STEPS) {
            return Ok(Err(format!(
                "it takes {steps:.1e} steps to find, over {MOST_STEPS:.0e}; 'hopfmap trace' takes any number"
            )));
        }
        let t_start = (t_end - RECORDED).max(0.0);
        let trajectory =
            integrate(&TrajectoryRequest { parameters: *p, start, t_end, t_start, dt: None })?.followed()?;
        Ok(Ok(Self::in_record(&trajectory)))
    }

    /// The motion of a record.
    pub(super) fn in_record(trajectory: &Trajectory) -> Self {
        let (motion, means, bursts) = (&trajectory.motion, means(trajectory), bursts(trajectory));
        let is_period = motion.period().is_finite();
        let interval = if is_period { motion.period() } else { bursts.interval() };
        Self {
            name: trajectory.motion_name(),
            span: motion.span,
            v_mean: motion.v_mean,
            interval,
            is_period,
            power: means.power,
            source: trajectory.trial.parameters.v_n * means.current,
        }
    }

    /// Watts of the memristor and of the source, and the energies that they take between spikes, in J.
    fn watts_and_joules(&self, device: &Device) -> [f64; 4] {
        let (unit, time) = (device.watts_per_unit(), self.interval * device.physical().tau_c());
        [self.power * unit, self.source * unit, self.power * unit * time, self.source * unit * time]
    }

    /// Lines for a report.
    pub(super) fn text(&self, device: &Device) -> String {
        let (volts, tau_c) = (device.physical().volts_per_unit(), device.physical().tau_c());
        let [watts, source, energy, source_energy] = self.watts_and_joules(device);
        let mut out = format!(
            "  {}: V spans {:.4e} V about {:.4e} V\n  power {watts:.4e} W in the memristor, {source:.4e} W from the source\n",
            self.name,
            self.span * volts,
            self.v_mean * volts
        );
        if self.interval.is_finite() {
            let time = self.interval * tau_c;
            out.push_str(&format!(
                "  {} every {time:.4e} s ({:.4e} Hz): {energy:.4e} J in the memristor, {source_energy:.4e} J from the source\n",
                if self.is_period { "a period" } else { "a burst" },
                1.0 / time
            ));
        }
        out
    }

    /// Report for `--json`; numbers in SI units.
    pub(super) fn object(&self, device: &Device) -> Value {
        let (volts, tau_c) = (device.physical().volts_per_unit(), device.physical().tau_c());
        let [watts, source, energy, source_energy] = self.watts_and_joules(device);
        json!({
            "motion": self.name, "span": self.span * volts, "v_mean": self.v_mean * volts, "interval": self.interval * tau_c,
            "power": watts, "source_power": source, "energy": energy, "source_energy": source_energy,
        })
    }
}
