package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// applyFault lets happen what FAKE_PLUGIN_FAULTS (parted by semicolons) and --fake-fault say of a method.
func applyFault(method string, kept []string) error {
	for _, each := range append(strings.Split(os.Getenv("FAKE_PLUGIN_FAULTS"), ";"), kept...) {
		name, fault, _ := strings.Cut(each, "=")
		if name != method {
			continue
		}
		if err := happen(fault); err != nil {
			return err
		}
	}
	return nil
}

func happen(fault string) error {
	kind, text, _ := strings.Cut(fault, ":")
	switch kind {
	case "error":
		return errors.New(text)
	case "panic":
		panic(errors.New("runtime error: index out of range [3] with length 3"))
	case "crash":
		panic("not even an error")
	case "exit":
		fmt.Fprintln(os.Stderr, "fake: ending in the middle of a call")
		os.Exit(4)
	case "hang":
		select {}
	case "sleep":
		duration, err := time.ParseDuration(text)
		time.Sleep(duration)
		return err
	case "print":
		fmt.Println(text)
		return nil
	}
	return fmt.Errorf("fake driver: unknown fault %q", fault)
}

// logCall adds a line to the file FAKE_PLUGIN_LOG, if there is one.
func logCall(method string) {
	path := os.Getenv("FAKE_PLUGIN_LOG")
	if path == "" {
		return
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer file.Close()
	fmt.Fprintf(file, "%d %s\n", os.Getpid(), method)
}
