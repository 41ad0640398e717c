//! Passes of Newton's method: what each ends with, and which comes next. Twin of `shaders/passes.wgsl`.
//!
//! A pass is a run of the plain kernel over one period. `PERIOD` runs from the method's point; `TANGENT` and the two
//! after it from the point displaced along each direction; `RETURN` from where the motion was left, to see whether
//! the cycle is the motion's own.

use super::Real;
use super::constants::{
    AT_CYCLE, CHANGE_POINT, CONTRACTION_SHARE, DRIFT, ENOUGH_RETURNS, FEWEST_RETURNS, FEWEST_STEPS, FRESH_TANGENTS,
    ITERATIONS, JUDGE_CYCLE, KEPT_STEPS, LACK, LARGEST_CHANGE, LEAVE_OPEN, LINEAR_LACK, MOTION, NEARER,
    NORMAL_FORM_SPAN, ON_CYCLE, PART_OF_ROTATION, PASS_BY, PERIOD, PERIOD_RANGE, RESOLVED, RETURN, SAME_MAXIMUM,
    SAME_NOISE, SLOWING, SMALLEST_CYCLE, TANGENT, V_INFINITY,
};
use super::newton::{DIRECTIONS, Newton, dot, minus};
use super::rk4::moved;
use super::run::{Run, RunResult, RunSettings};
use super::window::Window;
use crate::model::State;
use crate::results::{Certificate, Outcome};

impl<T: Real> Run<T> {
    /// Leaves the motion for Newton's method, which begins a quarter of a period after the maximum.
    pub(super) fn leave_motion(&mut self, [period, after]: [T; 2], span: T) {
        let n = &mut self.newton;
        n.period = period * self.dt;
        n.first_period = n.period;
        n.size = span;
        n.iterations = 0;
        n.has_tangents = 0;
        self.pass = DRIFT;
        self.step_due = after.to_u32().unwrap_or(1).max(1);
    }

    /// Ends a pass of Newton's method; returns the result if the run ends. Each step says what is next, and it is done
    /// here.
    pub(super) fn end_pass(&mut self, settings: &RunSettings<'_, T>) -> Option<RunResult<T>> {
        let mut next = MOTION;
        let mut certificate = Certificate::Newton;
        if self.is_finite() {
            next = match self.pass {
                DRIFT => self.begin_newton(settings),
                PERIOD => self.end_period(settings),
                RETURN => {
                    self.returns += 1;
                    self.end_return()
                }
                _ => self.end_tangent(),
            };
        }
        if next == CHANGE_POINT {
            next = self.newton.change_point();
        }
        if next == JUDGE_CYCLE {
            next = self.newton.judge_cycle();
            self.returns = 0;
            certificate = Certificate::NormalForm;
        }
        if next == PASS_BY {
            self.skip = self.newton.maxima;
        }
        match next {
            ON_CYCLE => return Some(self.on_cycle(certificate, settings)),
            // Double precision goes on.
            LEAVE_OPEN if T::COHERENCE > 0.0 => return Some(self.without_numbers(Outcome::Unsettled)),
            PERIOD..=RETURN if self.newton.goes_on() => self.begin_pass(next, settings),
            _ => return self.resume_motion(settings),
        }
        None
    }

    /// Begins Newton's method where the drift has ended.
    fn begin_newton(&mut self, settings: &RunSettings<'_, T>) -> u32 {
        let inverse = T::one() / dot(&self.rate, &self.rate).sqrt();
        let by = self.normal_form_scale(settings);
        self.newton.from = self.state;
        self.newton.size = by * (self.newton.size + self.state.x.abs() + self.state.y.abs());
        self.newton.point = self.scaled(by, settings);
        self.newton.flow =
            moved(&State { x: T::zero(), y: T::zero(), z: T::zero(), v: T::zero() }, &self.rate, inverse);
        if inverse.is_finite() { PERIOD } else { MOTION }
    }

    /// The cycle's span by the normal form over the motion's; 1 without a normal form that the motion follows.
    fn normal_form_scale(&self, settings: &RunSettings<'_, T>) -> T {
        let is_known = self.followed > 0 && (self.followed as usize) <= settings.regions.len();
        if is_known && self.newton.expected > T::zero() { self.newton.expected / self.newton.size } else { T::one() }
    }

