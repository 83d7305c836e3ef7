//! The chart of users who were online, as a GIF: the one picture format that every browser shows.

use crate::history::{PIECES, Row};
use embedded_graphics::Drawable;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::MonoTextStyle;
use embedded_graphics::mono_font::ascii::FONT_6X10;
use embedded_graphics::pixelcolor::{Gray8, GrayColor};
use embedded_graphics::prelude::Pixel;
use embedded_graphics::text::{Baseline, Text};
use std::convert::Infallible;

/// The colours of the palette: white, black, light grey, and the blue of the pages.
const PALETTE: [u8; 12] = [255, 255, 255, 0, 0, 0, 204, 204, 204, 0, 51, 153];
const INK: Gray8 = Gray8::new(1);
const GRID: Gray8 = Gray8::new(2);
const BAR: Gray8 = Gray8::new(3);

/// The x position of the bars, in pixels. A name of at most `LETTERS` characters is left of them.
const LEFT: usize = 150;
const LETTERS: usize = 24;

/// The height of a row, and of the line of hours above all rows, in pixels.
const HIGH: usize = 12;
const TOP: usize = 12;

/// How many slots an hour has.
const HOUR: usize = 12;

/// A canvas with one byte for each pixel.
struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Canvas {
    fn set(&mut self, x: usize, y: usize, colour: Gray8) {
        if x < self.width
            && let Some(pixel) = self.pixels.get_mut(y * self.width + x)
        {
            *pixel = colour.luma();
        }
    }

    fn fill(&mut self, x: usize, y: usize, width: usize, height: usize, colour: Gray8) {
        for y in y..y + height {
            for x in x..x + width {
                self.set(x, y, colour);
            }
        }
    }

    fn write(&mut self, text: &str, x: usize, y: usize) {
        let place = |at: usize| i32::try_from(at).unwrap_or(i32::MAX);
        let style = MonoTextStyle::new(&FONT_6X10, INK);
        let text = Text::with_baseline(text, Point::new(place(x), place(y)), style, Baseline::Top);
        let Ok(_) = text.draw(self);
    }
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        let side = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
        Size::new(side(self.width), side(self.height))
    }
}

impl DrawTarget for Canvas {
    type Color = Gray8;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Gray8>>>(
        &mut self,
        pixels: I,
    ) -> Result<(), Infallible> {
        for Pixel(point, colour) in pixels {
            if let (Ok(x), Ok(y)) = (usize::try_from(point.x), usize::try_from(point.y)) {
                self.set(x, y, colour);
            }
        }
        Ok(())
    }
}

/// The width and height of the chart in pixels.
pub(crate) fn size(rows: usize) -> (usize, usize) {
    (LEFT + PIECES, TOP + rows.max(1) * HIGH)
}

/// Draws the rows, each with its handle, and encodes them as a GIF.
pub(crate) fn draw(rows: &[Row]) -> Vec<u8> {
    let (width, height) = size(rows.len());
    let mut canvas = Canvas { width, height, pixels: vec![0; width * height] };
    for hours in (0..=24).step_by(6) {
        let x = LEFT + PIECES - hours * HOUR;
        canvas.fill(x.min(width - 1), 0, 1, height, GRID);
        if hours > 0 {
            canvas.write(&format!("-{hours} h"), x + 2, 1);
        }
    }
    for (number, row) in rows.iter().enumerate() {
        let y = TOP + number * HIGH;
        let short: String = row.handle.as_str().chars().take(LETTERS).collect();
        canvas.write(&short, 0, y + 1);
        let first = LEFT + PIECES - row.pieces.len().min(PIECES);
        for (piece, _) in row.pieces.iter().enumerate().filter(|(_, online)| **online) {
            canvas.fill(first + piece, y + 2, 1, HIGH - 4, BAR);
        }
    }
    encode(&canvas).unwrap_or_default()
}

fn encode(canvas: &Canvas) -> Result<Vec<u8>, gif::EncodingError> {
    let side = |side: usize| u16::try_from(side).unwrap_or(u16::MAX);
    let (width, height) = (side(canvas.width), side(canvas.height));
    let mut bytes = Vec::new();
    let mut encoder = gif::Encoder::new(&mut bytes, width, height, &PALETTE)?;
    let frame = gif::Frame { width, height, buffer: (&canvas.pixels).into(), ..Default::default() };
    encoder.write_frame(&frame)?;
    drop(encoder);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use msnp::Handle;
    use std::collections::VecDeque;

    #[test]
    fn the_picture_shows_when_somebody_was_there() {
        let pieces = VecDeque::from([true, false, true]);
        let row = Row { handle: Handle::new("alice@example.com").unwrap(), pieces };
        let bytes = draw(&[row]);
        assert!(bytes.starts_with(b"GIF89a"));
        assert!(bytes.len() < 4096, "{}", bytes.len());
        let mut decoder = gif::DecodeOptions::new().read_info(bytes.as_slice()).unwrap();
        let frame = decoder.read_next_frame().unwrap().unwrap();
        assert_eq!((usize::from(frame.width), usize::from(frame.height)), size(1));
        let line = &frame.buffer[(TOP + 5) * (LEFT + PIECES)..][..LEFT + PIECES];
        let bar = line.len() - 3;
        assert_eq!(line[bar..], [BAR.luma(), 0, BAR.luma()]);
        assert!(line[..LEFT].contains(&INK.luma()) && !line[LEFT..bar].contains(&BAR.luma()));
    }

    #[test]
    fn nobody_is_a_picture_too() {
        assert!(draw(&[]).starts_with(b"GIF89a"));
    }
}
