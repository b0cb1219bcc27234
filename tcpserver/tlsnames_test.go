package tcpserver

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestEnabledProtocolsDecideTheVersion(t *testing.T) {
	for mask, want := range map[int]string{
		0: "TLS 1.2", 3072: "TLS 1.2", 12288: "TLS 1.3", 15360: "TLS 1.3", 768: "TLS 1.1", 192: "TLS 1.0", 4032: "TLS 1.2", 0x400: "TLS 1.2",
	} {
		t.Run(fmt.Sprint(mask), func(t *testing.T) {
			j := newJournal(t)
			s := begin(t, secured(j, func(s *Server) { s.Settings.SSLEnabledProtocols = mask }))
			dialTLS(t, s, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10})
			if n, _ := j.up().Negotiated(); n.Version != want {
				t.Errorf("negotiated %s, want %s", n.Version, want)
			}
		})
	}
	for mask, want := range map[int]string{
		12: "SSL 2.0 is not available", 3072 | 48: "SSL 3.0 is not available", 1: "mean nothing",
		192 | 3072: "without gaps", 1 << 20: "mean nothing",
	} {
		_, err := new(Server).Config(fmt.Sprintf("SSLEnabledProtocols=%d", mask))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d: got %v, want %q", mask, err, want)
		}
	}
}

