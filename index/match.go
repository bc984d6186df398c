package index

import (
	"context"
	"database/sql"
	"fmt"
)

// Match is what was found of two contents. A is the one with the smaller hash.
type Match struct {
	A, B        int64
	Kind        string  // pixels, near, transformed, partial, or none: asked directly when groups were made
	Probability float64 // that they are copies, 0..1, kept to a millionth
	Similarity  float64 // 0..1, kept to a millionth
	Contains    int     // 1: A contains B, -1: B contains A, 0: neither
	Transform   Transform
	Scores      string // what each stage said, JSON
	Reason      string // the verdict in words
	Version     int64  // of retrieval and judge, as in Content.Compared
	Direct      bool   // no bucket proposed it: a group's representative was asked; it ties no pieces together
}

// None is the kind of a match that says: these two were compared, and are no copies.
const None = "none"

// Transform maps A to B in unit coordinates (the long side of each is 1):
// x' = T[0]x + T[1]y + T[2], y' = T[3]x + T[4]y + T[5]. All zero where there is none.
type Transform [6]float64

const (
	matchColumns = `match.a, match.b, match.kind, match.probability, match.similarity, match.contains,
       match.transform, match.scores, match.reason, match.version, match.direct`

	wordlessColumns = `match.a, match.b, match.kind, match.probability, match.similarity, match.contains,
       match.transform, '', '', match.version, match.direct`

	selectMatchesOf  = `SELECT ` + matchColumns + fromMatchesOf1 + `SELECT ` + matchColumns + fromMatchesOf2
	selectVerdictsOf = `SELECT ` + wordlessColumns + fromMatchesOf1 + `SELECT ` + wordlessColumns + fromMatchesOf2

	fromMatchesOf1 = `
FROM json_each(?1) AS wanted CROSS JOIN match ON match.a = wanted.value
UNION ALL
`
	fromMatchesOf2 = `
FROM json_each(?1) AS wanted CROSS JOIN match ON match.b = wanted.value
WHERE match.a NOT IN (SELECT value FROM json_each(?1))
ORDER BY 1, 2`

	upsertMatch = `
INSERT INTO match (a, b, kind, probability, similarity, contains, transform, scores, reason, version, direct)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
ON CONFLICT (a, b) DO UPDATE SET
    kind = excluded.kind, probability = excluded.probability, similarity = excluded.similarity,
    contains = excluded.contains, transform = excluded.transform, scores = excluded.scores,
    reason = excluded.reason, version = excluded.version, direct = excluded.direct
WHERE kind <> excluded.kind OR probability <> excluded.probability OR similarity <> excluded.similarity
   OR contains <> excluded.contains OR transform <> excluded.transform OR scores <> excluded.scores
   OR reason <> excluded.reason OR version <> excluded.version
   OR direct <> excluded.direct`

	selectMatchKind = `
SELECT kind FROM match WHERE a = ?1 AND b = ?2`

	selectHashOfContent = `
SELECT hash FROM content WHERE id = ?1`

	selectOthers = `
SELECT b FROM match WHERE a = ?1 AND kind <> 'none'
UNION ALL
SELECT a FROM match WHERE b = ?1 AND kind <> 'none'
ORDER BY 1`

	deleteMatchesOf = `
DELETE FROM match WHERE a = ?1 OR b = ?1`

	selectOutdated = `
SELECT content.id FROM match CROSS JOIN content ON content.id = match.b
WHERE match.a = ?1 AND match.version <> ?2 AND content.compared = ?2
UNION ALL
SELECT content.id FROM match CROSS JOIN content ON content.id = match.a
WHERE match.b = ?1 AND match.version <> ?2 AND content.compared = ?2
ORDER BY 1`

	deleteMatch = `
DELETE FROM match WHERE (a = ?1 AND b = ?2) OR (a = ?2 AND b = ?1)`

	leaveOut = `
UPDATE content SET compared = -1
WHERE id IN (SELECT value FROM json_each(?1)) AND lost > 0`

	deleteMatchesBetween = `
DELETE FROM match
WHERE (a IN (SELECT value FROM json_each(?1)) AND b IN (SELECT value FROM json_each(?2)))
   OR (b IN (SELECT value FROM json_each(?1)) AND a IN (SELECT value FROM json_each(?2)))`

	markUncompared = `
UPDATE content SET compared = 0 WHERE id IN (SELECT value FROM json_each(?1))`

	markCompared = `
UPDATE content SET compared = ?2 WHERE id = ?1 AND compared <> ?2`
)

// MatchesOf are the matches that have one of the contents on either side, by
// (A, B), each once; those of kind none too.
func (x *Index) MatchesOf(ctx context.Context, contents []int64) ([]Match, error) {
	return x.matches(ctx, fmt.Sprintf("read matches of %d contents", len(contents)), selectMatchesOf, list(unique(contents)))
}

