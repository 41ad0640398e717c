//! What `--engine auto` takes: the first hardware adapter that opens, passes its probe, and is faster than the cores.

use super::gpu::AdapterInfo;
use super::probe::Probe;
use crate::error::{Error, Result};

/// The first of `adapters` that `open` opens and whose `probe` has no objection, and why it is that one; or else why there
/// is none. Warns of each that is passed over though it is no slower than the cores.
pub(super) fn first_that_serves<T>(
    adapters: &[AdapterInfo],
    open: impl Fn(&AdapterInfo, &str) -> Result<T>,
    probe: impl Fn(&AdapterInfo, &T) -> Result<Probe>,
) -> std::result::Result<T, String> {
    let mut passed = Vec::new();
    for adapter in adapters {
        let why =
            if passed.is_empty() { "a hardware adapter is there" } else { "the first hardware adapter that serves" };
        let opened = open(adapter, why).and_then(|opened| Ok((probe(adapter, &opened)?, opened)));
        let problem = match opened {
            Ok((probe, opened)) => match probe.objection() {
                None => return Ok(opened),
                Some(objection) => {
                    if probe.wrong > 0 {
                        log::warn!("adapter {adapter} {objection}; auto passes it over");
                    }
                    objection
                }
            },
            Err(error) => {
                // The remedy in an engine's error is taken here.
                let problem = if let Error::Engine { problem, .. } = error { problem } else { error.to_string() };
                log::warn!("{problem}; auto passes it over");
                "gives no device".to_string()
            }
        };
        passed.push(format!("'{}' {problem}", adapter.name));
    }
    Err(match &passed[..] {
        [] => "there is no hardware GPU adapter".to_string(),
        [one] => format!("the hardware GPU adapter {one}"),
        several => format!("no hardware GPU adapter serves: {}", several.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::gpu::made_up;

    const FAST: Probe = Probe { cells: 64, wrong: 0, device_steps_per_s: 9e9, cpu_steps_per_s: 1e9 };
    const SLOW: Probe = Probe { device_steps_per_s: 1e8, ..FAST };
    const WRONG: Probe = Probe { wrong: 3, ..FAST };

    fn lost() -> Error {
        Error::DeviceLost { adapter: "A".into(), problem: "pulled out".into() }
    }

    #[test]
    fn the_first_that_opens_passes_and_is_faster_is_taken() {
        let all = made_up(&[("A", "0000:01:00.0"), ("B", "0000:02:00.0"), ("B", "0000:03:00.0")]);
        // What happens with the adapters before the one of index `serves`: no device, or a probe.
        let before: [fn() -> Result<Probe>; 5] = [
            || Err(Error::engine("adapter 'A' gave no device", "use another")),
            || Err(lost()),
            || Err(Error::request("no such adapter", "name another")),
            || Ok(SLOW),
            || Ok(WRONG),
        ];
        for (n, happens) in before.into_iter().enumerate() {
            for in_probe in [false, true] {
                let taken = |serves: usize| {
                    let ends = |a: &AdapterInfo| if a.index < serves { happens() } else { Ok(FAST) };
                    let open = |a: &AdapterInfo, why: &str| match ends(a) {
                        Err(e) if !in_probe => Err(e),
                        _ => Ok((a.index, why.to_string())),
                    };
                    first_that_serves(&all, open, |a, _| ends(a))
                };
                assert_eq!(taken(0), Ok((0, "a hardware adapter is there".into())));
                assert_eq!(taken(2), Ok((2, "the first hardware adapter that serves".into())), "{n}");
                let why = taken(3).unwrap_err();
                let words = ["gives no device", "gives no device", "gives no device", "slower", "computes 3 of 64"];
                assert!(why.contains(words[n]) && why.matches('\'').count() == 6, "{why}");
            }
        }
    }

    #[test]
    fn one_adapter_or_none_is_said_to_be_so() {
        let one = made_up(&[("A", "0000:01:00.0")]);
        let why = first_that_serves(&one, |_, _| Ok(()), |_, ()| Ok(SLOW)).unwrap_err();
        let told = "the hardware GPU adapter 'A' is slower than the cores (100 against 1000 million steps/s)";
        assert_eq!(why, told);
        let none = first_that_serves(&[], |_, _| Ok(()), |_, ()| Ok(FAST)).unwrap_err();
        assert_eq!(none, "there is no hardware GPU adapter");
    }
}
