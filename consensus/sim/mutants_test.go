// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/ipledger/ipledger/consensus/sim"
)

// A mutant is the core with one line broken. The core has no switch for that: the
// test builds itself anew over a copy of the sources in which every line of
// mutants has one, and runs it once for each. What breaks the simulator's own
// parts, like a disk that loses what was synced, is in mutations.go.
type mutant struct {
	name      string
	file      string // below consensus
	line, now string // line stands in the file once; now names it by broken("name")
	seeds     int    // in which it must be found, 0 for 1,000
	o         sim.Options
	rules     []sim.Rule // one of which it breaks
	also      *edit      // what else must give way, where one thing guards another

	// test is one of package consensus that must fail, where no history shows what
	// is lost: while an attacker goes on, only safety is judged.
	test string
}

// An edit is one line put in the place of another.
type edit struct{ file, line, now string }

func (m mutant) edits() []edit {
	all := []edit{{m.file, m.line, m.now}}
	if m.also != nil {
		all = append(all, *m.also)
	}
	return all
}

// TestMutations shows for each line that is broken on purpose the seed with which
// the judge finds it, and for each rule something under which it is found broken: a
// green simulator proves nothing unless it would turn red. IPLEDGER_SIM_MUTANT=name
// tries one line.
func TestMutations(t *testing.T) {
	found := make(map[sim.Rule]int)
	only := os.Getenv("IPLEDGER_SIM_MUTANT")
	if !testing.Short() {
		huntAll(t, only, found)
	}
	if only != "" {
		return
	}
	for _, rule := range sim.Rules() {
		o, ok := disorders[rule]
		if !ok {
			continue
		}
		if o.Traitors == 0 {
			o.Traitors = sim.NoTraitors
		}
		if v := firstViolation(t, o, rule, 300); v != nil {
			fmt.Printf("mutant %s is found by seed %d: rule %q\n", cmp.Or(string(o.Mutation), "too many traitors"), v.Seed, v.Rule)
			found[rule]++
		}
	}
	for _, rule := range sim.Rules() {
		if _, ok := disorders[rule]; found[rule] == 0 && (ok || !testing.Short()) {
			t.Errorf("nothing breaks rule %q", rule)
		}
	}
	fmt.Printf("mutants=%d rules=%d broken=%d\n", len(mutants)+len(disorders), len(sim.Rules()), len(found))
}

// huntAll hunts every mutant, several at a time, and counts the rules they break.
func huntAll(t *testing.T, only string, found map[sim.Rule]int) {
	t.Helper()
	build := buildMutants(t)
	histories, tests := build("."), build("..")
	var mu sync.Mutex
	var running sync.WaitGroup
	room := make(chan struct{}, processors())
	for _, m := range mutants {
		if only != "" && only != m.name {
			continue
		}
		running.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			var rule sim.Rule
			var line string
			if m.test != "" {
				line = m.fails(t, tests)
			} else {
				rule, line = m.hunt(t, histories)
			}
			mu.Lock()
			defer mu.Unlock()
			if rule != "" {
				found[rule]++
			}
			fmt.Println(line)
		})
	}
	running.Wait()
}

var foundBy = regexp.MustCompile(`mutant (.*) is found by seed (\d+): rule "(.*)"`)

// hunt looks in a process of its own for a seed that finds the mutant.
func (m mutant) hunt(t *testing.T, binary string) (sim.Rule, string) {
	c := exec.CommandContext(t.Context(), binary, "-test.run=^TestMutant$", "-test.v", "-test.timeout=10m")
	c.Env = append(os.Environ(), "GOMAXPROCS=1", "IPLEDGER_MUTATION="+m.name)
	out, err := c.CombinedOutput()
	line := foundBy.FindStringSubmatch(string(out))
	if err != nil || line == nil {
		t.Errorf("mutant %q lives: %s", m.name, out)
		return "", "mutant " + m.name + " lives"
	}
	return sim.Rule(line[3]), line[0]
}

// fails runs the test that must fail, and that must pass with nothing broken.
func (m mutant) fails(t *testing.T, binary string) string {
	try := func(broken string) ([]byte, error) {
		c := exec.CommandContext(t.Context(), binary, "-test.run=^"+m.test+"$", "-test.timeout=5m")
		c.Dir, c.Env = "..", append(os.Environ(), "GOMAXPROCS=1", "IPLEDGER_MUTATION="+broken)
		return c.CombinedOutput()
	}
	if out, err := try("nothing"); err != nil || !bytes.HasPrefix(out, []byte("PASS")) {
		t.Errorf("mutant %q: %s does not pass with nothing broken: %v: %s", m.name, m.test, err, out)
	}
	out, err := try(m.name)
	var failed *exec.ExitError
	if !errors.As(err, &failed) {
		t.Errorf("mutant %q lives: %v: %s", m.name, err, out)
		return "mutant " + m.name + " lives"
	}
	return "mutant " + m.name + " is found by " + m.test
}

// TestMutant is one of those processes: it fails unless the judge finds the mutant.
func TestMutant(t *testing.T) {
	name := os.Getenv("IPLEDGER_MUTATION")
	if name == "" {
		t.Skip("for TestMutations")
	}
	for _, m := range mutants {
		if m.name != name {
			continue
		}
		others := make(map[sim.Rule]int)
		if m.seeds == 0 {
			m.seeds = 1000
		}
		for seed := range uint64(m.seeds) {
			o := m.o
			o.Seed = seed
			if o.Nodes == 0 {
				o.Nodes = 4
			}
			_, err := run(t, o)
			var v *sim.Violation
			if errors.As(err, &v) {
				for _, rule := range m.rules {
					if v.Rule == rule {
						fmt.Printf("mutant %s is found by seed %d: rule %q: %s\n", name, seed, v.Rule, v.Detail)
						return
					}
				}
				others[v.Rule]++
			}
		}
		t.Errorf("%d seeds, and none of %q was broken, but %v", m.seeds, m.rules, others)
	}
}

// buildMutants makes sources in which broken(name) tells which line is the broken
// one, and gives what builds the tests of a package over them.
func buildMutants(t *testing.T) func(folder string) string {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	sources := make(map[string]string)
	for _, m := range mutants {
		for _, e := range m.edits() {
			text, ok := sources[e.file]
			if !ok {
				raw, err := os.ReadFile(filepath.Join(root, e.file))
				if err != nil {
					t.Fatal(err)
				}
				text = string(raw)
			}
			if n := strings.Count(text, e.line); n != 1 {
				t.Fatalf("mutant %q: its line stands %d times in %s", m.name, n, e.file)
			}
			if !strings.Contains(e.now, fmt.Sprintf("broken(%q)", m.name)) {
				t.Fatalf("mutant %q: its line does not ask whether it is the broken one", m.name)
			}
			sources[e.file] = strings.Replace(text, e.line, e.now, 1)
		}
	}
	for _, folder := range []string{"", "rules/"} {
		name := "consensus"
		if folder != "" {
			name = strings.TrimSuffix(folder, "/")
		}
		sources[folder+"broken.go"] = "package " + name + "\n\nimport \"os\"\n\n" +
			"var isBroken = os.Getenv(\"IPLEDGER_MUTATION\")\n\nfunc broken(name string) bool { return isBroken == name }\n"
	}
	replace := make(map[string]string)
	for file, text := range sources {
		copied := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(copied, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(root, file)] = copied
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	return func(folder string) string {
		binary := filepath.Join(dir, fmt.Sprintf("mutants%d.test", len(folder)))
		c := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-overlay", list, "-o", binary, folder)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("build the mutants: %v\n%s", err, out)
		}
		return binary
	}
}
