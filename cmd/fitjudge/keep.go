package main

import (
	"bufio"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/dedupidx/dedupidx/index/dedup"
	"github.com/dedupidx/dedupidx/stages"
)

// kept is the pairs of an index as they lie in a file beside it, since to gather those
// of a few thousand pictures takes minutes.
type kept struct {
	Version int64  // of dedup, which names all stages
	Labels  string // the text of the labels
	Pairs   []keptPair
}

type keptPair struct {
	Studied dedup.Studied
	Copy    bool
	Apart   []string
	Files   [2]string
	Kinds   [2]string
	Leave   []string
}

// readKept returns the pairs that were kept for an index; none, where no file is there or
// it was written for other stages or labels.
func readKept(path, labels string, version int64) ([]pair, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read kept pairs: %w", err)
	}
	defer f.Close()
	var k kept
	if err := gob.NewDecoder(bufio.NewReader(f)).Decode(&k); err != nil {
		return nil, fmt.Errorf("read kept pairs: %s: %w; remove it to gather them again", path, err)
	}
	if k.Version != version || k.Labels != labels {
		return nil, nil
	}
	pairs := make([]pair, len(k.Pairs))
	for i, p := range k.Pairs {
		pairs[i] = pair{Studied: p.Studied, apart: p.Apart, files: p.Files, leave: p.Leave,
			sample: sample{x: stages.Testimony(p.Studied.Evidence), copy: p.Copy, weight: 1, kinds: p.Kinds}}
	}
	return pairs, nil
}

func writeKept(path, labels string, version int64, pairs []pair) error {
	k := kept{Version: version, Labels: labels}
	for _, p := range pairs {
		k.Pairs = append(k.Pairs, keptPair{p.Studied, p.copy, p.apart, p.files, p.kinds, p.leave})
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("keep pairs: %w", err)
	}
	w := bufio.NewWriter(f)
	if err := errors.Join(gob.NewEncoder(w).Encode(k), w.Flush(), f.Close()); err != nil {
		return fmt.Errorf("keep pairs: %s: %w", path, err)
	}
	return nil
}
