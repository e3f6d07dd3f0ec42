// Package hostile has texts for tests that a target, a client or a file may send.
package hostile

// Texts have a special meaning in a shell, a scenario, a terminal, a CI server or a report format.
var Texts = []string{
	"x\nexec sh -c 'id; false'\n#", "\nstop", "\r\nskip", "x\n! exec false", "x\n[exec:sh] exec sh", "\nenv PATH=/tmp",
	"\n-- body-1.json --\n{}", "-- a --",
	"$(touch pwned)", "`touch pwned`", "\"; touch pwned; \"", "'; touch pwned; '", "$HOME", "${TOKEN}", "$$", "a b", "#", " # x", "\\", "\\'",
	"it's", "''", "!!", "*", "~", "[1-9]{a,b}",
	"@/etc/passwd", "-o pwned", "--config", "&& touch pwned", "| touch pwned", "> pwned", "\x00", "\x1b[2J\x1b]0;owned\a", "\u009b31m",
	"\u202eabc\u2066", "\u2028\u2029\u0085",
	"\ufeff\u200b\U000e0041", "\xff\xfe", "\ufffe\uffff", "\x7f\b\v\f",
	"# SKIP", " # TODO later", "\nok 1 - x", "\nBail out!", "\n  ...\n  ---", "1..99", "]]>", "<!-- -->", "<b>x</b>",
	"</script><script>alert(1)</script>", "&lt;&#60;", "<?xml?>",
	"](http://evil.example)", "![x](http://evil.example/p.png)", "<img src=x onerror=alert(1)>", "http://evil.example", "www.evil.example",
	"a@evil.example", "[x]: http://evil.example",
	"|", "a | b |", "```\n</details>", "````", "    indented", "- item", "1. item", "===", "# heading", "> quote", "**bold", "_a_",
	"$\\unicode{x}$", "{{.}}", "{0}", "[click](1)",
	"javascript:alert(1)", "\" onclick=\"alert(1)", "' onclick='alert(1)",
	"::error::x", "  ::set-output name=a::b", "x\n::stop-commands::y", "##[error]x", "x ##[add-mask]y", "##vso[task.setvariable variable=a]b",
	"##teamcity[x]", "a: b", "- a: 'b'", "%s%d%!", " ", "\t",
}
