// Package wavelet describes a whole picture by 256 signs, and finds its
// whole-frame copies by 16 bucket keys.
//
// The picture's luma is scaled to 65x65 and taken apart by four levels of the
// CDF 9/7 wavelet, the one of JPEG 2000 (Cohen, Daubechies, Feauveau,
// "Biorthogonal bases of compactly supported wavelets", 1992; the lifting form
// is Daubechies and Sweldens, "Factoring wavelet transforms into lifting
// steps", 1998). What is kept are the signs of the coarse coefficients: they
// survive resizing, compression, tone curves and small marks, because none of
// these moves a coarse edge. The idea of keeping only the signs of wavelet
// coefficients is that of Jacobs, Finkelstein and Salesin, "Fast
// multiresolution image querying", 1995.
//
// We depart from the usual hashes in three ways. There is no median, so a flat
// picture has no noise bits that a forced half must set. Instead of whole
// hashes, bands of 16 bits are looked up, and one equal band makes a candidate;
// a band without contrast gives no key. And the length is odd, so that every
// lowpass and highpass sample has a centre that a mirror maps onto another:
// the eight orientations of a picture are a permutation of its bits
// ([Turned]). From that follows what the index needs most, that the candidate
// relation is exactly symmetric: a finds b if and only if b finds a, so that
// the order of arrival changes nothing.
package wavelet