func TestSuitesAndStrengthDecideTheCipher(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: testAuthority().cert.SerialNumber, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	rsaPair := KeyPair{Certificate: [][]byte{der}, PrivateKey: key}
	var every []uint16
	for _, s := range suites {
		every = append(every, s.id)
	}
	for _, tc := range []struct {
		settings Settings
		want     string // cipher suite and key exchange
	}{
		{Settings{SSLEnabledCipherSuites: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"}, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 AES_256_GCM 256 X25519 255"},
		{Settings{SSLEnabledCipherSuites: "TLS_RSA_WITH_AES_128_GCM_SHA256"}, "TLS_RSA_WITH_AES_128_GCM_SHA256 AES_128_GCM 128 RSA 2048"},
		{Settings{SSLEnabledCipherSuites: "TLS_RSA_WITH_3DES_EDE_CBC_SHA"}, "TLS_RSA_WITH_3DES_EDE_CBC_SHA 3DES_EDE_CBC 168 RSA 2048"},
		{Settings{SSLEnabledCipherSuites: "CALG_AES_256; CALG_ECDH_EPHEM"}, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 AES_256_GCM 256 X25519 255"},
		{Settings{SSLCipherStrength: 256, TLS12SupportedGroups: "ecdhe_secp384r1"}, " 256 P384 384"},
		{Settings{OpenSSLCipherList: "AES128-SHA"}, "TLS_RSA_WITH_AES_128_CBC_SHA AES_128_CBC 128 RSA 2048"},
		{Settings{OpenSSLCipherList: "ECDHE+AESGCM:!AES128"}, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
		{Settings{OpenSSLCipherList: "HIGH:-AES:@STRENGTH"}, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 CHACHA20_POLY1305 256"},
		{Settings{SSLEnabledProtocols: ProtocolsModern, TLS13SupportedGroups: "ecdhe_secp521r1"}, "P521 521"},
		{Settings{SSLEnabledProtocols: ProtocolsModern, SSLEnabledCipherSuites: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
		{Settings{SSLEnabledProtocols: ProtocolsModern, SSLEnabledCipherSuites: "TLS_AES_128_GCM_SHA256;TLS_AES_256_GCM_SHA384;TLS_CHACHA20_POLY1305_SHA256"}, "TLS_AES_"},
	} {
		t.Run(tc.want, func(t *testing.T) {
			j := newJournal(t)
			s := begin(t, secured(j, func(s *Server) { s.Settings, s.SSLCert = tc.settings, rsaPair }))
			dialTLS(t, s, &tls.Config{InsecureSkipVerify: true, CipherSuites: every})
			n, _ := j.up().Negotiated()
			got := fmt.Sprint(n.CipherSuite, " ", n.Cipher, " ", n.CipherStrength, " ", n.KeyExchange, " ", n.KeyExchangeStrength)
			if !strings.Contains(got, tc.want) {
				t.Errorf("negotiated %s, want %s", got, tc.want)
			}
		})
	}
}

func TestWhatCryptoTLSLacksIsRefusedByName(t *testing.T) {
	for setting, want := range map[string]string{
		"SSLEnabledCipherSuites=TLS_DHE_RSA_WITH_AES_128_GCM_SHA256": `"TLS_DHE_RSA_WITH_AES_128_GCM_SHA256" is not available in crypto/tls; allowed are *, CALG_3DES`,
		"SSLEnabledCipherSuites=TLS_RSA_WITH_RC4_128_MD5":            "is not available",
		"SSLEnabledCipherSuites=CALG_DES":                            "is not available",
		"SSLEnabledCipherSuites=NONSENSE":                            "is not known",
		"SSLCipherStrength=257":                                      "allowed is 0 to 256",
		"OpenSSLCipherList=DHE-RSA-AES128-SHA":                       "is not a word of ciphers(1) or a cipher suite that crypto/tls has",
		"OpenSSLCipherList=kEDH":                                     "leaves no cipher suite",
		"TLS12SupportedGroups=ffdhe_2048":                            `"ffdhe_2048" is not available in crypto/tls; allowed are ecdhe_secp256r1`,
		"TLS13SupportedGroups=ecdhe_x448":                            "is not available",
		"TLS13SupportedGroups=brainpool":                             "is not known",
		"TLS13SignatureAlgorithms=ed448":                             "is not available",
		"TLS12SignatureAlgorithms=sha256-dsa":                        "is not available",
		"TLS13KeyShareGroups=ecdhe_x25519":                           "TLS13SupportedGroups",
		"SSLEnableRenegotiation=True":                                "never renegotiates",
		"OpenSSLPrngSeedData=abc":                                    "operating system",
		"SSLSecurityFlags=0x4000":                                    "no test roots",
		"SSLSecurityFlags=0x8":                                       "mean nothing",
		"SSLAcceptAnyServerCert=True":                                "a server sees no server certificates",
		"SSLServerCACerts=x":                                         "SSLClientCACerts",
		"UseInternalSecurityAPI=True":                                "one implementation",
	} {
		_, err := new(Server).Config(setting)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", setting, err, want)
		}
	}
	s := &Server{SSLEnabled: true, SSLCert: serverPair(), Settings: Settings{
		SSLEnabledProtocols: ProtocolTLS13, SSLEnabledCipherSuites: "TLS_AES_128_GCM_SHA256",
	}}
	if err := s.StartListening(); err == nil || !strings.Contains(err.Error(), "together or not at all") {
		t.Errorf("one suite of TLS 1.3: %v", err)
	}
}

func TestSignatureAlgorithmsDecideWhatSigns(t *testing.T) {
	for _, tc := range []struct {
		settings Settings
		in       bool
	}{
		{Settings{TLS12SignatureAlgorithms: "sha256-ecdsa"}, true},
		{Settings{TLS12SignatureAlgorithms: "sha256-rsa"}, false},
		{Settings{SSLEnabledProtocols: ProtocolsModern, TLS12SignatureAlgorithms: "sha256-rsa"}, true},
		{Settings{SSLEnabledProtocols: ProtocolsModern, TLS13SignatureAlgorithms: "ecdsa_secp256r1_sha256"}, true},
		{Settings{SSLEnabledProtocols: ProtocolsModern, TLS13SignatureAlgorithms: "ed25519"}, false},
	} {
		j := newJournal(t)
		s := begin(t, secured(j, func(s *Server) { s.Settings = tc.settings }))
		nc, err := tls.Dial("tcp", s.Addr().String(), &tls.Config{InsecureSkipVerify: true})
		if err == nil {
			newClient(t, nc)
		}
		if (err == nil) != tc.in {
			t.Errorf("%+v: %v", tc.settings, err)
		}
	}
}

func TestDefaultsOfferNothingWeak(t *testing.T) {
	j := newJournal(t)
	s := begin(t, secured(j, nil))
	for _, cfg := range []*tls.Config{
		{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11},
		{MaxVersion: tls.VersionTLS12, CipherSuites: insecureSuites()},
	} {
		cfg.InsecureSkipVerify = true
		if nc, err := tls.Dial("tcp", s.Addr().String(), cfg); err == nil {
			t.Errorf("%s with %s was accepted", tls.VersionName(nc.ConnectionState().Version), tls.CipherSuiteName(nc.ConnectionState().CipherSuite))
			nc.Close()
		}
	}
}

func insecureSuites() (ids []uint16) {
	for _, c := range tls.InsecureCipherSuites() {
		ids = append(ids, c.ID)
	}
	return ids
}
