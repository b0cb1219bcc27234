package config

import (
	"crypto/x509"
	"fmt"
	"os"
)

// Bridge bounds the connections to other people's MQTT brokers, which groups ask
// for with the command mqtt.
type Bridge struct {
	// Subscriptions is how many a group may have.
	Subscriptions int `toml:"subscriptions"`
	// QueueBytes is how much may wait for each broker, MaxPayload the largest
	// payload in either direction.
	QueueBytes Size `toml:"queue_bytes"`
	MaxPayload Size `toml:"max_payload"`
	// CA is a PEM file of authorities that certificates of brokers may come from,
	// beside those of the system; relative to the configuration file's directory.
	CA string `toml:"ca"`
	// AllowInsecure lets groups connect without a check of the certificate.
	AllowInsecure bool `toml:"allow_insecure"`
}

func defaultBridge() Bridge {
	return Bridge{Subscriptions: 20, QueueBytes: 1 << 20, MaxPayload: 256 << 10}
}

// Roots are the authorities that certificates of brokers come from; nil for those
// of the system.
func (b Bridge) Roots() (*x509.CertPool, error) {
	if b.CA == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(b.CA)
	if err != nil {
		return nil, err
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: no PEM certificate in it", b.CA)
	}
	return roots, nil
}

func (c *Config) checkBridge(d *decoder) {
	b := &c.Bridge
	between(d, "bridge.subscriptions", b.Subscriptions, 1, 10000)
	between(d, "bridge.max_payload", b.MaxPayload, 1<<10, 1<<20)
	between(d, "bridge.queue_bytes", b.QueueBytes, 16<<10, 1<<30)
	if b.QueueBytes < 2*b.MaxPayload {
		d.problem("bridge.queue_bytes", "%s is too little: want at least two of bridge.max_payload, %s", b.QueueBytes, 2*b.MaxPayload)
	}
	b.CA = c.resolve(b.CA)
	if _, err := b.Roots(); err != nil {
		d.problem("bridge.ca", "%v", err)
	}
	if b.AllowInsecure {
		d.warning("bridge.allow_insecure", "whoever is on the way to a broker can read passwords and give commands")
	}
}
