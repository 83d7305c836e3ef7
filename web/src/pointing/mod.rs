//! How a client's computer is told where this server is: the same material for the set-up page and for `msnpd client`.
