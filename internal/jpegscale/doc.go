// Package jpegscale decodes JPEGs at 1/1, 1/2, 1/4 or 1/8 of their size, and
// only as much of them as is wanted.
//
// It decodes baseline, extended sequential and progressive JPEGs with Huffman
// codes, 8 bits a sample and one (grey) or three (YCbCr) components, with all
// the subsampling that image/jpeg knows and with restart markers, into the
// image types of the standard library. It doesn't decode four components or
// RGB, which image/jpeg does, nor look at EXIF or colour profiles.
//
// # Method
//
// JPEG is ITU-T T.81, https://www.w3.org/Graphics/JPEG/itu-t81.pdf. It holds
// blocks of 8×8 samples as 64 coefficients of a discrete cosine transform,
// lowest frequencies first.
//
//   - An inverse transform of 4, 2 or 1 points a side makes of the lowest 4×4,
//     2×2 or 1 coefficients the block at a half, a quarter or an eighth of its
//     size. That is what libjpeg's jidctred.c does for the mean of the samples;
//     here the coefficients aren't weighted as a mean would weight them, since
//     what is then made smaller with a good filter comes out 2 to 9 dB nearer
//     to the same filter on the full picture (measured on photos of the corpus,
//     1/2 then Lanczos-3 to a half: 53–61 dB, with means 49–56 dB).
//   - At full size, the transform is that of Arai, Agui and Nakajima ("A fast
//     DCT-SQ scheme for images", 1988): 5 multiplications a line, since 8 are
//     part of the dequantization. So are those of the small transforms.
//   - Huffman codes are looked up with the value that follows, as libjpeg-turbo
//     and stb_image do for short ones; where the coefficients aren't used,
//     several codes are passed over with one look-up.
//   - Bits come from a buffer without byte stuffing, 8 bytes at a time: Fabian
//     Giesen's variant 4, see bitReader.
//   - Of a progressive JPEG, the coefficients that the scale uses are kept, and
//     one bit for each of the others, which is what refinements need to know.
//     Scans that can't change what is used aren't read.
//
// # Region
//
// Rows below the region aren't read, samples outside of it aren't made. The
// rows above have to be read, because each DC coefficient depends on the one
// before.
package jpegscale
