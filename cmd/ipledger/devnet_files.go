// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/config"
	"github.com/ipledger/ipledger/node/datadir"
	"github.com/ipledger/ipledger/p2p"
)

// devnetFormat is the format field of devnet.json.
const devnetFormat = "ipledger-devnet/1"

// A devnetRecord is devnet.json: what programs need to know of a development
// network. Paths are absolute.
type devnetRecord struct {
	Format         string         `json:"format"`
	Network        string         `json:"network"`
	Chain          ledger.Hash    `json:"chain"` // hash of the genesis file
	Suite          string         `json:"suite"`
	Genesis        string         `json:"genesis"`
	PassphraseFile string         `json:"passphrase_file"` // of every key file
	Nodes          []devnetNode   `json:"nodes"`
	People         []devnetPerson `json:"people"`
}

// A devnetNode is one validator and its process.
type devnetNode struct {
	Name             string              `json:"name"`
	Organisation     string              `json:"organisation"` // party id
	OrganisationCode string              `json:"organisation_code"`
	OrganisationName string              `json:"organisation_name"`
	Role             contracts.PartyRole `json:"role"`
	PID              int                 `json:"pid"` // 0: not running
	DataDir          string              `json:"data_dir"`
	APIURL           string              `json:"api_url"`
	P2PAddress       string              `json:"p2p_address"`
	ValidatorKey     keys.PublicKey      `json:"validator_key"`
	PeerID           string              `json:"peer_id"`
}

// A devnetPerson is one key holder.
type devnetPerson struct {
	Name         string         `json:"name"`         // organisation's short name and role, such as BA.maker
	Organisation string         `json:"organisation"` // party id
	Roles        []string       `json:"roles"`
	KeyFile      string         `json:"key_file"`
	PublicKey    keys.PublicKey `json:"public_key"`
}

func devnetFile(dir string) string { return filepath.Join(dir, "devnet.json") }

// openDevnet reads the network that lies in dir, wherever dir was moved to. The
// error is fs.ErrNotExist if there is none.
func openDevnet(dir string) (*devnetRecord, error) {
	raw, err := os.ReadFile(devnetFile(dir))
	if err != nil {
		return nil, fmt.Errorf("read development network: %w", err)
	}
	var r devnetRecord
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ledger.ErrInvalid, devnetFile(dir), err)
	}
	if r.Format != devnetFormat {
		return nil, fmt.Errorf("%w: %s has format %q, this program reads %q", ledger.ErrInvalid, devnetFile(dir), r.Format, devnetFormat)
	}
	r.place(dir)
	return &r, nil
}

// place sets the paths of a network that lies in dir.
func (r *devnetRecord) place(dir string) {
	r.Genesis = filepath.Join(dir, "genesis.json")
	r.PassphraseFile = filepath.Join(dir, "keys", "passphrase")
	for i := range r.Nodes {
		r.Nodes[i].DataDir = filepath.Join(dir, r.Nodes[i].Name)
	}
	for i := range r.People {
		r.People[i].KeyFile = filepath.Join(dir, "keys", r.People[i].Name+".json")
	}
}

// write replaces devnet.json: a reader sees the old one or the new one.
func (r *devnetRecord) write(dir string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write development network: %w", err)
	}
	path := devnetFile(dir)
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("write development network: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write development network: %w", err)
	}
	return nil
}

// devnetPlan says what a new network shall be like.
type devnetPlan struct {
	nodes int
	suite keys.Suite
	port  int // of the first node's API; 0: any free ports

	// configure changes what node.toml of a node says; nil changes nothing.
	configure func(*config.Config) error
}

