//! Real passes into files.
