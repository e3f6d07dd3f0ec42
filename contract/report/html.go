package report

import (
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/credmock/credmock/internal/pagestyle"
)

//go:embed html
var htmlFiles embed.FS

// htmlTemplate returns the page's template. Few commands write a page, so it is parsed on first use.
var htmlTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.Must(template.New("page.html").ParseFS(htmlFiles, "html/*")).ParseFS(pagestyle.Files, "base.css"))
})

// htmlPage is the data of the page.
type htmlPage struct {
	Report
	Counts   []htmlCount
	Matrices []htmlMatrix
	Families []string
	Skips    []alike
	Remarks  []remark
	Told     []string // notes and coverage
	Causes   []htmlCause
	Compared []htmlGroup
	List     []htmlCheck
	Lanes    []htmlLane
	Legend   []htmlCount
}

// htmlMatrix is a table of families and one other dimension.
type htmlMatrix struct {
	Title, Name, Filter string
	Columns             []string
	Rows                []htmlRow
}

// htmlCause is a cause with links to its checks.
type htmlCause struct {
	Cause
	Finding          htmlFinding
	Checks, Follows  []htmlLink
	Standing         standing
	Word, Sign, Name string
}

// htmlLink leads to a check.
type htmlLink struct {
	ID     string
	Number int // of the check; -1 if the report does not have it
}

// htmlGroup are checks that stand alike beside a former run.
type htmlGroup struct {
	Word   string
	Checks []htmlLink
}

// htmlFinding is a finding, with its values in parts.
type htmlFinding struct {
	Finding
	Parts *htmlParts
}

// htmlParts are two values that differ in the middle.
type htmlParts struct{ Before, Seen, Owed, SeenAfter, OwedAfter string }

// htmlLane is the requests of one operation, in pieces of time.
type htmlLane struct {
	Request, Label string
	Pieces         []htmlPiece
}

// htmlPiece is the worst answer of a piece of time.
type htmlPiece struct {
	At    int
	Class string
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
	Family, Filter, Column string
	Standing               standing
	Sign                   string
	Worst, All             int
	Label                  string
}

