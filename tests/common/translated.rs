//! The shader as naga translates it for drivers: SPIR-V for Vulkan, Metal's and Direct3D's languages.

use naga::back::pipeline_constants::process_overrides;
use naga::back::{hlsl, msl, spv};
use naga::proc::{BoundsCheckPolicies, BoundsCheckPolicy as Policy};
use std::error::Error;

/// A shader whose overrides have values.
pub struct Shader {
    pub module: naga::Module,
    pub info: naga::valid::ModuleInfo,
}

/// What a Vulkan driver has, as far as wgpu has shaders translated by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Driver {
    /// SPIR-V's version.
    pub spirv: (u8, u8),
    /// Whether it keeps accesses within buffers and images; where it does not, the shader does.
    pub is_robust: bool,
}

impl Shader {
    /// The shader in WGSL, for adapters that draw cells within a dispatch or at its start.
    pub fn new(source: &str, draws_in_loop: bool) -> Result<Self, Box<dyn Error>> {
        let module = naga::front::wgsl::parse_str(source).map_err(|e| e.emit_to_string(source))?;
        let all = naga::valid::ValidationFlags::all();
        let info = naga::valid::Validator::new(all, naga::valid::Capabilities::empty()).validate(&module)?;
        let constants = [("DRAWS_IN_LOOP".to_string(), f64::from(u8::from(draws_in_loop)))].into_iter().collect();
        let (module, info) = process_overrides(&module, &info, None, &constants)?;
        Ok(Self { module: module.into_owned(), info: info.into_owned() })
    }

    /// SPIR-V as wgpu has it made for a driver.
    pub fn spirv(&self, driver: Driver) -> Result<Vec<u32>, Box<dyn Error>> {
        let options = spv::Options {
            lang_version: driver.spirv,
            flags: spv::WriterFlags::LABEL_VARYINGS,
            bounds_check_policies: checks(if driver.is_robust { Policy::Unchecked } else { Policy::Restrict }),
            force_loop_bounding: true,
            ..spv::Options::default()
        };
        Ok(spv::write_vec(&self.module, &self.info, &options, None)?)
    }

    /// Metal's language; without checks of buffers where the driver makes them.
    pub fn metal(&self, is_robust: bool) -> Result<String, Box<dyn Error>> {
        let options = msl::Options {
            lang_version: (3, 1),
            // The bindings are the host's matter.
            fake_missing_bindings: true,
            bounds_check_policies: checks(if is_robust { Policy::Unchecked } else { Policy::Restrict }),
            force_loop_bounding: true,
            ..msl::Options::default()
        };
        Ok(msl::write_string(&self.module, &self.info, &options, &msl::PipelineOptions::default())?.0)
    }

    /// Direct3D's language.
    pub fn hlsl(&self) -> Result<String, Box<dyn Error>> {
        let options = hlsl::Options {
            shader_model: hlsl::ShaderModel::V6_0,
            fake_missing_bindings: true,
            // Number of workgroups, which Direct3D does not tell.
            special_constants_binding: Some(hlsl::BindTarget { space: 255, ..hlsl::BindTarget::default() }),
            restrict_indexing: true,
            force_loop_bounding: true,
            ..hlsl::Options::default()
        };
        let mut text = String::new();
        hlsl::Writer::new(&mut text, &options, &hlsl::PipelineOptions::default()).write(
            &self.module,
            &self.info,
            None,
        )?;
        Ok(text)
    }
}

/// Checks as wgpu wants them, with this one for buffers and images.
fn checks(memory: Policy) -> BoundsCheckPolicies {
    let (index, binding_array) = (Policy::Restrict, Policy::Unchecked);
    BoundsCheckPolicies { index, buffer: memory, image_load: memory, binding_array }
}
