package store

import (
	"runtime"
	"testing"
)

// A record remembers an answer while something else keeps it, and costs no memory afterwards. A copy remembers none.
func TestRecordRemembersWhatOthersKeep(t *testing.T) {
	record, kept := &Record{}, &Shown{Text: []byte(`{"name":"a"}`)}
	if record.Remembered() != nil {
		t.Error("a new record remembers an answer")
	}
	record.Remember(kept)
	runtime.GC()
	if record.Remembered() != kept {
		t.Error("the record has forgotten the answer")
	}
	if record.Copy().Remembered() != nil {
		t.Error("the copy remembers the answer of the original")
	}
	runtime.KeepAlive(kept)
	runtime.GC()
	if record.Remembered() != nil {
		t.Error("the record keeps the answer in memory")
	}
}
