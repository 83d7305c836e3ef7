//! Disabled accounts and denied networks. The row key of a network is the IP version (4 or 6), the
//! address and the prefix length. So IPv4 networks come first, sorted by address, then IPv6
//! networks.

use crate::kv_store::WITH_EXCLUSIONS;
use crate::record::Record;
use crate::rows::{Records, RecordsMut, Rows, RowsMut, Table, account_key};
use actors::port::store::AccountId;
use actors::port::{Disabled, ExclusionLists, StoreError};
use actors::rules::{self, MAX_DENIED};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};

/// The value stored for a denied network: empty so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Denied;

impl Record for Denied {}
impl Record for Disabled {}

pub(crate) fn network_key(network: IpNet) -> Vec<u8> {
    match network {
        IpNet::V4(v4) => [&[4], v4.addr().octets().as_slice(), &[v4.prefix_len()]].concat(),
        IpNet::V6(v6) => [&[6], v6.addr().octets().as_slice(), &[v6.prefix_len()]].concat(),
    }
}

/// The inverse of [`network_key`]. Returns `None` if the network is not in its normal form or may
/// not be denied.
pub(crate) fn network_of(key: &[u8]) -> Option<IpNet> {
    let (prefix, rest) = key.split_last()?;
    let network = match rest.split_first()? {
        (4, octets) => {
            let octets: [u8; 4] = octets.try_into().ok()?;
            Ipv4Net::new(octets.into(), *prefix).ok().map(IpNet::V4)
        }
        (6, octets) => {
            let octets: [u8; 16] = octets.try_into().ok()?;
            Ipv6Net::new(octets.into(), *prefix).ok().map(IpNet::V6)
        }
        _ => None,
    };
    network.filter(|network| rules::is_canonical_and_deniable(*network))
}

/// Raises the format version. A program without these tables must not open the store any more: it
/// would admit disabled accounts and denied networks.
fn raise_format(rows: &mut dyn RowsMut) -> Result<(), StoreError> {
    rows.raise_format(WITH_EXCLUSIONS)
}

/// Disables an existing account, or enables it.
pub(crate) fn set_disabled(
    rows: &mut dyn RowsMut,
    account: AccountId,
    disabled: Option<&Disabled>,
) -> Result<(), StoreError> {
    let key = account_key(account);
    match disabled {
        Some(disabled) => {
            raise_format(rows)?;
            rows.put_record(Table::Disabled, &key, disabled)
        }
        None if rows.get(Table::Disabled, &key)?.is_some() => rows.delete(Table::Disabled, &key),
        None => Ok(()),
    }
}

/// Denies a network. Returns `Some(false)` if it is denied already, and `None` if too many networks
/// are.
pub(crate) fn deny(rows: &mut dyn RowsMut, network: IpNet) -> Result<Option<bool>, StoreError> {
    if rows.get(Table::Denied, &network_key(network))?.is_some() {
        return Ok(Some(false));
    }
    let mut count = 0;
    rows.scan(Table::Denied, &[], &mut |_, _| {
        count += 1;
        Ok(())
    })?;
    if count >= MAX_DENIED {
        return Ok(None);
    }
    put_denied(rows, network)?;
    Ok(Some(true))
}

pub(crate) fn put_denied(rows: &mut dyn RowsMut, network: IpNet) -> Result<(), StoreError> {
    raise_format(rows)?;
    rows.put_record(Table::Denied, &network_key(network), &Denied)
}

/// Allows a network again. Returns `false` if it was not denied.
pub(crate) fn undeny(rows: &mut dyn RowsMut, network: IpNet) -> Result<bool, StoreError> {
    let key = network_key(network);
    let was_denied = rows.get(Table::Denied, &key)?.is_some();
    if was_denied {
        rows.delete(Table::Denied, &key)?;
    }
    Ok(was_denied)
}

pub(crate) fn read_exclusions(rows: &dyn Rows) -> Result<ExclusionLists, StoreError> {
    let mut all = ExclusionLists::default();
    rows.scan(Table::Disabled, &[], &mut |key, value| {
        all.disabled.push((rows.account_of_key(key)?, rows.decode(value)?));
        Ok(())
    })?;
    rows.scan(Table::Denied, &[], &mut |key, value| {
        let Denied = rows.decode(value)?;
        let network = network_of(key);
        all.denied.push(network.ok_or_else(|| rows.damaged("a row key cannot be read"))?);
        Ok(())
    })?;
    all.denied.truncate(MAX_DENIED);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actors::rules::parse_network;

    #[test]
    fn network_keys_are_sorted_and_reversible() {
        let texts = ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/9", "203.0.113.5/32", "::/0"];
        let networks = texts.map(|text| parse_network(text).unwrap());
        let keys = networks.map(network_key);
        assert!(keys.is_sorted() && networks.is_sorted());
        assert_eq!(keys[1], [4, 10, 0, 0, 0, 8]);
        for (network, key) in networks.iter().zip(&keys) {
            assert_eq!(network_of(key), Some(*network));
        }
        for key in [
            b"".as_slice(),
            b"\x04",
            b"\x04\x0a\0\0\0",
            b"\x04\x0a\0\0\0\x21",
            b"\x04\x0a\0\0\x01\x08",
            b"\x05\x0a\0\0\0\x08",
            b"\x04\x7f\0\0\0\x08",
            b"\x04\x0a\0\0\0\0\x08",
        ] {
            assert_eq!(network_of(key), None, "{key:?}");
        }
    }
}
