//! A client's answer to an MD5 challenge (draft-movva-msn-messenger-protocol-00, §7.2).

use md5::{Digest, Md5};

/// Returns the MD5 of the challenge followed by the password, in lower-case hexadecimal.
pub(crate) fn md5(challenge: &[u8], password: &[u8]) -> String {
    let digest = Md5::new().chain_update(challenge).chain_update(password).finalize();
    let mut text = [0; 32];
    base16ct::lower::encode_str(&digest, &mut text).expect("32 digits for 16 bytes").to_owned()
}

#[cfg(test)]
mod tests {
    use super::md5;

    #[test]
    fn digest_is_md5_of_challenge_then_password() {
        assert_eq!(md5(b"1013928519.693957190", b"secret"), "0dc38e0c96e5ef37eb9451a0b2d5aaf9");
        assert_eq!(md5(b"1013928519.1", b"pass word"), "55744dd7b68a1653367085b5bc76717b");
    }
}
