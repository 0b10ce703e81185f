package picture

import (
	"math/bits"
	"sync"
)

// What one picture needs for a moment is kept for the next: without it, each
// leaves some megabytes for the garbage collector. Pools are emptied by it when
// nobody sends pictures. There is one for each power of two of lengths.
var (
	bytePools  pools[byte]
	lanePools  pools[lanes]
	tokenPools pools[token]
)

// pools keeps slices of T, by the bits that their capacity has.
type pools[T any] [bits.UintSize]sync.Pool

// takeBytes returns n bytes of unknown content.
func takeBytes(n int) []byte { return bytePools.take(n) }

// giveBytes takes back what takeBytes gave; nothing may point to it any more.
func giveBytes(b []byte) { bytePools.give(b) }

// takeLanes returns n lanes of unknown content.
func takeLanes(n int) []lanes { return lanePools.take(n) }

// giveLanes takes back what takeLanes gave; nothing may point to it any more.
func giveLanes(l []lanes) { lanePools.give(l) }

func (p *pools[T]) take(n int) []T {
	class := bits.Len(uint(max(0, n-1))) // 1<<class ≥ n
	if kept, ok := p[class].Get().(*[]T); ok {
		return (*kept)[:n]
	}
	return make([]T, n, 1<<class)
}

func (p *pools[T]) give(s []T) {
	if cap(s) > 0 {
		p[bits.Len(uint(cap(s)))-1].Put(&s) // append may have grown it to any length
	}
}