// htmlCheck is a check in the list.
type htmlCheck struct {
	Result
	Standing standing
	Word     string
	Sign     string
	Family   string
	Column   string
	Strategy string
	Number   int
	Findings []htmlFinding
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
	page.fillCauses()
	page.fillMatrices()
	page.fillLanes()
	for _, stands := range standings {
		page.Legend = append(page.Legend, htmlCount{Standing: stands, Word: standingWords[stands], Sign: signs[stands]})
	}
	return htmlTemplate().Execute(w, &page)
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

// When returns the start of the run; "" if it is not known.
func (p *htmlPage) When() string {
	if p.Started.IsZero() {
		return ""
	}
	return p.Started.UTC().Format(time.RFC3339)
}

// Seconds returns how long a check took; "" if it is not known.
func (c htmlCheck) Seconds() string {
	if c.Started.IsZero() {
		return ""
	}
	return strconv.FormatFloat(math.Round(c.Milliseconds)/1000, 'f', -1, 64) + " s"
}

// fillList lists the worst checks first, otherwise in planned order.
func (p *htmlPage) fillList() {
	for i, result := range p.Checks {
		stands := p.standing(result)
		check := htmlCheck{Result: result, Standing: stands, Word: standingWords[stands], Sign: signs[stands], Family: result.family(),
			Column: columnOf(result.ID), Strategy: p.strategyOf(result.ID), Number: i}
		for _, finding := range result.Findings {
			check.Findings = append(check.Findings, htmlFinding{finding, partsOf(finding.Difference)})
		}
		p.List = append(p.List, check)
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

// strategyOf returns the strategy in a check's id; "" if it is about the first one or about all.
func (p *htmlPage) strategyOf(id string) string {
	for _, capability := range p.Capabilities {
		if capability.Strategy && slices.Contains(strings.Split(id, "/"), capability.Name) {
			return capability.Name
		}
	}
	return columnAll
}

// columnAll is the column of checks that name no strategy: they are about the first one, or about all.
const columnAll = "first or all"

// partsOf splits the values of a difference into what they have in common and what differs.
func partsOf(difference *Difference) *htmlParts {
	if difference == nil {
		return nil
	}
	seen, owed := []rune(difference.Seen), []rune(difference.Owed)
	at := max(0, min(difference.At, len(seen), len(owed)))
	end := 0
	for end < min(len(seen), len(owed))-at && seen[len(seen)-1-end] == owed[len(owed)-1-end] {
		end++
	}
	return &htmlParts{string(owed[:at]), string(seen[at : len(seen)-end]), string(owed[at : len(owed)-end]),
		string(seen[len(seen)-end:]), string(owed[len(owed)-end:])}
}

// fillCauses lists what failures have in common, and how the run stands beside a former one.
func (p *htmlPage) fillCauses() {
	numbers := map[string]int{}
	for i, result := range p.Checks {
		numbers[result.ID] = i
	}
	links := func(ids []string) (list []htmlLink) {
		for _, id := range ids {
			number, known := numbers[id]
			if !known {
				number = -1
			}
			list = append(list, htmlLink{id, number})
		}
		return list
	}
	for _, cause := range p.Report.Causes {
		stands := p.worst(cause)
		p.Causes = append(p.Causes, htmlCause{Cause: cause, Finding: htmlFinding{cause.Finding, partsOf(cause.Finding.Difference)},
			Checks: links(cause.Checks), Follows: links(cause.Follows), Standing: stands, Word: standingWords[stands], Sign: signs[stands]})
	}
	if former := p.Former; former != nil {
		p.Compared = []htmlGroup{{"new", links(former.New)}, {"gone", links(former.Gone)}, {"still", links(former.Still)},
			{"fixed", links(former.Fixed)}}
	}
}

// fillMatrices counts the checks of each family by operation and by strategy.
func (p *htmlPage) fillMatrices() {
	for _, family := range p.families() {
		p.Families = append(p.Families, family.Name)
	}
	strategies := []string{columnAll}
	for _, capability := range p.Capabilities {
		if capability.Strategy {
			strategies = append(strategies, capability.Name)
		}
	}
	p.addMatrix(htmlMatrix{Title: "Families and operations", Name: "operations", Filter: "column"}, columns,
		func(check htmlCheck) string { return check.Column })
	if len(strategies) > 1 {
		p.addMatrix(htmlMatrix{Title: "Families and strategies", Name: "strategies", Filter: "strategy"}, strategies,
			func(check htmlCheck) string { return check.Strategy })
	}
}

func (p *htmlPage) addMatrix(matrix htmlMatrix, all []string, of func(htmlCheck) string) {
	cells := map[[2]string][]Result{}
	var filled []string
	for _, check := range p.List {
		key := [2]string{check.Family, of(check)}
		cells[key] = append(cells[key], check.Result)
		filled = append(filled, of(check))
	}
	matrix.Columns = slices.DeleteFunc(slices.Clone(all), func(column string) bool { return !slices.Contains(filled, column) })
	for _, family := range p.Families {
		row := htmlRow{Name: family}
		for _, column := range matrix.Columns {
			row.Cells = append(row.Cells, p.cell(family, matrix.Filter, column, cells[[2]string{family, column}]))
		}
		matrix.Rows = append(matrix.Rows, row)
	}
	p.Matrices = append(p.Matrices, matrix)
}

func (p *htmlPage) cell(family, filter, column string, results []Result) htmlCell {
	cell := htmlCell{Family: family, Filter: filter, Column: column, All: len(results)}
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
	visible := fmt.Sprint(cell.Worst, "/", cell.All)
	if cell.Worst == cell.All {
		visible = fmt.Sprint(cell.All)
	}
	cell.Label = column + " " + visible + " in " + family + ": " + strings.Join(words, ", ")
	return cell
}

// pieces is the number of pieces of time in a lane.
const pieces = 200

// fillLanes draws the requests of each operation over the time of the run.
func (p *htmlPage) fillLanes() {
	if len(p.Exchanges) == 0 {
		return
	}
	begin, end := p.Exchanges[0].Started, p.Exchanges[0].Started
	for _, e := range p.Exchanges {
		if e.Started.After(end) {
			end = e.Started
		}
	}
	length := max(end.Sub(begin), 1)
	at, counts := map[string]int{}, map[string]map[int]int{}
	for _, e := range p.Exchanges {
		if counts[e.Request] == nil {
			at[e.Request], counts[e.Request] = len(p.Lanes), map[int]int{}
			p.Lanes = append(p.Lanes, htmlLane{Request: e.Request})
		}
		piece := int(int64(pieces-1) * int64(e.Started.Sub(begin)) / int64(length))
		counts[e.Request][piece] = max(counts[e.Request][piece], gravity(e.Status))
	}
	for i := range p.Lanes {
		lane := &p.Lanes[i]
		for _, piece := range slices.Sorted(maps.Keys(counts[lane.Request])) {
			lane.Pieces = append(lane.Pieces, htmlPiece{piece, answerClasses[counts[lane.Request][piece]]})
		}
		lane.Label = lane.Request + ": requests in " + fmt.Sprint(len(lane.Pieces)) + " of " + fmt.Sprint(pieces) + " pieces of time"
	}
	if len(p.Lanes) > mostLanes {
		p.Lanes = p.Lanes[:mostLanes]
	}
}

// mostLanes is the number of lanes that are drawn: checks ask for many paths that no operation has.
const mostLanes = 30

// answerClasses are the classes of answers, the lightest first.
var answerClasses = []string{"ok", "refused", "error", "none"}

// gravity returns the index of an answer's class.
func gravity(status int) int {
	switch {
	case status == 0:
		return 3
	case status >= 500:
		return 2
	case status >= 400:
		return 1
	}
	return 0
}
