use super::escape::write_optional;
use actors::port::{DisableReason, Disabled};
use actors::rules::{check_deniable, parse_network};
use ipnet::IpNet;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The mark of a disabled account.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DisabledMark {
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "write_optional")]
    reason: Option<DisableReason>,
}

impl From<Disabled> for DisabledMark {
    fn from(Disabled { reason }: Disabled) -> DisabledMark {
        DisabledMark { reason }
    }
}

impl From<DisabledMark> for Disabled {
    fn from(DisabledMark { reason }: DisabledMark) -> Disabled {
        Disabled { reason }
    }
}

/// A denied network.
#[derive(Debug)]
pub(super) struct Network(pub(super) IpNet);

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Network, D::Error> {
        let text = String::deserialize(from)?;
        parse_network(&text).and_then(check_deniable).map(Network).map_err(D::Error::custom)
    }
}
