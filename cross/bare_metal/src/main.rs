//! A microcontroller that serves an MSNP2 sign-in and a conversation, byte for byte, with the `msnp`
//! crate, and says in its log how it went. It ends the emulator that it runs in with 0 if all was
//! right, else with 1.
//!
//! It shows what a firmware does to have the log lines of `msnp`, and its own by the same macros:
//!
//! * with the feature `defmt`: it links a global logger of defmt, here `defmt_semihosting` (on a
//!   board rather `defmt-rtt`), passes `-Tdefmt.x` to the linker, and is read with `defmt-print`;
//! * with the feature `log`: it has a logger of the facade `log`, here [`log_lines`];
//! * with neither: nothing is logged, and no text of it is in the program.
#![no_std]
#![no_main]

#[cfg(all(feature = "log", not(feature = "defmt")))]
mod log_lines;
#[path = "../../no_std/src/session.rs"]
mod session;

use cortex_m_semihosting::debug::{self, EXIT_FAILURE, EXIT_SUCCESS};

#[cfg(feature = "defmt")]
use defmt_semihosting as _;

#[cortex_m_rt::entry]
fn main() -> ! {
    #[cfg(all(feature = "log", not(feature = "defmt")))]
    log_lines::start();

    let served = session::serve(b"secret");
    msnp::info!("a sign-in and a conversation: {}", if served.is_ok() { "right" } else { "wrong" });
    end(served.is_ok())
}

fn end(fine: bool) -> ! {
    debug::exit(if fine { EXIT_SUCCESS } else { EXIT_FAILURE });
    loop {
        cortex_m::asm::nop();
    }
}

#[panic_handler]
fn panicked(_: &core::panic::PanicInfo<'_>) -> ! {
    end(false)
}
