package target

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"io"
	"strings"
	"sync"
)

// compressedKinds encode bodies in ways that were not asked for, or that unfold to far more.
func compressedKinds() []Kind {
	encoded := func(name string, with func(*exchange) []byte) func(*exchange) {
		return func(e *exchange) {
			e.text = with(e)
			e.header.Set("Content-Encoding", name)
		}
	}
	return []Kind{
		{Name: "gzip", Does: "compresses every body", Sound: true, bend: encoded("gzip", func(e *exchange) []byte { return gzipped(e.text) })},
		{Name: "gzip-bomb", Does: "sends gzip that unfolds to gigabytes", Hides: true, bend: encoded("gzip", func(e *exchange) []byte {
			return bytes.Repeat(blanks(), e.size(10, 1000))
		})},
		{Name: "gzip-bomb-sound", Does: "sends gzip of a sound body and gigabytes of blanks", Hides: true,
			bend: encoded("gzip", func(e *exchange) []byte {
				return append(gzipped(e.text), bytes.Repeat(blanks(), e.size(10, 300))...)
			})},
		{Name: "gzip-nested", Does: "compresses every body five times", Hides: true, bend: encoded(strings.Repeat("gzip, ", 4)+"gzip",
			func(e *exchange) []byte {
				text := e.text
				for range 5 {
					text = gzipped(text)
				}
				return text
			})},
		{Name: "gzip-nested-bomb", Does: "compresses gigabytes of blanks twice", Hides: true,
			bend: encoded("gzip, gzip", func(e *exchange) []byte {
				return gzipped(bytes.Repeat(blanks(), e.size(10, 1000)))
			})},
		{Name: "gzip-lie", Does: "says gzip of a body that is none", Hides: true,
			bend: encoded("gzip", func(e *exchange) []byte { return e.text })},
		{Name: "gzip-cut", Does: "sends half of a compressed body", Hides: true, bend: encoded("gzip", func(e *exchange) []byte {
			text := gzipped(e.text)
			return text[:len(text)/2]
		})},
		{Name: "deflate", Does: "sends deflate, which nobody asked for", Hides: true, bend: encoded("deflate", func(e *exchange) []byte {
			var made bytes.Buffer
			writer, err := flate.NewWriter(&made, flate.BestSpeed)
			if err != nil {
				return nil
			}
			_, _ = writer.Write(e.text)
			_ = writer.Close()
			return made.Bytes()
		})},
		{Name: "brotli-lie", Does: "says br of a body that is none", Hides: true,
			bend: encoded("br", func(e *exchange) []byte { return e.text })},
	}
}

func gzipped(text []byte) []byte {
	var made bytes.Buffer
	writer := gzip.NewWriter(&made)
	_, _ = writer.Write(text) // a buffer takes everything
	_ = writer.Close()
	return made.Bytes()
}

// blanks is gzip of ten mebibytes of blanks. One after the other, such texts unfold to all of them.
var blanks = sync.OnceValue(func() []byte {
	var made bytes.Buffer
	writer := gzip.NewWriter(&made)
	_, _ = io.Copy(writer, io.LimitReader(blank{}, 10<<20))
	_ = writer.Close()
	return made.Bytes()
})

type blank struct{}

func (blank) Read(into []byte) (int, error) {
	for i := range into {
		into[i] = ' '
	}
	return len(into), nil
}
