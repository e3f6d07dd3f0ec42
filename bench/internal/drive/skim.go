package drive

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// skim reads an answer of HTTP/1.1, and returns its status and the size of its body. It keeps nothing: http.ReadResponse would cost as
// much as some of the servers that are measured. It does not know answers without a body other than by a length of 0, or bodies that end
// with the connection.
func skim(reader *bufio.Reader) (status int, size int64, err error) {
	line, err := readLine(reader)
	if err != nil {
		return 0, 0, err
	}
	if len(line) < len("HTTP/1.1 200") || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, 0, fmt.Errorf("the answer begins with %.20q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, fmt.Errorf("the answer begins with %.20q", line)
	}
	length, chunked := int64(-1), false
	for {
		if line, err = readLine(reader); err != nil {
			return 0, 0, err
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.ParseInt(string(value), 10, 64); err != nil {
				return 0, 0, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		}
	}
	if chunked {
		size, err = skipChunks(reader)
		return status, size, err
	}
	if length < 0 {
		return 0, 0, errors.New("the answer has neither a length nor chunks")
	}
	return status, length, skip(reader, length)
}

func skipChunks(reader *bufio.Reader) (total int64, err error) {
	for {
		line, err := readLine(reader)
		if err != nil {
			return 0, err
		}
		digits, _, _ := bytes.Cut(line, []byte(";"))
		size, err := strconv.ParseInt(string(bytes.TrimSpace(digits)), 16, 64)
		if err != nil || size < 0 {
			return 0, fmt.Errorf("a chunk begins with %.20q", line)
		}
		if size == 0 {
			return total, skipTrailers(reader)
		}
		total += size
		if err := skip(reader, size+2); err != nil { // a line ends each chunk
			return 0, err
		}
	}
}

func skipTrailers(reader *bufio.Reader) error {
	for {
		line, err := readLine(reader)
		if err != nil || len(line) == 0 {
			return err
		}
	}
}

// readLine returns a line without its end, valid until the next read.
func readLine(reader *bufio.Reader) ([]byte, error) {
	line, err := reader.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}

func skip(reader *bufio.Reader, size int64) error {
	for size > 0 {
		part := min(size, 1<<30)
		skipped, err := reader.Discard(int(part))
		if err != nil {
			return err
		}
		size -= int64(skipped)
	}
	return nil
}
