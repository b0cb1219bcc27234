package daemon

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"rookery/internal/config"
	"rookery/tcpserver/certstore"
)

// The files of a generated certificate, in the state directory.
const (
	generatedCertificate = "tcp-cert.pem"
	generatedKey         = "tcp-key.pem"
)

// renewBefore is how long before its end a generated certificate is replaced.
const renewBefore = 30 * 24 * time.Hour

// encryption makes the TLS settings of a door; nil when it is plain or shut.
// Key is the section of the settings.
func (d *Daemon) encryption(key string, c config.TLS, enabled bool) (*tls.Config, error) {
	if !enabled || c.Mode == config.TLSOff {
		return nil, nil
	}
	var cert *certstore.Certificate
	var err error
	switch c.Mode {
	case config.TLSGenerated:
		cert, err = d.generated(c.Hosts)
	case config.TLSPFX:
		cert, err = certstore.Open(certstore.Source{Type: certstore.PFXFile, Path: c.Certificate, Password: string(c.Password)})
	default:
		cert, err = openPEM(c.Certificate, c.Key, string(c.Password))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	pair, err := cert.TLS()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	if key == "tcp.tls" {
		d.addresses.Fingerprint = cert.FingerprintSHA256()
	}
	d.log.Info("certificate", "door", key, "subject", cert.Subject(), "sha256", cert.FingerprintSHA256(), "expires", cert.X509().NotAfter.Format(time.DateOnly))

	cfg := &tls.Config{
		Certificates: []tls.Certificate{pair},
		MinVersion:   uint16(c.MinVersion),
		MaxVersion:   uint16(c.MaxVersion),
	}
	if c.ClientCA != "" {
		pem, err := os.ReadFile(c.ClientCA)
		if err != nil {
			return nil, fmt.Errorf("%s.client_ca: %w", key, err)
		}
		cfg.ClientCAs = x509.NewCertPool()
		if !cfg.ClientCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s.client_ca: %s: no PEM certificate in it", key, c.ClientCA)
		}
		cfg.ClientAuth = tls.VerifyClientCertIfGiven
		if c.RequireClientCertificate {
			cfg.ClientAuth = tls.RequireAndVerifyClientCert
		}
	}
	return cfg, nil
}

// openPEM reads a certificate and its key from one PEM file or from two.
func openPEM(certificate, key, password string) (*certstore.Certificate, error) {
	data, err := os.ReadFile(certificate)
	if err != nil {
		return nil, err
	}
	if key != "" {
		more, err := os.ReadFile(key)
		if err != nil {
			return nil, err
		}
		data = append(append(data, '\n'), more...)
	}
	cert, err := certstore.Open(certstore.Source{Type: certstore.PEMKeyBlob, Data: data, Password: password})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", certificate, err)
	}
	return cert, nil
}

// generated opens the certificate that was made at the first start, or makes
// it. One that is about to expire is replaced.
func (d *Daemon) generated(hosts []string) (*certstore.Certificate, error) {
	certPath := filepath.Join(d.cfg.StateDir, generatedCertificate)
	keyPath := filepath.Join(d.cfg.StateDir, generatedKey)
	d.addresses.Certificate = certPath
	cert, err := openPEM(certPath, keyPath, "")
	switch {
	case err == nil && time.Until(cert.X509().NotAfter) > renewBefore:
		return cert, nil
	case err == nil:
		d.log.Warn("the generated certificate expires: making a new one", "expires", cert.X509().NotAfter)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w (remove %s and %s to have them made anew)", err, certPath, keyPath)
	}
	cert, err = certstore.CreateSelfSigned(certstore.Template{
		Subject: pkix.Name{CommonName: "Rookery"},
		Hosts:   append([]string{"localhost", "127.0.0.1", "::1"}, hosts...),
	})
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(d.cfg.StateDir, 0o700); err != nil {
		return nil, err
	}
	if err := writeFile(keyPath, 0o600, func(f *os.File) error { return certstore.WritePEM(f, cert, "") }); err != nil {
		return nil, err
	}
	if err := writeFile(certPath, 0o644, func(f *os.File) error { return certstore.WriteCertificatePEM(f, cert) }); err != nil {
		return nil, err
	}
	d.log.Info("made a certificate", "file", certPath)
	return openPEM(certPath, keyPath, "")
}

// writeFile writes a file whole or not at all.
func writeFile(path string, mode fs.FileMode, write func(*os.File) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	err = errors.Join(f.Chmod(mode), write(f), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
