package main

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rookery/tcpserver/certstore"
)

func newCertCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cert",
		Short: "make certificates for the doors and their clients",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newCertCreateCmd())
	return cmd
}

// certOptions are the flags of cert create.
type certOptions struct {
	dir          string
	name         string
	hosts        []string
	ca           bool
	clients      []string
	key          string
	days         int
	passwordFile string
	force        bool
}

// The longest validity that is accepted, in days.
const maxDays = 20 * 365

func newCertCreateCmd() *cobra.Command {
	var o certOptions
	types := make([]string, 0, 6)
	for _, t := range certstore.KeyTypes() {
		types = append(types, string(t))
	}
	cmd := &cobra.Command{
		Use:   "create",
		Short: "make a server certificate, self-signed or with an authority of its own",
		Long: `Makes certificates and writes them to a directory as PEM and PFX (PKCS#12):

  server-crt.pem, server-key.pem, server.pfx   the server, self-signed
  ca-crt.pem, ca-key.pem                       with --ca: the authority that signs the others
  NAME-crt.pem, NAME-key.pem, NAME.pfx         with --client NAME: a client certificate

An authority that is in the directory already is used again, so that further
client certificates can be made later; then the server's certificate stays as
it is too. Other files are overwritten with --force only. PFX files have no
password unless --password-file names a file with one ("-": standard input).`,
		Example: `  rookery cert create
  rookery cert create --dir certs --host bot.example.org --host 192.0.2.7
  rookery cert create --dir certs --ca --client client1
  openssl s_client -CAfile certs/ca-crt.pem -connect localhost:8095`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withCode(exitUsage, o.run(cmd.InOrStdin(), cmd.OutOrStdout()))
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.dir, "dir", ".", "`directory` to write to")
	f.StringVar(&o.name, "name", "server", "`name` of the server's files")
	f.StringArrayVar(&o.hosts, "host", nil, "a `name` or address the server is reached by, beside localhost; repeat for more")
	f.BoolVar(&o.ca, "ca", false, "sign with an authority, which clients can trust once and for all")
	f.StringArrayVar(&o.clients, "client", nil, "also make a client certificate of this `name`; implies --ca; repeat for more")
	f.StringVar(&o.key, "key", string(certstore.ECDSAP256), "kind of key: "+strings.Join(types, ", "))
	f.IntVar(&o.days, "days", 825, "days of validity; an authority lasts ten years")
	f.StringVar(&o.passwordFile, "password-file", "", "`file` with the password for PFX files")
	f.BoolVarP(&o.force, "force", "f", false, "overwrite files")
	_ = cmd.RegisterFlagCompletionFunc("key", cobra.FixedCompletions(types, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.MarkFlagDirname("dir")
	return cmd
}

func (o *certOptions) check() error {
	if !slices.Contains(certstore.KeyTypes(), certstore.KeyType(o.key)) {
		return fmt.Errorf("--key %q: allowed are %v", o.key, certstore.KeyTypes())
	}
	if o.days < 1 || o.days > maxDays {
		return fmt.Errorf("--days %d: allowed are 1 to %d", o.days, maxDays)
	}
	seen := map[string]bool{"ca": true}
	for _, name := range append([]string{o.name}, o.clients...) {
		if name == "" || name != filepath.Base(name) || strings.HasPrefix(name, ".") {
			return fmt.Errorf("%q cannot be the name of a file", name)
		}
		if seen[name] {
			return fmt.Errorf("two certificates would be called %q", name)
		}
		seen[name] = true
	}
	for _, host := range o.hosts {
		if strings.TrimSpace(host) == "" || strings.ContainsAny(host, " /") {
			return fmt.Errorf("--host %q: want a host name or an address", host)
		}
	}
	return nil
}

func (o *certOptions) run(stdin io.Reader, out io.Writer) error {
	if err := o.check(); err != nil {
		return err
	}
	password, err := o.password(stdin)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.dir, 0o755); err != nil {
		return err
	}
	w := certWriter{dir: o.dir, password: password, force: o.force, out: out}
	withCA := o.ca || len(o.clients) > 0
	keptCA := withCA && (w.exists("ca-crt.pem") || w.exists("ca-key.pem"))
	// With an authority from before the server's certificate is from before too.
	keptServer := keptCA && !o.force && w.exists(o.name+"-crt.pem")
	// Nothing is written if something must not be.
	for name, written := range map[string]bool{"ca": withCA && !keptCA, o.name: !keptServer} {
		if written {
			err = errors.Join(err, w.mayWrite(name))
		}
	}
	for _, name := range o.clients {
		err = errors.Join(err, w.mayWrite(name))
	}
	if err != nil {
		return err
	}

	var ca *certstore.Certificate
	switch {
	case keptCA:
		ca, err = o.openAuthority()
	case withCA:
		ca, err = o.newAuthority(&w)
	}
	if err != nil {
		return err
	}
	if !keptServer {
		if err := o.server(&w, ca); err != nil {
			return err
		}
	}
	for _, name := range o.clients {
		cert, err := certstore.Issue(ca, o.template(name, true))
		if err != nil {
			return err
		}
		if err := w.write(name, cert, true); err != nil {
			return err
		}
	}
	o.explain(out, ca != nil)
	return nil
}

// password reads the password of the PFX files.
func (o *certOptions) password(stdin io.Reader) (string, error) {
	switch o.passwordFile {
	case "":
		return "", nil
	case "-":
		return readPassword(stdin)
	}
	f, err := os.Open(o.passwordFile)
	if err != nil {
		return "", fmt.Errorf("--password-file: %w", err)
	}
	defer f.Close()
	password, err := readPassword(f)
	if err != nil {
		return "", fmt.Errorf("--password-file %s: %w", o.passwordFile, err)
	}
	return password, nil
}

func (o *certOptions) template(name string, client bool) certstore.Template {
	return certstore.Template{
		Subject:  pkix.Name{CommonName: name},
		Key:      certstore.KeyType(o.key),
		ValidFor: time.Duration(o.days) * 24 * time.Hour,
		Client:   client,
	}
}

// openAuthority opens the authority that is in the directory.
func (o *certOptions) openAuthority() (*certstore.Certificate, error) {
	crt, errCrt := os.ReadFile(filepath.Join(o.dir, "ca-crt.pem"))
	key, errKey := os.ReadFile(filepath.Join(o.dir, "ca-key.pem"))
	if err := errors.Join(errCrt, errKey); err != nil {
		return nil, fmt.Errorf("ca-crt.pem and ca-key.pem are both needed, or neither: %w", err)
	}
	ca, err := certstore.Open(certstore.Source{Type: certstore.PEMKeyBlob, Data: slices.Concat(crt, []byte("\n"), key)})
	if err != nil {
		return nil, fmt.Errorf("open the authority in %s: %w", o.dir, err)
	}
	return ca, nil
}

func (o *certOptions) newAuthority(w *certWriter) (*certstore.Certificate, error) {
	ca, err := certstore.CreateCA(certstore.Template{
		Subject: pkix.Name{CommonName: "Rookery authority"},
		Key:     certstore.KeyType(o.key),
	})
	if err != nil {
		return nil, err
	}
	return ca, w.write("ca", ca, false)
}

// server makes the server's certificate, self-signed without an authority.
func (o *certOptions) server(w *certWriter, ca *certstore.Certificate) error {
	t := o.template("Rookery", false)
	t.Hosts = append([]string{"localhost", "127.0.0.1", "::1"}, o.hosts...)
	var cert *certstore.Certificate
	var err error
	if ca == nil {
		cert, err = certstore.CreateSelfSigned(t)
	} else {
		cert, err = certstore.Issue(ca, t)
	}
	if err != nil {
		return err
	}
	return w.write(o.name, cert, true)
}

// explain says what to do with the files.
func (o *certOptions) explain(out io.Writer, authority bool) {
	path := func(name string) string { return filepath.ToSlash(filepath.Join(o.dir, name)) }
	fmt.Fprintf(out, "\nTo use it:\n\n[tcp.tls]\nmode = \"pem\"\ncertificate = %q\nkey = %q\n",
		path(o.name+"-crt.pem"), path(o.name+"-key.pem"))
	if authority {
		fmt.Fprintf(out, "client_ca = %q\n", path("ca-crt.pem"))
	}
}

// certWriter writes certificates and tells about it.
type certWriter struct {
	dir      string
	password string // of PFX files
	force    bool
	out      io.Writer
}

func (w *certWriter) exists(name string) bool {
	_, err := os.Lstat(filepath.Join(w.dir, name))
	return err == nil
}

// mayWrite tells whether the files of a name may be written.
func (w *certWriter) mayWrite(name string) error {
	for _, suffix := range []string{"-crt.pem", "-key.pem", ".pfx"} {
		if file := name + suffix; !w.force && w.exists(file) {
			return fmt.Errorf("%s is there already: give --force to overwrite it", filepath.Join(w.dir, file))
		}
	}
	return nil
}

// write writes NAME-crt.pem, NAME-key.pem and, if asked for, NAME.pfx.
func (w *certWriter) write(name string, cert *certstore.Certificate, pfx bool) error {
	key, err := x509.MarshalPKCS8PrivateKey(cert.Key())
	if err != nil {
		return fmt.Errorf("write the key of %s: %w", name, err)
	}
	type file struct {
		name, text string
		mode       fs.FileMode
	}
	files := []file{
		{name + "-key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})), 0o600},
	}
	var text strings.Builder
	if err := certstore.WriteCertificatePEM(&text, cert); err != nil {
		return err
	}
	files = append(files, file{name + "-crt.pem", text.String(), 0o644})
	if pfx {
		var text strings.Builder
		if err := certstore.WritePFX(&text, cert, w.password); err != nil {
			return err
		}
		files = append(files, file{name + ".pfx", text.String(), 0o600})
	}
	for _, f := range files {
		if err := writeNew(filepath.Join(w.dir, f.name), f.text, f.mode, w.force); err != nil {
			return err
		}
		fmt.Fprintln(w.out, "wrote", filepath.Join(w.dir, f.name))
	}
	fmt.Fprintf(w.out, "  %s, valid until %s\n  SHA-256 %s\n",
		cert.Subject(), cert.X509().NotAfter.UTC().Format(time.DateOnly), cert.FingerprintSHA256())
	return nil
}
