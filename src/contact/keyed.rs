//! A keyed hash of an address: tells whether a message went to a given address after the address
//! itself has been taken out of the record.
//!
//! HMAC-SHA-256 (RFC 2104) with the chain's own random key. Without the key the hash tells nothing.
//! Whoever has both can try addresses one by one, and there are few enough telephone numbers to try
//! them all: the hash stands in for the address, it does not make the record anonymous.

use std::fmt::Write;

use ring::hmac;

use super::Readings;

/// The chain's key. It prints without itself.
#[derive(Debug)]
pub struct AddressKey(hmac::Key);

impl AddressKey {
    /// How many random bytes make a key.
    pub const LENGTH: usize = 32;

    /// A key of random bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// A hash of each reading of an address, in hexadecimal.
    pub fn hashes<'a>(&'a self, readings: &'a Readings) -> impl Iterator<Item = String> + 'a {
        readings.expose().map(|reading| {
            hmac::sign(&self.0, reading.as_bytes()).as_ref().iter().fold(String::new(), |mut hash, byte| {
                // Writing into a string cannot fail.
                let _ = write!(hash, "{byte:02x}");
                hash
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_reading_and_of_the_key() {
        let hash = |key: &[u8], address: &str| {
            let readings = Readings::of(address, &["+49".to_owned()].into());
            AddressKey::new(key).hashes(&readings).collect::<Vec<_>>().join(" ")
        };
        // printf %s renate@example.de | openssl dgst -sha256 -hmac geheim
        assert_eq!(
            hash(b"geheim", "Renate@example.DE"),
            "785b7fc0fd656b881f60fe55921216a467a11f4f7d086d986567be0e2ff16a00"
        );
        assert_eq!(hash(b"geheim", "0152 28817386"), hash(b"geheim", "+4915228817386"));
        assert_ne!(hash(b"geheim", "0152 28817386"), hash(b"anders", "0152 28817386"));
        assert_eq!(format!("{:?}", AddressKey::new(b"geheim")).find("geheim"), None);
    }
}
