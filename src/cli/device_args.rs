//! The option `--device`: a device in SI units, whose quantities then have values and axes.

use super::outputs::Input;
use crate::error::Result;
use crate::plan::{Request, device_from_file};
use clap::Args;
use std::path::PathBuf;

/// The option that names a device.
#[derive(Debug, Args)]
pub(super) struct DeviceArgs {
    /// Take the parameters from this device in SI units, TOML as in docs/units.md; --set and --grid then take its quantities
    /// too, such as T in kelvin
    #[arg(long, value_name = "FILE.toml")]
    pub device: Option<PathBuf>,
}

impl DeviceArgs {
    /// The request with the device, if one is named.
    ///
    /// # Errors
    /// [`crate::Error::Request`] if the file holds no device.
    pub(super) fn over(&self, request: Request) -> Result<Request> {
        match &self.device {
            Some(path) => Ok(Request { device: Some(device_from_file(path)?), ..request }),
            None => Ok(request),
        }
    }

    /// The named file as an input, which outputs must not replace.
    pub(super) fn input(&self) -> Option<Input<'_>> {
        self.device.as_deref().map(|path| ("the file of --device", path))
    }
}
