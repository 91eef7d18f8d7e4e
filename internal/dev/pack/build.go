package main

import (
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// build compiles the agent for arch, static and stripped. The settings that
// change what the compiler writes are fixed, so that the environment does not.
func build(ctx context.Context, arch, version string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "pack-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "dispatch")
	// The tag leaves out what the Makefile's build leaves out.
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", "urfave_cli_no_docs", "-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w -X main.version="+version, "-o", out, "./cmd/kratos-agent")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOAMD64=v1", "GOARM64=v8.0")
	if said, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("cannot build the agent for %s: %w\n%s", arch, err, said)
	}
	agent, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	return agent, checkStatic(agent, arch)
}

// checkStatic refuses a binary that is for another machine, or that needs a
// dynamic linker: the charm's container need not have one.
func checkStatic(agent []byte, arch string) error {
	file, err := elf.NewFile(bytes.NewReader(agent))
	if err != nil {
		return fmt.Errorf("cannot read the agent's binary: %w", err)
	}
	want := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[arch]
	if file.Machine != want {
		return fmt.Errorf("the agent for %s is built for %s", arch, file.Machine)
	}
	for _, prog := range file.Progs {
		if prog.Type == elf.PT_INTERP || prog.Type == elf.PT_DYNAMIC {
			return errors.New("the agent is linked dynamically")
		}
	}
	return nil
}

// describe is the version that git gives the tree, or dev without one.
func describe(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--tags", "--always", "--dirty").Output()
	if err != nil {
		return "dev"
	}
	return strings.TrimSpace(string(out))
}

// earliest is the first moment that a zip can hold.
func earliest() time.Time { return time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) }

// sourceDate is the time that the packed files bear: SOURCE_DATE_EPOCH (see
// reproducible-builds.org) or the last commit's or, without either, 1980.
func sourceDate(ctx context.Context) time.Time {
	text := os.Getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		out, err := exec.CommandContext(ctx, "git", "log", "-1", "--format=%ct").Output()
		if err != nil {
			return earliest()
		}
		text = strings.TrimSpace(string(out))
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || time.Unix(seconds, 0).Before(earliest()) {
		return earliest()
	}
	return time.Unix(seconds, 0).UTC()
}
