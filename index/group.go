package index

import (
	"context"
	"fmt"
	"slices"
	"sort"
)

// Cluster is a group at a sensitivity: contents that show one picture.
type Cluster struct {
	ID         int64   // the representative's content
	Space      int64   // bytes to win when only the best file stays
	Similarity float64 // smallest of its members, kept to a millionth
	Files      int     // rows that a report shows
	Path       string  // smallest full path among its files
	Members    []Member
}

// Best is the kind of a group's representative.
const Best = "best"

// Member is a content of a group; the representative is one, of kind best.
type Member struct {
	Content    int64
	Kind       string    // best, pixels, near, transformed, partial: what it is to the representative
	Similarity float64   // to the representative, kept to a millionth
	Transform  Transform // representative to this one
}

// Regrouped is what changes at one sensitivity: clusters that go, by id, and
// clusters that come. A cluster that is in both comes in its new form.
type Regrouped struct {
	Removed  []int64
	Clusters []Cluster
}

const (
	selectClustersOf = `
SELECT DISTINCT grouping.cluster
FROM json_each(?2) AS wanted
CROSS JOIN grouping ON grouping.content = wanted.value AND grouping.sensitivity = ?1
ORDER BY grouping.cluster`

	deleteCluster = `
DELETE FROM cluster WHERE sensitivity = ?1 AND id = ?2`

	insertCluster = `
INSERT INTO cluster (sensitivity, id, space, similarity, files, path) VALUES (?1, ?2, ?3, ?4, ?5, ?6)`

	insertGrouping = `
INSERT INTO grouping (sensitivity, cluster, content, kind, similarity, transform) VALUES (?1, ?2, ?3, ?4, ?5, ?6)`
)

// ClustersOf are the ids of the clusters at a sensitivity that hold one of the contents.
func (x *Index) ClustersOf(ctx context.Context, sensitivity string, contents []int64) (ids []int64, err error) {
	err = x.question(ctx, "find groups of contents", selectClustersOf, []any{sensitivity, list(contents)}, scanID(&ids))
	return ids, err
}

// WriteClusters stores groups that were made anew: at each sensitivity the
// removed ones go and the new ones come; the flags of the cleared contents fall,
// but for those that were raised again since Flagged was called; the extra
// matches, found while the groups were made, are stored and flag nothing.
func (x *Index) WriteClusters(ctx context.Context, cleared []int64, done map[string]Regrouped, extra []Match) error {
	return x.write(ctx, fmt.Sprintf("store groups of %d contents", len(cleared)), func(t *transaction) error {
		for _, m := range extra {
			if _, _, err := t.putMatch(m); err != nil {
				return err
			}
		}
		sensitivities := make([]string, 0, len(done))
		for s := range done {
			sensitivities = append(sensitivities, s)
		}
		sort.Strings(sensitivities)
		for _, s := range sensitivities {
			if err := t.regroup(s, done[s]); err != nil {
				return err
			}
		}
		cleared := unique(cleared)
		slices.Sort(cleared)
		_, err := t.exec(lowerFlags, list(cleared), x.grouped.Load())
		return err
	})
}

func (t *transaction) regroup(sensitivity string, r Regrouped) error {
	for _, id := range r.Removed {
		if _, err := t.exec(deleteCluster, sensitivity, id); err != nil {
			return err
		}
	}
	for _, c := range r.Clusters {
		if _, err := t.exec(deleteCluster, sensitivity, c.ID); err != nil {
			return err
		}
		if err := t.putCluster(sensitivity, c); err != nil {
			return fmt.Errorf("group of content %d: %w", c.ID, err)
		}
	}
	return nil
}

func (t *transaction) putCluster(sensitivity string, c Cluster) error {
	similarity, err := millionths(c.Similarity)
	if err != nil {
		return fmt.Errorf("similarity: %w", err)
	}
	if _, err := t.exec(insertCluster, sensitivity, c.ID, c.Space, similarity, c.Files, []byte(c.Path)); err != nil {
		return err
	}
	t.comes("cluster", sensitivity, 0)
	for _, m := range c.Members {
		similarity, err := millionths(m.Similarity)
		if err != nil {
			return fmt.Errorf("similarity of content %d: %w", m.Content, err)
		}
		if _, err := t.exec(insertGrouping, sensitivity, c.ID, m.Content, m.Kind, similarity, m.Transform.blob()); err != nil {
			return err
		}
	}
	return nil
}
