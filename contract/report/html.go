package report

import (
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/credmock/credmock/internal/pagestyle"
)

//go:embed html
var htmlFiles embed.FS

var htmlTemplate = template.Must(template.Must(template.New("page.html").ParseFS(htmlFiles, "html/*")).ParseFS(pagestyle.Files, "base.css"))

// htmlPage is the data of the page.
type htmlPage struct {
	Report
	Counts  []htmlCount
	Columns []string
	Rows    []htmlRow
	Skips   []alike
	Remarks []remark
	Told    []string // notes and coverage
	List    []htmlCheck
}

// htmlCount is the number of results of one standing.
type htmlCount struct {
	Standing standing
	Word     string
	Sign     string
	Count    int
}

// htmlRow is a family in the matrix.
type htmlRow struct {
	Name  string
	Cells []htmlCell
}

// htmlCell is a family and an action in the matrix, with the standing of its worst check.
type htmlCell struct {
	Family, Column string
	Standing       standing
	Sign           string
	Worst, All     int
	Label          string
}

// htmlCheck is a check in the list.
type htmlCheck struct {
	Result
	Standing standing
	Word     string
	Sign     string
	Family   string
	Column   string
}

// signs supplement the colours for readers who cannot tell them apart.
var signs = map[standing]string{
	standingPassed: "✓", standingFailed: "✕", standingTroubled: "?", standingUnjudged: "?",
	standingKnown: "◆", standingWarned: "!", standingSkipped: "–",
}

// writeHTML writes the report as one page. It needs no network, and no JavaScript for reading.
func writeHTML(w io.Writer, report Report) error {
	report = printed(report)
	page := htmlPage{Report: report, Skips: report.skippedMusts(), Told: report.told()}
	for _, remark := range report.remarks() {
		if remark.Standing != standingPassed && remark.ID != remarkJudged {
			page.Remarks = append(page.Remarks, remark)
		}
	}
	page.count()
	page.fillList()
	page.fillMatrix()
	return htmlTemplate.Execute(w, page)
}

func (p *htmlPage) count() {
	counts := p.tally(p.Checks)
	for _, stands := range []standing{standingPassed, standingFailed, standingKnown, standingWarned, standingSkipped, standingTroubled,
		standingUnjudged} {
		if counts[stands] > 0 || stands == standingPassed || stands == standingFailed {
			p.Counts = append(p.Counts,
				htmlCount{Standing: stands, Word: plural(standingWords[stands], counts[stands]), Sign: signs[stands], Count: counts[stands]})
		}
	}
}

// fillList lists the worst checks first, otherwise in planned order.
func (p *htmlPage) fillList() {
	for _, result := range p.Checks {
		stands := p.standing(result)
		p.List = append(p.List, htmlCheck{result, stands, standingWords[stands], signs[stands], result.family(), columnOf(result.ID)})
	}
	slices.SortStableFunc(p.List, func(a, b htmlCheck) int {
		return cmp.Compare(slices.Index(standings, a.Standing), slices.Index(standings, b.Standing))
	})
}

// The columns of the matrix: the actions, one for other resources, and one for checks without an action.
const (
	columnNeighbours = "neighbours"
	columnOther      = "other"
)

var columns = []string{"strategies", "list", "create", "get", "update", "delete", columnNeighbours, columnOther}

// columnOf returns the action of a check's id.
func columnOf(id string) string {
	words := strings.Split(id, "/")
	for _, word := range append(words[1:], words[0]) {
		if slices.Contains(columns, word) {
			return word
		}
		if strings.HasPrefix(word, "destination") || strings.HasPrefix(word, "environment-") {
			return columnNeighbours
		}
	}
	return columnOther
}

func (p *htmlPage) fillMatrix() {
	cells := map[[2]string][]Result{}
	var filled []string
	for _, check := range p.List {
		key := [2]string{check.Family, check.Column}
		cells[key] = append(cells[key], check.Result)
		filled = append(filled, check.Column)
	}
	p.Columns = slices.DeleteFunc(slices.Clone(columns), func(column string) bool { return !slices.Contains(filled, column) })
	for _, family := range p.families() {
		row := htmlRow{Name: family.Name}
		for _, column := range p.Columns {
			row.Cells = append(row.Cells, p.cell(family.Name, column, cells[[2]string{family.Name, column}]))
		}
		p.Rows = append(p.Rows, row)
	}
}

func (p *htmlPage) cell(family, column string, results []Result) htmlCell {
	cell := htmlCell{Family: family, Column: column, All: len(results)}
	counts := p.tally(results)
	var words []string
	for _, stands := range standings {
		if counts[stands] == 0 {
			continue
		}
		if cell.Standing == "" {
			cell.Standing, cell.Sign, cell.Worst = stands, signs[stands], counts[stands]
		}
		words = append(words, fmt.Sprintf("%d %s", counts[stands], plural(standingWords[stands], counts[stands])))
	}
	cell.Label = family + ", " + column + ": " + strings.Join(words, ", ")
	return cell
}
