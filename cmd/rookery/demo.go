package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"rookery/internal/config"
	"rookery/internal/daemon"
	"rookery/simgrid"
)

// What the demo's agent and group are called.
const (
	demoAvatar   = "Robin Rook"
	demoGroup    = "My Group"
	demoPassword = "mypassword"
	demoVisitor  = "Visitor"
)

var demoGroupID = uuid.MustParse("6f0c1a52-5d2a-4c0e-9a40-7e1f2b8d9c31")

func newDemoCmd() *cobra.Command {
	var dir, address, http, websocket, mqtt, udp, readyFile, level string
	var plain bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "a grid in a box, an agent in it, the TCP door open",
		Long: `Starts a small grid inside this process, with a few inhabitants who walk about,
talk and answer, logs an agent into it and opens the TCP door for the group
"` + demoGroup + `" with the password "` + demoPassword + `". It prints how to connect and runs until
SIGINT or SIGTERM.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg := demoConfig()
			if err := hostPort("tcp", address); err != nil {
				return err
			}
			if err := cfg.Log.Level.UnmarshalText([]byte(level)); err != nil {
				return withCode(exitUsage, fmt.Errorf("--log-level: %w", err))
			}
			cfg.TCP.Address = address
			if err := hostPort("http", http); err != nil {
				return err
			}
			cfg.HTTP.Enabled, cfg.HTTP.Address = true, http
			if err := hostPort("websocket", websocket); err != nil {
				return err
			}
			cfg.WebSocket.Enabled, cfg.WebSocket.Address = true, websocket
			// Pages of this machine only: everybody knows the demo's password.
			cfg.WebSocket.Origins = []string{"localhost", "localhost:*", "127.0.0.1", "127.0.0.1:*"}
			if err := hostPort("mqtt", mqtt); err != nil {
				return err
			}
			cfg.MQTT.Enabled, cfg.MQTT.Address = true, mqtt
			if err := hostPort("udp", udp); err != nil {
				return err
			}
			cfg.UDP.Enabled, cfg.UDP.Address = true, udp
			if plain {
				cfg.TCP.TLS.Mode = config.TLSOff
			}
			if dir == "" {
				temporary, err := os.MkdirTemp("", "rookery-demo-")
				if err != nil {
					return withCode(exitFailed, err)
				}
				defer os.RemoveAll(temporary)
				dir = temporary
			} else if err := os.MkdirAll(dir, 0o700); err != nil {
				return withCode(exitUsage, fmt.Errorf("--dir: %w", err))
			}
			cfg.StateDir = dir
			cfg.ChatLog.Enabled, cfg.ChatLog.Directory = true, filepath.Join(dir, "logs")
			log, level := newLogger(cmd.ErrOrStderr(), cfg.Log)
			options := daemon.Options{
				Version:  versionText(),
				Log:      log,
				Level:    level,
				FreePort: func(door string) bool { return !cmd.Flags().Changed(door) },
				Visitors: []simgrid.AccountConfig{{First: demoVisitor, Password: demoPassword}},
			}
			return serve(cmd.Context(), cfg, options, readyFile, func(a daemon.Addresses) { howToConnect(cmd.OutOrStdout(), a) })
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "keep state in this `directory`; a temporary one otherwise")
	cmd.Flags().StringVar(&address, "tcp", "127.0.0.1:8095", "`address` of the TCP door, HOST:PORT; port 0 picks one")
	cmd.Flags().StringVar(&http, "http", "127.0.0.1:8080", "`address` of the HTTP door; unless you give it, a free port if this one is taken")
	cmd.Flags().StringVar(&websocket, "websocket", "127.0.0.1:8088", "`address` of the WebSocket door; likewise")
	cmd.Flags().StringVar(&mqtt, "mqtt", "127.0.0.1:1883", "`address` of the MQTT door; likewise")
	cmd.Flags().StringVar(&udp, "udp", "127.0.0.1:8085", "`address` of the UDP door; likewise")
	cmd.Flags().BoolVar(&plain, "plain", false, "open the TCP door without TLS")
	cmd.Flags().StringVar(&readyFile, "ready-file", "", "write the addresses to this `file`, as JSON, once all is up")
	cmd.Flags().StringVar(&level, "log-level", "warn", "least `level` to log: debug, info, warn or error")
	return cmd
}

func hostPort(flag, address string) error {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return withCode(exitUsage, fmt.Errorf("--%s %q: want HOST:PORT, such as 127.0.0.1:8095; port 0 picks one", flag, address))
	}
	return nil
}

// demoConfig is the whole configuration of the demo but for its addresses.
func demoConfig() *config.Config {
	cfg := config.Default()
	cfg.Agents = []config.Agent{{
		Name:       demoAvatar,
		Grid:       config.Embedded,
		First:      "Robin",
		Last:       "Rook",
		Start:      []string{"Rookery/128/128/22"},
		AutoLogin:  true,
		Neighbours: true,
	}}
	cfg.Groups = []config.Group{{
		Name:          demoGroup,
		UUID:          demoGroupID,
		Password:      demoPassword,
		Permissions:   []config.PermissionName{"movement", "land", "grooming", "inventory", "interact", "mute", "notifications", "talk", "directory", "system", "friendship", "group", "database", "schedule", "feed"},
		Notifications: []config.NotificationName{"*"},
		Workers:       5,
		ChatLog:       true,
		Schedules:     10,
	}}
	cfg.Masters = []string{demoVisitor + " Resident"}
	// To try callbacks with a web server beside the demo.
	cfg.Outgoing.AllowPrivate = []config.PrivateHost{"127.0.0.0/8", "::1"}
	return cfg
}

func howToConnect(out io.Writer, a daemon.Addresses) {
	host, port, err := net.SplitHostPort(a.TCP)
	if err != nil {
		fmt.Fprintln(out, errors.Unwrap(err))
		return
	}
	fmt.Fprintf(out, `The demo runs. %s is in the region Rookery, with Jenny Nest, who answers
everybody, and Wren Thicket, who walks round the square.

`, demoAvatar)
	trust := "--plain"
	if a.Certificate == "" {
		fmt.Fprintf(out, "Connect:          nc %s %s\n", host, port)
	} else {
		trust = "--ca " + a.Certificate
		fmt.Fprintf(out, "Connect:          openssl s_client -quiet -connect %s\n", a.TCP)
		fmt.Fprintf(out, "  certificate     %s\n  SHA-256         %s\n", a.Certificate, a.Fingerprint)
	}
	mqttHost, mqttPort, _ := net.SplitHostPort(a.MQTT)
	udpHost, udpPort, _ := net.SplitHostPort(a.UDP)
	fmt.Fprintf(out, `Then hear:        group=%[1]s&password=%[2]s&type=local
And command:      command=tell&group=%[1]s&password=%[2]s&entity=local&message=hello&_id=7

Or in one line:   rookery exec --addr %[3]s --group '%[1]s' --password %[2]s %[4]s command=tell entity=local message='hello there'
                  rookery tail --addr %[3]s --group '%[1]s' --password %[2]s %[4]s --type local,message

Or over HTTP:     curl -d 'command=tell&group=%[1]s&password=%[2]s&entity=local&message=hello' http://%[6]s/
Or a WebSocket:   ws://%[7]s/%[1]s/%[2]s/local
Or over MQTT:     mosquitto_sub -h %[8]s -p %[9]s -t '%[1]s/%[2]s/local'
Or a datagram:    echo 'command=tell&group=%[1]s&password=%[2]s&entity=local&message=hello' | nc -u -w 2 %[10]s %[11]s

Other clients log into the grid as Visitor Resident, password %[2]s, at %[5]s
The agent accepts friendship, teleports and gifts of Visitor Resident, its master.
Ctrl-C ends it.
`, demoGroup, demoPassword, a.TCP, trust, a.GridLogin, a.HTTP, a.WebSocket, mqttHost, mqttPort, udpHost, udpPort)
}
