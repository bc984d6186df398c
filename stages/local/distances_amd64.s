// Distances of descriptors with AVX2 and AVX-512, see distances_amd64.go.

#include "textflag.h"

// Bits set in 0..15, in both halves of a register. alike_amd64.s looks there, too.
DATA ·nibbleBits+0(SB)/8, $0x0302020102010100
DATA ·nibbleBits+8(SB)/8, $0x0403030203020201
DATA ·nibbleBits+16(SB)/8, $0x0302020102010100
DATA ·nibbleBits+24(SB)/8, $0x0403030203020201
GLOBL ·nibbleBits(SB), RODATA|NOPTR, $32

DATA nibbles<>+0(SB)/8, $0x0f0f0f0f0f0f0f0f
GLOBL nibbles<>(SB), RODATA|NOPTR, $8

DATA ones<>+0(SB)/8, $0x0001000100010001
GLOBL ones<>(SB), RODATA|NOPTR, $8

// DIFFER sets the four quarters of out to the bits in which Y0 and the descriptor at
// place differ: bits of nibbles from a table of 16 (VPSHUFB), summed by eight bytes
// (VPSADBW).
#define DIFFER(place, out) \
	VPXOR   place, Y0, out   \
	VPAND   Y14, out, Y13    \
	VPSRLW  $4, out, out     \
	VPAND   Y14, out, out    \
	VPSHUFB Y13, Y15, Y13    \
	VPSHUFB out, Y15, out    \
	VPADDB  Y13, out, out    \
	VPSADBW Y12, out, out

// COUNT does the same where the processor counts the bits of quarters.
#define COUNT(place, out) \
	VPXOR    place, Y0, out \
	VPOPCNTQ out, out

// JOIN sets out to the distances of four descriptors, whose quarters stand in out, Y1, Y2 and
// Y3, in two halves of four numbers of 32 bits that are still to be added, and goes on to the next four.
#define JOIN(out) \
	LEAQ      (SI)(R8*4), SI  \
	VPACKUSDW Y1, out, out    \
	VPACKUSDW Y3, Y2, Y2      \
	VPACKUSDW Y2, out, out    \
	VPMADDWD  Y11, out, out

// FOUR sets out to the distances of four descriptors from SI on, R8 bytes apart, by DIFFER or COUNT.
#define FOUR(BY, out) \
	BY((SI), out)         \
	BY((SI)(R8*1), Y1)    \
	BY((SI)(R8*2), Y2)    \
	BY((SI)(R9*1), Y3)    \
	JOIN(out)

// STORE writes eight distances, whose halves stand in Y4 and Y5, 255 for 256, and goes on to the next eight.
#define STORE \
	VPACKSSDW    Y5, Y4, Y4 \
	VEXTRACTI128 $1, Y4, X5 \
	VPADDW       X5, X4, X4 \
	VPACKUSWB    X4, X4, X4 \
	VMOVQ        X4, (DI)   \
	ADDQ $8, DI             \
	DECQ CX

// func distancesAVX2(d, first *Descriptor, stride, eights int, out *uint8)
TEXT ·distancesAVX2(SB), NOSPLIT, $0-40
	MOVQ d+0(FP), AX
	MOVQ first+8(FP), SI
	MOVQ stride+16(FP), R8
	MOVQ eights+24(FP), CX
	MOVQ out+32(FP), DI
	LEAQ (R8)(R8*2), R9

	VMOVDQU      (AX), Y0
	VMOVDQU      ·nibbleBits(SB), Y15
	VPBROADCASTQ nibbles<>(SB), Y14
	VPBROADCASTQ ones<>(SB), Y11
	VPXOR        Y12, Y12, Y12

eight:
	TESTQ CX, CX
	JZ    done
	FOUR(DIFFER, Y4)
	FOUR(DIFFER, Y5)
	STORE
	JMP  eight

done:
	VZEROUPPER
	RET

// func distancesAVX512(d, first *Descriptor, stride, eights int, out *uint8)
TEXT ·distancesAVX512(SB), NOSPLIT, $0-40
	MOVQ d+0(FP), AX
	MOVQ first+8(FP), SI
	MOVQ stride+16(FP), R8
	MOVQ eights+24(FP), CX
	MOVQ out+32(FP), DI
	LEAQ (R8)(R8*2), R9

	VMOVDQU      (AX), Y0
	VPBROADCASTQ ones<>(SB), Y11

eight:
	TESTQ CX, CX
	JZ    done
	FOUR(COUNT, Y4)
	FOUR(COUNT, Y5)
	STORE
	JMP  eight

done:
	VZEROUPPER
	RET
