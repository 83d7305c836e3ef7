//! What is measured, one file a mode.

pub(crate) mod churn;
pub(crate) mod fan_out;
pub(crate) mod idle;
pub(crate) mod logins;
pub(crate) mod presence;
pub(crate) mod relay;
mod round;

pub(crate) use round::{Alone, Compared, Round, alone, compare};
