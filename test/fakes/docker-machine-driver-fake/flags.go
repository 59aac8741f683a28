package main

import (
	"encoding/gob"
	"fmt"
	"os"
)

// Flag is docker-machine's mcnflag.Flag.
type Flag interface {
	String() string
	Default() interface{}
}

type StringFlag struct {
	Name   string
	Usage  string
	EnvVar string
	Value  string
}

type StringSliceFlag struct {
	Name   string
	Usage  string
	EnvVar string
	Value  []string
}

type IntFlag struct {
	Name   string
	Usage  string
	EnvVar string
	Value  int
}

type BoolFlag struct {
	Name   string
	Usage  string
	EnvVar string
}

func (f StringFlag) String() string            { return f.Name }
func (f StringFlag) Default() interface{}      { return f.Value }
func (f StringSliceFlag) String() string       { return f.Name }
func (f StringSliceFlag) Default() interface{} { return f.Value }
func (f IntFlag) String() string               { return f.Name }
func (f IntFlag) Default() interface{}         { return f.Value }
func (f BoolFlag) String() string              { return f.Name }
func (f BoolFlag) Default() interface{}        { return nil }

// DriverOptions is docker-machine's drivers.DriverOptions.
type DriverOptions interface {
	String(key string) string
	StringSlice(key string) []string
	Int(key string) int
	Bool(key string) bool
}

// RPCFlags are the values of flags on their way to a plugin.
type RPCFlags struct {
	Values map[string]interface{}
}

func (r RPCFlags) String(key string) string        { return valueOf[string](r, key) }
func (r RPCFlags) StringSlice(key string) []string { return valueOf[[]string](r, key) }
func (r RPCFlags) Int(key string) int              { return valueOf[int](r, key) }
func (r RPCFlags) Bool(key string) bool            { return valueOf[bool](r, key) }

// valueOf warns on stdout of a value that is missing or of another kind, and goes on, as docker-machine's library does.
func valueOf[T any](flags RPCFlags, key string) T {
	value, ok := flags.Values[key].(T)
	if !ok {
		fmt.Printf("WARNING: the option %s was to be a %T, but is %#v\n", key, value, flags.Values[key])
	}
	return value
}

// The names are those that gob gives to pointers to these types in docker-machine's packages.
func init() {
	if os.Getenv("FAKE_PLUGIN_SERVICE") == "old" {
		gob.RegisterName("*rpcdriver.RpcFlags", new(RPCFlags))
	} else {
		gob.RegisterName("*rpcdriver.RPCFlags", new(RPCFlags))
	}
	gob.RegisterName("*mcnflag.IntFlag", new(IntFlag))
	gob.RegisterName("*mcnflag.StringFlag", new(StringFlag))
	gob.RegisterName("*mcnflag.StringSliceFlag", new(StringSliceFlag))
	gob.RegisterName("*mcnflag.BoolFlag", new(BoolFlag))
}

// createFlags mixes pointers and values, as drivers do: on the wire they are the same.
func createFlags() []Flag {
	return []Flag{
		StringFlag{Name: "fake-ip", Usage: "Address of the machine", EnvVar: "FAKE_IP", Value: "127.0.0.1"},
		IntFlag{Name: "fake-engine-port", Usage: "Port of the engine", Value: 2376},
		StringFlag{Name: "fake-ssh-hostname", Usage: "Where SSH goes, if not to the address"},
		IntFlag{Name: "fake-ssh-port", Usage: "Port for SSH", EnvVar: "FAKE_SSH_PORT", Value: 22},
		StringFlag{Name: "fake-ssh-user", Usage: "User for SSH", EnvVar: "FAKE_SSH_USER", Value: "docker"},
		StringFlag{Name: "fake-ssh-key", Usage: "Private key for SSH, if not that of the machine"},
		&StringFlag{Name: "fake-zone", Usage: "Zone with \"quotes\", <brackets> & ümlauts", EnvVar: "FAKE_ZONE", Value: "eu-1"},
		&IntFlag{Name: "fake-memory", Usage: "Memory in MB", EnvVar: "FAKE_MEMORY", Value: 1024},
		&StringSliceFlag{Name: "fake-tag", Usage: "Tags", EnvVar: "FAKE_TAGS", Value: []string{"one", "two"}},
		&BoolFlag{Name: "fake-insecure", Usage: "Trust everybody", EnvVar: "FAKE_INSECURE"},
		StringSliceFlag{Name: "fake-fault", Usage: "What goes wrong, as METHOD=FAULT"},
	}
}
