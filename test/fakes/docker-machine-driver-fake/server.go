package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
)

type none = struct{}

// RPCServerDriver has the methods that docker-machine calls. Its name is free; that of the service is given to net/rpc.
type RPCServerDriver struct {
	driver     *Driver
	closed     chan bool
	heartbeats chan bool
}

func newServer(driver *Driver) *RPCServerDriver {
	return &RPCServerDriver{driver, make(chan bool), make(chan bool)}
}

// do runs work after what should go wrong before it.
func (s *RPCServerDriver) do(method string, work func() error) error {
	logCall(method)
	if err := applyFault(method, s.driver.Faults); err != nil {
		return err
	}
	return work()
}

func answer[T any](s *RPCServerDriver, method string, reply *T, ask func() (T, error)) error {
	return s.do(method, func() (err error) {
		*reply, err = ask()
		return err
	})
}

func (s *RPCServerDriver) GetVersion(_ *none, reply *int) error {
	return answer(s, "GetVersion", reply, func() (int, error) {
		if version, err := strconv.Atoi(os.Getenv("FAKE_PLUGIN_VERSION")); err == nil {
			return version, nil
		}
		return 1, nil
	})
}

func (s *RPCServerDriver) GetCreateFlags(_ *none, reply *[]Flag) error {
	return answer(s, "GetCreateFlags", reply, func() ([]Flag, error) { return createFlags(), nil })
}

func (s *RPCServerDriver) SetConfigRaw(data []byte, _ *none) error {
	return s.do("SetConfigRaw", func() error { return json.Unmarshal(data, s.driver) })
}

func (s *RPCServerDriver) GetConfigRaw(_ *none, reply *[]byte) error {
	return answer(s, "GetConfigRaw", reply, func() ([]byte, error) {
		if text, set := os.LookupEnv("FAKE_PLUGIN_JSON"); set {
			return []byte(text), nil
		}
		return json.Marshal(s.driver)
	})
}

func (s *RPCServerDriver) SetConfigFromFlags(flags *DriverOptions, _ *none) error {
	return s.do("SetConfigFromFlags", func() error { return s.driver.setConfigFromFlags(*flags) })
}

func (s *RPCServerDriver) DriverName(_ *none, reply *string) error {
	return answer(s, "DriverName", reply, func() (string, error) { return "fake", nil })
}

func (s *RPCServerDriver) GetMachineName(_ *none, reply *string) error {
	return answer(s, "GetMachineName", reply, func() (string, error) { return s.driver.MachineName, nil })
}

func (s *RPCServerDriver) GetIP(_ *none, reply *string) error {
	return answer(s, "GetIP", reply, s.driver.ip)
}

func (s *RPCServerDriver) GetURL(_ *none, reply *string) error {
	return answer(s, "GetURL", reply, s.driver.url)
}

func (s *RPCServerDriver) GetSSHHostname(_ *none, reply *string) error {
	return answer(s, "GetSSHHostname", reply, s.driver.sshHostname)
}

func (s *RPCServerDriver) GetSSHKeyPath(_ *none, reply *string) error {
	return answer(s, "GetSSHKeyPath", reply, func() (string, error) { return s.driver.sshKeyPath(), nil })
}

func (s *RPCServerDriver) GetSSHPort(_ *none, reply *int) error {
	return answer(s, "GetSSHPort", reply, func() (int, error) { return s.driver.SSHPort, nil })
}

func (s *RPCServerDriver) GetSSHUsername(_ *none, reply *string) error {
	return answer(s, "GetSSHUsername", reply, func() (string, error) { return s.driver.SSHUser, nil })
}

func (s *RPCServerDriver) GetState(_ *none, reply *State) error {
	return answer(s, "GetState", reply, s.driver.state)
}

func (s *RPCServerDriver) PreCreateCheck(_ *none, _ *none) error {
	return s.do("PreCreateCheck", s.driver.preCreateCheck)
}

// Create answers with a panic that is an error; any other panic, and any in another method, ends the process.
func (s *RPCServerDriver) Create(_ *none, _ *none) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("Panic in the driver: %s\n%s", reason.(error), debug.Stack())
		}
	}()
	return s.do("Create", s.driver.create)
}

func (s *RPCServerDriver) Remove(_ *none, _ *none) error  { return s.do("Remove", s.driver.remove) }
func (s *RPCServerDriver) Start(_ *none, _ *none) error   { return s.do("Start", s.driver.start) }
func (s *RPCServerDriver) Stop(_ *none, _ *none) error    { return s.do("Stop", s.driver.stop) }
func (s *RPCServerDriver) Restart(_ *none, _ *none) error { return s.do("Restart", s.driver.restart) }
func (s *RPCServerDriver) Kill(_ *none, _ *none) error    { return s.do("Kill", s.driver.stop) }

func (s *RPCServerDriver) Heartbeat(_ *none, _ *none) error {
	return s.do("Heartbeat", func() error {
		s.heartbeats <- true
		return nil
	})
}

// Close may end the process before its answer is on the way, as the real one's may.
func (s *RPCServerDriver) Close(_ *none, _ *none) error {
	return s.do("Close", func() error {
		s.closed <- true
		return nil
	})
}