    /// The state scaled by a factor about the equilibrium whose normal form the motion follows.
    fn scaled(&self, by: T, settings: &RunSettings<'_, T>) -> State<T> {
        let s = self.state;
        if by == T::one() {
            return s;
        }
        let region = &settings.regions[self.followed as usize - 1];
        let (z, v) = (settings.z_t - self.z_0, -region.distance(T::zero(), self.v_0));
        State { x: by * s.x, y: by * s.y, z: z + by * (s.z - z), v: v + by * (s.v - v) }
    }

    /// Begins a pass: one period from the point, from the point displaced, or from where the motion was left.
    fn begin_pass(&mut self, pass: u32, settings: &RunSettings<'_, T>) {
        let n = &self.newton;
        let in_steps = n.period / settings.dt;
        let mut steps = in_steps.ceil().max(T::of(f64::from(FEWEST_STEPS)));
        // A number of steps that followed every change of the period would change the cycle, and so the period.
        let steps_before = T::of(f64::from(self.step_due));
        if self.pass != DRIFT && (in_steps - steps_before).abs() <= T::of(KEPT_STEPS) * steps_before {
            steps = steps_before;
        }
        self.state = match pass {
            PERIOD => n.point,
            RETURN => {
                if self.returns == 0 {
                    n.from
                } else {
                    self.state
                }
            }
            _ => n.displaced((pass - TANGENT) as usize),
        };
        self.pass = pass;
        self.dt = n.period / steps;
        self.window = Window::open(self.state.v);
        self.step_due = steps.to_u32().unwrap_or(u32::MAX);
    }

    /// After a period from the point: is it closed?
    fn end_period(&mut self, settings: &RunSettings<'_, T>) -> u32 {
        let w = self.window;
        let steps = T::of(f64::from(w.step));
        let n = &mut self.newton;
        (n.end, n.end_rate) = (self.state, self.rate);
        (n.low, n.high, n.mean, n.maxima) = (w.v_min, w.v_max, w.area / steps, w.peaks);
        n.iterations += 1;
        let span = w.span();
        if !(n.extent() > T::of(SMALLEST_CYCLE) * n.size) || w.peaks == 0 {
            return MOTION;
        }
        let noise = T::of(SAME_NOISE) * T::of(T::RETURN_NOISE).max(settings.peak_error);
        if w.near > 0 && w.near < w.peaks && w.near_distance <= T::of(SAME_MAXIMUM) * span + noise {
            // The orbit closes earlier.
            n.period = w.near_time * self.dt;
            n.first_period = n.period;
            n.has_tangents = 0;
            return PERIOD;
        }
        if n.has_tangents == 0 { TANGENT } else { CHANGE_POINT }
    }

    /// After a period from the displaced point.
    fn end_tangent(&mut self) -> u32 {
        let i = (self.pass - TANGENT) as usize;
        let end = self.state;
        self.newton.take_tangent(i, &end);
        if i + 1 < DIRECTIONS {
            return self.pass + 1;
        }
        self.newton.has_tangents = 1;
        (self.newton.stale, self.newton.change) = (T::zero(), T::of(V_INFINITY));
        CHANGE_POINT
    }

