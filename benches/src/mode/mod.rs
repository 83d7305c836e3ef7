//! The modes: one file for each measurement.

pub(crate) mod bars;
pub(crate) mod bulk;
pub(crate) mod churn;
pub(crate) mod deaf;
pub(crate) mod fan_out;
pub(crate) mod heap;
pub(crate) mod idle;
pub(crate) mod instructions;
pub(crate) mod logins;
pub(crate) mod lone;
pub(crate) mod per_build;
pub(crate) mod presence;
pub(crate) mod relay;
pub(crate) mod round;
pub(crate) mod size;
pub(crate) mod start;
pub(crate) mod strangers;

pub(crate) use per_build::PerBuild;
pub(crate) use round::Comparison;
