//! What compilers make of the shader, without a GPU: registers, spills and instructions of the entry `advance`.
//!
//! `scripts/gpu-registers` runs it once for each family of devices. The driver RADV (Mesa) compiles for a family named in
//! `RADV_FORCE_FAMILY` without a device, and tells the figures through `VK_KHR_pipeline_executable_properties`.
//!
//! `gpu_registers [--shader FILE] [--assembly FOLDER]`: another shader than hopfmap's; a folder for the assembly.
//! `gpu_registers --print` prints hopfmap's shader.
#![allow(unsafe_code, reason = "Vulkan has no safe interface that tells a pipeline's statistics")]

#[path = "../tests/common/translated.rs"]
#[allow(dead_code, unreachable_pub, reason = "a part of it is used here")]
mod translated;

use ash::vk;
use hopfmap::engine::gpu::shader;
use std::error::Error;
use std::ffi::CStr;
use std::path::PathBuf;
use translated::{Driver, Shader};

/// What a driver for current hardware has.
const DRIVER: Driver = Driver { spirv: (1, 5), is_robust: true };

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |name: &str| arguments.iter().skip_while(|a| *a != name).nth(1).map(PathBuf::from);
    if arguments.iter().any(|a| a == "--print") {
        print!("{}", shader::source());
        return Ok(());
    }
    let source = after("--shader").map_or_else(|| Ok(shader::source()), std::fs::read_to_string)?;
    let (code, folder) = (Shader::new(&source, true)?.spirv(DRIVER)?, after("--assembly"));
    // SAFETY: every object is made from the one before it as Vulkan asks; none outlives the program, which ends here.
    unsafe {
        let entry = ash::Entry::load()?;
        let app = vk::ApplicationInfo::default().api_version(vk::API_VERSION_1_2);
        let instance = entry.create_instance(&vk::InstanceCreateInfo::default().application_info(&app), None)?;
        for physical in instance.enumerate_physical_devices()? {
            let name = instance.get_physical_device_properties(physical).device_name;
            let name = CStr::from_ptr(name.as_ptr()).to_string_lossy().into_owned();
            let extensions = instance.enumerate_device_extension_properties(physical)?;
            let has = |wanted: &CStr| extensions.iter().any(|e| CStr::from_ptr(e.extension_name.as_ptr()) == wanted);
            let wanted = [ash::khr::pipeline_executable_properties::NAME, ash::ext::robustness2::NAME];
            if !wanted.iter().all(|w| has(w)) {
                println!("{name}: its driver tells nothing of pipelines");
                continue;
            }
            match statistics(&instance, physical, &wanted.map(CStr::as_ptr), &code, folder.as_deref()) {
                Ok(line) => println!("{name}: {line}"),
                Err(e) => println!("{name}: {e}"),
            }
        }
    }
    Ok(())
}

/// The statistics of the pipeline on one device, as its driver names them.
unsafe fn statistics(
    instance: &ash::Instance,
    physical: vk::PhysicalDevice,
    extensions: &[*const std::ffi::c_char],
    code: &[u32],
    folder: Option<&std::path::Path>,
) -> Result<String, Box<dyn Error>> {
    // SAFETY: as in `main`.
    unsafe {
        let priority = [1.0];
        let queue = [vk::DeviceQueueCreateInfo::default().queue_family_index(0).queue_priorities(&priority)];
        let features = vk::PhysicalDeviceFeatures::default().robust_buffer_access(true);
        let mut executable_info =
            vk::PhysicalDevicePipelineExecutablePropertiesFeaturesKHR::default().pipeline_executable_info(true);
        let mut robust =
            vk::PhysicalDeviceRobustness2FeaturesEXT::default().robust_buffer_access2(true).robust_image_access2(true);
        let info = vk::DeviceCreateInfo::default()
            .queue_create_infos(&queue)
            .enabled_extension_names(extensions)
            .enabled_features(&features)
            .push_next(&mut executable_info)
            .push_next(&mut robust);
        let device = instance.create_device(physical, &info, None)?;
        let bind = |n: u32, kind| {
            vk::DescriptorSetLayoutBinding::default()
                .binding(n)
                .descriptor_count(1)
                .descriptor_type(kind)
                .stage_flags(vk::ShaderStageFlags::COMPUTE)
        };
        let (storage, binding) = (vk::DescriptorType::STORAGE_BUFFER, shader::binding::STATUS + 1);
        let kind = |n| match n {
            shader::binding::DISPATCH => vk::DescriptorType::UNIFORM_BUFFER,
            shader::binding::TABLE => vk::DescriptorType::SAMPLED_IMAGE,
            _ => storage,
        };
        let sets = [
            (0..binding).map(|n| bind(n, kind(n))).collect::<Vec<_>>(),
            (0..=shader::binding::RESULTS).map(|n| bind(n, storage)).collect(),
        ];
        let mut layouts = Vec::new();
        for set in &sets {
            let info = vk::DescriptorSetLayoutCreateInfo::default().bindings(set);
            layouts.push(device.create_descriptor_set_layout(&info, None)?);
        }
        let layout =
            device.create_pipeline_layout(&vk::PipelineLayoutCreateInfo::default().set_layouts(&layouts), None)?;
        let module = device.create_shader_module(&vk::ShaderModuleCreateInfo::default().code(code), None)?;
        let stage = vk::PipelineShaderStageCreateInfo::default()
            .stage(vk::ShaderStageFlags::COMPUTE)
            .module(module)
            .name(c"advance");
        let kept = vk::PipelineCreateFlags::CAPTURE_STATISTICS_KHR
            | vk::PipelineCreateFlags::CAPTURE_INTERNAL_REPRESENTATIONS_KHR;
        let info = [vk::ComputePipelineCreateInfo::default().stage(stage).layout(layout).flags(kept)];
        let pipeline = device.create_compute_pipelines(vk::PipelineCache::null(), &info, None).map_err(|e| e.1)?[0];
        let properties = ash::khr::pipeline_executable_properties::Device::new(instance, &device);
        let executable = vk::PipelineExecutableInfoKHR::default().pipeline(pipeline).executable_index(0);
        let mut line = Vec::new();
        for s in properties.get_pipeline_executable_statistics(&executable)? {
            line.push(format!("{} {}", CStr::from_ptr(s.name.as_ptr()).to_string_lossy(), s.value.u64));
        }
        if let Some(folder) = folder {
            let representations = properties.fp().get_pipeline_executable_internal_representations_khr;
            let mut count = 0;
            representations(device.handle(), &executable, &mut count, std::ptr::null_mut()).result()?;
            let mut all = vec![vk::PipelineExecutableInternalRepresentationKHR::default(); count as usize];
            representations(device.handle(), &executable, &mut count, all.as_mut_ptr()).result()?;
            let mut texts: Vec<Vec<u8>> = all.iter().map(|r| vec![0; r.data_size]).collect();
            all.iter_mut().zip(&mut texts).for_each(|(r, text)| r.p_data = text.as_mut_ptr().cast());
            representations(device.handle(), &executable, &mut count, all.as_mut_ptr()).result()?;
            for (r, text) in all.iter().zip(&texts) {
                let name = CStr::from_ptr(r.name.as_ptr()).to_string_lossy().replace([' ', '(', ')'], "_");
                std::fs::write(folder.join(format!("{name}.txt")), text)?;
            }
        }
        Ok(line.join(", "))
    }
}