// VerdictsOf are MatchesOf without Scores and Reason, which are two thirds of them.
func (x *Index) VerdictsOf(ctx context.Context, contents []int64) ([]Match, error) {
	return x.matches(ctx, fmt.Sprintf("read verdicts on %d contents", len(contents)), selectVerdictsOf, list(unique(contents)))
}

func (x *Index) matches(ctx context.Context, act, query string, args ...any) (list []Match, err error) {
	err = x.question(ctx, act, query, args, func(rows *sql.Rows) error {
		var m Match
		err := rows.Scan(&m.A, &m.B, &m.Kind, share{&m.Probability}, share{&m.Similarity}, &m.Contains,
			&m.Transform, &m.Scores, &m.Reason, &m.Version, &m.Direct)
		list = append(list, m)
		return err
	})
	return list, err
}

// WriteComparison stores what comparing contents has found: the matches, and
// that the contents were compared at this version. Flagged are both ends of
// each match that is new or differs, unless it was and is of kind none, and each
// content that was not yet compared at this version.
//
// What another version found of two contents is deleted when the second of
// them is compared at this one and does not find it again.
func (x *Index) WriteComparison(ctx context.Context, version int64, compared []int64, matches []Match) error {
	act := fmt.Sprintf("store %d matches of %d contents", len(matches), len(compared))
	return x.write(ctx, act, func(t *transaction) error {
		for _, m := range matches {
			was, changed, err := t.putMatch(m)
			if err != nil {
				return err
			}
			if changed && (was != None || m.Kind != None) {
				t.flag(m.A, m.B)
			}
		}
		for _, id := range compared {
			n, err := t.exec(markCompared, id, version)
			if err != nil {
				return err
			}
			if n > 0 {
				t.flag(id)
			}
		}
		for _, id := range compared { // when all are marked
			if err := t.dropOutdated(id, version); err != nil {
				return err
			}
		}
		return nil
	})
}

// AskAgain has contents compared anew, which are copies of more than they were compared with
// and have lost many of those. What was lost, contents that no file leads to, is left
// out meanwhile: it is compared again when a file leads to it again. The matches of
// those with these are deleted.
func (x *Index) AskAgain(ctx context.Context, contents, lost []int64) error {
	return x.write(ctx, fmt.Sprintf("have %d contents compared anew", len(contents)), func(t *transaction) error {
		if _, err := t.exec(leaveOut, list(lost)); err != nil {
			return err
		}
		if _, err := t.exec(deleteMatchesBetween, list(contents), list(lost)); err != nil {
			return err
		}
		_, err := t.exec(markUncompared, list(contents))
		return err
	})
}

func (t *transaction) dropOutdated(content, version int64) error {
	outdated, err := t.ids(selectOutdated, content, version)
	if err != nil {
		return err
	}
	for _, other := range outdated {
		if _, err := t.exec(deleteMatch, content, other); err != nil {
			return err
		}
		t.flag(content, other)
	}
	return nil
}

// putMatch stores a match and says of what kind it was (none where it is new)
// and whether anything changed.
func (t *transaction) putMatch(m Match) (was string, changed bool, err error) {
	if err := t.checkOrder(m); err != nil {
		return "", false, err
	}
	probability, err := millionths(m.Probability)
	if err != nil {
		return "", false, fmt.Errorf("probability of the match of contents %d and %d: %w", m.A, m.B, err)
	}
	similarity, err := millionths(m.Similarity)
	if err != nil {
		return "", false, fmt.Errorf("similarity of the match of contents %d and %d: %w", m.A, m.B, err)
	}
	was = None
	found, err := t.row(selectMatchKind, []any{m.A, m.B}, &was)
	if err != nil {
		return "", false, err
	}
	if !found {
		t.comes("match", m.Kind, 0)
	}
	n, err := t.exec(upsertMatch, m.A, m.B, m.Kind, probability, similarity, m.Contains,
		m.Transform.blob(), m.Scores, m.Reason, m.Version, m.Direct)
	return was, n > 0, err
}

// checkOrder refuses a match whose ends are not in the order of their hashes:
// the same pair would stand there twice.
func (t *transaction) checkOrder(m Match) error {
	var a, b Hash
	for _, end := range []struct {
		id int64
		h  *Hash
	}{{m.A, &a}, {m.B, &b}} {
		found, err := t.row(selectHashOfContent, []any{end.id}, end.h)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("match of contents %d and %d: there is no content %d", m.A, m.B, end.id)
		}
	}
	if !a.Less(b) {
		return fmt.Errorf("match of contents %d and %d: the one with the smaller hash must stand first", m.A, m.B)
	}
	return nil
}

// dropMatches deletes what was found of a content whose features are others
// now. It and the other ends must be grouped anew.
func (t *transaction) dropMatches(content int64) error {
	others, err := t.ids(selectOthers, content)
	if err != nil {
		return err
	}
	t.flag(content)
	t.flag(others...)
	_, err = t.exec(deleteMatchesOf, content)
	return err
}
