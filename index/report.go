package index

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"sort"
)

// Order is that of the groups of a report. What is equal stands in the order
// of the smallest path, then of the representative's hash.
type Order string

const (
	BySpace      Order = "space"      // most bytes to win first
	BySimilarity Order = "similarity" // most similar first
	ByPath       Order = "path"
	ByDate       Order = "date" // newest capture first
)

// Group is a cluster with all its rows: the best content's files first, then
// core members' by full path, then partial ones' by full path.
type Group struct {
	Cluster
	Rows []Row
}

// Row is a file of a group. A content that lies in several files has a row
// for each; one that lies in none any more has no row, and is a Member only.
type Row struct {
	Group      int64 // number of the group in this order, from 1
	Kind       string
	Similarity float64
	Transform  Transform
	Content    Content
	File       Located
}

const (
	clusterColumns = `cluster.id, cluster.space, cluster.similarity, cluster.files, cluster.path`

	selectClustersBySpace = `
SELECT ` + clusterColumns + `
FROM cluster JOIN content ON content.id = cluster.id
WHERE cluster.sensitivity = ?1
ORDER BY cluster.space DESC, cluster.path, content.hash`

	selectClustersBySimilarity = `
SELECT ` + clusterColumns + `
FROM cluster JOIN content ON content.id = cluster.id
WHERE cluster.sensitivity = ?1
ORDER BY cluster.similarity DESC, cluster.path, content.hash`

	selectClustersByPath = `
SELECT ` + clusterColumns + `
FROM cluster JOIN content ON content.id = cluster.id
WHERE cluster.sensitivity = ?1
ORDER BY cluster.path, content.hash`

	selectClustersByDate = `
SELECT ` + clusterColumns + `
FROM cluster JOIN content ON content.id = cluster.id
WHERE cluster.sensitivity = ?1
ORDER BY (SELECT max(member.taken)
          FROM grouping CROSS JOIN content AS member ON member.id = grouping.content
          WHERE grouping.sensitivity = ?1 AND grouping.cluster = cluster.id) DESC,
         cluster.path, content.hash`

	selectMembers = `
SELECT grouping.kind, grouping.similarity, grouping.transform,
       ` + contentColumns + `
FROM grouping CROSS JOIN content ON content.id = grouping.content
WHERE grouping.sensitivity = ?1 AND grouping.cluster = ?2
ORDER BY content.hash`
)

func (o Order) query() (string, error) {
	switch o {
	case BySpace, "":
		return selectClustersBySpace, nil
	case BySimilarity:
		return selectClustersBySimilarity, nil
	case ByPath:
		return selectClustersByPath, nil
	case ByDate:
		return selectClustersByDate, nil
	}
	return "", fmt.Errorf("no order of groups is named %q: space, similarity, path and date are", string(o))
}

// ClusterRows gives the groups at a sensitivity in the order asked for. It
// sees one moment of the index and holds one group in memory. It keeps a
// connection until it ends, and while it lasts the log of the writer grows: do
// not wait for people in the loop.
func (x *Index) ClusterRows(ctx context.Context, sensitivity string, order Order) iter.Seq2[Group, error] {
	return func(yield func(Group, error) bool) {
		if err := x.clusterRows(ctx, sensitivity, order, func(g Group) bool { return yield(g, nil) }); err != nil {
			yield(Group{}, fmt.Errorf("read groups: %w", clarify(x.path, err)))
		}
	}
}

// GroupsOf are the groups at a sensitivity in which a content stands, by the
// representative's id, with their rows; their number is 0.
func (x *Index) GroupsOf(ctx context.Context, sensitivity string, content int64) (list []Group, err error) {
	ids, err := x.ClustersOf(ctx, sensitivity, []int64{content})
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	tx, err := x.snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("read groups of content %d: %w", content, clarify(x.path, err))
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	for _, id := range ids {
		g := Group{Cluster: Cluster{ID: id}}
		if err := fillGroup(ctx, tx, sensitivity, 0, &g); err != nil {
			return nil, fmt.Errorf("read groups of content %d: %w", content, clarify(x.path, err))
		}
		list = append(list, g)
	}
	return list, nil
}

func (x *Index) clusterRows(ctx context.Context, sensitivity string, order Order, yield func(Group) bool) error {
	query, err := order.query()
	if err != nil {
		return err
	}
	tx, err := x.snapshot(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	clusters, err := tx.QueryContext(ctx, query, sensitivity)
	if err != nil {
		return err
	}
	defer clusters.Close()
	for number := int64(1); clusters.Next(); number++ {
		var g Group
		if err := clusters.Scan(&g.ID, &g.Space, share{&g.Similarity}, &g.Files, &g.Path); err != nil {
			return err
		}
		if err := fillGroup(ctx, tx, sensitivity, number, &g); err != nil {
			return fmt.Errorf("group of content %d: %w", g.ID, err)
		}
		if !yield(g) {
			return nil
		}
	}
	return clusters.Err()
}

// fillGroup reads the members of a group and their files.
func fillGroup(ctx context.Context, tx *sql.Tx, sensitivity string, number int64, g *Group) error {
	var contents []Content
	var ids []int64
	err := ask(ctx, tx, selectMembers, []any{sensitivity, g.ID}, func(rows *sql.Rows) error {
		var m Member
		var c Content
		if err := rows.Scan(append([]any{&m.Kind, share{&m.Similarity}, &m.Transform}, scanContent(&c)...)...); err != nil {
			return err
		}
		m.Content = c.ID
		g.Members = append(g.Members, m)
		contents = append(contents, c)
		ids = append(ids, c.ID)
		return nil
	})
	if err != nil {
		return err
	}
	files, err := filesOf(ctx, tx, ids)
	if err != nil {
		return err
	}
	for i, m := range g.Members {
		for _, f := range files[m.Content] {
			g.Rows = append(g.Rows, Row{
				Group: number, Kind: m.Kind, Similarity: m.Similarity, Transform: m.Transform, Content: contents[i], File: f,
			})
		}
	}
	sort.SliceStable(g.Rows, func(i, j int) bool {
		a, b := &g.Rows[i], &g.Rows[j]
		if rank(a.Kind) != rank(b.Kind) {
			return rank(a.Kind) < rank(b.Kind)
		}
		return a.File.Path < b.File.Path
	})
	return nil
}

// rank puts the best first and what only shares a part last.
func rank(kind string) int {
	switch kind {
	case Best:
		return 0
	case "partial":
		return 2
	}
	return 1
}
