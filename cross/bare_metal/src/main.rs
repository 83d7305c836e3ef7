//! Firmware that serves an MSNP2 sign-in and a conversation with the `msnp` crate, and logs the result.
//! It ends its emulator with 0 on success, and with 1 on failure.
//!
//! It shows how firmware gets the log lines of `msnp`, and its own from the same macros:
//!
//! * with the feature `defmt`: it links a global logger of defmt, here `defmt_semihosting` (on a board,
//!   use `defmt-rtt`), and passes `-Tdefmt.x` to the linker. `defmt-print` shows the lines;
//! * with the feature `log`: it installs a logger for the `log` facade, here [`log_lines`];
//! * with neither: nothing is logged, and the program contains no log texts.
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

    let result = session::serve(b"secret");
    msnp::info!("a sign-in and a conversation: {}", if result.is_ok() { "right" } else { "wrong" });
    end(result.is_ok())
}

fn end(success: bool) -> ! {
    debug::exit(if success { EXIT_SUCCESS } else { EXIT_FAILURE });
    loop {
        cortex_m::asm::nop();
    }
}

#[panic_handler]
fn panicked(_: &core::panic::PanicInfo<'_>) -> ! {
    end(false)
}
