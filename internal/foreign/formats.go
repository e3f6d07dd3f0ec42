package foreign

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/credmock/credmock/internal/lazy"
)

// Markdown is like Console, but also escapes Markdown and HTML, such as links, images, lists and formulas.
func (t Text) Markdown() string {
	var escaped strings.Builder
	text := t.Console()
	for i, letter := range text {
		switch {
		case asEntity(text, i, letter):
			fmt.Fprintf(&escaped, "&#%d;", letter)
		case strings.ContainsRune("\\`*[]#|~!$", letter) || letter == '_' && !within(text, i) || beginsList(text, i, letter):
			escaped.WriteByte('\\')
			escaped.WriteRune(letter)
		default:
			escaped.WriteRune(letter)
		}
	}
	return escaped.String()
}

// asEntity reports whether a character becomes an HTML entity: those of HTML, a leading space, which begins a code block, and
// those that form an automatic link.
func asEntity(text string, i int, letter rune) bool {
	switch letter {
	case '<', '>', '&', '@':
		return true
	case ' ':
		return i == 0
	case '.':
		return i >= 3 && strings.EqualFold(text[i-3:i], "www")
	case ':':
		return strings.HasPrefix(text[i:], "://")
	}
	return false
}

// within reports whether a character is inside a word, where an underscore has no effect.
func within(text string, i int) bool {
	return i > 0 && isWord(text[i-1]) && i+1 < len(text) && isWord(text[i+1])
}

func isWord(letter byte) bool {
	return '0' <= letter && letter <= '9' || 'a' <= letter && letter <= 'z' || 'A' <= letter && letter <= 'Z'
}

// beginsList reports whether a character would make the text a list item, or the line before it a heading.
func beginsList(text string, i int, letter rune) bool {
	switch letter {
	case '-', '+', '=':
		return i == 0
	case '.', ')':
		return i > 0 && strings.Trim(text[:i], "0123456789") == "" && (i+1 == len(text) || text[i+1] == ' ')
	}
	return false
}

// MarkdownCode returns the text of Console as inline code.
func (t Text) MarkdownCode() string {
	text := t.Console()
	fence := strings.Repeat("`", longestRun(text, '`')+1)
	if text == "" || strings.Contains(text, "`") || strings.HasPrefix(text, " ") && strings.HasSuffix(text, " ") {
		text = " " + text + " "
	}
	return fence + text + fence
}

// MarkdownFence returns lines as Console writes them, as a code block in a language.
func MarkdownFence(language string, lines ...string) string {
	text := make([]string, len(lines))
	for i, line := range lines {
		text[i] = Text(line).Console()
	}
	block := strings.Join(text, "\n")
	fence := strings.Repeat("`", max(3, longestRun(block, '`')+1))
	return fence + language + "\n" + block + "\n" + fence
}

// longestRun returns the length of the longest run of the character.
func longestRun(text string, letter rune) int {
	longest, run := 0, 0
	for _, one := range text {
		if one != letter {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

var tapEscapes = strings.NewReplacer(`\`, `\\`, "#", `\#`)

// TAP is like Console, but also escapes TAP directives, for a description or a reason.
func (t Text) TAP() string { return tapEscapes.Replace(t.Console()) }

var (
	sarifEscapes     = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`)
	sarifPlaceholder = lazy.Regexp(`\{(\d+)\}`)
)

// SARIF is like String, but also escapes links and placeholders, for a SARIF message.
func (t Text) SARIF() string {
	return sarifPlaceholder().ReplaceAllString(sarifEscapes.Replace(t.String()), "{{$1}}")
}

// bareInShell matches a word that needs no quotes in a shell.
var bareInShell = lazy.Regexp(`^[A-Za-z0-9/_.:%@+=,-]+$`)

// ShellWord is like Shell, but adds quotes only if needed.
func (t Text) ShellWord() string {
	if bareInShell().MatchString(string(t)) {
		return string(t)
	}
	return t.Shell()
}

// HeaderVariable returns the shell variable for the value of a header: HEADER_X_GATE_KEY for X-Gate-Key.
func (t Text) HeaderVariable() string {
	return "HEADER_" + strings.ToUpper(noName().ReplaceAllString(string(t), "_"))
}

// noName matches what no name of a variable has.
var noName = lazy.Regexp(`[^A-Za-z0-9_]`)

// ShellVariable returns the text as the name of a shell variable: CLIENT_SECRET for clientSecret.
func (t Text) ShellVariable() string {
	var name strings.Builder
	for i, letter := range string(t) {
		if unicode.IsUpper(letter) && i > 0 || i == 0 && '0' <= letter && letter <= '9' {
			name.WriteByte('_')
		}
		if letter > unicode.MaxASCII || !unicode.IsLetter(letter) && !unicode.IsDigit(letter) {
			letter = '_'
		}
		name.WriteRune(unicode.ToUpper(letter))
	}
	return name.String()
}
