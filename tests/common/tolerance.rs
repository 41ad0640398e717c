//! Every tolerance of the tests, each with its reason.

/// Kernel f64 against the reference cells, which are good to 1e-7: RK4's error at half the rule's step
/// (1e-7), and Newton's (1e-10).
pub const SPAN_F64: f64 = 1e-6;
/// f32 against the reference cells: Newton's (3e-6), RK4's error at the rule's step (up to 3e-6), and rounding near the Hopf curve, where
/// the span responds to it like a square root.
pub const SPAN_F32: f64 = 2e-5;
/// A stated error is honest when the span is off by no more than it and this, which is the table's and the step's.
pub const HONEST: f64 = 2e-6;
/// Part of the reference rows whose stated error has to be honest in f64.
pub const HONEST_ROWS: f64 = 0.99;
/// Mean voltage of a settled motion, relative.
pub const MEAN: f64 = 1e-4;
/// Two engines or precisions against each other where both call a cell settled: rounding, and RK4's error at their steps.
pub const SPAN_BETWEEN_ENGINES: f64 = 2e-5;
/// Lanes in f64 against the scalar kernel: polynomials and table differ by 1e-12 each, which a cell beside the Hopf curve magnifies.
pub const SPAN_LANES_F64: f64 = 1e-9;
/// Steps of the shader over those of its twin on a whole map: rounding moves an outcome by a window now and then.
pub const STEPS_BETWEEN_TWINS: f64 = 0.02;
/// Part of the cells of Fig. 6a that settle in the same window in two twins: 0.963 were seen in f32; rounding decides in the others.
pub const SETTLED_ALIKE: f64 = 0.9;
/// The largest span of Fig. 6a's plane, and how exactly it is known.
pub const LARGEST_SPAN_FIG_6A: (f64, f64) = (0.1087, 5e-4);
/// An adaptive integrator against RK4 at dt = 1/2048 over 50 time units: at dt = 1/512 2e-8 were seen, and RK4 is of order 4.
pub const TRAJECTORY: f64 = 1e-8;
/// The measured order of RK4 lies this close to 4: the next term of the error is about dt times the leading one.
pub const ORDER: f64 = 0.1;
/// Part of the reference rows that may be left unsettled,
pub const UNSETTLED_ROWS: f64 = 0.005;
/// each of them with |Re mu| below this at an equilibrium,
pub const BESIDE_BIFURCATION: f64 = 1e-3;
/// or alpha Gamma below this.
pub const SLOW_RELAXATION: f64 = 0.02;
/// Period of a cycle, relative: peaks are placed to far better than a thousandth of a step, over twenty periods.
pub const PERIOD: f64 = 1e-4;
/// Conductance from a half-precision table: its stated error (2e-4) times R_n V, most of all beside the Hopf curve, where
/// the span grows like a square root; 2.1e-3 was seen on a 32 × 32 map.
pub const SPAN_HALF_TABLE: f64 = 4e-3;
/// A cycle's span against the Hopf normal form at a small distance from the point: the next term is of first order in it.
pub const AMPLITUDE: f64 = 0.1;
/// Rates of change at an exact equilibrium by the kernel: its table's error (1e-12) times R_n V.
pub const AT_REST: f64 = 1e-9;

/// Span of a chaotic motion, relative: its extremes are rare, and both sides have watched for some thousand tau_c.
pub const CHAOTIC_SPAN: f64 = 0.15;
/// Span of a torus, relative: the reference has seen some modulations.
pub const TORUS_SPAN: f64 = 0.03;
/// A largest Lyapunov exponent: over some thousand tau_c it scatters by a third of this.
pub const EXPONENT: f64 = 0.02;
/// A largest Lyapunov exponent below 0.02, which is watched four times as long and scatters by less than this.
pub const WEAK_EXPONENT: f64 = 0.003;
/// Exponent up to which a train of pulses is as good as a torus: the reference gives up to 0.0113 for such rows.
pub const WEAK: f64 = 0.015;

/// Span of a cycle by Newton's method at two step counts: RK4's error at an eighth of half the rule's step.
pub const SPAN_OF_ONE_CYCLE: f64 = 1e-9;
/// A margin in cells, of 98 % of the cells of a map of 40 × 36: the squared span is no parabola over three cells, nor the curve
/// straight over one; 0.03 was seen.
pub const MARGIN: f64 = 0.06;
/// A margin in cells where the span grows towards the boundary, as at small Gamma: a point of it is placed halfway.
pub const MARGIN_HALFWAY: f64 = 0.5;
/// Numbers of a cycle by multiple shooting of order 8 against single shooting by RK4 with a sixteenth of the rule's step,
/// for each unit of the largest multiplier.
pub const SINGLE_SHOOTING: f64 = 2e-8;
/// Multipliers of the same two.
pub const SHOT_MULTIPLIER: f64 = 2e-6;

/// Means over one period of a cycle, relative, by 64 states of an adaptive integrator: the trapezoid rule converges faster than
/// any power of their number, and RK4 at half the rule's step leaves 1e-8.
pub const MEANS: f64 = 1e-7;
/// The same of the same cycle by the command that traces it: its own search ends on the same orbit to rounding.
pub const SAME_MEANS: f64 = 1e-9;
/// The time of a burst found in two ways in one motion, in tau_c: both place a maximum between samples 0.005 apart.
pub const BURST_TIME: f64 = 1e-3;
/// The first burst and the mean interval of one neuron by two integrators, in tau_c: the height of bursts is irregular, so that
/// another maximum of a burst is the largest, 0.9 away; RK4 with steps of 0.005 and 0.002 differs as much.
pub const BURST_OF_ANOTHER: f64 = 2.0;
/// A drawn curve from the true one, in pixels: places have two decimals, and a steep line's edges are drawn in quarters of a pixel of a
/// picture four times as large; 0.07 were seen.
pub const PIXEL: f64 = 0.25;
/// A number in SI units against the same formula by hand: a few roundings, and constants given in ten digits.
pub const UNITS: f64 = 1e-9;
/// Variance of a record of 4000 correlation times, relative: four standard deviations, 4 (2 / 4000)^½.
pub const VARIANCE: f64 = 0.09;
/// Strong order of a scheme from 12 paths at three steps, against steps an eighth of the shortest: these make it larger by 0.1.
pub const STRONG_ORDER: f64 = 0.25;
