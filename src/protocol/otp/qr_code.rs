//! A text as a QR code (ISO/IEC 18004), drawn as a PNG image (RFC 2083) of black and white.

use std::io::Write;

use flate2::Compression;
use flate2::Crc;
use flate2::write::ZlibEncoder;
use qrcodegen::QrCode;
use qrcodegen::QrCodeEcc;

/// Pixels along the side of a module.
const SCALE: i32 = 5;
/// Modules left white around the code, as readers need.
const QUIET_ZONE: i32 = 4;
const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'];

/// The image, or nothing when the text is longer than any QR code.
pub fn png(text: &str) -> Option<Vec<u8>> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = (code.size() + 2 * QUIET_ZONE) * SCALE;
    let mut header = Vec::new();
    for _ in 0..2 {
        header.extend(u32::try_from(side).ok()?.to_be_bytes());
    }
    // One bit a pixel, grey, and no other method than the only one there is.
    header.extend([1, 0, 0, 0, 0]);
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&rows(&code, side)).ok()?;
    let mut image = SIGNATURE.to_vec();
    chunk(&mut image, *b"IHDR", &header)?;
    chunk(&mut image, *b"IDAT", &encoder.finish().ok()?)?;
    chunk(&mut image, *b"IEND", &[])?;
    Some(image)
}

/// Rows of pixels, eight to a byte, each after the byte that says that it is not filtered.
fn rows(code: &QrCode, side: i32) -> Vec<u8> {
    let mut rows = Vec::new();
    for y in 0..side {
        rows.push(0);
        let mut row = (0..side).map(|x| is_white(code, x, y)).peekable();
        while row.peek().is_some() {
            let byte = (0..8).fold(0_u8, |byte, _| {
                byte << 1 | u8::from(row.next().unwrap_or_default())
            });
            rows.push(byte);
        }
    }
    rows
}

fn is_white(code: &QrCode, x: i32, y: i32) -> bool {
    !code.get_module(x / SCALE - QUIET_ZONE, y / SCALE - QUIET_ZONE)
}

fn chunk(image: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) -> Option<()> {
    image.extend(u32::try_from(data.len()).ok()?.to_be_bytes());
    let mut crc = Crc::new();
    for part in [&kind[..], data] {
        crc.update(part);
        image.extend(part);
    }
    image.extend(crc.sum().to_be_bytes());
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::ZlibDecoder;
    use std::io::Read;

    #[test]
    fn an_image_is_as_large_as_its_header_says() {
        let image = png("otpauth://totp/Acme:ana@acme.test?secret=GEZDGNBV").unwrap();
        assert_eq!(image[..8], SIGNATURE);
        let side = u32::from_be_bytes(image[16..20].try_into().unwrap());
        let length = u32::from_be_bytes(image[33..37].try_into().unwrap());
        assert_eq!(&image[37..41], b"IDAT");
        let data = &image[41..41 + usize::try_from(length).unwrap()];
        let mut rows = Vec::new();
        ZlibDecoder::new(data).read_to_end(&mut rows).unwrap();
        let row = 1 + side.div_ceil(8);
        assert_eq!(rows.len(), usize::try_from(row * side).unwrap());
        // The quiet zone is white, the first finder pattern begins after it.
        assert_eq!(rows[1], 0xff);
        let row = usize::try_from(row).unwrap();
        let first = &rows[row * 20 + 1..row * 21];
        assert_eq!(first[2], 0b1111_0000);
    }

    #[test]
    fn what_is_too_long_for_any_code_gives_no_image() {
        assert!(png(&"x".repeat(2000)).is_some());
        assert_eq!(png(&"x".repeat(3000)), None);
    }
}
