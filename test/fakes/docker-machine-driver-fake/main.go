// Command docker-machine-driver-fake stands in for a driver plugin of docker-machine 0.16; see README.md.
package main

import (
	"fmt"
	"net"
	"net/http"
	"net/rpc"
	"os"
	"strconv"
	"time"
)

const notInvokedByUs = `This is a Docker Machine plugin binary.
Plugin binaries are not intended to be invoked directly.
Please use this plugin through the main 'docker-machine' binary.
(API version: 1)
`

func main() {
	if os.Getenv("MACHINE_PLUGIN_TOKEN") != "42" {
		fmt.Fprint(os.Stderr, notInvokedByUs)
		os.Exit(1)
	}
	server := newServer(newDriver())
	register(server)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintf(os.Stderr, "Error loading RPC server: %s\n", err)
		os.Exit(1)
	}
	announce(listener.Addr().String())
	go http.Serve(listener, nil)
	os.Exit(untilClosed(server))
}

// register serves the driver under the names of old and of newer versions, as docker-machine's library does.
func register(server *RPCServerDriver) {
	service := os.Getenv("FAKE_PLUGIN_SERVICE")
	if service != "new" {
		rpc.RegisterName("RpcServerDriver", server)
	}
	if service != "old" {
		rpc.RegisterName("RPCServerDriver", server)
	}
	rpc.HandleHTTP()
}

func announce(address string) {
	switch os.Getenv("FAKE_PLUGIN_START") {
	case "silent":
	case "garbage":
		fmt.Println("Welcome to the fake plugin!")
	case "exit":
		fmt.Fprintln(os.Stderr, "fake: cannot read its licence")
		os.Exit(3)
	default:
		fmt.Println(address)
	}
	lines, _ := strconv.Atoi(os.Getenv("FAKE_PLUGIN_CHATTER"))
	for line := 1; line <= lines; line++ {
		fmt.Printf("chatter on stdout, line %d\n", line)
		fmt.Fprintf(os.Stderr, "chatter on stderr, line %d\n", line)
	}
}

// untilClosed is the exit status: 0 after Close, 1 when nobody's heart has been beating for a while.
func untilClosed(server *RPCServerDriver) int {
	patience := 10 * time.Second
	if ms, err := strconv.Atoi(os.Getenv("FAKE_PLUGIN_HEARTBEAT_MS")); err == nil {
		patience = time.Duration(ms) * time.Millisecond
	}
	for {
		select {
		case <-server.closed:
			fmt.Fprintln(os.Stderr, "Closing plugin on server side")
			return 0
		case <-server.heartbeats:
		case <-time.After(patience):
			return 1
		}
	}
}
