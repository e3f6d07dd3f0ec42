package command

import (
	"encoding/json"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/credmock/credmock"
)

// The commit and its date come from the repository in which the program was built, or from the version of the module.
func TestBuildOf(t *testing.T) {
	setting := func(key, value string) debug.BuildSetting { return debug.BuildSetting{Key: key, Value: value} }
	for name, test := range map[string]struct {
		info               *debug.BuildInfo
		commit, date, text string
	}{
		"nothing": {nil, "", "", "credmock " + credmock.ToolVersion + "\ngo "},
		"repository": {&debug.BuildInfo{Settings: []debug.BuildSetting{
			setting("vcs.revision", "9b0c86b"), setting("vcs.time", "2026-11-26T15:20:44Z"), setting("vcs.modified", "true"),
		}}, "9b0c86b", "2026-11-26T15:20:44Z", "\ncommit   9b0c86b, modified\ndate     2026-11-26T15:20:44Z\n"},
		"module": {&debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-20261126152044-9b0c86b2d1f0"}},
			"9b0c86b2d1f0", "2026-11-26T15:20:44Z", "\ncommit   9b0c86b2d1f0\n"},
		"module after a tag": {&debug.BuildInfo{Main: debug.Module{Version: "v0.1.1-0.20261126152044-9b0c86b2d1f0+dirty"}},
			"9b0c86b2d1f0", "2026-11-26T15:20:44Z", ""},
		"tag":         {&debug.BuildInfo{Main: debug.Module{Version: "v0.1.0"}}, "", "", ""},
		"pre-release": {&debug.BuildInfo{Main: debug.Module{Version: "v0.1.0-rc.1-a-b"}}, "", "", ""},
		"no date":     {&debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-20269926152044-9b0c86b2d1f0"}}, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := buildOf(test.info)
			if got.Commit != test.commit || got.Date != test.date || got.Go != runtime.Version() {
				t.Errorf("%+v", got)
			}
			if text, err := got.text(false); err != nil || !strings.Contains(text, test.text) {
				t.Errorf("%v %s", err, text)
			}
		})
	}
}

func TestVersionAsJSON(t *testing.T) {
	seen := invoke(t.Context(), nil, "version", "--json")
	var got map[string]any
	if err := json.Unmarshal([]byte(seen.stdout), &got); err != nil || seen.code != 0 {
		t.Fatalf("%d %v", seen.code, err)
	}
	if got["version"] != credmock.ToolVersion || got["go"] != runtime.Version() || got["platform"] != runtime.GOOS+"/"+runtime.GOARCH {
		t.Errorf("%v", got)
	}
}
