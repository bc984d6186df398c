// Package codec runs the decoders of HEIC, AVIF and JPEG XL: C libraries, compiled to
// WebAssembly and kept as files in lib, on the wazero runtime.
//
// Such a decoder can reach nothing but its own memory, whose size is bounded: it has no
// files, no clock and no network, its errors are traps, and the same bytes give the same
// pixels on every machine. The modules are those of github.com/gen2brain's packages heic,
// avif and jpegxl. They are run from here and not through these packages, because a plain
// build of those links purego, looks for libheif, libavif and libjxl on the machine when
// the program starts, and needs its C library; their build tag against that (nodynamic)
// cannot be set by a module that others install. lib/README.md names versions, sources,
// checksums and licences.
//
// Machine code is made of a module when it is first used (0.4 to 3 s), where the runtime
// can do that (amd64, arm64); elsewhere modules are interpreted, some ten times slower.
package codec
