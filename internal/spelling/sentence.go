package spelling

// longestGuessed is the length in bytes of the longest name that Hint guesses at.
const longestGuessed = 200

// Hint returns the end of a sentence that names the known name that somebody may have meant, as in "; did you mean times?",
// or "" if none is near. It repeats nothing of what was sent.
func Hint(sent string, known []string) string {
	if len(sent) > longestGuessed {
		return ""
	}
	if near := Nearest(sent, known); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}
