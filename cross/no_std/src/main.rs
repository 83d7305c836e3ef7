//! A program without std and without an allocator that serves an MSNP2 sign-in with the `msnp` crate.
//!
//! It frames and decodes what a client sends, checks the MD5 digest, encodes the replies, and compares
//! them with the expected ones.
//!
//! `msnp-no-std PASSWORD` exits with 0 if alice signs in with this password and all replies are right
//! (the password is `secret`), with 1 if not, and with 2 on a usage error. It needs only C's `main` and
//! memory functions such as `memcpy`.
#![no_std]
#![no_main]

mod session;

use core::ffi::{CStr, c_char, c_int};

// Links the start code, which calls `main`.
#[link(name = "c")]
unsafe extern "C" {}

#[panic_handler]
fn panicked(_: &core::panic::PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn _exit(code: c_int) -> !;
    }
    // SAFETY: `_exit` has no preconditions.
    unsafe { _exit(101) }
}

/// The compiled `core` names this function in its unwind tables. Nothing unwinds, so nothing calls it.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

/// The C start code calls this.
#[unsafe(no_mangle)]
extern "C" fn main(count: c_int, arguments: *const *const c_char) -> c_int {
    if count != 2 {
        return 2;
    }
    // SAFETY: C passes `count` pointers to strings that end with 0 and live as long as the program.
    let password = unsafe { CStr::from_ptr(*arguments.add(1)) };
    match session::serve(password.to_bytes()) {
        Ok(()) => 0,
        Err(_) => 1,
    }
}