    /// After a return of the motion: once the return map has turned back, is the motion nearer to the cycle?
    ///
    /// Over a whole rotation, what is of second order in the distance cancels, and the rest only grows with it: a motion
    /// that comes nearer by a part of what the return map says comes ever nearer. A part of a rotation is enough where
    /// the second order is small against the contraction. A return as far from the return map's as the motion is from
    /// the cycle is not linear at all: the motion only passes by.
    fn end_return(&mut self) -> u32 {
        let end = self.state;
        let n = &mut self.newton;
        let [own, linear, lack] = n.take_return(&end);
        let span = n.high - n.low;
        let before = n.distance;
        // At the cycle, rounding counts, by the largest entry of the norm.
        let mut rounding = T::zero();
        let d = minus(&n.from, &n.point);
        if dot(&d, &d).sqrt() <= T::of(AT_CYCLE) * n.extent() {
            rounding = T::of(T::RETURN_ROUNDING) * (T::one() + span) * (n.norm[0] + n.norm[3] + n.norm[5]).sqrt();
        }
        // False for NaN, too.
        if !(lack <= T::of(LACK) * before + rounding) {
            return MOTION;
        }
        let returns = T::of(f64::from(self.returns));
        let enough = T::of(ENOUGH_RETURNS) / (T::one() - n.multiplier);
        let is_whole = returns >= n.rotation.min(enough);
        let is_linear = self.returns >= FEWEST_RETURNS
            && returns >= T::of(PART_OF_ROTATION) * n.rotation
            && lack <= T::of(LINEAR_LACK) * (before - linear);
        let nearer = own <= before - T::of(CONTRACTION_SHARE) * (before - linear) + rounding
            && own >= linear - T::of(NEARER) * before - rounding;
        if nearer && (is_linear || is_whole) {
            return ON_CYCLE;
        }
        if is_whole { MOTION } else { RETURN }
    }

    /// Gives Newton's method up for now: the motion goes on from where it was left.
    fn resume_motion(&mut self, settings: &RunSettings<'_, T>) -> Option<RunResult<T>> {
        if self.pass != DRIFT {
            self.state = self.newton.from;
        }
        self.pass = MOTION;
        self.dt = settings.dt;
        self.window = Window::open(self.state.v);
        if !self.is_finite() {
            return Some(self.without_numbers(Outcome::Diverged));
        }
        if self.steps >= settings.limits.max_steps {
            return Some(self.without_numbers(Outcome::Unsettled));
        }
        self.step_due = self.next_look(&settings.limits);
        None
    }
}

impl<T: Real> Newton<T> {
    /// Whether the method goes on: its period is still near that of the first guess, and it has not followed too many.
    fn goes_on(&self) -> bool {
        let fits = self.period * T::of(PERIOD_RANGE) > self.first_period
            && self.period < T::of(PERIOD_RANGE) * self.first_period;
        fits && self.iterations < ITERATIONS
    }

    /// Newton's change of the point, by the tangents that there are: it has arrived, or goes on, or needs new ones.
    fn change_point(&mut self) -> u32 {
        let a = self.solve();
        // A change of the period moves the end of the period with the flow.
        let of_period = a[3] * a[3] * dot(&self.end_rate, &self.end_rate);
        let change = (a[0] * a[0] + a[1] * a[1] + a[2] * a[2] + of_period).sqrt();
        let span = self.high - self.low;
        if change <= T::of(T::ARRIVED) * (T::one() + span) {
            if self.stale > T::of(FRESH_TANGENTS) * self.extent() {
                self.has_tangents = 0;
                return TANGENT;
            }
            self.change = change;
            return JUDGE_CYCLE;
        }
        if self.stale > T::zero() && change > T::of(SLOWING) * self.change {
            self.has_tangents = 0;
            return TANGENT;
        }
        // False for NaN, too.
        if !(change <= T::of(LARGEST_CHANGE) * self.size) {
            return MOTION;
        }
        self.apply(&a);
        self.change = change;
        self.stale = self.stale + change;
        PERIOD
    }

    /// There is a cycle: is it stable, and the motion's own?
    fn judge_cycle(&mut self) -> u32 {
        self.take_multipliers();
        let span = self.high - self.low;
        // A cycle that rounding could have made is none.
        if !(span > T::of(RESOLVED) * T::of(T::ARRIVED) * (T::one() + span)) {
            return LEAVE_OPEN;
        }
        let by_form =
            self.expected > T::zero() && (span - self.expected).abs() <= T::of(NORMAL_FORM_SPAN) * self.expected;
        if !(T::one() - self.multiplier >= T::of(T::CONTRACTION)) {
            // In single precision rounding would decide, in double precision the normal form does.
            let is_close = self.multiplier - T::one() < T::of(T::CONTRACTION);
            if is_close && T::COHERENCE > 0.0 {
                return LEAVE_OPEN;
            }
            if !(is_close && by_form) {
                return if self.multiplier > T::one() { PASS_BY } else { MOTION };
            }
        }
        if by_form {
            return ON_CYCLE;
        }
        self.begin_returns();
        RETURN
    }
}
