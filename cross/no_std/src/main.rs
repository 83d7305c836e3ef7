//! A program without std and without an allocator that serves an MSNP2 sign-in with the `msnp`
//! crate: it frames and decodes what a client sends, asks the gate, checks the MD5 digest, encodes
//! the answers, and compares them with what a server has to send.
//!
//! `msnp-no-std PASSWORD` exits with 0 if alice signs in with this password (it is `secret`) and
//! all answers are right, with 1 if not, with 2 if it is called in another way. All it takes from
//! its surroundings is C's `main` and memory functions such as `memcpy`.
#![no_std]
#![no_main]

mod session;

use core::ffi::{CStr, c_char, c_int};

// The start code that calls `main`.
#[link(name = "c")]
unsafe extern "C" {}

#[panic_handler]
fn panicked(_: &core::panic::PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn _exit(code: c_int) -> !;
    }
    // SAFETY: it has no preconditions.
    unsafe { _exit(101) }
}

/// The compiled `core` names this function in its unwind tables. Nothing unwinds, so nothing calls it.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

/// What the C start code calls.
#[unsafe(no_mangle)]
extern "C" fn main(count: c_int, arguments: *const *const c_char) -> c_int {
    if count != 2 {
        return 2;
    }
    // SAFETY: C passes `count` pointers to texts that end in 0 and live as long as the program.
    let password = unsafe { CStr::from_ptr(*arguments.add(1)) };
    match session::serve(password.to_bytes()) {
        Ok(()) => 0,
        Err(_) => 1,
    }
}
