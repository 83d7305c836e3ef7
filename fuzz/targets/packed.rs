//! The inputs that the engine found: one file for each target, `fuzz/corpus/NAME.ron`.
//!
//! The file is a list of byte strings in RON, with one input a line. The inputs are sorted and none
//! is there twice, so the same inputs always make the same file.

use std::collections::BTreeSet;

/// The inputs of one file.
pub(crate) type Inputs = BTreeSet<Vec<u8>>;

/// Returns the text of the file that holds these inputs.
pub(crate) fn pack(inputs: &Inputs) -> String {
    let lines = inputs.iter().map(|input| format!("    b\"{}\",\n", input.escape_ascii()));
    format!("[\n{}]\n", lines.collect::<String>())
}

/// Reads a file. The error names the line, or the input, that is wrong.
pub(crate) fn unpack(text: &str) -> Result<Inputs, String> {
    let values: Vec<ron::Value> = ron::from_str(text).map_err(|error| error.to_string())?;
    let mut inputs = Inputs::new();
    for (index, value) in values.into_iter().enumerate() {
        let ron::Value::Bytes(input) = value else {
            return Err(format!("input {} is not a byte string", index + 1));
        };
        if !inputs.insert(input) {
            return Err(format!("input {} is there twice", index + 1));
        }
    }
    Ok(inputs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_read_back() {
        let all: Vec<u8> = (0..=255).collect();
        let inputs = Inputs::from([all, Vec::new(), b"VER 1 MSNP2\r\n".to_vec()]);
        let text = pack(&inputs);
        assert!(text.contains("\n    b\"VER 1 MSNP2\\r\\n\",\n"), "{text}");
        assert_eq!(text.lines().count(), inputs.len() + 2);
        assert_eq!(unpack(&text), Ok(inputs));
        assert_eq!(unpack(&pack(&Inputs::new())), Ok(Inputs::new()));
    }

    #[test]
    fn a_damaged_file_is_refused_with_the_place() {
        for (text, error) in [
            ("", "1:1"),
            ("[\n    b\"OUT\",\n    b\"PNG,\n]\n", "3:"),
            ("[\n    b\"OUT\\xZZ\",\n]\n", "2:"),
            ("[\n<<<<<<< ours\n    b\"OUT\",\n]\n", "2:"),
            ("[b\"OUT\", \"PNG\"]", "input 2 is not a byte string"),
            ("[b\"OUT\", b\"PNG\", b\"OUT\"]", "input 3 is there twice"),
        ] {
            let refused = unpack(text).unwrap_err();
            assert!(refused.contains(error), "{text:?}: {refused}");
        }
    }
}
