package leak

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
)

// digestOf identifies the secret of a digest and the hash.
type digestOf struct {
	secret  int
	name    string
	certain bool
}

// digestHead is how many bytes identify a digest: a shorter piece could be anything.
const digestHead = 8

func (d *Detector) addDigests(value string, at int) {
	sha256Sum, md5Sum := sha256.Sum256([]byte(value)), md5.Sum([]byte(value))
	sha1Sum, sha512Sum := sha1.Sum([]byte(value)), sha512.Sum512([]byte(value))
	d.addDigest(sha256Sum[:], digestOf{at, "SHA-256", true})
	d.addDigest(md5Sum[:], digestOf{at, "MD5", true})
	d.addDigest(sha1Sum[:], digestOf{at, "SHA-1", false})
	d.addDigest(sha512Sum[:], digestOf{at, "SHA-512", false})
}

func (d *Detector) addDigest(sum []byte, of digestOf) {
	d.digests[string(sum[:digestHead])] = of
	d.heads[headOf(string(sum))] = true
	d.digests[hex.EncodeToString(sum)[:2*digestHead]] = of
}

func headOf(text string) int { return int(text[0])<<8 | int(text[1]) }

// scanDigests looks for digests: in hex in the text, and raw in decoded base64.
func (s *sightings) scanDigests(reading reading) {
	if reading.decoded {
		s.scanRawDigests(reading)
		return
	}
	for _, found := range base16.runs(reading.folded, 2*digestHead) {
		run := reading.folded[found.start:found.end]
		for start := 0; start+2*digestHead <= len(run); start++ {
			if of, hit := s.detector.digests[run[start:start+2*digestHead]]; hit {
				whole := len(run)-start >= 2*2*digestHead
				s.add(of.secret, of.name+" in hex", of.certain && whole)
			}
		}
	}
}

func (s *sightings) scanRawDigests(reading reading) {
	for start := 0; start+digestHead <= len(reading.text); start++ {
		if !s.detector.heads[headOf(reading.text[start:])] {
			continue
		}
		if of, hit := s.detector.digests[reading.text[start:start+digestHead]]; hit {
			s.add(of.secret, of.name+" in "+reading.form, false)
		}
	}
}
