// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/ledger/keys"
)

func main() {
	ignoreFileSizeSignal()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	code := run(ctx, &env{
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Getenv:  os.Getenv,
		Environ: os.Environ,
		Now:     time.Now,
	}, os.Args[1:])
	stop()
	os.Exit(code)
}

// An env is what the program is given from outside. Commands use nothing else
// of the machine but files and the network.
type env struct {
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Getenv  func(string) string
	Environ func() []string // nil: none can be listed
	Now     func() time.Time
	keyCost keys.Cost // of opening the key files that it makes; zero: as much as it should

	// Set by the flags of the root command.
	output string // table or json
	lang   string // en or zh

	answered bool   // the answer was printed
	help     *noted // standard output for help and completion
}

// run performs one command line and gives the exit code. It is the one place
// where errors are reported.
func run(ctx context.Context, e *env, args []string) int {
	e.output, e.lang = "table", languageOf(e.Getenv)
	root := rootCommand(e)
	started := false
	// For what goes wrong before the flags are read.
	if flagIn(args, "-o", "--output") == "json" {
		e.output = "json"
	}
	if lang := flagIn(args, "--lang"); lang == "en" || lang == "zh" {
		e.lang = lang
	}
	noteStart(root, &started)
	for i, arg := range args {
		// Encoders would put another character in its place, and the keys sign that.
		if !utf8.ValidString(arg) {
			return e.report(root, wrongCall("argument %d is not UTF-8: %q", i+1, arg))
		}
	}
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	unsaid := e.help.err
	if err == nil && unsaid == nil {
		return exitOK
	}
	if unsaid != nil && (err == nil || errors.Is(err, unsaid)) { // cobra may pass over it
		return e.report(cmd, &answerError{unsaid})
	}
	// Whatever fails before a command runs is a wrong call: cobra's own errors
	// have no type.
	if !started {
		err = usageError{err}
	}
	return e.report(cmd, err)
}

// A noted writer keeps the first error of writing.
type noted struct {
	w   io.Writer
	err error
}

func (n *noted) Write(p []byte) (int, error) {
	written, err := n.w.Write(p)
	if n.err == nil {
		n.err = err
	}
	return written, err
}

func rootCommand(e *env) *cobra.Command {
	root := &cobra.Command{
		Use:           "ipledger",
		Short:         "A ledger of intellectual-property pledges that proves what it says offline",
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if e.output != "table" && e.output != "json" {
				return fmt.Errorf("output %q: want table or json", e.output)
			}
			if e.lang != "en" && e.lang != "zh" {
				e.lang = "en"
				return fmt.Errorf("language: want en or zh")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(e.Stdin)
	e.help = &noted{w: e.Stdout}
	root.SetOut(e.help)
	root.SetErr(e.Stderr)
	root.PersistentFlags().StringVarP(&e.output, "output", "o", e.output, "form of the answer, and of errors on standard output: table or json")
	root.PersistentFlags().StringVar(&e.lang, "lang", e.lang, "language of messages: en or zh")
	root.AddCommand(
		idCommand(e),
		keyCommand(e),
		genesisCommand(e),
		nodeCommand(e),
		configCommand(e),
		statusCommand(e),
		partyCommand(e),
		personCommand(e),
		rightCommand(e),
		freezeCommand(e),
		correctionCommand(e),
		alertCommand(e),
		pledgeCommand(e),
		certificateCommand(e),
		poolCommand(e),
		consentCommand(e),
		disposalCommand(e),
		loanCommand(e),
		consortiumCommand(e),
		txCommand(e),
		receiptCommand(e),
		proofCommand(e),
		evidenceCommand(e),
		devnetCommand(e),
		rehearseCommand(e),
		benchCommand(e),
		versionCommand(e),
	)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Args = func(cmd *cobra.Command, args []string) error {
				if _, rest, err := root.Find(args); err != nil || len(rest) > 0 {
					return fmt.Errorf("there is no command %q", strings.Join(args, " "))
				}
				return nil
			}
		case "completion":
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
	return root
}

// noun is a command that only groups its verbs.
func noun(name, short string, verbs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   name + " <verb>",
		Short: short,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("%s needs a verb", cmd.CommandPath())
			}
			return fmt.Errorf("%s has no verb %q", cmd.CommandPath(), args[0])
		},
		RunE: func(*cobra.Command, []string) error { return nil },
	}
	cmd.AddCommand(verbs...)
	return cmd
}

// noteStart makes every command below cmd tell when it begins to run.
func noteStart(cmd *cobra.Command, started *bool) {
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			*started = true
			return run(cmd, args)
		}
	}
	for _, sub := range cmd.Commands() {
		noteStart(sub, started)
	}
}

// require marks flags that a command cannot do without.
func require(cmd *cobra.Command, flags ...string) {
	for _, name := range flags {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(fmt.Sprintf("%s has no flag --%s", cmd.Name(), name))
		}
	}
}

// languageOf gives the language of messages: Chinese where the locale is, else
// English.
func languageOf(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if locale := getenv(name); locale != "" {
			if strings.HasPrefix(strings.ToLower(locale), "zh") {
				return "zh"
			}
			return "en"
		}
	}
	return "en"
}

// text chooses by the language of messages.
func (e *env) text(en, zh string) string {
	if e.lang == "zh" {
		return zh
	}
	return en
}

// say tells the person at the terminal something that is not the answer.
func (e *env) say(format string, args ...any) {
	fmt.Fprintln(e.Stderr, printable(fmt.Sprintf(format, args...)))
}
