// Package jpegscale decodes JPEGs at 1/1, 1/2, 1/4 or 1/8 of their size, and
// only as much of them as is wanted.
//
// A JPEG holds blocks of 8×8 samples as 64 coefficients of a discrete cosine
// transform, lowest frequencies first. An inverse transform with 4, 2 or 1
// outputs a side makes of the lowest 4×4, 2×2 or 1 coefficients the block at a
// half, a quarter or an eighth of its size: faster than making all samples and
// averaging them, in less memory, and as good.
//
// It decodes baseline, extended sequential and progressive JPEGs with Huffman
// codes, 8 bits a sample and one (grey) or three (YCbCr) components, with all
// the subsampling that image/jpeg knows and with restart markers, into the
// image types of the standard library. It doesn't decode four components or
// RGB, which image/jpeg does, nor look at EXIF or colour profiles.
//
// JPEG is ITU-T T.81: https://www.w3.org/Graphics/JPEG/itu-t81.pdf
package jpegscale
