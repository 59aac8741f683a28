package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// State has docker-machine's numbers.
type State int

const (
	stateNone State = iota
	stateRunning
	statePaused
	stateSaved
	stateStopped
	stateStopping
	stateStarting
	stateError
	stateTimeout
)

var stateNames = []string{"None", "Running", "Paused", "Saved", "Stopped", "Stopping", "Starting", "Error", "Timeout"}

// BaseDriver has the keys that docker-machine's library gives to every driver.
type BaseDriver struct {
	IPAddress      string
	MachineName    string
	SSHUser        string
	SSHPort        int
	SSHKeyPath     string
	StorePath      string
	SwarmMaster    bool
	SwarmHost      string
	SwarmDiscovery string
}

// Driver is kept as JSON. What comes after the flags is there to be lost: keys out of order, keys that look like numbers,
// an integer that no double holds, and characters that Go escapes for HTML.
type Driver struct {
	*BaseDriver
	Zone        string
	EnginePort  int
	SSHHostname string
	Memory      int
	Tags        []string
	Insecure    bool
	Faults      []string
	InstanceId  uint64
	Banner      string
	Ports       map[string]string
	Price       float64
	Nothing     *string
	Answer      string `json:"answer-of-the_cloud"`
}

func newDriver() *Driver {
	return &Driver{
		BaseDriver: &BaseDriver{SSHUser: "docker", SSHPort: 22},
		EnginePort: 2376,
		InstanceId: 18446744073709551557,
		Banner:     "<b>Tom & \"Jerry\"</b> \u2028 \\ é 🐳",
		Ports:      map[string]string{"9": "nine", "10": "ten", "__proto__": "odd"},
		Price:      1e21,
	}
}

func (d *Driver) setConfigFromFlags(flags DriverOptions) error {
	d.IPAddress = flags.String("fake-ip")
	d.SSHHostname = flags.String("fake-ssh-hostname")
	d.SSHUser = flags.String("fake-ssh-user")
	d.SSHPort = flags.Int("fake-ssh-port")
	d.SSHKeyPath = flags.String("fake-ssh-key")
	d.EnginePort = flags.Int("fake-engine-port")
	d.Zone = flags.String("fake-zone")
	d.Memory = flags.Int("fake-memory")
	d.Tags = flags.StringSlice("fake-tag")
	d.Insecure = flags.Bool("fake-insecure")
	d.Faults = flags.StringSlice("fake-fault")
	d.SwarmMaster = flags.Bool("swarm-master")
	d.SwarmHost = flags.String("swarm-host")
	d.SwarmDiscovery = flags.String("swarm-discovery")
	if d.Zone == "nowhere" {
		return errors.New("fake driver: there is no zone \"nowhere\"")
	}
	return nil
}

// folder is where the machine itself lives: the fake hypervisor's, not docker-machine's.
func (d *Driver) folder() string {
	if cloud := os.Getenv("FAKE_PLUGIN_CLOUD"); cloud != "" {
		return filepath.Join(cloud, d.MachineName)
	}
	return filepath.Join(d.StorePath, "fake-cloud", d.MachineName)
}

func (d *Driver) state() (State, error) {
	word, err := os.ReadFile(filepath.Join(d.folder(), "state"))
	if errors.Is(err, os.ErrNotExist) {
		return stateNone, errors.New("machine does not exist in the fake cloud")
	}
	for number, name := range stateNames {
		if name == strings.TrimSpace(string(word)) {
			return State(number), nil
		}
	}
	return stateError, err
}

func (d *Driver) setState(state State) error {
	if _, err := d.state(); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(d.folder(), "state"), []byte(stateNames[state]+"\n"), 0o600)
}

func (d *Driver) mustRun() error {
	state, err := d.state()
	if err == nil && state != stateRunning {
		err = errors.New("Host is not running")
	}
	return err
}

func (d *Driver) ip() (string, error) { return d.IPAddress, d.mustRun() }

func (d *Driver) url() (string, error) {
	return "tcp://" + net.JoinHostPort(d.IPAddress, strconv.Itoa(d.EnginePort)), d.mustRun()
}

func (d *Driver) sshHostname() (string, error) {
	if d.SSHHostname != "" {
		return d.SSHHostname, nil
	}
	return d.ip()
}

func (d *Driver) sshKeyPath() string {
	if d.SSHKeyPath == "" {
		d.SSHKeyPath = filepath.Join(d.StorePath, "machines", d.MachineName, "id_rsa")
	}
	return d.SSHKeyPath
}

func (d *Driver) preCreateCheck() error {
	if d.Memory < 64 {
		return fmt.Errorf("fake driver: %d MB of memory are not enough", d.Memory)
	}
	return nil
}

func (d *Driver) create() error {
	if d.MachineName == "" || d.StorePath == "" {
		return errors.New("fake driver: neither a name nor a place has been set")
	}
	fmt.Println("Creating the fake machine...")
	fmt.Fprintln(os.Stderr, "folder of the machine: "+d.folder())
	if err := os.MkdirAll(d.folder(), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(d.folder(), "state"), []byte("Starting\n"), 0o600); err != nil {
		return err
	}
	if err := applyFault("create-begun", d.Faults); err != nil {
		return err
	}
	d.Answer = "created"
	fmt.Println("Waiting for the fake machine to start...")
	return d.setState(stateRunning)
}

func (d *Driver) start() error {
	fmt.Println("Starting the fake machine...")
	return d.setState(stateRunning)
}

func (d *Driver) stop() error {
	fmt.Println("Stopping the fake machine...")
	return d.setState(stateStopped)
}

func (d *Driver) restart() error { return d.setState(stateRunning) }

func (d *Driver) remove() error {
	if _, err := d.state(); err != nil {
		return err
	}
	return os.RemoveAll(d.folder())
}
