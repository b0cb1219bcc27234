package certstore

func parsePFX(Source, []byte) ([]*Certificate, error)    { return nil, ErrUnsupported }
func parseJKS(Source, []byte) ([]*Certificate, error)    { return nil, ErrUnsupported }
func parsePEMKey(Source, []byte) ([]*Certificate, error) { return nil, ErrUnsupported }
func parsePublic([]byte) ([]*Certificate, error)         { return nil, ErrUnsupported }
func parseSSH([]byte) ([]*Certificate, error)            { return nil, ErrUnsupported }
func parsePKCS7([]byte) ([]*Certificate, error)          { return nil, ErrUnsupported }
func parsePPK(Source, []byte) ([]*Certificate, error)    { return nil, ErrUnsupported }
func parseXML([]byte) ([]*Certificate, error)            { return nil, ErrUnsupported }
func parseJWK([]byte) ([]*Certificate, error)            { return nil, ErrUnsupported }
func parseBCFKS(Source, []byte) ([]*Certificate, error)  { return nil, ErrUnsupported }
func loadPKCS11(Source) ([]*Certificate, error)          { return nil, ErrUnsupported }
func detect([]byte, string) (Type, error)                { return 0, ErrUnsupported }
