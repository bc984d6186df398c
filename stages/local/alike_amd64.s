// What postings of a word are worth with AVX2, see alike_amd64.go.

#include "textflag.h"

DATA places<>+0(SB)/8, $0x0000000100000000
DATA places<>+8(SB)/8, $0x0000000300000002
DATA places<>+16(SB)/8, $0x0000000500000004
DATA places<>+24(SB)/8, $0x0000000700000006
GLOBL places<>(SB), RODATA|NOPTR, $32

// Numbers for all eight: low nibbles, ones in bytes and in words, 15, 8, and the bits
// that make VPSHUFB give 0 for all bytes of a number but the lowest.
DATA each<>+0(SB)/4, $0x0f0f0f0f
DATA each<>+4(SB)/4, $0x01010101
DATA each<>+8(SB)/4, $0x00010001
DATA each<>+12(SB)/4, $15
DATA each<>+16(SB)/4, $8
DATA each<>+20(SB)/4, $0x80808000
GLOBL each<>(SB), RODATA|NOPTR, $24

// func weighAVX2(w *weigher, pictures, low, high *uint32, eights int, marks, at *uint32, packing *[256][8]uint8) int
TEXT ·weighAVX2(SB), NOSPLIT, $0-72
	MOVQ w+0(FP), R8
	MOVQ pictures+8(FP), BX
	MOVQ low+16(FP), SI
	MOVQ high+24(FP), DX
	MOVQ eights+32(FP), CX
	MOVQ marks+40(FP), DI
	MOVQ at+48(FP), R9
	MOVQ packing+56(FP), R10
	MOVQ DI, R11

	VMOVDQU      ·nibbleBits(SB), Y15
	VPBROADCASTD each<>+0(SB), Y14
	VPBROADCASTD each<>+4(SB), Y13
	VPBROADCASTD each<>+8(SB), Y12
	VPBROADCASTD (R8), Y11  // signature
	VPBROADCASTD 4(R8), Y10 // angle
	VBROADCASTI128 8(R8), Y9  // units where the stored word is the first
	VBROADCASTI128 24(R8), Y8 // and where it is the second
	VMOVDQU      places<>(SB), Y6
	VPBROADCASTD each<>+16(SB), Y5
	VPBROADCASTD each<>+12(SB), Y4
	VPBROADCASTD each<>+20(SB), Y3

eight:
	// Bits in which signatures differ: of nibbles from a table, added up.
	VPXOR      (SI), Y11, Y0
	VPAND      Y14, Y0, Y1
	VPSRLW     $4, Y0, Y0
	VPAND      Y14, Y0, Y0
	VPSHUFB    Y1, Y15, Y1
	VPSHUFB    Y0, Y15, Y0
	VPADDB     Y1, Y0, Y0
	VPMADDUBSW Y13, Y0, Y0
	VPMADDWD   Y12, Y0, Y0
	VPMINUD    Y4, Y0, Y0

	// Units, by the bit that says that the stored word is the second.
	VPOR      Y3, Y0, Y0
	VPSHUFB   Y0, Y9, Y1
	VPSHUFB   Y0, Y8, Y2
	VMOVDQU   (DX), Y0
	VPSLLD    $20, Y0, Y7
	VBLENDVPS Y7, Y2, Y1, Y1

	// Marks.
	VPSUBD  Y10, Y0, Y0
	VPSRLD  $2, Y0, Y0
	VPAND   Y4, Y0, Y0
	VMOVDQU (BX), Y2
	VPSLLD  $4, Y2, Y2
	VPOR    Y0, Y2, Y2
	VPSLLD  $6, Y2, Y2
	VPOR    Y1, Y2, Y2

	// Those that are worth something, side by side.
	VPXOR      Y7, Y7, Y7
	VPCMPGTD   Y7, Y1, Y1
	VMOVMSKPS  Y1, AX
	VPMOVZXBD  (R10)(AX*8), Y0
	VPERMD     Y2, Y0, Y2
	VMOVDQU    Y2, (DI)
	VPERMD     Y6, Y0, Y0
	VMOVDQU    Y0, (R9)
	POPCNTL    AX, AX
	LEAQ       (DI)(AX*4), DI
	LEAQ       (R9)(AX*4), R9

	VPADDD Y5, Y6, Y6
	ADDQ   $32, SI
	ADDQ   $32, DX
	ADDQ   $32, BX
	DECQ   CX
	JNZ    eight

	SUBQ R11, DI
	SHRQ $2, DI
	MOVQ DI, ret+64(FP)
	VZEROUPPER
	RET

// func fetchColumns(pictures, low, high *uint32, bytes int)
TEXT ·fetchColumns(SB), NOSPLIT, $0-32
	MOVQ pictures+0(FP), BX
	MOVQ low+8(FP), SI
	MOVQ high+16(FP), DX
	MOVQ bytes+24(FP), CX

line:
	PREFETCHT0 -1(BX)(CX*1)
	PREFETCHT0 -1(SI)(CX*1)
	PREFETCHT0 -1(DX)(CX*1)
	SUBQ       $64, CX
	JGT        line
	PREFETCHT0 (BX)
	PREFETCHT0 (SI)
	PREFETCHT0 (DX)
	RET