// makeDevnet makes a new network in dir: keys, genesis and data directories.
// devnet.json is written last; a directory without it holds nothing of use.
func makeDevnet(e *env, dir string, plan devnetPlan) (*devnetRecord, error) {
	if entries, err := os.ReadDir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("make development network: %w", err)
	} else if len(entries) > 0 {
		return nil, fmt.Errorf("%w: %s is not empty and holds no finished development network; choose another directory, or empty this one", ledger.ErrConflict, dir)
	}
	r := &devnetRecord{Format: devnetFormat, Network: "devnet", Suite: plan.suite.Name()}
	ports, err := choosePorts(e, plan)
	if err != nil {
		return nil, err
	}
	validators := make([]keys.PrivateKey, plan.nodes)
	networks := make([]keys.PrivateKey, plan.nodes)
	for i, o := range devnetCast()[:plan.nodes] {
		n := devnetNode{
			Name:             fmt.Sprintf("node%d", i+1),
			Organisation:     o.PartyID,
			OrganisationCode: o.Code,
			OrganisationName: o.NameZH,
			Role:             o.Role,
			APIURL:           "http://127.0.0.1:" + strconv.Itoa(ports[i].api),
			P2PAddress:       "/ip4/127.0.0.1/tcp/" + strconv.Itoa(ports[i].p2p),
		}
		if validators[i], err = plan.suite.Generate(rand.Reader); err != nil {
			return nil, fmt.Errorf("make validator key: %w", err)
		}
		if networks[i], err = newNetworkKey(); err != nil {
			return nil, fmt.Errorf("make network key: %w", err)
		}
		n.ValidatorKey = validators[i].Public()
		if n.PeerID, err = p2p.PeerIDOfPublicKey([]byte(networks[i].Public().Bytes)); err != nil {
			return nil, err
		}
		r.Nodes = append(r.Nodes, n)
	}
	r.place(dir)

	if err := os.MkdirAll(filepath.Join(dir, "keys"), 0o700); err != nil {
		return nil, fmt.Errorf("make development network: %w", err)
	}
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		return nil, fmt.Errorf("make passphrase: %w", err)
	}
	if err := os.WriteFile(r.PassphraseFile, []byte(hex.EncodeToString(secret)+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("make passphrase: %w", err)
	}
	parties := devnetCast()[:max(plan.nodes, devnetCore)]
	for _, o := range parties {
		for _, role := range []string{contracts.Maker, contracts.Checker, contracts.Admin} {
			if _, err := r.addPerson(dir, o.Code+"."+role, o.PartyID, role); err != nil {
				return nil, err
			}
		}
	}
	genesis, err := r.genesis(e.Now(), parties)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(r.Genesis, genesis, 0o644); err != nil {
		return nil, fmt.Errorf("write genesis file: %w", err)
	}
	for i := range r.Nodes {
		c := r.config(i)
		if plan.configure != nil {
			if err := plan.configure(&c); err != nil {
				return nil, fmt.Errorf("make %s: %w", r.Nodes[i].Name, err)
			}
		}
		if err := datadir.Init(c, genesis, validators[i], networks[i], keys.DevnetCost); err != nil {
			return nil, fmt.Errorf("make %s: %w", r.Nodes[i].Name, err)
		}
	}
	return r, r.write(dir)
}

// newNetworkKey makes a libp2p key, which is Ed25519 whatever the suite.
func newNetworkKey() (keys.PrivateKey, error) {
	suite, err := keys.SuiteByName(string(keys.Ed25519))
	if err != nil {
		return nil, err
	}
	return suite.Generate(rand.Reader)
}

// addPerson makes the key of one more person.
func (r *devnetRecord) addPerson(dir, name, party string, roles ...string) (keys.PrivateKey, error) {
	suite, err := keys.SuiteByName(r.Suite)
	if err != nil {
		return nil, err
	}
	key, err := suite.Generate(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key of %s: %w", name, err)
	}
	passphrase, err := keys.ReadPassphrase(r.PassphraseFile)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "keys", name+".json")
	if err := keys.WriteFile(file, key, passphrase, keys.DevnetCost); err != nil {
		return nil, err
	}
	r.People = append(r.People, devnetPerson{Name: name, Organisation: party, Roles: roles, KeyFile: file, PublicKey: key.Public()})
	return key, nil
}

