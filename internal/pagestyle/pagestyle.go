// Package pagestyle has the style sheet that the inspector and the HTML report share: colours, light and dark, and resets.
package pagestyle

import "embed"

// Files holds base.css.
//
//go:embed base.css
var Files embed.FS

// Base returns the text of base.css.
func Base() []byte {
	text, err := Files.ReadFile("base.css")
	if err != nil {
		panic(err) // it is part of the program
	}
	return text
}
