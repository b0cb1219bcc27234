package tcpserver

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// documented are the names that CONFORMANCE.md must have a row for, by section.
var documented = map[string]string{
	"Properties": `ConnectionBacklog Connections DefaultEOL DefaultIdleTimeout DefaultMaxLineLength DefaultSingleLineMode
		DefaultTimeout KeepAlive Linger Listening LocalHost LocalPort SSLAuthenticateClients SSLCert SSLEnabled SSLProvider SSLStartMode`,
	"Methods": `ChangeRecordLength Config Disconnect DoEvents Interrupt PauseData ProcessData Reset Send SendBytes SendFile
		SendLine SendText Shutdown StartListening StartSSL StopListening`,
	"Events": `Connected ConnectionRequest DataIn Disconnected Error ReadyToSend SSLClientAuthentication SSLConnectionRequest SSLStatus`,
	"Configuration settings": `AllowedClients BindExclusively BlockedClients DefaultConnectionTimeout InBufferSize KeepAliveInterval
		KeepAliveTime MaxConnections OutBufferSize TcpNoDelay UseIPv6 LogSSLPackets OpenSSLCADir OpenSSLCAFile OpenSSLCipherList
		OpenSSLPrngSeedData ReuseSSLSession SSLAcceptAnyServerCert SSLCACerts SSLCipherStrength SSLClientCACerts
		SSLEnabledCipherSuites SSLEnabledProtocols SSLEnableRenegotiation SSLIncludeCertChain SSLKeyLogFile SSLNegotiatedCipher
		SSLNegotiatedCipherStrength SSLNegotiatedCipherSuite SSLNegotiatedKeyExchange SSLNegotiatedKeyExchangeStrength
		SSLNegotiatedVersion SSLSecurityFlags SSLServerCACerts TLS12SignatureAlgorithms TLS12SupportedGroups TLS13KeyShareGroups
		TLS13SignatureAlgorithms TLS13SupportedGroups BuildInfo CodePage LicenseInfo MaskSensitiveData UseInternalSecurityAPI`,
	"Connection fields": `AcceptData BytesSent Connected ConnectionId EOL EOLB IdleTimeout LocalAddress MaxLineLength ReadyToSend
		RecordLength RemoteHost RemotePort SingleLineMode Timeout UserData UserDataB`,
	"Certificate fields": `EffectiveDate ExpirationDate ExtendedKeyUsage Fingerprint FingerprintSHA1 FingerprintSHA256 Issuer
		KeyPassword PrivateKey PrivateKeyAvailable PrivateKeyContainer PublicKey PublicKeyAlgorithm PublicKeyLength SerialNumber
		SignatureAlgorithm Store StoreB StorePassword StoreType SubjectAltNames ThumbprintMD5 ThumbprintSHA1 ThumbprintSHA256
		Usage UsageFlags Version Subject Encoded EncodedB`,
	"Certificate store types": `0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 21 22 23 99`,
	"Code pages":              `37 437 850 932 936 949 950 1200 1252 10000 20866 28591 50220 54936 57002 65000 65001 30 65536`,
	"Error numbers":           "", // documentedErrors
}

type conformanceRow struct{ section, name, surface, tests string }

func conformanceRows(t *testing.T) (rows []conformanceRow) {
	t.Helper()
	text, err := os.ReadFile("CONFORMANCE.md")
	if err != nil {
		t.Fatal(err)
	}
	section := ""
	for line := range strings.SplitSeq(string(text), "\n") {
		if title, ok := strings.CutPrefix(line, "## "); ok {
			section = title
			continue
		}
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") || strings.HasPrefix(line, "| documented name") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != 3 {
			t.Errorf("%s: a row of %d cells: %s", section, len(cells), line)
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, conformanceRow{section, cells[0], cells[1], cells[2]})
	}
	return rows
}

// declaredTests are the names of all tests of this package and those below it.
func declaredTests(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, dir := range []string{".", "certstore", "codepage"} {
		files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
					found[f.Name.Name] = true
				}
			}
		}
	}
	return found
}

var testName = regexp.MustCompile(`^(Test|Fuzz|Example)[A-Z]\w*$`)

func TestEveryDocumentedNameHasARowAndATest(t *testing.T) {
	declared := declaredTests(t)
	have := map[string]map[string]int{}
	for _, row := range conformanceRows(t) {
		name, _, _ := strings.Cut(row.name, " ")
		if have[row.section] == nil {
			have[row.section] = map[string]int{}
		}
		have[row.section][name]++
		if row.surface == "" {
			t.Errorf("%s: %s has no Go surface", row.section, row.name)
		}
		for test := range strings.SplitSeq(row.tests, ",") {
			test = strings.TrimSpace(test)
			if !testName.MatchString(test) || !declared[test] {
				t.Errorf("%s: %s names the test %q, which does not exist", row.section, row.name, test)
			}
		}
	}
	for section, names := range documented {
		list := strings.Fields(names)
		if section == "Error numbers" {
			for _, code := range documentedErrors {
				list = append(list, strconv.Itoa(code))
			}
		}
		for _, name := range list {
			if have[section][name] == 0 {
				t.Errorf("%s: no row for %s", section, name)
			}
		}
	}
}