// genesis makes the genesis file and keeps its hash. Its time lies an idle
// minute back, so that the network makes its first block at once.
func (r *devnetRecord) genesis(now time.Time, parties []organisation) ([]byte, error) {
	suite, err := keys.SuiteByName(r.Suite)
	if err != nil {
		return nil, err
	}
	state := contracts.GenesisState{Area: devnetArea}
	// Nobody votes on calendars in a devnet: the years to come have their weekends.
	announced := contracts.FirstCalendars()
	for year := announced[len(announced)-1].Year + 1; year <= uint64(now.Year())+2; year++ {
		state.Calendars = append(state.Calendars, contracts.WeekdayCalendar(year))
	}
	for _, o := range parties {
		state.Parties = append(state.Parties, contracts.GenesisParty{
			PartyID: o.PartyID, NameZH: o.NameZH, NameEN: o.NameEN, Role: o.Role, AreaCode: o.area(),
		})
	}
	for _, p := range r.People {
		state.Persons = append(state.Persons, contracts.GenesisPerson{
			PersonID: contracts.PersonID(suite, p.PublicKey), Organisation: p.Organisation, Roles: p.Roles, Key: p.PublicKey,
		})
	}
	g := ledger.Genesis{
		Format: ledger.GenesisFormat,
		Name:   r.Network,
		Suite:  r.Suite,
		Time:   now.Add(-time.Minute).Truncate(time.Second).In(shanghai()),
	}
	for _, n := range r.Nodes {
		g.Validators = append(g.Validators, ledger.Validator{Name: n.Name, Organisation: n.Organisation, Key: n.ValidatorKey, PeerID: n.PeerID})
	}
	if g.State, err = json.Marshal(state); err != nil {
		return nil, fmt.Errorf("make genesis file: %w", err)
	}
	text, err := json.MarshalIndent(g, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("make genesis file: %w", err)
	}
	text = append(text, '\n')
	n, _, err := openGenesis(text)
	if err != nil {
		return nil, fmt.Errorf("make genesis file: %w", err)
	}
	r.Chain = n.trust.Chain
	return text, nil
}

// config is what node.toml of the i-th node says.
func (r *devnetRecord) config(i int) config.Config {
	c := config.Config{
		Dir:            r.Nodes[i].DataDir,
		Name:           r.Nodes[i].Name,
		P2PListen:      []string{r.Nodes[i].P2PAddress},
		Peers:          map[string][]string{},
		APIListen:      strings.TrimPrefix(r.Nodes[i].APIURL, "http://"),
		PassphraseFile: r.PassphraseFile,
	}
	for _, other := range r.Nodes {
		if other.Name != c.Name {
			c.Peers[other.Name] = []string{other.P2PAddress}
		}
	}
	return c
}

// p2pOffset is the distance between a node's two ports.
const p2pOffset = 100

type portPair struct{ api, p2p int }

// choosePorts gives every node its two ports: in a row from the wanted one, or
// another free one where that is taken.
func choosePorts(e *env, plan devnetPlan) ([]portPair, error) {
	var held []net.Listener // until all are chosen, so that none is chosen twice
	defer func() {
		for _, l := range held {
			_ = l.Close()
		}
	}()
	choose := func(want int) (int, error) {
		l, err := listenLocal(want)
		if err != nil {
			if l, err = listenLocal(0); err != nil {
				return 0, fmt.Errorf("find a free port: %w", err)
			}
		}
		held = append(held, l)
		got := l.Addr().(*net.TCPAddr).Port
		if want != 0 && got != want {
			e.say(e.text("port %d is taken; using %d instead", "端口 %d 已被占用，改用 %d"), want, got)
		}
		return got, nil
	}
	pairs := make([]portPair, plan.nodes)
	for i := range pairs {
		var want portPair
		if plan.port != 0 {
			want = portPair{plan.port + i, plan.port + p2pOffset + i}
		}
		var err error
		if pairs[i].api, err = choose(want.api); err != nil {
			return nil, err
		}
		if pairs[i].p2p, err = choose(want.p2p); err != nil {
			return nil, err
		}
	}
	return pairs, nil
}

func listenLocal(port int) (net.Listener, error) {
	return net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
}

// shanghai is the time zone of legal dates.
func shanghai() *time.Location { return time.FixedZone("+08:00", identifier.ZoneSeconds) }
