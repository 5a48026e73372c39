// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime/pprof"
	"sync"
	"time"
)

// A recording takes CPU profiles of all nodes and of this process.
type recording struct {
	own  *os.File
	errs chan error
	done sync.WaitGroup
}

// record begins a recording of the given length. The files in dir are named for
// label and node.
func record(ctx context.Context, dir, label string, nodes []Node, length time.Duration) (*recording, error) {
	own, err := os.Create(filepath.Join(dir, label+"-loader.pprof"))
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	r := &recording{own: own, errs: make(chan error, len(nodes))}
	if err := pprof.StartCPUProfile(own); err != nil {
		return nil, errors.Join(fmt.Errorf("profile: %w", err), own.Close())
	}
	seconds := max(1, int(length/time.Second))
	for _, n := range nodes {
		r.done.Go(func() {
			r.errs <- fetchProfile(ctx, n, seconds, filepath.Join(dir, label+"-"+n.Name+".pprof"))
		})
	}
	return r, nil
}

func fetchProfile(ctx context.Context, n Node, seconds int, path string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("profile %s: %w", n.Name, err)
		}
	}()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/debug/pprof/profile?seconds=%d", n.ProfileURL, seconds), nil)
	if err != nil {
		return err
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	if a.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP status %d", a.StatusCode)
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, a.Body)
	return errors.Join(err, out.Close())
}

// stop ends the recording of this process and waits for those of the nodes.
func (r *recording) stop() error {
	pprof.StopCPUProfile()
	r.done.Wait()
	close(r.errs)
	errs := []error{r.own.Close()}
	for err := range r.errs {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
