//! The chart of users who were online, as a GIF: the one picture format that every browser shows.

use crate::history::{Row, SLOTS};
use embedded_graphics::Drawable;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::MonoTextStyle;
use embedded_graphics::mono_font::ascii::FONT_6X10;
use embedded_graphics::pixelcolor::{Gray8, GrayColor};
use embedded_graphics::prelude::Pixel;
use embedded_graphics::text::{Baseline, Text};
use std::convert::Infallible;

/// The colours of the palette, three bytes each: white, black, light grey, and the blue of the
/// pages.
const PALETTE: [u8; 12] = [255, 255, 255, 0, 0, 0, 204, 204, 204, 0, 51, 153];
/// Indices of the palette. `Gray8` is only the type with which `embedded_graphics` draws one byte
/// for each pixel.
const INK: Gray8 = Gray8::new(1);
const GRID: Gray8 = Gray8::new(2);
const BAR: Gray8 = Gray8::new(3);

/// The x position of the bars, in pixels. To the left of them are the handles.
const BARS_X: usize = 150;

/// The maximum number of characters of a handle. The rest is cut off.
const MAX_LETTERS: usize = 24;

/// The height of a row, in pixels.
const ROW_HEIGHT: usize = 12;

/// The height of the line of hours above all rows, in pixels.
const HEADER_HEIGHT: usize = 12;

/// The number of slots in an hour. A slot is one pixel wide.
const SLOTS_PER_HOUR: usize = 12;

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
        let coordinate = |pixels: usize| i32::try_from(pixels).unwrap_or(i32::MAX);
        let style = MonoTextStyle::new(&FONT_6X10, INK);
        let text = Text::with_baseline(
            text,
            Point::new(coordinate(x), coordinate(y)),
            style,
            Baseline::Top,
        );
        // The error is `Infallible`.
        let Ok(_) = text.draw(self);
    }
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
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

/// Returns the width and the height of a chart with this number of rows, in pixels.
pub(crate) fn size(rows: usize) -> (usize, usize) {
    (BARS_X + SLOTS, HEADER_HEIGHT + rows.max(1) * ROW_HEIGHT)
}

/// Draws the rows, each with its handle, and encodes them as a GIF.
pub(crate) fn draw(rows: &[Row]) -> Vec<u8> {
    let (width, height) = size(rows.len());
    let mut canvas = Canvas { width, height, pixels: vec![0; width * height] };
    for hours_ago in (0..=24).step_by(6) {
        let x = BARS_X + SLOTS - hours_ago * SLOTS_PER_HOUR;
        canvas.fill(x.min(width - 1), 0, 1, height, GRID);
        if hours_ago > 0 {
            canvas.write(&format!("-{hours_ago} h"), x + 2, 1);
        }
    }
    for (index, row) in rows.iter().enumerate() {
        let y = HEADER_HEIGHT + index * ROW_HEIGHT;
        let shown_handle: String = row.handle.as_str().chars().take(MAX_LETTERS).collect();
        canvas.write(&shown_handle, 0, y + 1);
        let first_slot_x = BARS_X + SLOTS - row.slots.len().min(SLOTS);
        for (slot, is_online) in row.slots.iter().enumerate() {
            if *is_online {
                canvas.fill(first_slot_x + slot, y + 2, 1, ROW_HEIGHT - 4, BAR);
            }
        }
    }
    encode(&canvas).unwrap_or_default()
}

fn encode(canvas: &Canvas) -> Result<Vec<u8>, gif::EncodingError> {
    let side = |pixels: usize| u16::try_from(pixels).unwrap_or(u16::MAX);
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
    fn the_chart_shows_when_a_user_was_online() {
        let slots = VecDeque::from([true, false, true]);
        let row = Row { handle: Handle::new("alice@example.com").unwrap(), slots };
        let bytes = draw(&[row]);
        assert!(bytes.starts_with(b"GIF89a"));
        assert!(bytes.len() < 4096, "{}", bytes.len());
        let mut decoder = gif::DecodeOptions::new().read_info(bytes.as_slice()).unwrap();
        let frame = decoder.read_next_frame().unwrap().unwrap();
        assert_eq!((usize::from(frame.width), usize::from(frame.height)), size(1));
        let line = &frame.buffer[(HEADER_HEIGHT + 5) * (BARS_X + SLOTS)..][..BARS_X + SLOTS];
        let bar = line.len() - 3;
        assert_eq!(line[bar..], [BAR.luma(), 0, BAR.luma()]);
        assert!(line[..BARS_X].contains(&INK.luma()) && !line[BARS_X..bar].contains(&BAR.luma()));
    }

    #[test]
    fn an_empty_chart_is_a_gif() {
        assert!(draw(&[]).starts_with(b"GIF89a"));
    }
}
