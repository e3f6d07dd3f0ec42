package cli

import (
	"github.com/spf13/pflag"
)

// Origin says where the value of a flag comes from. A higher one beats a lower one.
type Origin int

// The origins of a value.
const (
	FromDefault Origin = iota
	FromFile
	FromEnvironment
	FromFlag
)

// originKey and placeKey are the annotations of a flag that was not set on the command line.
const (
	originKey = "credmock_origin"
	placeKey  = "credmock_place"
	secretKey = "credmock_secret"
)

// SetOrigin notes that a flag has its value from elsewhere than the command line: from a variable, or from a line of a file.
func SetOrigin(flag *pflag.Flag, origin Origin, place string) {
	flag.Changed = true
	annotate(flag, originKey, map[Origin]string{FromFile: "file", FromEnvironment: "environment"}[origin])
	annotate(flag, placeKey, place)
}

func annotate(flag *pflag.Flag, key, value string) {
	if flag.Annotations == nil {
		flag.Annotations = map[string][]string{}
	}
	flag.Annotations[key] = []string{value}
}

// OriginOf returns where the value of a flag comes from, and the name of the place for a message: --token, CREDMOCK_TOKEN or
// credmock.yaml:3.
func OriginOf(flag *pflag.Flag) (Origin, string) {
	if !flag.Changed {
		return FromDefault, ""
	}
	place := append(flag.Annotations[placeKey], "")[0]
	switch append(flag.Annotations[originKey], "")[0] {
	case "file":
		return FromFile, place
	case "environment":
		return FromEnvironment, place
	}
	return FromFlag, "--" + flag.Name
}

// MarkSecret says that the values of flags are never shown.
func MarkSecret(flags *pflag.FlagSet, names ...string) {
	for _, name := range names {
		annotate(flags.Lookup(name), secretKey, "true")
	}
}

// IsSecret tells whether the value of a flag is never shown.
func IsSecret(flag *pflag.Flag) bool { return flag.Annotations[secretKey] != nil }

// SecretValues returns the values of flags that are never shown.
func SecretValues(flags *pflag.FlagSet) []string {
	var values []string
	flags.VisitAll(func(flag *pflag.Flag) {
		if !IsSecret(flag) || !flag.Changed {
			return
		}
		if list, isList := flag.Value.(pflag.SliceValue); isList {
			values = append(values, list.GetSlice()...)
		} else {
			values = append(values, flag.Value.String())
		}
	})
	return values
}
